"""What stands in the database. Each table says its grain; instants are microseconds since the epoch, UTC,
money is nano-US-dollars. Rows of `events` are appended and never updated."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

BIG = BigInteger().with_variant(Integer, "sqlite")


def instant(**options: Any) -> Any:
    return Field(sa_type=BigInteger, **options)


class Workspace(SQLModel, table=True):
    """One tenant: everything else belongs to one."""

    __tablename__ = "workspaces"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    plan: str = "paid"  # or free
    timezone: str = "UTC"
    next_timezone: str | None = None  # asked for; in force once its files are built
    generation: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # of its rollup files: one per zone
    files_exact: bool = Field(default=True, sa_column_kwargs={"server_default": "1"})  # one generation lies there
    monthly_events: int | None = None  # the plan's allowance; None is no limit
    overage: str = "allow"  # or block
    retention_days: int
    capture_content: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})  # prompts and responses
    content_days: int = Field(default=7, sa_column_kwargs={"server_default": "7"})  # how long they are kept
    created_us: int = instant()


class ApiKey(SQLModel, table=True):
    """One secret. Rotated secrets share their name, which is the logical key that events and sources know."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("api_keys_by_name", "workspace_id", "name"),)

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    name: str
    scope: str  # ingest, read or admin
    active: bool = True
    revoked_us: int | None = instant(default=None)  # from this instant on; in the future while a rotation has grace
    digest: str = Field(unique=True)  # SHA-256 of the secret
    prefix: str  # its first 13 characters, so that people can tell keys apart
    attributes: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    created_us: int = instant()
    expires_us: int | None = instant(default=None)
    rotate_after_days: int | None = None  # from when on people are reminded


class KeyUse(SQLModel, table=True):
    """When a secret was last used, apart from its key: it changes all the time, and is no change of the key."""

    __tablename__ = "key_uses"

    key_id: str = Field(primary_key=True)
    used_us: int = instant()


class KeySource(SQLModel, table=True):
    """One source definition of a logical key: what the free plan sees of its events. None matches anything."""

    __tablename__ = "key_sources"
    __table_args__ = (Index("key_sources_by_key", "workspace_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    key: str
    provider: str | None = None
    model: str | None = None
    feature: str | None = None


class User(SQLModel, table=True):
    __tablename__ = "users"

    id: str = Field(primary_key=True)
    email: str = Field(unique=True)  # lower-cased
    password: str  # argon2
    created_us: int = instant()
    proven: bool = Field(
        default=True, sa_column_kwargs={"server_default": "1"}
    )  # by the operator, or a provider's word


class Member(SQLModel, table=True):
    """Who may look at which workspace, and as what."""

    __tablename__ = "members"

    user_id: str = Field(foreign_key="users.id", primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", primary_key=True)
    role: str  # owner, admin or viewer


class Session(SQLModel, table=True):
    """One signed-in browser."""

    __tablename__ = "sessions"

    digest: str = Field(primary_key=True)  # SHA-256 of the cookie
    user_id: str = Field(foreign_key="users.id", index=True)
    created_us: int = instant()
    expires_us: int = instant()
    agent: str | None = None  # the browser, as it calls itself
    address: str | None = None  # where it signed in from


class Invitation(SQLModel, table=True):
    """A link that lets one person into a workspace, once."""

    __tablename__ = "invitations"

    id: str = Field(primary_key=True)
    digest: str = Field(unique=True)  # SHA-256 of the link's word
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    email: str  # lower-cased
    role: str
    invited_by: str
    created_us: int = instant()
    expires_us: int = instant()
    accepted_us: int | None = instant(default=None)


class PasswordReset(SQLModel, table=True):
    """A link that lets one person choose a new password, once."""

    __tablename__ = "password_resets"

    digest: str = Field(primary_key=True)  # SHA-256 of the link's word
    user_id: str = Field(foreign_key="users.id", index=True)
    created_us: int = instant()
    expires_us: int = instant()


class Team(SQLModel, table=True):
    """A team as gateways manage them: known by its id and by its alias, stored with events under its alias."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("workspace_id", "alias"), UniqueConstraint("workspace_id", "team_id"))

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    team_id: str
    alias: str
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # what else its maker said of it
    created_us: int = instant()


class GatewayUser(SQLModel, table=True):
    """An account that owns calling keys, as gateways manage them. It can't sign in here."""

    __tablename__ = "gateway_users"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    user_id: str
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # e-mail, alias, teams
    created_us: int = instant()


class GatewayKey(SQLModel, table=True):
    """What a gateway's user said of a logical key, beside what any key has."""

    __tablename__ = "gateway_keys"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    name: str
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Budget(SQLModel, table=True):
    """An amount that spend of these dimensions should not exceed in a period."""

    __tablename__ = "budgets"

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    name: str
    where: dict[str, str] = Field(sa_type=JSON)  # values by dimension; empty is the workspace
    amount_nano_usd: int = Field(sa_type=BigInteger)
    period: str
    action: str  # alert or block
    thresholds: list[float] = Field(sa_type=JSON)
    created_us: int = instant()


class MonthlyUse(SQLModel, table=True):
    """How many events arrived in one month of a workspace's zone. Moves in the transaction that stores them."""

    __tablename__ = "monthly_use"

    workspace_id: str = Field(foreign_key="workspaces.id", primary_key=True)
    month: str = Field(primary_key=True)  # 2026-11
    events: int = Field(sa_type=BigInteger)


class Control(SQLModel, table=True):
    """One row: the version of all control data (keys, workspaces, sources, teams, prices), which each process polls."""

    __tablename__ = "control"

    id: int = Field(primary_key=True)
    version: int


class Ledger(SQLModel, table=True):
    """One row: the counter that makes seq gapless and the order of commit. Nothing lowers it."""

    __tablename__ = "ledger"

    id: int = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    epoch: str


class LedgerEpoch(SQLModel, table=True):
    """One life of this database; a restored backup closes one and opens the next."""

    __tablename__ = "ledger_epochs"

    epoch: str = Field(primary_key=True)
    closed_seq: int | None = Field(default=None, sa_type=BigInteger)  # files of this epoch beyond it count lost events


class Identity(SQLModel, table=True):
    """One event id that was stored, apart from its event and outliving it."""

    __tablename__ = "identities"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))  # of (workspace, id)
    seq: int = Field(sa_type=BigInteger)
    overage: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})  # beyond the plan's allowance


