"""What routes ask for, as named types: who asks, which workspace, its spend, a JSON body."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from fastapi import Depends, Header, Request

from api import body
from api.dialects import json_body
from api.doors import REST_LIMIT
from api.headers import credential
from api.service import Service
from models import audit
from models.accounts.workspaces import WorkspaceInfo
from models.errors import BadField, BadRequest, Forbidden, NotFound, TimeZoneChanged
from models.periods import now_us
from models.spend.answer import WorkspaceSpend

Answer = TypeVar("Answer")


class Asker(Protocol):
    def __call__(self, question: Callable[[WorkspaceSpend], Answer]) -> Answer: ...


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]


@dataclass(frozen=True)
class Principal:
    """Who asks: a key of one workspace, or the operator with the master key."""

    workspace: WorkspaceInfo
    name: str  # as the audit log has it
    operator: bool = False


def secret_of(request: Request) -> str | None:
    return credential(dict(request.headers.raw))


def reader(request: Request, service: ServiceDep) -> Principal:
    """A key that may read. `admin` may all that `read` may."""
    return keyed(service, secret_of(request), ("read", "admin"))


def admin(
    request: Request, service: ServiceDep, x_farthing_workspace: Annotated[str | None, Header()] = None
) -> Principal:
    """An admin key, or the master key: for the workspace that the header names, else the oldest."""
    secret = secret_of(request)
    master = service.settings.master_key
    if secret and master and hmac.compare_digest(secret.encode(), master.encode()):
        return Principal(named_workspace(service, x_farthing_workspace), "master key", operator=True)
    return keyed(service, secret, ("admin",))


def keyed(service: Service, secret: str | None, scopes: tuple[str, ...]) -> Principal:
    now = now_us()
    key = service.directory.authenticate(secret, now)
    if key.scope not in scopes:
        raise Forbidden(f"This key's scope is {key.scope}: this needs {' or '.join(scopes)}")
    return Principal(service.directory.current(now).workspaces[key.workspace_id], f"key {key.name}")


def named_workspace(service: Service, name: str | None) -> WorkspaceInfo:
    if name:
        name = as_utf8(name)
    for look in (service.directory.current, service.directory.newest):
        for workspace in look(now_us()).workspaces.values():
            if not name or workspace.name == name:
                return workspace
    raise NotFound(f"No workspace is named {name[:80]!r}" if name else "There is no workspace yet: run `farthing init`")


def as_utf8(header: str) -> str:
    """The framework reads headers as Latin-1; names come in every script."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


Reader = Annotated[Principal, Depends(reader)]
Admin = Annotated[Principal, Depends(admin)]


def address_of(request: Request) -> str | None:
    """Where the request came from."""
    return request.client.host if request.client else None


Address = Annotated[str | None, Depends(address_of)]


def author_of(who: Admin, address: Address) -> audit.Author:
    return audit.Author(who.name, now_us(), address)


Author = Annotated[audit.Author, Depends(author_of)]


def spend_of(who: Reader, service: ServiceDep) -> WorkspaceSpend:
    view = service.directory.current(now_us())
    return service.store.of(who.workspace, view.sources.get(who.workspace.id, {}), view.names_of(who.workspace.id))


Spend = Annotated[WorkspaceSpend, Depends(spend_of)]


def asker_of(who: Reader, service: ServiceDep) -> Asker:
    """Puts a question to the workspace's spend; once more to the workspace as it is now, where its zone has changed."""

    def ask(question: Callable[[WorkspaceSpend], Answer]) -> Answer:
        try:
            return question(spend_of(who, service))
        except TimeZoneChanged:
            workspace = service.directory.newest(now_us()).workspaces[who.workspace.id]
            return question(spend_of(replace(who, workspace=workspace), service))

    return ask


Ask = Annotated[Asker, Depends(asker_of)]


def whole_spend_of(who: Admin, service: ServiceDep) -> WorkspaceSpend:
    """Whatever the plan shows: budgets count hidden events too."""
    return WorkspaceSpend(service.store, who.workspace, visibility=None)


WholeSpend = Annotated[WorkspaceSpend, Depends(whole_spend_of)]


async def json_object(request: Request) -> dict[str, Any]:
    """A JSON object, whatever its Content-Type says; an empty body is an empty object."""
    content = await body.read(request.receive, dict(request.headers.raw), REST_LIMIT)
    try:
        value = msgspec.json.decode(content) if content.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("Invalid payload", {"field": "body", "expected": "JSON"}) from None
    return an_object(value)


async def exact_object(request: Request) -> dict[str, Any]:
    """The same, with every decimal as it was written."""
    content = await body.read(request.receive, dict(request.headers.raw), REST_LIMIT)
    return an_object(json_body.read(content) if content.strip() else {})


def an_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadField("body", value, "an object", show=False)
    return value


JsonObject = Annotated[dict[str, Any], Depends(json_object)]
ExactObject = Annotated[dict[str, Any], Depends(exact_object)]


def parameters_of(request: Request) -> Mapping[str, Sequence[str]]:
    """The query string: each name with all its values."""
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return found


Parameters = Annotated[Mapping[str, Sequence[str]], Depends(parameters_of)]
