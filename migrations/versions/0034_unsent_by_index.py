"""What was made of a form before it was sent, and of answers kept aside, is found by an index

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

FOUND_BY = ("draft_id", "kept_aside_id")


def upgrade() -> None:
    for column in FOUND_BY:
        held = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_evaluation_{column}",
            "evaluation",
            [column],
            sqlite_where=held,
            postgresql_where=held,
        )


def downgrade() -> None:
    for column in FOUND_BY:
        op.drop_index(f"ix_evaluation_{column}", "evaluation")
