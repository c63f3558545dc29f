"""Requests of rollup files"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("rollup_files") as batch:
        batch.add_column(sa.Column("requests", sa.BigInteger(), nullable=True))
    # Each row of a file counts one request at least; the exact number follows when the file is published again.
    op.execute("UPDATE rollup_files SET requests = rows")
    with op.batch_alter_table("rollup_files") as batch:
        batch.alter_column("requests", existing_type=sa.BigInteger(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("rollup_files") as batch:
        batch.drop_column("requests")
