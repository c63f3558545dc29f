"""The canonical event: one LLM call, whoever told us of it.

Grain: one call (a retry that reached the provider is a call of its own). Token classes follow OpenTelemetry GenAI:
`input` holds cache reads and writes, `output` holds reasoning. Unknown is None, never 0.

The collector is told to pass over these values (`gc=False`): they hold no cycles, and there are thousands in flight.
"""

import msgspec

from models.usage.content import Content

MAX_TOKENS = 10**12
MAX_MODEL = 256  # characters; a longer name is a bad event, for a cut name would be another model's


class Tokens(msgspec.Struct, gc=False):
    """Token counts of one call; cache_read, cache_write within input, cache_write_1h within cache_write,
    reasoning within output."""

    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None


class Claim(msgspec.Struct, gc=False):
    """What the sender says about money, in nano-US-dollars."""

    cost: int | None = None
    input_cost: int | None = None
    output_cost: int | None = None
    saved: int | None = None  # what a response-cache hit would have cost
    provider_cost: int | None = None  # said by the provider inside its usage; the client's cost goes before it
    price_unknown: bool = False  # the sender said 0 because it knows no price: not a reported 0
    binding: bool = True  # False: kept beside the computed cost, never used as the cost


class Event(msgspec.Struct, gc=False):
    """One LLM call. Times are microseconds since the epoch, UTC."""

    source: str  # rest, litellm, otlp, import
    started_us: int
    model: str | None
    id: str | None = None
    ended_us: int | None = None
    latency_us: int | None = None
    status: str = "success"  # or failure
    error_type: str | None = None
    error_code: str | None = None
    error_str: str | None = None
    request_id: str | None = None
    provider: str | None = None
    model_group: str | None = None
    endpoint: str | None = None
    feature: str | None = None
    project: str | None = None
    prompt: str | None = None  # an id, never a text
    team: str | None = None
    department: str | None = None
    agent: str | None = None
    env: str | None = None
    user: str | None = None
    end_user: str | None = None
    token: str | None = None
    key: str | None = None
    tags: list[str] = []
    cache_hit: bool = False
    tokens: Tokens = msgspec.field(default_factory=Tokens)
    # What else is billed, by the names of `models.usage.units`; {} where it was told that all of it was text.
    units: dict[str, int] | None = None
    avoided_input: int | None = None  # tokens of a cache hit where they are told apart from the counts
    avoided_output: int | None = None
    service_tier: str | None = None
    batch: bool = False
    claim: Claim = msgspec.field(default_factory=Claim)
    flags: list[str] = []  # contradictions in what was sent, kept and named: cached_above_input, total_mismatch, …
    content: Content | None = None  # prompt and response on their way to be sealed, where a workspace keeps them
    credential: str | None = None  # a tracking token that came with the event; decides the key, is never stored
