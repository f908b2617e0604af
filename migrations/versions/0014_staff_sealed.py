"""Log-in names, names and numbers of staff are sealed, as those of patients are

Revision ID: 0014
Revises: 0008
"""

import sqlalchemy as sa
import sqlmodel
from alembic import context, op

from proms.db.keyring import Keyring
from proms.db.migrate import KeysNeeded

revision = "0014"
down_revision = "0008"
branch_labels = None
depends_on = None

SEALED = ("login", "name", "phone", "email")


def upgrade() -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT id, login, name, phone, email FROM staff")).mappings().all()
    keys = _keyring(bool(rows))
    op.create_table(
        "staff_identity",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("login", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.execute("ALTER TABLE staff RENAME COLUMN login TO login_digest")
    for row in rows:
        sealed = {column: _seal(keys, row, column) for column in SEALED}
        bind.execute(
            sa.text(
                "INSERT INTO staff_identity (staff_id, login, name, phone, email)"
                " VALUES (:staff_id, :login, :name, :phone, :email)"
            ),
            {"staff_id": row["id"], **sealed},
        )
        digest = keys.digests(row["login"].strip().lower(), purpose="staff.login")[0]
        bind.execute(
            sa.text("UPDATE staff SET login_digest = :digest WHERE id = :id"),
            {"id": row["id"], "digest": digest},
        )
    for column in ("name", "phone", "email"):
        op.drop_column("staff", column)
    if rows:
        context.config.attributes["emptied"].append("staff")


def downgrade() -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT * FROM staff_identity")).mappings().all()
    keys = _keyring(bool(rows))
    op.execute("ALTER TABLE staff RENAME COLUMN login_digest TO login")
    op.add_column("staff", sa.Column("name", sa.String(200), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("phone", sa.String(32), nullable=True))
    op.add_column("staff", sa.Column("email", sa.String(200), nullable=True))
    for row in rows:
        clear = {
            column: row[column] and keys.unseal(row[column], place=f"staff_identity.{row['staff_id']}.{column}")
            for column in SEALED
        }
        bind.execute(
            sa.text("UPDATE staff SET login = :login, name = :name, phone = :phone, email = :email WHERE id = :id"),
            {"id": row["staff_id"], **clear},
        )
    op.drop_table("staff_identity")


def _seal(keys: Keyring, row: sa.RowMapping, column: str) -> str | None:
    if row[column] is None:
        return None
    return keys.seal(row[column], place=f"staff_identity.{row['id']}.{column}")


def _keyring(needed: bool) -> Keyring:
    """The installation's keys; without them nobody's name is touched."""
    keyring: Keyring | None = context.config.attributes.get("keyring")
    if keyring is None and needed:
        raise KeysNeeded("PROMS_IDENTITY_KEYS is not set: names of staff are sealed with them; nothing was changed.")
    return keyring or Keyring({}, "")
