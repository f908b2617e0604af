"""A site decides about PINs, and a patient may choose her own

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "site",
        sa.Column(
            "pin_use",
            sqlmodel.sql.sqltypes.AutoString(length=16),
            nullable=False,
            server_default="offered",
        ),
    )
    op.add_column(
        "site", sa.Column("pin_use_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
    )
    op.add_column("site", sa.Column("pin_use_by", sa.Integer(), nullable=True))
    op.add_column(
        "patient_pin",
        sa.Column("by_patient", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("patient_pin", "by_patient")
    op.drop_column("site", "pin_use_by")
    op.drop_column("site", "pin_use_at")
    op.drop_column("site", "pin_use")
