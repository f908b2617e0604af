"""A tablet may be handed over for one sitting

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
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
