"""What the part "What if" asks: the calls that are moved, the prices that they are moved to."""

from collections.abc import Iterable

from app import questions
from app.address import Address
from app.data import Seen
from app.opened import opened
from app.questions import asked
from models.accounts.workspaces import WorkspaceInfo
from models.periods import now_us
from models.pricing.cards import Card
from models.pricing.prices import Prices
from models.pricing.providers import priced_as
from models.spend import what_if
from models.spend.dimensions import NONE
from models.spend.what_if import Traffic, WhatIf

KNOWN = ("openai", "anthropic", "google", "mistral", "deepseek")


def traffic(workspace: WorkspaceInfo, seen: Seen, here: Address) -> dict[str, Traffic]:
    """By name of the model, the dearest first."""
    question = (
        *asked(here, group_by=",".join(what_if.BY), measures=",".join(what_if.MEASURES)),
        *(("where", each) for each in what_if.WHERE),
    )
    rows = questions.spend(workspace, seen, question).rows.iter_rows(named=True)
    dearest = sorted(what_if.traffics(rows), key=lambda each: -(each.cost + each.untold))
    return {name_of(each): each for each in dearest}


def name_of(traffic: Traffic) -> str:
    return f"{traffic.provider or NONE}/{traffic.model or NONE}"


def card(workspace: WorkspaceInfo, name: str) -> Card | str:
    """What a model costs there now, or why that is not known."""
    provider, _, model = name.partition("/")
    return prices(workspace).card(None if provider == NONE else provider.strip().lower(), model, now_us())


def at_prices_of(workspace: WorkspaceInfo, calls: Iterable[Traffic], name: str) -> WhatIf | str:
    found = card(workspace, name)
    return found if isinstance(found, str) else what_if.what_if(calls, found)


def offered(workspace: WorkspaceInfo, used: Iterable[str]) -> list[str]:
    """Models that are called, then all others of their providers and of those whom everybody knows."""
    names = list(used)
    servers = {*KNOWN, *(priced_as(name.partition("/")[0]) for name in names)}
    shelf = (each for each in prices(workspace).table.providers if each.id in servers)
    return list(dict.fromkeys([*names, *(f"{each.id}/{model.id}" for each in shelf for model in each.models)]))


def prices(workspace: WorkspaceInfo) -> Prices:
    return opened().directory.view.prices_of(workspace.id)