CORRECTION: dict[str, Any] = {
    "sqlite_where": text("corrects IS NOT NULL"),
    "postgresql_where": text("corrects IS NOT NULL"),
}
REVERSAL: dict[str, Any] = {"sqlite_where": text("sign < 0"), "postgresql_where": text("sign < 0")}


class EventRow(SQLModel, table=True):
    """One LLM call, as the ledger keeps it; or one half of its correction: the reversal takes the old amounts back
    (sign -1), the restatement brings the new ones. Every sum over rows is a sum of amount times sign."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_by_time", "workspace_id", "started_us"),
        Index("events_by_correction", "corrects", "seq", **CORRECTION),
        Index("reversals_by_time", "workspace_id", "started_us", "sign", **REVERSAL),
    )

    seq: int = Field(sa_column=Column(BIG, primary_key=True, autoincrement=False))
    workspace_id: str
    id: str
    received_us: int = instant()
    started_us: int = instant()
    ended_us: int | None = instant()
    latency_us: int | None = instant()
    source: str
    status: str
    error_type: str | None
    error_code: str | None
    error_str: str | None
    request_id: str | None
    provider: str | None
    model: str | None
    model_group: str | None
    endpoint: str | None
    feature: str
    project: str | None
    prompt: str | None
    team: str | None
    department: str | None
    agent: str | None
    env: str | None
    user: str | None
    end_user: str | None
    token: str | None
    key: str | None
    tags: str  # JSON array, in the order sent
    flags: str  # JSON array
    cache_hit: bool
    input_tokens: int | None = Field(sa_type=BigInteger)
    cache_read_tokens: int | None = Field(sa_type=BigInteger)
    cache_write_tokens: int | None = Field(sa_type=BigInteger)
    cache_write_1h_tokens: int | None = Field(sa_type=BigInteger)
    output_tokens: int | None = Field(sa_type=BigInteger)
    reasoning_tokens: int | None = Field(sa_type=BigInteger)
    total_tokens: int | None = Field(sa_type=BigInteger)
    units: str | None  # JSON object: what else is billed, by name
    tokens_avoided: int = Field(sa_type=BigInteger)
    service_tier: str | None
    batch: bool
    cost_nano_usd: int | None = Field(sa_type=BigInteger)
    input_cost_nano_usd: int | None = Field(sa_type=BigInteger)
    output_cost_nano_usd: int | None = Field(sa_type=BigInteger)
    saved_nano_usd: int = Field(sa_type=BigInteger)
    prompt_cache_saved_nano_usd: int = Field(sa_type=BigInteger)
    reported_cost_nano_usd: int | None = Field(sa_type=BigInteger)
    computed_cost_nano_usd: int | None = Field(sa_type=BigInteger)
    cost_source: str
    partial_cost_nano_usd: int | None = Field(sa_type=BigInteger)  # of an unpriced call: what of it has a price
    unpriced_reason: str | None
    price_card: str | None
    sign: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    corrects: int | None = Field(default=None, sa_type=BigInteger)  # seq of the call's own row
    act: str | None = None  # the act that corrected it


class PriceCard(SQLModel, table=True):
    """The prices that a computed amount stands on, kept for as long as anybody may ask. Never changed."""

    __tablename__ = "price_cards"

    identity: str = Field(primary_key=True)
    card: dict[str, Any] = Field(sa_type=JSON)


class PriceOverride(SQLModel, table=True):
    """What a workspace pays for a model, or for models whose names fit a pattern, from an instant on."""

    __tablename__ = "price_overrides"

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    provider: str | None
    model: str
    valid_from_us: int | None = instant()
    valid_to_us: int | None = instant()
    terms: dict[str, Any] = Field(sa_type=JSON)  # prices by unit, or a discount
    created_us: int = instant()


class PriceTable(SQLModel, table=True):
    """Price data that was taken up; the newest is in use. Without content it is that of the installed package."""

    __tablename__ = "price_tables"

    id: int | None = Field(default=None, primary_key=True)
    source: str
    content: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))  # compressed JSON
    adopted_us: int = instant()


class Act(SQLModel, table=True):
    """A correction of many events, under a name and for a reason; run again under the same name, it goes on."""

    __tablename__ = "acts"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "name"),)

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    name: str
    kind: str  # reprice or undo
    reason: str
    author: str
    terms: dict[str, Any] = Field(sa_type=JSON)  # what it was asked to do
    undoes: str | None = None  # the act that it takes back
    begun_us: int = instant()
    finished_us: int | None = instant(default=None)


class RepricingOrder(SQLModel, table=True):
    """A re-pricing, or its undo, that somebody asks of the jobs: to say what it would do, or to do it."""

    __tablename__ = "repricing_orders"

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    terms: dict[str, Any] = Field(sa_type=JSON)  # what is asked for
    author: str
    asked_us: int = instant()
    begun_us: int | None = instant(default=None)
    told_us: int | None = instant(default=None)  # when the process that has it in hand last said so
    progress: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})  # share of it that is done
    finished_us: int | None = instant(default=None)
    answer: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # what it would change, or has changed
    error: str | None = None


class NameMapping(SQLModel, table=True):
    """One value of a dimension that is told as another, from and to a local day. Events keep what they came with."""

    __tablename__ = "name_mappings"

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    dimension: str
    name: str  # as events have it
    becomes: str
    from_day: str | None = None  # local, ISO; None is ever since
    to_day: str | None = None  # excluded; None is for good
    author: str
    created_us: int = instant()


class SavedView(SQLModel, table=True):
    """A page's question under a name, for everybody in the workspace."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    name: str
    path: str  # of the page: explorer, providers, …
    query: str  # as the address has it
    author: str
    created_us: int = instant()


