"""Who a call is charged to: for each attribute the places where senders write it, in the order in which they count.

The table is the whole rule; a new place is one more line in it. Labels are cut and cleaned, never refused: an odd
label must not cost an event. What the key itself says, and the default feature, come after this and elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from api.dialects.fields import NOTHING, members_if_any
from models.usage.event import Event
from models.usage.text import label

MAX_TAGS = 64
AUTOMATIC = "User-Agent:"  # LiteLLM's proxy adds such tags by itself

Place = tuple[str, str]  # scope and key

# Scopes: `requester` metadata.requester_metadata, where LiteLLM puts the caller's own; `metadata`; `spend_logs`
# metadata.spend_logs_metadata; `headers` of the call; `parameters` model_parameters; `event` the event itself.
PLACES: Mapping[str, tuple[Place, ...]] = {
    "team": (
        ("requester", "team"),
        ("requester", "team_id"),
        ("metadata", "team_id"),
        ("metadata", "team"),
        ("metadata", "user_api_key_team_alias"),
        ("metadata", "user_api_key_team_id"),
        ("headers", "x-team"),
        ("event", "team"),
    ),
    "project": (
        ("requester", "project"),
        ("metadata", "project"),
        ("metadata", "user_api_key_project_alias"),
        ("metadata", "user_api_key_project_id"),
        ("headers", "x-project"),
        ("event", "project"),
    ),
    "feature": (
        ("requester", "feature"),
        ("metadata", "feature"),
        ("spend_logs", "feature"),
        ("headers", "x-feature"),
        ("event", "feature"),
    ),
    "env": (
        ("requester", "env"),
        ("metadata", "env"),
        ("spend_logs", "env"),
        ("headers", "x-env"),
        ("event", "env"),
    ),
    "department": (
        ("requester", "department"),
        ("metadata", "department"),
        ("spend_logs", "department"),
        ("headers", "x-department"),
        ("event", "department"),
    ),
    "agent": (
        ("requester", "agent"),
        ("metadata", "agent"),
        ("spend_logs", "agent"),
        ("headers", "x-agent"),
        ("event", "agent"),
    ),
    "endpoint": (
        ("event", "endpoint"),
        ("requester", "endpoint"),
        ("metadata", "endpoint"),
        ("spend_logs", "endpoint"),
        ("headers", "x-endpoint"),
    ),
    "prompt": (
        ("requester", "prompt_id"),
        ("metadata", "prompt_id"),
        ("spend_logs", "prompt_id"),
        ("headers", "x-prompt-id"),
        ("headers", "x-prompt"),
        ("event", "prompt_id"),
    ),
    "user": (
        ("metadata", "user_api_key_user_id"),
        ("requester", "user"),
        ("metadata", "user"),
        ("metadata", "user_id"),
    ),
    "end_user": (
        ("event", "end_user"),
        ("metadata", "user_api_key_end_user_id"),
        ("parameters", "user"),
        ("event", "user"),
    ),
    "token": (("metadata", "user_api_key_alias"),),
}

# An attribute's key in metadata, where that is not its name.
REPLAYED = {"prompt": "prompt_id", "token": "user_api_key_alias"}
METADATA_KEYS = tuple(REPLAYED.get(name, name) for name in PLACES if name != "end_user")

Scopes = Mapping[str, Mapping[str, Any]]


def ranks() -> dict[Place, list[tuple[str, int]]]:
    """The table from the other side: which attributes a key of a scope speaks for, and how early it counts there."""
    found: dict[Place, list[tuple[str, int]]] = {}
    for name, places in PLACES.items():
        for rank, place in enumerate(places):
            found.setdefault(place, []).append((name, rank))
    return found


WORST = max(len(places) for places in PLACES.values())
RANKS = ranks()
KEYS = {scope: frozenset(key for each, key in RANKS if each == scope) for scope, _ in RANKS}


def attribute(event: Event, scopes: Scopes) -> Event:
    """Only what was sent is looked at, not every place where it might stand."""
    best: dict[str, int] = {}
    for scope, said in scopes.items():
        for key in KEYS[scope] & said.keys():
            for name, rank in RANKS[scope, key]:
                if rank < best.get(name, WORST) and (found := label(said[key])) is not None:
                    best[name] = rank
                    setattr(event, name, found)
    return event


def first(scopes: Scopes, places: Iterable[Place]) -> str | None:
    for scope, key in places:
        value = scopes[scope].get(key)
        if value is not None and (found := label(value)) is not None:
            return found
    return None


def scopes_of(event: Mapping[str, Any], metadata: Mapping[str, Any], headers: Mapping[str, Any]) -> Scopes:
    return {
        "event": event,
        "requester": requester_of(metadata),
        "metadata": metadata,
        "spend_logs": members_if_any(metadata.get("spend_logs_metadata")),
        "parameters": members_if_any(event.get("model_parameters")),
        "headers": headers,
    }


def requester_of(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """The caller's own metadata; LiteLLM's SDK leaves it nested in `metadata.metadata` where nothing moved it."""
    requester = members_if_any(metadata.get("requester_metadata"))
    nested = members_if_any(metadata.get("metadata"))
    if not nested:
        return requester
    return {**nested, **{key: value for key, value in requester.items() if value is not None}}


def written_back(event: Mapping[str, Any], scopes: Scopes) -> dict[str, Any]:
    """The attributes as an event that says all of them itself, wherever they were found: a replay has no headers."""
    labels = {REPLAYED.get(name, name): first(scopes, places) for name, places in PLACES.items()}
    sent_tags = tags(event.get("request_tags"), scopes["metadata"].get("tags"))
    return {"end_user": labels.pop("end_user"), "metadata": labels, "request_tags": sent_tags}


# -- tags -------------------------------------------------------------------------------------------------------


def tags(*sent: Any) -> list[str]:
    """In the order sent, each once, at most MAX_TAGS of them."""
    if not any(sent):
        return []
    found = (tag for each in sent if each for entry in entries(each) for tag in texts(entry))
    return list(islice(dict.fromkeys(tag for tag in found if not tag.startswith(AUTOMATIC)), MAX_TAGS))


def plain_tags(sent: list[str]) -> list[str]:
    """The same of nothing but texts."""
    found = dict.fromkeys(label(tag) for tag in sent if tag and not tag.startswith(AUTOMATIC))
    return [tag for tag in found if tag][:MAX_TAGS] if found else []


def entries(sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else [sent]


def texts(entry: Any) -> Iterable[str]:
    if isinstance(entry, dict):
        return pairs(entry)
    text = label(entry)
    return (text,) if text else ()


def pairs(entry: dict[str, Any]) -> Iterator[str]:
    for key, value in key_value(entry).items():
        text = label(value)
        tag = text and label(f"{key}:{text}")
        if tag:
            yield tag


def key_value(entry: dict[str, Any]) -> Mapping[str, Any]:
    """Of the two ways to write a pair, {"key": "k", "value": "v"} as the other: {"k": "v"}."""
    if entry.keys() != {"key", "value"}:
        return entry
    key = label(entry["key"])
    return {key: entry["value"]} if key else NOTHING
