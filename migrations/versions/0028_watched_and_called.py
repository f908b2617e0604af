"""How often each tick failed and how often it is due, what the watch counts by, and the calls about packs that nobody answered

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

DEAD = sa.text("state = 'dead'")
APPEND_ONLY = "pack_call"


def upgrade() -> None:
    op.add_column(
        "tick_state", sa.Column("failures_total", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("tick_state", sa.Column("seconds", sa.Integer(), nullable=True))
    op.create_index(
        "ix_delivery_dead", "delivery", ["settled_at"], sqlite_where=DEAD, postgresql_where=DEAD
    )
    op.create_index("ix_response_submitted_at", "response", ["submitted_at"])
    op.create_table(
        "pack_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("again_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("called_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("called_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["called_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pack_call_patient_id", "pack_call", ["patient_id"])
    _refuse_changes(op.get_bind().dialect.name == "postgresql")


def _refuse_changes(postgresql: bool) -> None:
    for act in ("UPDATE", "DELETE"):
        name = f"{APPEND_ONLY}_no_{act.lower()}"
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {APPEND_ONLY} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {APPEND_ONLY} "
                f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY} is append-only'); END"
            )
    if postgresql:
        op.execute(
            f"CREATE TRIGGER {APPEND_ONLY}_no_truncate BEFORE TRUNCATE ON {APPEND_ONLY} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("pack_call")
    op.drop_index("ix_response_submitted_at", "response")
    op.drop_index("ix_delivery_dead", "delivery")
    op.drop_column("tick_state", "seconds")
    op.drop_column("tick_state", "failures_total")
