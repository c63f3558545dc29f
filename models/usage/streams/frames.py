"""The frames of a streamed answer, however it is framed: server-sent events, a JSON array, an object a line.

A stream comes in pieces that may be cut anywhere. Of each frame only the members below are built; what a model said is
passed over unread. Nothing here knows what a frame means, and nothing raises: what can't be read is no frame.
"""

import json
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain, islice
from typing import Any, TypeAlias, TypedDict

import msgspec

from models.usage.decimals import exact

PIECE = 64 * 1024  # bytes: what is taken apart at a time is small, however large the pieces are that come
MAX_LINES = 4_000_000  # of a stream: three for each frame, and more than any answer has; beyond it counts as cut
BLANK = b" \t\r\n\xef\xbb\xbf"  # white space and the bytes of a byte order mark
DONE = b"[DONE]"
UNREADABLE = (ValueError, ArithmeticError, RecursionError)  # all that msgspec and json raise, DecodeErrors included

# Strings whole, for they hold braces too; one that is cut short goes to the end, so that none of its text is taken for
# a frame.
BRACES = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[{}]', re.DOTALL)


class ByText(TypedDict, total=False):
    """Where Vertex and Titan count text by text."""

    statistics: Any
    tokenCount: Any


class Prediction(ByText, total=False):
    embeddings: ByText | None


class Part(TypedDict, total=False):
    """An object inside a frame, whichever: what it tells of use, of the model, and of the end."""

    index: Any
    model: Any
    usage: Any
    meta: Any
    error: Any
    finish_reason: Any
    finishReason: Any
    blockReason: Any
    block_reason: Any
    service_tier: Any
    serviceTier: Any


Invoked = TypedDict("Invoked", {"amazon-bedrock-invocationMetrics": Any}, total=False)


class Shape(Invoked, total=False):
    """The members that tell something, of any provider's frame or body."""

    type: Any
    event_type: Any
    object: Any
    code: Any
    model: Any
    modelVersion: Any
    model_version: Any
    service_tier: Any
    serviceTier: Any
    usage: Any
    usageMetadata: Any
    usage_metadata: Any
    meta: Any
    metadata: Part | str | None
    x_groq: Part | None
    choices: list[Part] | None
    candidates: list[Part] | None
    promptFeedback: Part | None
    prompt_feedback: Part | None
    message: Part | str | None
    delta: Part | str | None
    response: Part | str | None
    error: Any
    done: Any
    prompt_eval_count: Any
    prompt_eval_cached_count: Any
    eval_count: Any
    prompt_token_count: Any
    generation_token_count: Any
    inputTextTokenCount: Any
    totalOutputTextTokenCount: Any
    tokens_evaluated: Any
    tokens_predicted: Any
    results: list[ByText] | None
    predictions: list[Prediction] | None
    messageStop: Part | None
    internalServerException: Part | None
    modelStreamErrorException: Part | None
    serviceUnavailableException: Part | None
    throttlingException: Part | None
    validationException: Part | None


Frame: TypeAlias = dict[str, Any]
FRAME = msgspec.json.Decoder(Shape, float_hook=exact)
END: Frame = {"type": DONE.decode()}


def framed(pieces: Iterable[bytes]) -> tuple[bool, Iterator[Frame]]:
    """The frames, and whether they are server-sent events, which have a sign of their own for the end."""
    small = (piece[at : at + PIECE] for piece in pieces for at in range(0, len(piece), PIECE))
    head = next((piece for piece in small if piece.strip(BLANK)), b"").lstrip(BLANK)
    text = chain((head,), small)
    if head.startswith((b"{", b"[")):
        return False, objects(b"".join(text))
    return True, events(lines(text))


def frame(data: bytes) -> Frame | None:
    """One JSON object; None where it is anything else."""
    try:
        return FRAME.decode(data)  # type: ignore[return-value]
    except UNREADABLE:
        return odd_frame(data)


def odd_frame(data: bytes) -> Frame | None:
    """Slower, and whole: msgspec refuses half an emoji, which is in texts only, and members of other types."""
    try:
        found = json.loads(data.decode("utf-8", "replace"), parse_float=exact)
    except UNREADABLE:
        return None
    return found if isinstance(found, dict) else None


# -- JSON ---------------------------------------------------------------------------------------------------------


def objects(text: bytes) -> Iterator[Frame]:
    """Each outermost object, whether an array holds them, lines do, or they are printed over many lines."""
    depth = start = 0
    for found in BRACES.finditer(text):
        sign = found.group()
        if sign == b"{":
            start = start if depth else found.start()
            depth += 1
        elif sign == b"}" and depth:
            depth -= 1
            if not depth and (read := frame(text[start : found.end()])) is not None:
                yield read


# -- server-sent events -------------------------------------------------------------------------------------------


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Ended by LF, CR or both; the last one too where nothing ends it."""
    parts: list[bytes] = []
    half = False  # the piece before ended with CR, and this one may begin with its LF
    for piece in pieces:
        rest = piece.removeprefix(b"\n") if half else piece
        half = piece.endswith(b"\r")
        first, *others = rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        parts.append(first)
        for line in others:
            yield b"".join(parts)
            parts = [line]
    yield b"".join(parts)


def events(found: Iterable[bytes]) -> Iterator[Frame]:
    name, data = b"", bytearray()
    for line in chain(islice(found, MAX_LINES), (b"",)):
        field, _, value = line.partition(b":")
        if not line:
            yield from frames_of(name, bytes(data))
            name, data = b"", bytearray()
        elif field == b"data":
            data += value.removeprefix(b" ") + b"\n"
        elif field == b"event":
            name = value.removeprefix(b" ")
        elif line.startswith(b"{"):  # an error that a server writes into the stream as it is
            yield from frames_of(b"", line)


def frames_of(name: bytes, data: bytes) -> Iterator[Frame]:
    """An event's one frame; or those of many events, where somebody has taken the empty lines from between them."""
    whole = one_frame(data)
    apart = map(one_frame, BytesIO(data)) if whole is None and data.count(b"\n") > 1 else (whole,)
    for found in apart:
        if found is not None:
            yield found if "type" in found or not name else {"type": name.decode("utf-8", "replace"), **found}


def one_frame(data: bytes) -> Frame | None:
    text = data.strip()
    return END if text == DONE else frame(text) if text.startswith(b"{") else None
