"""A request's headers as the server hands them over, in bytes: the secret, and what may speak of an event."""


def credential(headers: dict[bytes, bytes]) -> str | None:
    """The bearer's secret, else that of x-api-key."""
    kind, _, secret = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer" and secret.strip():
        return secret.strip().decode("latin-1")
    return headers.get(b"x-api-key", b"").strip().decode("latin-1") or None


def text_headers(headers: dict[bytes, bytes]) -> dict[str, str]:
    """What of the headers may speak of an event, as text: UTF-8 where it is, for teams have names in every script."""
    return {
        name.decode("latin-1"): text_of(value)
        for name, value in headers.items()
        if (name.startswith(b"x-") and name != b"x-api-key") or name == b"idempotency-key"
    }


def text_of(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
