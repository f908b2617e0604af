"""A message that was claimed and one that was tried are two things

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("attempted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    # What an earlier version had claimed it may have tried.
    op.execute("UPDATE delivery SET attempted_at = due_at WHERE state = 'sending'")


def downgrade() -> None:
    op.drop_column("delivery", "attempted_at")
