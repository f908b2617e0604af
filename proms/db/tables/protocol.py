"""Which version of a protocol holds for whom, and since when."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class ProtocolAdoption(SQLModel, table=True):
    """A version that takes effect on a site date, for everybody or for patients enrolled from then
    on.

    `reached` is the last patient who was moved to it, in order of id; `finished_at` is when there
    were no more.
    """

    __tablename__ = "protocol_adoption"

    id: int = Field(default=None, primary_key=True)
    protocol: str = Field(max_length=32, index=True)
    version: int
    from_date: date
    everybody: bool
    reason: str = Field(max_length=500)
    reached: int = 0
    adopted_at: datetime
    finished_at: datetime | None = None
