"""What a patient is asked, and the draft that opening it makes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from proms.db.tables.partial import partial_index


class Assignment(SQLModel, table=True):
    """One instrument due for one patient at one numbered event; it has at most one response.

    `opens`, `due`, `closes` are site dates; `opens_at` and `expires_at` the instants they stand
    for. `message_at` is when the pack's next message is to be decided, also where
    it will be held since the pack was answered; empty when none is.
    """

    __table_args__ = (
        UniqueConstraint("patient_id", "event", "number", "instrument"),
        partial_index(
            "ix_assignment_expires", "expires_at", where="state IN ('planned', 'started')"
        ),
        partial_index("ix_assignment_message", "message_at", where="message_at IS NOT NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    event: str = Field(max_length=32)
    number: int
    instrument: str = Field(max_length=32)
    opens: date
    due: date
    closes: date
    opens_at: datetime
    closes_at: datetime
    expires_at: datetime
    state: str = Field(max_length=16)
    reason: str | None = Field(default=None, max_length=32)
    message_at: datetime | None = None
    message_step: int | None = None
    protocol_version: int
    created_at: datetime


class Draft(SQLModel, table=True):
    """Answers on their way; opening fixes instrument version, wording and language."""

    __table_args__ = (
        partial_index("ix_draft_red", "red_at", where="red_at IS NOT NULL AND raised_at IS NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    assignment_id: int = Field(foreign_key="assignment.id", unique=True)
    instrument_version: str = Field(max_length=16)
    wording_version: str = Field(max_length=16)
    language: str = Field(max_length=2)
    document: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    # The document holds what was written last, whatever it was written on; here is what each device
    # wrote, by its name.
    devices: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    call_shown_at: datetime | None = None
    red_at: datetime | None = None  # since when its answers cannot wait
    raised_at: datetime | None = None  # when that became an alert, although it was not sent
    opened_at: datetime
    saved_at: datetime
