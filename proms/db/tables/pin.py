"""The PIN of a patient whose phone others use too."""

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field, SQLModel


class PatientPin(SQLModel, table=True):
    """A patient's PIN as argon2 keeps it, and the wrong ones since the last right one; `by_patient`
    where it was chosen on a phone, by whoever had her link, and not with her in the room."""

    __tablename__ = "patient_pin"

    patient_id: int = Field(primary_key=True, foreign_key="patient.id")
    pin_hash: str = Field(max_length=200)
    set_at: datetime
    failures: int = 0
    last_at: datetime | None = None
    by_patient: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
