"""A cycle keeps the first planned day that went by, so that a delay goes on when it gets another day

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of cycles that got another day before this it is not worked out afterwards: their plans stay as they were.
    op.add_column("cycle", sa.Column("late_since", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("cycle", "late_since")
