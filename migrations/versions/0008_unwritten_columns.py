"""Columns that nothing writes go; each comes back with what will fill it

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNWRITTEN = {"response": ("corrected_by", "reason"), "evaluation": ("previous_id", "baseline_id")}


def upgrade() -> None:
    bind = op.get_bind()
    op.drop_column("delivery", "resent")
    for table, columns in UNWRITTEN.items():
        _refuse_loss(bind, table, columns)
        if bind.dialect.name == "sqlite":
            _rebuild(bind, table, columns)
        else:
            for column in columns:
                op.drop_column(table, column)


def _refuse_loss(bind: sa.Connection, table: str, columns: tuple[str, ...]) -> None:
    """A column in which somebody wrote all the same is not dropped."""
    written = " OR ".join(f"{column} IS NOT NULL" for column in columns)
    if bind.execute(sa.text(f"SELECT 1 FROM {table} WHERE {written} LIMIT 1")).first():
        raise RuntimeError(f"{table} holds values in {', '.join(columns)}; nothing was changed")


def _rebuild(bind: sa.Connection, table: str, columns: tuple[str, ...]) -> None:
    """SQLite drops no column that a foreign key names, so the table is made anew and its rows go back.

    The rows stand aside while the table is dropped: other tables point at them. Checks of foreign keys wait for the
    commit, by which time every row is back under its own id. Indexes and triggers are made again as they were written.
    """
    bind.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
    attached = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type IN ('index', 'trigger') AND sql IS NOT NULL"),
        {"table": table},
    ).scalars().all()
    old = sa.Table(table, sa.MetaData(), autoload_with=bind, resolve_fks=False)
    new = sa.Table(table, sa.MetaData())
    for column in old.columns:
        if column.name not in columns:
            new.append_column(
                sa.Column(
                    column.name, column.type, primary_key=column.primary_key, nullable=column.nullable,
                    server_default=column.server_default,
                )
            )
    for constraint in old.constraints:
        names = [column.name for column in constraint.columns]
        if set(names) & set(columns):
            continue
        if isinstance(constraint, sa.UniqueConstraint):
            new.append_constraint(sa.UniqueConstraint(*names))
        elif isinstance(constraint, sa.ForeignKeyConstraint):
            targets = [key.target_fullname.split(".") for key in constraint.elements]
            for target, column in targets:
                if target not in new.metadata.tables:  # only its name is needed, to point at it
                    sa.Table(target, new.metadata, sa.Column(column, sa.Integer()))
            new.append_constraint(sa.ForeignKeyConstraint(names, [".".join(target) for target in targets]))
    kept = ", ".join(column.name for column in new.columns)
    bind.execute(sa.text(f"CREATE TEMPORARY TABLE kept_{table} AS SELECT {kept} FROM {table}"))
    bind.execute(sa.text(f"DROP TABLE {table}"))
    bind.execute(sa.schema.CreateTable(new))
    bind.execute(sa.text(f"INSERT INTO {table} ({kept}) SELECT {kept} FROM kept_{table} ORDER BY rowid"))
    bind.execute(sa.text(f"DROP TABLE kept_{table}"))
    for statement in attached:
        bind.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    # Written out: SQLite takes a foreign key only together with its column.
    for table, column, target in (
        ("response", "corrected_by", "staff"),
        ("evaluation", "previous_id", "response"),
        ("evaluation", "baseline_id", "response"),
    ):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES {target} (id)")
    op.add_column("response", sa.Column("reason", sa.String(500), nullable=True))
    op.add_column("delivery", sa.Column("resent", sa.Boolean(), nullable=False, server_default=sa.false()))
