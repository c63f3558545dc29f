"""What the frames of each family of providers mean: one small function for each, registered by what its frames show.

A frame says itself whose it is, by its `type` or by a member that only one family has; so a stream needs no name, and
nothing hangs on the name that somebody gave it. A new family is one more function.
"""

from collections.abc import Callable, Mapping
from typing import Any

from models.usage.streams.answer import Answer, listed, members

Frame = Mapping[str, Any]
Family = Callable[[Answer, Frame], None]

BY_TYPE: dict[str, Family] = {}
BY_MEMBER: dict[str, Family] = {}  # the first one that a frame has decides

BEDROCK_ERRORS = (
    "internalServerException",
    "modelStreamErrorException",
    "serviceUnavailableException",
    "throttlingException",
    "validationException",
)
METRICS = "amazon-bedrock-invocationMetrics"  # of a model on Bedrock that is invoked in its own words
# Counts that stand in the body itself: Ollama's, Llama's and Titan's on Bedrock, llama.cpp's, Vertex's of embeddings.
BARE = (
    *("prompt_eval_count", "prompt_eval_cached_count", "eval_count"),
    *("prompt_token_count", "generation_token_count"),
    *("inputTextTokenCount", "totalOutputTextTokenCount", "results"),
    *("tokens_evaluated", "tokens_predicted"),
    "predictions",
)


def family(*, types: tuple[str, ...] = (), members: tuple[str, ...] = ()) -> Callable[[Family], Family]:
    def register(read: Family) -> Family:
        BY_TYPE.update(dict.fromkeys(types, read))
        BY_MEMBER.update(dict.fromkeys(members, read))
        return read

    return register


def family_of(frame: Frame) -> Family | None:
    kind = frame.get("type") or frame.get("event_type")
    if isinstance(kind, str) and kind in BY_TYPE:
        return BY_TYPE[kind]
    return next((read for member, read in BY_MEMBER.items() if frame.get(member) is not None), None)


def trouble(frame: Frame) -> Any:
    """The error that stands in a frame, whoever's it is."""
    if error := frame.get("error") or members(frame.get("x_groq")).get("error"):
        return error
    if frame.get("type") == "error" or frame.get("object") == "error":  # OpenAI's Responses, vLLM
        return {"code": frame.get("code")}
    return next(
        ({"type": name} for name in BEDROCK_ERRORS if frame.get(name) is not None or frame.get("type") == name), None
    )


# -- the families -------------------------------------------------------------------------------------------------


@family(members=("choices", "x_groq", "usage"))
def chat(answer: Answer, frame: Frame) -> None:
    """Chat completions, OpenAI's and everybody's: usage in a chunk without choices, in the last one, or in all."""
    choices = listed(frame.get("choices"))
    closing = answer.choose(choices, "finish_reason") or not choices
    answer.name(frame.get("model"))
    answer.tier(frame.get("service_tier"))
    for usage in (members(frame.get("x_groq")).get("usage"), frame.get("usage"), *map(usage_of, choices)):
        answer.tell(usage, closing=closing)


def usage_of(choice: Any) -> Any:
    """Moonshot's place for it."""
    return members(choice).get("usage")


@family(types=("[DONE]",))
def done(answer: Answer, _: Frame) -> None:
    answer.ended = True


@family(types=("message_start",))
def message_start(answer: Answer, frame: Frame) -> None:
    """Anthropic's counts so far; a delta's go before them, whichever comes first."""
    message = members(frame.get("message"))
    answer.api = "anthropic.messages"
    answer.name(message.get("model"))
    answer.usage |= {name: count for name, count in members(message.get("usage")).items() if not answer.usage.get(name)}


@family(types=("message_delta",))
def message_delta(answer: Answer, frame: Frame) -> None:
    """The counts are the message's up to now. One that is left out, null or 0 leaves what the start said of it."""
    told = members(frame.get("usage"))
    answer.api = "anthropic.messages"
    answer.usage |= {name: count for name, count in told.items() if count or name not in answer.usage}
    answer.settled |= bool(told)
    answer.ended = answer.stopped and answer.settled


