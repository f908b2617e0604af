"""Whether alerts came of an evaluation, and those that come later by the policy of the arm

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STILL_DUE = sa.text("raised_at IS NULL")


def upgrade() -> None:
    op.add_column("evaluation", sa.Column("policy", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True))
    op.create_table(
        "delayed_alerts",
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("raised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("evaluation_id"),
    )
    op.create_index(
        "ix_delayed_alerts_due", "delayed_alerts", ["due_at"], sqlite_where=STILL_DUE, postgresql_where=STILL_DUE
    )


def downgrade() -> None:
    op.drop_table("delayed_alerts")
    op.drop_column("evaluation", "policy")
