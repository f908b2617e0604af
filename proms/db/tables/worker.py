"""The worker's heartbeat and what it last saw, and what only a demo has: its clock and its
phone."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class Heartbeat(SQLModel, table=True):
    """When a kind of process last showed that it lives (real time, also in a demo)."""

    process: str = Field(primary_key=True, max_length=32)
    beat_at: datetime


class Offered(SQLModel, table=True):
    """The one row that says what patients could be asked when a worker last saw that change:
    "qlq-c30 nl", ..."""

    id: int = Field(primary_key=True)
    wordings: list[str] = Field(sa_type=JSON)
    changed_at: datetime | None = None


NOW, GOAL = 1, 2


class DemoClock(SQLModel, table=True):
    """Demo time is real time plus the seconds of row NOW; row GOAL, if there is one, is where the
    clock is asked to go.

    Both only ever grow.
    """

    __tablename__ = "demo_clock"

    id: int = Field(primary_key=True)
    offset_seconds: float


class InboxMessage(SQLModel, table=True):
    """A message as the demo's phone shows it."""

    __tablename__ = "inbox_message"

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(max_length=8)
    address: str = Field(max_length=200)
    text: str
    ref: str = Field(max_length=64)
    sent_at: datetime
