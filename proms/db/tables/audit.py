"""The audit trail: who did what to which record, when; only ever appended to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class AuditEntry(SQLModel, table=True):
    """One act; `detail` holds ids, codes, dates and counts, never an answer, a name or an
    address."""

    __tablename__ = "audit_entry"

    id: int = Field(default=None, primary_key=True)
    at: datetime
    actor: str = Field(max_length=16)
    actor_id: int | None = None
    verb: str = Field(max_length=48)
    subject: str = Field(max_length=32)
    subject_id: int | None = None
    patient_id: int | None = Field(default=None, index=True)
    site_id: int | None = Field(default=None, index=True)
    reason: str | None = Field(default=None, max_length=500)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
