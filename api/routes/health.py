"""Whether the process is up, and whether it can do its work."""

import os

from fastapi import APIRouter

from api.deps import ServiceDep
from api.documentation import ERROR
from models import ledger
from models.errors import StoreUnavailable

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "database or lake can't be reached", "content": ERROR}})
def readyz(service: ServiceDep) -> dict[str, str]:
    """Database and lake can be reached."""
    with service.installation.database.read() as connection:
        ledger.last_seq(connection)
    lake = service.installation.lake.root
    lake.mkdir(parents=True, exist_ok=True)
    if not os.access(lake, os.W_OK | os.X_OK):
        raise StoreUnavailable("The lake can't be written to")
    return {"status": "ready"}
