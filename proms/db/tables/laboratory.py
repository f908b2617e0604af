"""Laboratory values; a correction is a new version of the same value, the old one stays."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class LabVersion(SQLModel, table=True):
    """The value of a test on a day, in the unit its panel keeps it in; a version without one takes
    it back."""

    __tablename__ = "lab_value"
    __table_args__ = (UniqueConstraint("patient_id", "test", "taken_on", "version"),)

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    test: str = Field(max_length=32)
    taken_on: date
    version: int = 1
    value: float | None = None
    unit: str = Field(max_length=16)
    upper_limit: float | None = None
    reason: str | None = Field(default=None, max_length=500)
    recorded_at: datetime
    recorded_by: int | None = Field(default=None, foreign_key="staff.id")
