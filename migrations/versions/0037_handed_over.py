"""A tablet may be handed over for one sitting

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = ("link", "patient_visit")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column("handed_over", sa.Boolean(), nullable=False, server_default=sa.false()),
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "handed_over")
