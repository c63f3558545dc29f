"""Accounts, allowances, generations of files"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from models import periods

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BIG = sa.BigInteger()
QUARTER = 15 * 60 * periods.SECOND
OF_TABLES: dict[str, tuple[sa.Column[Any], ...]] = {
    "workspaces": (
        sa.Column("next_timezone", sa.String(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("files_exact", sa.Boolean(), nullable=False, server_default="1"),
    ),
    "api_keys": (
        sa.Column("expires_us", BIG, nullable=True),
        sa.Column("rotate_after_days", sa.Integer(), nullable=True),
    ),
    "users": (sa.Column("proven", sa.Boolean(), nullable=False, server_default="1"),),
    "sessions": (
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
    ),
    "identities": (sa.Column("overage", sa.Boolean(), nullable=False, server_default="0"),),
    "quarantine": (
        sa.Column("wanted", sa.JSON(), nullable=True),
        sa.Column("asked_us", BIG, nullable=True),
        sa.Column("refused_us", BIG, nullable=True),
    ),
}
TABLES = (
    "monthly_use",
    "budgets",
    "gateway_keys",
    "gateway_users",
    "teams",
    "password_resets",
    "invitations",
    "key_uses",
)


def upgrade() -> None:
    for table, columns in OF_TABLES.items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("api_keys_by_name", "api_keys", ["workspace_id", "name"])
    op.create_index("key_sources_by_key", "key_sources", ["workspace_id", "key"])
    op.create_index("quarantine_by_time", "quarantine", ["workspace_id", "received_us", "id"])
    asked = sa.text("asked_us IS NOT NULL")
    op.create_index("quarantine_asked", "quarantine", ["asked_us"], sqlite_where=asked, postgresql_where=asked)
    op.create_table(
        "key_uses",
        sa.Column("key_id", sa.String(), primary_key=True),
        sa.Column("used_us", BIG, nullable=False),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("digest", sa.String(), nullable=False, unique=True),
        of_workspace(),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
        sa.Column("expires_us", BIG, nullable=False),
        sa.Column("accepted_us", BIG, nullable=True),
    )
    op.create_table(
        "password_resets",
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("user_id", sa.String(), sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("created_us", BIG, nullable=False),
        sa.Column("expires_us", BIG, nullable=False),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), primary_key=True),
        of_workspace(),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
        sa.UniqueConstraint("workspace_id", "alias"),
        sa.UniqueConstraint("workspace_id", "team_id"),
    )
    op.create_table(
        "gateway_users",
        sa.Column("id", sa.Integer(), primary_key=True),
        of_workspace(),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
        sa.UniqueConstraint("workspace_id", "user_id"),
    )
    op.create_table(
        "gateway_keys",
        sa.Column("id", sa.Integer(), primary_key=True),
        of_workspace(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.UniqueConstraint("workspace_id", "name"),
    )
    op.create_table(
        "budgets",
        sa.Column("id", sa.String(), primary_key=True),
        of_workspace(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("where", sa.JSON(), nullable=False),
        sa.Column("amount_nano_usd", BIG, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
    )
    op.create_table(
        "monthly_use",
        sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("month", sa.String(), primary_key=True),
        sa.Column("events", BIG, nullable=False),
    )
    count_what_has_arrived()


def count_what_has_arrived() -> None:
    """Of every workspace and month of its zone. Quarters of an hour, for every zone's months begin with one."""
    zones = {each.id: each.timezone for each in op.get_bind().execute(sa.text("SELECT id, timezone FROM workspaces"))}
    arrived = op.get_bind().execute(
        sa.text(
            f"SELECT workspace_id, received_us / {QUARTER}, count(*) FROM events WHERE corrects IS NULL GROUP BY 1, 2"
        )
    )
    used: Counter[tuple[str, str]] = Counter()
    for workspace_id, quarter, events in arrived:
        if workspace_id in zones:
            used[workspace_id, f"{periods.day_of(quarter * QUARTER, zones[workspace_id]):%Y-%m}"] += events
    rows = [{"workspace": each, "month": month, "events": events} for (each, month), events in used.items()]
    if rows:
        op.get_bind().execute(sa.text("INSERT INTO monthly_use VALUES (:workspace, :month, :events)"), rows)


def of_workspace() -> sa.Column[str]:
    return sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspaces.id"), nullable=False, index=True)


def downgrade() -> None:
    for index in ("quarantine_asked", "quarantine_by_time"):
        op.drop_index(index, "quarantine")
    op.drop_index("key_sources_by_key", "key_sources")
    op.drop_index("api_keys_by_name", "api_keys")
    for table in TABLES:
        op.drop_table(table)
    for name, columns in OF_TABLES.items():
        with op.batch_alter_table(name) as batch:
            for column in columns:
                batch.drop_column(column.name)
