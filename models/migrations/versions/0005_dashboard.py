"""Mapped names, saved views, orders of re-pricing, captured content"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BIG = sa.BigInteger()
TABLES = ("contents", "saved_views", "name_mappings", "repricing_orders")
COLUMNS = ("capture_content", "content_days")


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("capture_content", sa.Boolean(), nullable=False, server_default="0"))
    op.add_column("workspaces", sa.Column("content_days", sa.Integer(), nullable=False, server_default="7"))
    op.create_table(
        "repricing_orders",
        sa.Column("id", sa.String(), primary_key=True),
        of_workspace(),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("asked_us", BIG, nullable=False),
        sa.Column("begun_us", BIG, nullable=True),
        sa.Column("told_us", BIG, nullable=True),
        sa.Column("progress", sa.Float(), nullable=False, server_default="0"),
        sa.Column("finished_us", BIG, nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
    )
    op.create_table(
        "name_mappings",
        sa.Column("id", sa.String(), primary_key=True),
        of_workspace(),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("becomes", sa.String(), nullable=False),
        sa.Column("from_day", sa.String(), nullable=True),
        sa.Column("to_day", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(), primary_key=True),
        of_workspace(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_us", BIG, nullable=False),
        sa.UniqueConstraint("workspace_id", "name"),
    )
    op.create_table(
        "contents",
        sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("event_id", sa.String(), primary_key=True),
        sa.Column("received_us", BIG, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_index("contents_by_time", "contents", ["workspace_id", "received_us"])


def of_workspace() -> sa.Column[str]:
    return sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspaces.id"), nullable=False, index=True)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for column in COLUMNS:  # in place: rows of other tables refer to these
        op.execute(f"ALTER TABLE workspaces DROP COLUMN {column}")
