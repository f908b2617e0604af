"""What patients may be asked, as a worker last saw it: a wording that is installed renews the plans

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    offered = op.create_table(
        "offered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wordings", sa.JSON(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    # The row is there from the start, so that of two workers one waits for the other.
    op.bulk_insert(offered, [{"id": 1, "wordings": []}])


def downgrade() -> None:
    op.drop_table("offered")
