"""The calls that a site makes about packs that nobody answered: only ever appended to."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class PackCall(SQLModel, table=True):
    """What came of one call about one pack; the last of a pack says where it stands."""

    __tablename__ = "pack_call"

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    event: str = Field(max_length=32)
    number: int
    opens: date  # a pack that moves is called about anew
    outcome: str = Field(max_length=16)
    note: str = Field(max_length=500)
    again_at: datetime | None = None
    called_at: datetime
    called_by: int = Field(foreign_key="staff.id")