@family(types=("message_stop",))
def message_stop(answer: Answer, _: Frame) -> None:
    """The end, if the last counts came before it: those of the start know next to nothing of the output."""
    answer.stopped = True
    answer.ended = answer.settled


@family(types=("response.created", "response.in_progress", "response.queued"))
def responses(answer: Answer, frame: Frame) -> None:
    response = members(frame.get("response"))
    answer.api = "openai.responses"
    answer.name(response.get("model"))
    answer.tier(response.get("service_tier"))


@family(types=("response.completed", "response.incomplete", "response.failed"))
def responses_end(answer: Answer, frame: Frame) -> None:
    response = members(frame.get("response"))
    responses(answer, frame)
    answer.tell(response.get("usage"), closing=True)
    answer.ended = True
    if frame["type"] == "response.failed":
        answer.fail(response.get("error"))


@family(
    types=(
        "transcript.text.done",
        "speech.audio.done",
        "image_generation.completed",
        "image_edit.completed",
        "conversation.response.done",
    )
)
def last_event(answer: Answer, frame: Frame) -> None:
    """OpenAI's transcripts, speech and images, Mistral's conversations."""
    answer.tell(frame.get("usage"), closing=True)
    answer.ended = True


@family(types=("message-end",))
def cohere(answer: Answer, frame: Frame) -> None:
    answer.api = "cohere.v2.chat"
    answer.tell(members(frame.get("delta")).get("usage"), closing=True)
    answer.ended = True


@family(types=("stream-end",))
def cohere_v1(answer: Answer, frame: Frame) -> None:
    answer.api = "cohere.v1.chat"
    answer.tell(members(frame.get("response")).get("meta"), closing=True)
    answer.ended = True


@family(types=("messageStop", "metadata"), members=("messageStop", "metadata"))
def converse(answer: Answer, frame: Frame) -> None:
    """Bedrock's, which ends with its metadata; named by a member, or by the event where there is one."""
    metadata = members(frame.get("metadata") or (frame if frame.get("type") == "metadata" else None))
    answer.api = "bedrock.converse"
    answer.stopped |= not metadata
    answer.tell(metadata.get("usage"), closing=True)
    answer.tier(metadata.get("serviceTier"))
    answer.ended = answer.stopped and answer.settled


@family(members=(METRICS,))
def invoked(answer: Answer, frame: Frame) -> None:
    """In the last chunk, whichever model said it. Anthropic's has counted already, and better."""
    answer.tell(frame[METRICS], closing=True)
    answer.ended = True


@family(members=("candidates", "usageMetadata", "usage_metadata", "promptFeedback", "prompt_feedback"))
def gemini(answer: Answer, frame: Frame) -> None:
    """Each chunk counts all that came so far. A prompt that is refused gets no candidate at all."""
    feedback = members(frame.get("promptFeedback") or frame.get("prompt_feedback"))
    blocked = bool(feedback.get("blockReason") or feedback.get("block_reason"))
    candidates = listed(frame.get("candidates"))
    closing = answer.choose(candidates, "finishReason", "finish_reason") or not candidates
    answer.api = "google.generate_content"
    answer.ends_with_choices = True
    answer.ended |= blocked
    answer.name(frame.get("modelVersion") or frame.get("model_version"))
    answer.tell(frame.get("usageMetadata") or frame.get("usage_metadata"), closing=closing)


@family(members=("done",))
def ollama(answer: Answer, frame: Frame) -> None:
    answer.name(frame.get("model"))
    answer.tell(bare(frame), closing=frame.get("done") is True)
    answer.ended |= frame.get("done") is True


def bare(frame: Frame) -> dict[str, Any]:
    return {name: frame[name] for name in BARE if frame.get(name) is not None}
