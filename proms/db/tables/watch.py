"""What the worker keeps about its own work: rows that raise, and ticks that fail."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from proms.db.tables.partial import partial_index


class SetAside(SQLModel, table=True):
    """A record that a tick could not deal with: how often it was tried, since when, and of what
    kind the error was; gone once it was dealt with.

    Without `retry_at` it waits for a person. It holds nothing of the record itself.
    """

    __tablename__ = "set_aside"
    __table_args__ = (
        UniqueConstraint("tick", "subject_id"),
        partial_index("ix_set_aside_waiting", "site_id", where="retry_at IS NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    tick: str = Field(max_length=16)
    subject_id: int
    site_id: int | None = Field(default=None, foreign_key="site.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    error: str = Field(max_length=128)
    tries: int
    since: datetime
    tried_at: datetime
    retry_at: datetime | None = None


class TickState(SQLModel, table=True):
    """How a tick went of late, in real time: its failures in a row and in all, when it was last
    done, and how many seconds lie between two."""

    __tablename__ = "tick_state"

    tick: str = Field(primary_key=True, max_length=16)
    failures: int = 0
    failures_total: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    seconds: int | None = None
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    succeeded_at: datetime | None = None
    error: str | None = Field(default=None, max_length=128)
