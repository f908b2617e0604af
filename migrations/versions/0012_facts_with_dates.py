"""Facts about a patient, and about a site, get a dated history; what is on record now is a first entry

Revision ID: 0012
Revises: 0014
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0014"
branch_labels = None
depends_on = None

FACTS = ("stoma", "rectal_primary", "primary_in_situ", "anticoagulant", "sex")


def upgrade() -> None:
    table = op.create_table(
        "patient_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("fact", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("patient_id", "fact", "number", "version"),
    )
    op.create_index(op.f("ix_patient_fact_patient_id"), "patient_fact", ["patient_id"], unique=False)
    op.create_table(
        "site_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("fact", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site_id", "fact", "since", "version"),
    )
    _first_entries(op.get_bind(), table)
    for name in ("patient_fact", "site_fact"):
        _append_only(name, postgresql=op.get_bind().dialect.name == "postgresql")


def _first_entries(bind: sa.Connection, table: sa.Table) -> None:
    """What was filled in at enrolment, valid from consent, recorded then and by whoever enrolled."""
    patients = sa.table("patient", sa.column("id"), sa.column("enrolled_at", sqlmodel.sql.sqltypes.UTCDateTime()),
                        *(sa.column(fact) for fact in FACTS))
    consents = sa.table("milestone", *map(sa.column, ("patient_id", "kind", "number", "version", "recorded_by")),
                        sa.column("on_date", sa.Date()))
    consented, enrolled_by = {}, {}
    of_consent = sa.select(consents).where(consents.c.kind == "consent", consents.c.number == 1)
    for row in bind.execute(of_consent.order_by(consents.c.version)).mappings():
        enrolled_by.setdefault(row["patient_id"], row["recorded_by"])
        consented[row["patient_id"]] = row["on_date"]
    rows = []
    for patient in bind.execute(sa.select(patients).order_by(patients.c.id)).mappings():
        for fact in FACTS:
            value = patient[fact] if fact == "sex" else bool(patient[fact])
            rows.append({
                "patient_id": patient["id"], "fact": fact, "number": 1, "version": 1, "value": value,
                "since": consented.get(patient["id"]) or patient["enrolled_at"].date(),
                "recorded_at": patient["enrolled_at"], "recorded_by": enrolled_by.get(patient["id"]),
            })
    if rows:
        op.bulk_insert(table, rows)


def _append_only(table: str, *, postgresql: bool) -> None:
    for act in ("UPDATE", "DELETE"):
        name = f"{table}_no_{act.lower()}"
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    if postgresql:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    # The triggers go with their tables.
    op.drop_table("site_fact")
    op.drop_index(op.f("ix_patient_fact_patient_id"), table_name="patient_fact")
    op.drop_table("patient_fact")
