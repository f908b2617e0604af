"""When a number last showed that it is the patient's, and where a link was sent

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

ANSWERED = (
    "(SELECT MAX(response.submitted_at) FROM response WHERE response.patient_id ="
    " contact.patient_id AND response.mode IN ('phone', 'api'))"
)


def upgrade() -> None:
    op.add_column("contact", sa.Column("shown_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute("UPDATE contact SET shown_at = confirmed_at")
    # By which of her links she answered was not kept: whoever did of late is not asked at once.
    op.execute(
        f"UPDATE contact SET shown_at = {ANSWERED} WHERE active AND confirmed_at IS NOT NULL"
        f" AND {ANSWERED} > confirmed_at"
    )
    # Written out: SQLite takes a foreign key only together with its column.
    op.execute("ALTER TABLE link ADD COLUMN contact_id INTEGER REFERENCES contact (id)")


def downgrade() -> None:
    op.drop_column("link", "contact_id")
    op.drop_column("contact", "shown_at")
