"""Answers that staff typed in for a patient: how they were given, by whom they were typed, and on which day she gave them

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def added() -> dict[str, list[sa.Column]]:
    """The new columns by table; made anew for each use, since a column belongs to one table."""
    return {
        "response": [
            sa.Column("entered_by", sa.Integer(), nullable=True),
            sa.Column("source_on", sa.Date(), nullable=True),
        ],
        "kept_aside": [
            sa.Column("mode", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
            sa.Column("entered_by", sa.Integer(), nullable=True),
            sa.Column("source_on", sa.Date(), nullable=True),
        ],
    }


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)


def downgrade() -> None:
    for table, columns in added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
