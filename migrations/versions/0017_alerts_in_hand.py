"""Alerts that nobody can lose: what was taken comes back, what was not sent counts, every note is kept

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime


def added() -> dict[str, list[sa.Column]]:
    """The new columns by table; made anew for each use, since a column belongs to one table."""
    return {
        "alert": [
            sa.Column("taken_until", Moment(), nullable=True),
            sa.Column("returned_at", Moment(), nullable=True),
            sa.Column("returned_why", Text(length=16), nullable=True),
            sa.Column("reason", Text(length=16), nullable=True),
            sa.Column("grade", sa.Integer(), nullable=True),
            sa.Column("can_wait", sa.Boolean(), nullable=True),
        ],
        "alert_occurrence": [sa.Column("draft_id", sa.Integer(), nullable=True)],
        "draft": [
            sa.Column("red_at", Moment(), nullable=True),
            sa.Column("raised_at", Moment(), nullable=True),
        ],
        "evaluation": [
            sa.Column("expected", sa.JSON(), nullable=True),
            sa.Column("draft_id", sa.Integer(), nullable=True),
        ],
    }


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    for name, table, column, where in INDEXES:
        op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "alert_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("note", Text(length=2000), nullable=False),
        sa.Column("outcome", Text(length=16), nullable=True),
        sa.Column("resolution", Text(length=16), nullable=True),
        sa.Column("reason", Text(length=16), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.ForeignKeyConstraint(["by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alert_note_patient_id", "alert_note", ["patient_id"])
    op.create_table(
        "expected_level",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("instrument", Text(length=32), nullable=False),
        sa.Column("item", Text(length=32), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", Text(length=500), nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_expected_level_patient_id", "expected_level", ["patient_id"])


INDEXES = (
    ("ix_draft_red", "draft", "red_at", "red_at IS NOT NULL AND raised_at IS NULL"),
    ("ix_alert_taken", "alert", "taken_until", "taken_until IS NOT NULL"),
)


def downgrade() -> None:
    op.drop_table("expected_level")
    op.drop_table("alert_note")
    for name, table, _column, _where in INDEXES:
        op.drop_index(name, table_name=table)
    for table, columns in added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
