"""An answer read from first to last: a stream's frames one after the other, or the one body of a call that was not
streamed. Where usage stands in a body is the provider's; what it means is `normalise`'s."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from models.usage.streams.answer import Answer, members
from models.usage.streams.families import METRICS, bare, family_of, trouble
from models.usage.streams.frames import framed

MAX_FRAMES = 1_000_000  # of a stream: no model says more; beyond that it counts as cut
SILENT = ("ping", "[DONE]")  # frames that are no beginning of an answer

Body = Mapping[str, Any]


def of_stream(pieces: Iterable[bytes]) -> Answer:
    are_events, frames = framed(pieces)
    return of_frames(frames, are_events=are_events)


def of_frames(frames: Iterable[Body], *, are_events: bool) -> Answer:
    """Chunks that come as JSON have no `[DONE]` behind them: they end with their choices."""
    answer = Answer(ends_with_choices=not are_events)
    for frame in islice(frames, MAX_FRAMES):
        take(answer, frame)
    return answer


def take(answer: Answer, frame: Body) -> None:
    error = trouble(frame)
    if error:
        answer.fail(error)
        answer.broken = True
    answer.began |= not error and frame.get("type") not in SILENT
    if read := family_of(frame):
        read(answer, frame)


# -- bodies -------------------------------------------------------------------------------------------------------


def of_body(body: Body) -> Answer:
    """A provider's whole answer, or its error; also the frame that a stream ends with."""
    if isinstance(body.get("type"), str) and isinstance(body.get("response"), Mapping):
        body = body["response"]
    answer = Answer(api=flavour_of(body), began=True, ended=True)
    for model in (body.get("model"), body.get("modelVersion"), body.get("model_version")):
        answer.name(model)
    answer.tier(body.get("service_tier") or body.get("serviceTier"))
    answer.tell(usage_in(body), closing=True)
    if error := trouble(body):
        answer.fail(error)
    return answer


def flavour_of(body: Body) -> str | None:
    """Where the body has a name for itself; everything else is told from the shape of its usage."""
    return {"response": "openai.responses", "message": "anthropic.messages"}.get(
        str(body.get("object") or body.get("type"))
    )


def usage_in(body: Body) -> Any:
    """The first place of those that providers have for it."""
    places = (
        body.get("usage"),
        body.get("usageMetadata"),
        body.get("usage_metadata"),
        members(body.get("x_groq")).get("usage"),
        body.get("meta"),
        members(body.get("metadata")).get("usage"),
        body.get(METRICS),
        bare(body),
    )
    return next((usage for usage in places if members(usage)), None)
