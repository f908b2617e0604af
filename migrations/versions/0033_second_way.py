"""A patient may be reached in a second way

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SECOND = sa.text("second")


def upgrade() -> None:
    op.add_column(
        "contact", sa.Column("second", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ux_contact_second",
        "contact",
        ["patient_id"],
        unique=True,
        sqlite_where=SECOND,
        postgresql_where=SECOND,
    )


def downgrade() -> None:
    op.drop_index("ux_contact_second", "contact")
    op.drop_column("contact", "second")
