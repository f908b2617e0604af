"""What passed between a patient and the hospital: every message decided, sent or held, and what
each side did."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlmodel import Session, col, select

from proms.db.tables import Alert, AlertNote, AuditEntry, Delivery, MessageDecision, Patient
from proms.domain.reminder import AUTOMATIC

STAFF, ALERT, NOTE = "staff", "alert", "alert_note"  # an actor and subjects, as in the audit trail
CLOSED = "alert.resolved"
NOTED = ("alert.note_added", "alert.note_kept")
OF_ALERTS = ("alert.acknowledged", CLOSED, *NOTED)
DEEDS = (
    "call.will",
    "call.cannot",
    "call.shown",
    "channel.paused",
    "channel.resumed",
    "contact.changed",
    "contact.code_refused",
    "contact.confirmed",
    "contact.second_ended",
    "contact.second_given",
    "links.revoked",
    "message.cancelled",
    "pack.call_no_answer",
    "pack.call_will",
    "pack.call_filled_in",
    "pack.call_leave",
    "patient.came_in",
    "patient.paused",
    "patient.resumed",
)


@dataclass(frozen=True)
class Passage:
    """One line of the log: a decision about packs with its deliveries, or a deed from the audit
    trail."""

    at: datetime
    decision: MessageDecision | None = None
    packs: tuple[MessageDecision, ...] = ()  # one a pack, the decision itself first
    deliveries: tuple[Delivery, ...] = ()
    deed: AuditEntry | None = None
    by: int | None = None  # the member of staff who did it
    rules: tuple[str, ...] = ()
    note: str = ""

    @property
    def automatic(self) -> bool:
        """Whether it follows from what was answered or sent: nobody has to read it."""
        return self.decision is not None and self.decision.reason in AUTOMATIC


def passages(session: Session, patient: Patient, limit: int) -> list[Passage]:
    """The last `limit` lines, the latest first."""
    decisions = session.exec(
        select(MessageDecision)
        .where(
            MessageDecision.patient_id == patient.id, col(MessageDecision.decided_with).is_(None)
        )
        .order_by(col(MessageDecision.decided_at).desc(), col(MessageDecision.id).desc())
        .limit(limit)
    ).all()
    deliveries, others = _deliveries(session, decisions), _decided_with(session, decisions)
    lines = []
    for decision in decisions:
        packs = (decision, *others[decision.id]) if decision.event else ()
        lines.append(Passage(decision.decided_at, decision, packs, tuple(deliveries[decision.id])))
    lines += _deeds(session, patient, DEEDS, limit)
    # Each kind came with its own latest `limit` lines, so none of the latest of both is missing.
    return sorted(lines, key=lambda line: line.at, reverse=True)[:limit]


def said_of_alerts(session: Session, patient: Patient, limit: int) -> list[Passage]:
    """The last `limit` things that nurses did or wrote about her alerts, the latest first."""
    return _deeds(session, patient, OF_ALERTS, limit)


def _decided_with(
    session: Session, decisions: Sequence[MessageDecision]
) -> dict[int, list[MessageDecision]]:
    """By the id of the first, what was decided with it."""
    firsts = [decision.id for decision in decisions]
    wanted = select(MessageDecision).where(col(MessageDecision.decided_with).in_(firsts))
    others: dict[int, list[MessageDecision]] = defaultdict(list)
    for decision in session.exec(wanted.order_by(col(MessageDecision.id))):
        others[decision.decided_with or 0].append(decision)
    return others


def _deliveries(
    session: Session, decisions: Sequence[MessageDecision]
) -> dict[int, list[Delivery]]:
    """By decision id, in the order they were owed."""
    decision_ids = [decision.id for decision in decisions]
    wanted = select(Delivery).where(col(Delivery.decision_id).in_(decision_ids))
    by_decision: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in session.exec(wanted.order_by(col(Delivery.id))):
        by_decision[delivery.decision_id or 0].append(delivery)
    return by_decision


def _deeds(session: Session, patient: Patient, verbs: Sequence[str], limit: int) -> list[Passage]:
    """What people did; alerts taken or closed together are one line."""
    entries = session.exec(
        select(AuditEntry)
        .where(AuditEntry.patient_id == patient.id, col(AuditEntry.verb).in_(verbs))
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.verb), col(AuditEntry.id))
        .limit(limit)
    ).all()
    notes = _notes(session, entries)
    # One transaction writes its entries with one time; nothing else of theirs says that they were
    # made together. The order by verb keeps them side by side.
    deeds = groupby(entries, key=lambda entry: (entry.at, entry.verb, entry.actor_id))
    return [_deed(list(together), notes) for _, together in deeds]


def _notes(
    session: Session, entries: Sequence[AuditEntry]
) -> dict[tuple[str, int | None], str | None]:
    """What was written in the records that these entries are about."""
    ids = [entry.subject_id for entry in entries]
    closed = session.exec(select(Alert.id, Alert.note).where(col(Alert.id).in_(ids)))
    notes: dict[tuple[str, int | None], str | None] = {(ALERT, id): note for id, note in closed}
    beside = session.exec(select(AlertNote.id, AlertNote.note).where(col(AlertNote.id).in_(ids)))
    notes |= {(NOTE, id): note for id, note in beside}
    return notes


def _deed(entries: list[AuditEntry], notes: dict[tuple[str, int | None], str | None]) -> Passage:
    """The line of entries that were made together; the note was written once for all of them."""
    first = entries[0]
    by = first.actor_id if first.actor == STAFF else None
    note = None
    if first.verb in (CLOSED, *NOTED):
        note = notes.get((first.subject, first.subject_id))
    rules = tuple(entry.detail["rule"] for entry in entries if "rule" in entry.detail)
    return Passage(first.at, deed=first, by=by, rules=rules, note=note or "")
