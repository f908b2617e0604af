"""A text of which no report came is asked about once

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

UNREPORTED = sa.text("state = 'sent' AND channel = 'sms' AND looked_up_at IS NULL")


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column("looked_up_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    )
    op.create_index(
        "ix_delivery_unreported",
        "delivery",
        ["settled_at"],
        sqlite_where=UNREPORTED,
        postgresql_where=UNREPORTED,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_unreported", "delivery")
    op.drop_column("delivery", "looked_up_at")
