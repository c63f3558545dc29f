"""Cohere's words: what is billed, where that is told; its `tokens` count its own template as well.

`cached_tokens` are left alone: they are of the tokens and not of what is billed, and have no price. Counts are floats.
"""

from models.usage.counted import Counted, settled
from models.usage.event import Tokens
from models.usage.kinds import Kinds, units_of
from models.usage.raw import Raw, part, told
from models.usage.shapes import TOTAL, flavour, shape

UNITS = ("search_units", "classifications", "images")


@flavour("cohere.v1.chat", "cohere.v2.chat")
def chat(usage: Raw) -> Counted:
    where, counts = charged(usage)
    tokens = Tokens(input=told(counts, "input_tokens", where), output=told(counts, "output_tokens", where))
    return settled(tokens, units=units(counts, where, tokens))


@flavour("cohere.embed", "cohere.rerank")
def embed(usage: Raw) -> Counted:
    """Text is billed by the token, pictures by the picture or their tokens, reranking by the search."""
    where, counts = charged(usage)
    text, pictures = told(counts, "input_tokens", where), told(counts, "image_tokens", where)
    known = text if pictures is None else pictures + (text or 0)
    tokens = Tokens(input=known, output=None if known is None else 0)
    kinds: Kinds = None if pictures is None else {"image": pictures} if pictures else {}
    return settled(tokens, units=units(counts, where, tokens, kinds))


@shape("billed_units", "meta")
@shape("tokens", rank=TOTAL, of=("cohere",))
def either(usage: Raw) -> Counted:
    """A chat tells what came out, all else does not."""
    _, counts = charged(usage)
    return chat(usage) if "output_tokens" in counts else embed(usage)


def charged(usage: Raw) -> tuple[str, Raw]:
    """What is billed, else what was counted; in v1 and beside embeddings within `meta`."""
    holder = part(usage, "meta") or usage
    where = "billed_units" if part(holder, "billed_units") else "tokens"
    return where, part(holder, where)


def units(counts: Raw, where: str, tokens: Tokens, sent: Kinds = None) -> dict[str, int] | None:
    beside = {name: count for name in UNITS if (count := told(counts, name, where))}
    if sent is not None:
        beside.pop("images", None)  # billed by their tokens
    return units_of(tokens, sent, None, None, beside)
