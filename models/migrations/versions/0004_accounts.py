"""Accounts, allowances, generations of files"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BIG = sa.BigInteger()
OF_TABLES: dict[str, tuple[sa.Column[Any], ...]] = {
    "workspaces": (
        sa.Column("next_timezone", sa.String(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False, server_default="0"),
    ),
    "api_keys": (
        sa.Column("expires_us", BIG, nullable=True),
        sa.Column("rotate_after_days", sa.Integer(), nullable=True),
    ),
    "sessions": (
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
    ),
    "identities": (sa.Column("overage", sa.Boolean(), nullable=False, server_default="0"),),
    "quarantine": (sa.Column("wanted", sa.JSON(), nullable=True),),
}
TABLES = ("monthly_use", "budgets", "gateway_users", "teams", "password_resets", "invitations", "key_uses")


def upgrade() -> None:
    for table, columns in OF_TABLES.items():
        for column in columns:
            op.add_column(table, column)
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


def of_workspace() -> sa.Column[str]:
    return sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspaces.id"), nullable=False, index=True)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for name, columns in OF_TABLES.items():
        with op.batch_alter_table(name) as batch:
            for column in columns:
                batch.drop_column(column.name)
