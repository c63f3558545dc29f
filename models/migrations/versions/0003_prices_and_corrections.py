"""Prices and corrections"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BIG = sa.BigInteger()
OF_EVENTS = (
    sa.Column("units", sa.String(), nullable=True),
    sa.Column("partial_cost_nano_usd", BIG, nullable=True),
    sa.Column("sign", sa.Integer(), nullable=False, server_default="1"),
    sa.Column("corrects", BIG, nullable=True),
    sa.Column("act", sa.String(), nullable=True),
)
TABLES = ("audit", "acts", "price_tables", "price_overrides", "price_cards")


def upgrade() -> None:
    for column in OF_EVENTS:
        op.add_column("events", column)  # in place: a ledger of years is not copied
    index("events_by_correction", ["corrects", "seq"], "corrects IS NOT NULL")
    index("reversals_by_time", ["workspace_id", "started_us", "sign"], "sign < 0")
    op.create_table(
        "price_cards",
        sa.Column("identity", sa.String(), primary_key=True),
        sa.Column("card", sa.JSON(), nullable=False),
    )
    op.create_table(
        "price_overrides",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspaces.id"), nullable=False, index=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("valid_from_us", BIG, nullable=True),
        sa.Column("valid_to_us", BIG, nullable=True),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
    )
    op.create_table(
        "price_tables",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("adopted_us", BIG, nullable=False),
    )
    op.create_table(
        "acts",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspaces.id"), nullable=False, index=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("undoes", sa.String(), nullable=True),
        sa.Column("begun_us", BIG, nullable=False),
        sa.Column("finished_us", BIG, nullable=True),
        sa.UniqueConstraint("workspace_id", "kind", "name"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at_us", BIG, nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=True, index=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )


def index(name: str, columns: list[str], only: str) -> None:
    op.create_index(name, "events", columns, sqlite_where=sa.text(only), postgresql_where=sa.text(only))


def downgrade() -> None:
    for name in ("events_by_correction", "reversals_by_time"):
        op.drop_index(name, "events")
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("events") as batch:
        for column in OF_EVENTS:
            batch.drop_column(column.name)
