"""Alerts: a rule that was met, waiting for a nurse."""

from datetime import datetime
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
    acknowledged_at: datetime | None = None
    acknowledged_by: int | None = Field(default=None, foreign_key="staff.id")
    resolved_at: datetime | None = None
    resolved_by: int | None = Field(default=None, foreign_key="staff.id")
    resolution: str | None = Field(default=None, max_length=16)
    note: str | None = Field(default=None, max_length=2000)


class AlertOccurrence(SQLModel, table=True):
    """One response that met an alert's rule, with the literal answers."""

    __tablename__ = "alert_occurrence"

    id: int = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True)
    response_id: int | None = Field(default=None, foreign_key="response.id")
    kept_aside_id: int | None = Field(default=None, foreign_key="kept_aside.id")
    urgency: str = Field(max_length=8)
    evidence: list[Any] = Field(default_factory=list, sa_type=JSON)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    at: datetime
