"""A pause may begin on a day to come

Revision ID: 0031
Revises: 0026b
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0026b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patient", sa.Column("paused_from", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("patient", "paused_from")
