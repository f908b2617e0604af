"""Digests of hospital and trial numbers; filled when a site next enrols a patient

Revision ID: 0011
Revises: 0012
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patient_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("exact", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("similar", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("exact"),
    )
    for column in ("patient_id", "site_id", "similar"):
        op.create_index(f"ix_patient_number_{column}", "patient_number", [column])


def downgrade() -> None:
    op.drop_table("patient_number")