class Content(SQLModel, table=True):
    """Prompt and response of one event, encrypted, where its workspace's owner has switched capture on."""

    __tablename__ = "contents"
    __table_args__ = (Index("contents_by_time", "workspace_id", "received_us"),)

    workspace_id: str = Field(foreign_key="workspaces.id", primary_key=True)
    event_id: str = Field(primary_key=True)
    received_us: int = instant()
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditRecord(SQLModel, table=True):
    """Who did what, when and from where. Rows are appended, never changed: the database itself refuses it."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at_us: int = instant()
    workspace_id: str | None = Field(index=True)
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = Field(sa_type=JSON)
    address: str | None  # where the request came from


ASKED: dict[str, Any] = {
    "sqlite_where": text("asked_us IS NOT NULL"),
    "postgresql_where": text("asked_us IS NOT NULL"),
}


class Quarantined(SQLModel, table=True):
    """One bad event: what of it may be kept, and why it was refused. A replay that succeeds removes it."""

    __tablename__ = "quarantine"
    __table_args__ = (
        Index("quarantine_by_time", "workspace_id", "received_us", "id"),
        Index("quarantine_asked", "asked_us", **ASKED),
    )

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id", index=True)
    received_us: int = instant()
    dialect: str
    key: str | None
    error: str
    details: dict[str, Any] = Field(sa_type=JSON)
    kept: dict[str, Any] = Field(sa_type=JSON)
    wanted: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # a replay that waits: what to put in its fields
    asked_us: int | None = instant(default=None)  # since when that replay waits
    refused_us: int | None = instant(default=None)  # when a replay was last refused


class Watermark(SQLModel, table=True):
    """How far a cube has counted: every event up to `seq` stands in its files."""

    __tablename__ = "watermarks"

    cube: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)


class RollupFile(SQLModel, table=True):
    """One file that should be in the lake, and how far it must have counted at least."""

    __tablename__ = "rollup_files"

    workspace_id: str = Field(primary_key=True)
    cube: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # local, ISO
    through_seq: int = Field(sa_type=BigInteger)
    rows: int
    requests: int = Field(sa_type=BigInteger)  # what it has counted: tells whether the ledger still has as many
    stamp: str  # changes whenever the file does; empty where the file is owed


class Publisher(SQLModel, table=True):
    """One row: the fencing number of the latest publisher."""

    __tablename__ = "publisher"

    id: int = Field(primary_key=True)
    fence: int


def table(model: type[SQLModel]) -> Table:
    """The Core table behind a model: rows are bound by Core, ten times as fast as by the ORM."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
