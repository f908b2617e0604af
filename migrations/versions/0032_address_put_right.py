"""An address that was put right stays known as such

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patient", sa.Column("mended_after", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("patient", "mended_after")
