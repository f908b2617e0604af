"""An evaluation says which earlier reports it compared the answers with

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("previous_id", "baseline_id"):
        op.add_column("evaluation", sa.Column(column, sa.Integer(), nullable=True))


def downgrade() -> None:
    for column in ("baseline_id", "previous_id"):
        op.drop_column("evaluation", column)
