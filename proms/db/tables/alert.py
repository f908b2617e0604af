"""Alerts: a rule that was met, waiting for a nurse."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from proms.db.tables.partial import partial_index


class Alert(SQLModel, table=True):
    """One rule of one patient, open until a person resolves it; `clock_from` is when its clock last
    started."""

    __table_args__ = (
        partial_index(
            "ux_alert_unresolved", "patient_id", "rule", where="resolved_at IS NULL", unique=True
        ),
        partial_index("ix_alert_notice", "notice_at", where="notice_at IS NOT NULL"),
        partial_index("ix_alert_taken", "taken_until", where="taken_until IS NOT NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    rule: str = Field(max_length=32)
    urgency: str = Field(max_length=8)
    state: str = Field(max_length=16)
    raised_at: datetime
    clock_from: datetime
    notice_at: datetime | None = None
    notices: int = 0
    notice_step: int = 0  # the last of its roster that was told
    acknowledged_at: datetime | None = None
    acknowledged_by: int | None = Field(default=None, foreign_key="staff.id")
    resolved_at: datetime | None = None
    resolved_by: int | None = Field(default=None, foreign_key="staff.id")
    resolution: str | None = Field(default=None, max_length=16)
    note: str | None = Field(default=None, max_length=2000)
    taken_until: datetime | None = None  # when it is nobody's again
    returned_at: datetime | None = None
    returned_why: str | None = Field(default=None, max_length=16)
    reason: str | None = Field(default=None, max_length=16)  # why nothing was needed
    grade: int | None = None  # CTCAE, by a clinician
    can_wait: bool | None = None  # what the patient said of it


class AlertOccurrence(SQLModel, table=True):
    """One response that met an alert's rule, with the literal answers; of a draft that was not
    sent yet, what it said then."""

    __tablename__ = "alert_occurrence"

    id: int = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True)
    response_id: int | None = Field(default=None, foreign_key="response.id")
    kept_aside_id: int | None = Field(default=None, foreign_key="kept_aside.id")
    draft_id: int | None = None
    urgency: str = Field(max_length=8)
    evidence: list[Any] = Field(default_factory=list, sa_type=JSON)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    at: datetime


class AlertNote(SQLModel, table=True):
    """What a nurse wrote about a patient's alerts beside the words they were closed with: of a
    call, or after a colleague had closed them."""

    __tablename__ = "alert_note"

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    site_id: int = Field(foreign_key="site.id")
    alerts: list[int] = Field(default_factory=list, sa_type=JSON)
    note: str = Field(max_length=2000)
    outcome: str | None = Field(default=None, max_length=16)
    resolution: str | None = Field(default=None, max_length=16)
    reason: str | None = Field(default=None, max_length=16)
    grade: int | None = None
    at: datetime
    by: int = Field(foreign_key="staff.id")


class ExpectedLevel(SQLModel, table=True):
    """A symptom that is known of a patient: until the end of a site date no alert comes of it at
    this level or below. `ended_at` is when somebody ended it before that day."""

    __tablename__ = "expected_level"

    id: int = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    instrument: str = Field(max_length=32)
    item: str = Field(max_length=32)
    level: int
    until: date
    reason: str = Field(max_length=500)
    set_at: datetime
    set_by: int = Field(foreign_key="staff.id")
    ended_at: datetime | None = None
    ended_by: int | None = Field(default=None, foreign_key="staff.id")
