"""Price overrides: what a workspace pays where that is not what is published."""

from typing import Any

from fastapi import APIRouter, Response

from api.deps import Admin, Author, JsonObject, ServiceDep
from api.documentation import ERRORS, taking
from models import price_overrides
from models.price_overrides import MOMENT
from models.pricing.overrides import ANY
from models.pricing.terms import MAX_DOLLARS, OWN
from models.usage.event import MAX_MODEL
from models.usage.text import LABEL_CHARACTERS

router = APIRouter(prefix="/api/v1/prices", tags=["management"], responses=ERRORS)

NAME = {"type": ["string", "null"], "maxLength": LABEL_CHARACTERS}
TIME = {"type": ["string", "null"], "description": MOMENT}
PRICE = {"type": ["number", "string", "null"], "minimum": 0, "maximum": MAX_DOLLARS, "description": "dollars"}
PERCENT = {"type": ["number", "string", "null"], "minimum": -100, "maximum": 100, "description": "in place of prices"}
OVERRIDE = taking(
    "model",
    provider=NAME | {"description": "null is any"},
    model={"type": "string", "minLength": 1, "maxLength": MAX_MODEL, "description": f"{ANY} stands for any characters"},
    valid_from=TIME,
    valid_to=TIME,
    service_tier=NAME | {"description": "batch, flex, …; null is the plain price, or for a discount every tier"},
    discount_percent=PERCENT,
    **dict.fromkeys(OWN, PRICE),
)


@router.get("")
def list_prices(who: Admin, service: ServiceDep) -> dict[str, Any]:
    """The workspace's overrides, the oldest first."""
    with service.installation.database.read() as connection:
        overrides = price_overrides.of_workspace(connection, who.workspace.id)
    return {"prices": [price_overrides.shown(each, who.workspace.timezone) for each in overrides]}


@router.post("", status_code=201, openapi_extra=OVERRIDE)
def make_price(who: Admin, service: ServiceDep, body: JsonObject, author: Author) -> dict[str, Any]:
    """Override a price or give a discount, from now on; events that are stored already keep their cost."""
    override = price_overrides.of_body(body, who.workspace.timezone, author.at_us)
    with service.change() as connection:
        price_overrides.create(connection, who.workspace, override, author)
    return price_overrides.shown(override, who.workspace.timezone)


@router.delete("/{price_id}", status_code=204)
def delete_price(price_id: str, who: Admin, service: ServiceDep, author: Author) -> Response:
    """From now on the published price holds again, or the next override."""
    with service.change() as connection:
        price_overrides.remove(connection, who.workspace, price_id, author)
    return Response(status_code=204)
