"""A cycle that was given or skipped keeps the regimen it had, whatever its component consists of later

Revision ID: 0013
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

NOT_UPDATED = "CREATE TRIGGER cycle_no_update BEFORE UPDATE ON cycle "
POSTGRESQL = NOT_UPDATED + "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
SQLITE = NOT_UPDATED + "BEGIN SELECT RAISE(ABORT, 'cycle is append-only'); END"


def upgrade() -> None:
    bind = op.get_bind()
    postgresql = bind.dialect.name == "postgresql"
    op.add_column("cycle", sa.Column("regimen", sa.String(32), nullable=True))
    # Nothing that anybody recorded changes: the column is new, and no later save may write it.
    op.execute("DROP TRIGGER cycle_no_update" + (" ON cycle" if postgresql else ""))
    for cycle_id, regimen in _regimens(bind):
        bind.execute(
            sa.text("UPDATE cycle SET regimen = :regimen WHERE id = :id"), {"id": cycle_id, "regimen": regimen}
        )
    bind.execute(sa.text((POSTGRESQL if postgresql else SQLITE).replace(":", "\\:")))


def _regimens(bind: sa.Connection) -> list[tuple[int, str]]:
    """Each version of a cycle given or skipped with the regimen its component had when that was first recorded."""
    chosen: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for row in bind.execute(sa.text("SELECT patient_id, component, regimen, recorded_at FROM treatment ORDER BY version")):
        chosen.setdefault((row.patient_id, row.component), []).append((str(row.recorded_at), row.regimen))
    cycles = bind.execute(
        sa.text(
            "SELECT id, patient_id, component, number, status, recorded_at FROM cycle "
            "ORDER BY patient_id, component, number, version"
        )
    )
    found: list[tuple[int, str]] = []
    before: tuple[int, str, int] | None = None
    regimen: str | None = None
    for row in cycles.all():
        cycle = (row.patient_id, row.component, row.number)
        if cycle != before or row.status == "planned":
            regimen = None
        before = cycle
        if row.status == "planned":
            continue
        regimen = regimen or _holding(chosen.get(cycle[:2], []), str(row.recorded_at))
        if regimen:
            found.append((row.id, regimen))
    return found


def _holding(choices: list[tuple[str, str]], moment: str) -> str | None:
    """The last choice made by this moment; the first of all where none was."""
    made = [regimen for recorded_at, regimen in choices if recorded_at <= moment]
    return made[-1] if made else next((regimen for _, regimen in choices), None)


def downgrade() -> None:
    op.drop_column("cycle", "regimen")
