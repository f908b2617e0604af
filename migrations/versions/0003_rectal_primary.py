"""Where the primary tumour is decides who is asked the module for the rectum

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of patients who are in the trial already it is not known: nobody is asked more than before until it is recorded.
    op.add_column("patient", sa.Column("rectal_primary", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("patient", "rectal_primary", server_default=None)


def downgrade() -> None:
    op.drop_column("patient", "rectal_primary")
