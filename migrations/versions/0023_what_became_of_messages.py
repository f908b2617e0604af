"""What the provider reports of a message, the one resend after an outcome nobody knows, providers that fail, and channels that stand still for a patient

Revision ID: 0023
Revises: 0022b
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022b"
branch_labels = None
depends_on = None


def moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=nullable)


def words(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    text = sqlmodel.sql.sqltypes.AutoString(length=length)
    return sa.Column(name, text, nullable=nullable)


def upgrade() -> None:
    for name in ("unclear_since", "absent_at", "resent_at"):
        op.add_column("delivery", moment(name))
    op.create_table(
        "delivery_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        words("sid", 64),
        words("said", 16),
        words("error", 16, nullable=True),
        moment("at", nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid", "said"),
    )
    op.create_index("ix_delivery_report_delivery_id", "delivery_report", ["delivery_id"])
    op.create_table(
        "channel_trouble",
        words("channel", 8),
        sa.Column("failures", sa.Integer(), nullable=False),
        moment("open_since"),
        moment("probe_at"),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "channel_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        words("channel", 8),
        words("why", 16),
        moment("since", nullable=False),
        moment("lifted_at"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_channel_pause_patient_id", "channel_pause", ["patient_id"])
    op.create_index(
        "ux_channel_pause_holds",
        "channel_pause",
        ["contact_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("channel_pause")
    op.drop_table("channel_trouble")
    op.drop_table("delivery_report")
    for name in ("resent_at", "absent_at", "unclear_since"):
        op.drop_column("delivery", name)
