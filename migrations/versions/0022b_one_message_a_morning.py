"""One message a morning may carry several packs, and a step that was held or lost is decided again

Revision ID: 0022b
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0022b"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "message_decision"
ONCE = ("patient_id", "event", "number", "step", "opens")
OLD = ("id", "patient_id", "kind", "event", "number", "step", "opens", "verdict", "reason", "decided_at")
NEW_COLUMNS = (
    "turn INTEGER DEFAULT 1 NOT NULL",
    "purpose VARCHAR(16)",
    "decided_with INTEGER REFERENCES message_decision (id)",
)


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        _rebuild(bind, OLD, NEW_COLUMNS, (*ONCE, "turn"))
    else:
        for column in NEW_COLUMNS:
            op.execute(f"ALTER TABLE {TABLE} ADD COLUMN {column}")
        _once_by(bind, (*ONCE, "turn"))
    only = sa.text("decided_with IS NOT NULL")
    op.create_index("ix_message_decided_with", TABLE, ["decided_with"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    bind = op.get_bind()
    again = sa.text(f"SELECT 1 FROM {TABLE} WHERE turn > 1 LIMIT 1")
    if bind.execute(again).first():
        raise RuntimeError(f"{TABLE} holds steps that were decided again; nothing was changed")
    op.drop_index("ix_message_decided_with", TABLE)
    if bind.dialect.name == "sqlite":
        _rebuild(bind, OLD, (), ONCE)
        return
    _once_by(bind, ONCE)
    for column in ("turn", "purpose", "decided_with"):
        op.drop_column(TABLE, column)


def _once_by(bind: sa.Connection, columns: tuple[str, ...]) -> None:
    """What may be there once only, on PostgreSQL."""
    (held,) = sa.inspect(bind).get_unique_constraints(TABLE)
    op.drop_constraint(str(held["name"]), TABLE, type_="unique")
    op.create_unique_constraint(None, TABLE, list(columns))


def _rebuild(
    bind: sa.Connection, kept: tuple[str, ...], added: tuple[str, ...], once: tuple[str, ...]
) -> None:
    """SQLite changes no constraint, so the table is made anew and its rows go back, as in 0008."""
    bind.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
    attached = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type IN ('index', 'trigger') AND sql IS NOT NULL"),
        {"table": TABLE},
    ).scalars().all()
    columns = {row.name: row for row in bind.execute(sa.text(f"PRAGMA table_info({TABLE})"))}
    lines = [f"{name} {columns[name].type}{' NOT NULL' if columns[name].notnull else ''}" for name in kept]
    lines += [
        *added,
        "PRIMARY KEY (id)",
        f"UNIQUE ({', '.join(once)})",
        "FOREIGN KEY (patient_id) REFERENCES patient (id)",
    ]
    names = ", ".join(kept)
    bind.execute(sa.text(f"CREATE TEMPORARY TABLE kept_{TABLE} AS SELECT {names} FROM {TABLE}"))
    bind.execute(sa.text(f"DROP TABLE {TABLE}"))
    bind.execute(sa.text(f"CREATE TABLE {TABLE} ({', '.join(lines)})"))
    bind.execute(sa.text(f"INSERT INTO {TABLE} ({names}) SELECT {names} FROM kept_{TABLE} ORDER BY id"))
    bind.execute(sa.text(f"DROP TABLE kept_{TABLE}"))
    for statement in attached:
        bind.execute(sa.text(statement.replace(":", "\\:")))
