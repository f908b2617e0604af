"""The audit entry that every action writes in its own commit."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from proms.db.tables import AuditEntry, Staff


class ActorKind(StrEnum):
    STAFF = "staff"
    PATIENT = "patient"
    WORKER = "worker"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Actor:
    """Who acts: a person of the site, the patient, the worker, or an operator at the command
    line."""

    kind: ActorKind
    id: int | None = None

    @property
    def staff_id(self) -> int | None:
        """Whose account it is; None for anybody who is not staff."""
        return self.id if self.kind is ActorKind.STAFF else None


WORKER = Actor(ActorKind.WORKER)
OPERATOR = Actor(ActorKind.OPERATOR)


def staff_actor(staff: Staff) -> Actor:
    return Actor(ActorKind.STAFF, staff.id)


def patient_actor(patient_id: int) -> Actor:
    return Actor(ActorKind.PATIENT, patient_id)


def confirmed(**answers: bool) -> dict[str, Any]:
    """For an entry's detail: which odd fields a person said to be so, by the names of those
    answers; nothing where there are none."""
    names = [name for name, holds in answers.items() if holds]
    return {"confirmed": names} if names else {}


@dataclass(frozen=True)
class Subject:
    """The record an act is about, and whose it is."""

    kind: str
    id: int | None
    patient_id: int | None = None
    site_id: int | None = None


def record(
    session: Session,
    verb: str,
    subject: Subject,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    **detail: Any,
) -> None:
    """Add the entry to the running transaction; `detail` takes ids, codes, dates and counts
    only."""
    session.add(
        AuditEntry(
            at=now,
            actor=by.kind,
            actor_id=by.id,
            verb=verb,
            subject=subject.kind,
            subject_id=subject.id,
            patient_id=subject.patient_id,
            site_id=subject.site_id,
            reason=reason,
            detail=detail,
        )
    )
