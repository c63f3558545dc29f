"""What spend can be grouped and filtered by. Each dimension is declared once; pickers, the API's lists, the columns
of the rollups and docs/dimensions.md are derived from here."""

from dataclasses import dataclass
from typing import Literal

NONE = "(none)"  # how the absence of a value is written in a filter and on screens
TAG_KEY = "tag."  # group_by=tag.<key> groups by the value of `key:value` tags


@dataclass(frozen=True)
class Dimension:
    """`text` holds any label, `choice` one of a few words, `flag` true or false; `tags` are many per event."""

    name: str
    meaning: str
    kind: Literal["text", "choice", "flag", "tags"] = "text"
    choices: tuple[str, ...] = ()


COLUMNS = (
    Dimension("provider", "who served the call, as the sender names it, lower-cased"),
    Dimension("model", "the model that served"),
    Dimension("model_group", "the model that was asked for, where a gateway routes"),
    Dimension("endpoint", "the application's endpoint that made the call"),
    Dimension("feature", "the feature it was made for; `unknown` where nobody said"),
    Dimension("project", "the project"),
    Dimension("prompt", "the id of the prompt, never its text"),
    Dimension("team", "the team"),
    Dimension("department", "the department"),
    Dimension("agent", "the agent"),
    Dimension("env", "the environment: prod, staging, …"),
    Dimension("user", "the account that owns the calling key"),
    Dimension("end_user", "the customer who was served"),
    Dimension("token", "who called: the gateway's key alias, else the ingest key's name"),
    Dimension("key", "the ingest key's name; rotation keeps it"),
    Dimension("source", "the way it came in", "choice", ("rest", "litellm", "otlp", "import")),
    Dimension("status", "how the call ended", "choice", ("success", "failure")),
    Dimension("error_type", "the class of the error"),
    Dimension("cache_hit", "whether a response cache answered", "flag", ("true", "false")),
    Dimension("cost_source", "where the cost comes from", "choice", ("reported", "cached", "computed", "unpriced")),
)
TAGS = (
    Dimension("tag", "each of an event's tags; an event stands in every one of its tags' rows", "tags"),
    Dimension("tags", "the whole sorted set of an event's tags", "tags"),
)
WORKSPACE = Dimension("workspace", "the workspace's name")

DIMENSIONS: dict[str, Dimension] = {each.name: each for each in (WORKSPACE, *COLUMNS, *TAGS)}
COLUMN_NAMES = tuple(each.name for each in COLUMNS)


def is_tag_key(name: str) -> bool:
    return name.startswith(TAG_KEY) and len(name) > len(TAG_KEY)


def column_of(name: str) -> str | None:
    """The stored column that a dimension stands on; None for the workspace, which every row shares."""
    if name == WORKSPACE.name:
        return None
    return "tags" if name == "tag" or is_tag_key(name) else name


def listed(without: str = "") -> str:
    """All names, for an error that says what there is."""
    return ", ".join([*(name for name in DIMENSIONS if name != without), f"{TAG_KEY}<key>"])
