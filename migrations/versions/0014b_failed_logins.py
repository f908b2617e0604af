"""Wrong passwords are counted, and where a person logged in before is known

Revision ID: 0014b
Revises: 0013
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014b"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "failed_logins",
        sa.Column("counted", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("counted"),
    )
    op.create_index(op.f("ix_failed_logins_last_at"), "failed_logins", ["last_at"], unique=False)
    for column in ("address", "device"):
        op.add_column("login", sa.Column(column, sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))


def downgrade() -> None:
    for column in ("device", "address"):
        op.drop_column("login", column)
    op.drop_index(op.f("ix_failed_logins_last_at"), table_name="failed_logins")
    op.drop_table("failed_logins")
