"""What patients text back, sealed; and how often a number does, by its keyed hash

Revision ID: 0026b
Revises: 0026
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026b"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    words = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "patient_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("sid", words(length=64), nullable=False),
        sa.Column("wish", words(length=8), nullable=False),
        sa.Column("text", words(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid", "patient_id"),
    )
    op.create_index("ix_patient_text_patient_id", "patient_text", ["patient_id"])
    op.create_table(
        "text_sender",
        sa.Column("number", words(length=64), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("hour_from", moment(), nullable=False),
        sa.Column("this_hour", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    op.drop_table("text_sender")
    op.drop_table("patient_text")
