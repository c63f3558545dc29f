"""The usual way to write such a service: FastAPI, a pydantic model, an SQLModel session and its commit, unpriced."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import Engine, event
from sqlmodel import JSON, Column, Field, Session, SQLModel, create_engine

from tests.benchmarks.yardsticks.serving import serve

POOL = 64  # connections, as many as senders: with the default 15 its threads wait for each other and all stands still

LABELS = ("team", "project", "feature", "env", "agent", "user_id")


class Sent(BaseModel):
    model: str
    startTime: datetime
    endTime: datetime | None = None
    provider: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    status: str = "success"
    endpoint: str | None = None
    request_id: str | None = None
    end_user: str | None = None
    cache_hit: bool = False
    request_tags: list[str] = []
    metadata: dict[str, Any] = {}


class Stored(SQLModel, table=True):
    id: str = Field(primary_key=True)
    model: str
    started_at: datetime = Field(index=True)
    ended_at: datetime | None
    provider: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None
    status: str
    endpoint: str | None
    request_id: str | None
    end_user: str | None
    cache_hit: bool
    team: str | None
    project: str | None
    feature: str | None
    env: str | None
    agent: str | None
    user_id: str | None
    tags: list[str] = Field(sa_column=Column(JSON))


def opened(folder: Path) -> Engine:
    engine = create_engine(f"sqlite:///{folder}/usual.db", pool_size=POOL, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    SQLModel.metadata.create_all(engine)
    return engine


def made(engine: Engine) -> FastAPI:
    app = FastAPI()

    def session() -> Iterator[Session]:
        with Session(engine) as opened:
            yield opened

    @app.get("/")
    def up() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/api/v1/ingest", status_code=202)
    def ingest(sent: Sent, session: Annotated[Session, Depends(session)]) -> dict[str, str]:
        row = stored(sent)
        session.add(row)
        session.commit()
        session.refresh(row)
        return {"status": "accepted", "id": row.id}

    return app


def stored(sent: Sent) -> Stored:
    kept = sent.model_dump(exclude={"startTime", "endTime", "metadata", "request_tags"})
    labels = {name: sent.metadata.get(name) for name in LABELS}
    times = {"started_at": sent.startTime, "ended_at": sent.endTime}
    return Stored(**kept | labels | times | {"id": uuid4().hex, "tags": sent.request_tags})


if __name__ == "__main__":
    serve(made(opened(Path(sys.argv[2]))), int(sys.argv[1]))
