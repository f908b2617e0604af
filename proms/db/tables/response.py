"""Answers as submitted, with their scores and what the rules made of them: only ever appended
to."""

from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from proms.db.tables.partial import partial_index


class Response(SQLModel, table=True):
    """One version of the answers to one assignment, with everything needed to read it again in 25
    years. Of what staff typed in for her, who did and the source date: the day she gave them."""

    __table_args__ = (UniqueConstraint("assignment_id", "version"),)

    id: int = Field(default=None, primary_key=True)
    receipt: str = Field(unique=True, max_length=32)
    assignment_id: int = Field(foreign_key="assignment.id")
    patient_id: int = Field(foreign_key="patient.id", index=True)
    version: int = 1
    instrument: str = Field(max_length=32)
    instrument_version: str = Field(max_length=16)
    wording_version: str = Field(max_length=16)
    language: str = Field(max_length=2)
    document: dict[str, Any] = Field(sa_type=JSON)
    mode: str = Field(max_length=8)
    late: bool = False
    opened_at: datetime
    submitted_at: datetime = Field(index=True)
    idempotency_key: str = Field(max_length=64)
    digest: str = Field(max_length=64)
    entered_by: int | None = None
    source_on: date | None = None

    def answered_on(self, zone: tzinfo) -> date:
        """The day of the answers: the source date, else the site's day on which they came in."""
        return self.source_on or self.submitted_at.astimezone(zone).date()


class KeptAside(SQLModel, table=True):
    """Answers that came for an assignment that was answered already: never dropped, shown to the
    site. `mode` says how, where staff typed them in."""

    __tablename__ = "kept_aside"
    __table_args__ = (UniqueConstraint("assignment_id", "idempotency_key"),)

    id: int = Field(default=None, primary_key=True)
    assignment_id: int = Field(foreign_key="assignment.id")
    patient_id: int = Field(foreign_key="patient.id", index=True)
    idempotency_key: str = Field(max_length=64)
    document: dict[str, Any] = Field(sa_type=JSON)
    digest: str = Field(max_length=64)
    received_at: datetime
    mode: str | None = Field(default=None, max_length=8)
    entered_by: int | None = None
    source_on: date | None = None


class Score(SQLModel, table=True):
    """A scale's value for one response version; `value` is 0-100 or empty."""

    response_id: int = Field(primary_key=True, foreign_key="response.id")
    scale: str = Field(primary_key=True, max_length=16)
    scoring_version: str = Field(primary_key=True, max_length=16)
    value: float | None = None
    answered: int


class Evaluation(SQLModel, table=True):
    """What the rules made of a response, with the context as it was, so that an auditor can work it
    out again."""

    __table_args__ = (
        partial_index("ix_evaluation_draft_id", "draft_id", where="draft_id IS NOT NULL"),
        partial_index(
            "ix_evaluation_kept_aside_id", "kept_aside_id", where="kept_aside_id IS NOT NULL"
        ),
    )

    id: int = Field(default=None, primary_key=True)
    response_id: int | None = Field(default=None, foreign_key="response.id", index=True)
    kept_aside_id: int | None = Field(default=None, foreign_key="kept_aside.id")
    rule_set: str = Field(max_length=32)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    previous_id: int | None = None  # the responses it was compared with
    baseline_id: int | None = None
    expected: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # item -> level
    draft_id: int | None = None
    policy: str | None = Field(default=None, max_length=8)  # whether alerts came of it
    breaches: list[Any] = Field(default_factory=list, sa_type=JSON)
    failed: bool = False
    evaluated_at: datetime


class DelayedAlerts(SQLModel, table=True):
    """An evaluation whose alerts come later, by the policy of the patient's arm."""

    __tablename__ = "delayed_alerts"
    __table_args__ = (partial_index("ix_delayed_alerts_due", "due_at", where="raised_at IS NULL"),)

    evaluation_id: int = Field(primary_key=True, foreign_key="evaluation.id")
    patient_id: int = Field(foreign_key="patient.id")
    due_at: datetime
    raised_at: datetime | None = None
