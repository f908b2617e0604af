"""Laboratory values, in versions

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "lab_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("test", Text(length=32), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", Text(length=16), nullable=False),
        sa.Column("upper_limit", sa.Float(), nullable=True),
        sa.Column("reason", Text(length=500), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("patient_id", "test", "taken_on", "version"),
    )
    op.create_index("ix_lab_value_patient_id", "lab_value", ["patient_id"])
    _append_only("lab_value", postgresql=op.get_bind().dialect.name == "postgresql")


def downgrade() -> None:
    op.drop_table("lab_value")


def _append_only(table: str, *, postgresql: bool) -> None:
    for act in ("UPDATE", "DELETE"):
        name = f"{table}_no_{act.lower()}"
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    if postgresql:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


