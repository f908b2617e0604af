"""Whether a patient's number or address was confirmed, and the codes that she is sent for it

Revision ID: 0026
Revises: 0028
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("contact", sa.Column("confirmed_how", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True))
    # Whoever is enrolled already gets messages there: nobody is asked again, and nobody falls silent.
    op.execute(
        "UPDATE contact SET confirmed_how = 'earlier', confirmed_at ="
        " (SELECT enrolled_at FROM patient WHERE patient.id = contact.patient_id)"
    )
    op.create_table(
        "contact_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contact_code_contact_id", "contact_code", ["contact_id"])


def downgrade() -> None:
    op.drop_table("contact_code")
    op.drop_column("contact", "confirmed_how")
    op.drop_column("contact", "confirmed_at")
