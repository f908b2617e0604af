"""What happened to a patient; a correction is a new version of the same fact, the old one stays."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel


class MilestoneVersion(SQLModel, table=True):
    """A dated clinical fact, the `number`-th of its kind; a version without a date takes it
    back."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("patient_id", "kind", "number", "version"),)

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    kind: str = Field(max_length=32)
    number: int = 1
    version: int = 1
    on: date | None = Field(default=None, sa_column_kwargs={"name": "on_date"})
    detail: str | None = Field(default=None, max_length=64)
    reason: str | None = Field(default=None, max_length=500)
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="staff.id")


class TreatmentVersion(SQLModel, table=True):
    """A component's regimen, and the date of its last dose once it has stopped."""

    __tablename__ = "treatment"
    __table_args__ = (UniqueConstraint("patient_id", "component", "version"),)

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    component: str = Field(max_length=16)
    version: int = 1
    regimen: str = Field(max_length=32)
    stopped_on: date | None = None
    reason: str | None = Field(default=None, max_length=500)
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="staff.id")


class CycleVersion(SQLModel, table=True):
    """One cycle of one component as it was planned, given or skipped; a planned one has no regimen
    of its own."""

    __tablename__ = "cycle"
    __table_args__ = (UniqueConstraint("patient_id", "component", "number", "version"),)

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    component: str = Field(max_length=16)
    number: int
    version: int = 1
    planned: date | None = None
    day_1: date | None = None
    status: str = Field(max_length=16)
    drugs: list[str] = Field(default_factory=list, sa_type=JSON)
    dose_percent: int | None = None
    late_since: date | None = None
    regimen: str | None = Field(default=None, max_length=32)
    reason: str | None = Field(default=None, max_length=500)
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="staff.id")


class FactVersion(SQLModel, table=True):
    """What a fact about a patient is from a day on, the `number`-th thing said of it; a version
    without a day takes it back."""

    __tablename__ = "patient_fact"
    __table_args__ = (UniqueConstraint("patient_id", "fact", "number", "version"),)

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    fact: str = Field(max_length=32)
    number: int = 1
    version: int = 1
    since: date | None = None
    value: Any = Field(default=None, sa_type=JSON(none_as_null=True), nullable=True)
    reason: str | None = Field(default=None, max_length=500)
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="staff.id")
