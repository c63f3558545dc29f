"""The API: ingest doors in front, everything else behind them."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from api import errors, openapi, replay
from api.doors import Doors
from api.routes import (
    audit,
    drift,
    events,
    gateway_keys,
    gateway_users,
    health,
    integrations,
    keys,
    names,
    prices,
    quarantine,
    spend,
    teams,
    workspace,
)
from api.service import Service
from models.settings import Settings

RARELY = (50_000, 20, 20)  # allocations before a young, a middle, an old collection

ROUTERS = (
    spend.router,
    drift.router,
    events.router,
    keys.router,
    prices.router,
    names.router,
    workspace.router,
    teams.router,
    gateway_users.router,
    gateway_keys.router,
    quarantine.router,
    audit.router,
    health.router,
    integrations.router,
)


def create_app(settings: Settings) -> Doors:
    """The ASGI application of one process. Opens the installation when it starts, not before."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = Service.of(settings)
        spare_the_collector()
        async with app.state.service.running(), replay.running(app.state.service):
            yield

    app = FastAPI(
        title="Farthing",
        version=version("farthing"),
        description="What AI costs, who spends it and why: seconds after it happened, to the nano-dollar.",
        lifespan=lifespan,
        docs_url=None,  # its pages load scripts from another host
        redoc_url=None,
    )
    errors.install(app)
    openapi.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return Doors(app, service_of(app))


def spare_the_collector() -> None:
    """What is loaded by now stays for good: the collector need not look through it again and again, and under load
    need not come for every few hundred events, which no cycle keeps."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


def service_of(app: FastAPI) -> Callable[[], Service]:
    def service() -> Service:
        found: Service = app.state.service
        return found

    return service
