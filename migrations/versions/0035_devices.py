"""What each device wrote of a draft

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "draft", sa.Column("devices", sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
    )
    with op.batch_alter_table("draft") as table:
        table.alter_column("devices", server_default=None)


def downgrade() -> None:
    op.drop_column("draft", "devices")
