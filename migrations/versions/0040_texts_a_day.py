"""How many texts the patients of a site were sent today

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "site_texts",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("full_since", moment(), nullable=True),
        sa.Column("full_until", moment(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("site_id"),
    )
    op.add_column("delivery", sa.Column("counted_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("delivery", "counted_on")
    op.drop_table("site_texts")
