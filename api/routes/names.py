"""Names: which values of a dimension are told as others."""

from typing import Any

from fastapi import APIRouter, Response

from api.deps import Admin, Author, JsonObject, ServiceDep
from api.documentation import ERRORS, taking
from models import names
from models.names import EXPECTED_DAY
from models.spend.renames import RENAMABLE
from models.usage.text import LABEL_CHARACTERS

router = APIRouter(prefix="/api/v1/names", tags=["management"], responses=ERRORS)

VALUE = {"type": "string", "minLength": 1, "maxLength": LABEL_CHARACTERS}
DAY = {"type": ["string", "null"], "description": EXPECTED_DAY}
RENAME = taking(
    "dimension", "name", "becomes",
    dimension={"type": "string", "enum": list(RENAMABLE)},
    name=VALUE | {"description": "as events have it; of a tag all of it, such as team:eng"},
    becomes=VALUE,
    **{
        "from": DAY | {"description": f"{EXPECTED_DAY} for ever since"},
        "to": DAY | {"description": f"{EXPECTED_DAY} for good; excluded"},
    },
)  # fmt: skip


@router.get("")
def list_names(who: Admin, service: ServiceDep) -> dict[str, Any]:
    """The values that are told as others, the oldest first."""
    with service.installation.database.read() as connection:
        return {"names": [names.shown(each) for each in names.of_workspace(connection, who.workspace.id)]}


@router.post("", status_code=201, openapi_extra=RENAME)
def map_name(who: Admin, service: ServiceDep, body: JsonObject, author: Author) -> dict[str, Any]:
    """Tell a value as another, which renames or merges it, in all that was and will be stored; events stay as sent."""
    rename = names.of_body(body)
    with service.change() as connection:
        return names.shown(names.create(connection, who.workspace.id, rename, author))


@router.delete("/{name_id}", status_code=204)
def unmap_name(name_id: str, who: Admin, service: ServiceDep, author: Author) -> Response:
    """From now on the value is told as it was sent."""
    with service.change() as connection:
        names.remove(connection, who.workspace.id, name_id, author)
    return Response(status_code=204)
