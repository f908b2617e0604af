"""What must hold of a trial, whatever happened in it: looked for at the end of a simulation."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from proms.db.tables import (
    Assignment,
    AuditEntry,
    Delivery,
    Draft,
    MessageDecision,
    MilestoneVersion,
    Patient,
    Response,
)
from proms.domain.protocol import Protocol
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.response import answers_of, digest, missing_of
from proms.domain.schedule import OUTSTANDING, AssignmentState

GONE = (DeliveryState.SENT, DeliveryState.DELIVERED)
Pack = tuple[date, date, str, int]  # opens, closes, event, number


@dataclass(frozen=True)
class Played:
    """A site's database after its last tick, and what its patients said, by assignment."""

    session: Session
    protocol: Protocol
    zone: ZoneInfo
    now: datetime
    said: Mapping[int, str]


def violations(played: Played) -> Iterator[str]:
    """A sentence for everything that must not be, and is."""
    for look in (
        _one_assignment_a_key,
        _every_response_has_its_assignment,
        _answers_untouched,
        _one_message_a_step,
        _silence_after_the_end,
        _day_cap,
        _nobody_woken,
        _no_missed_extra,
        _windows_apart,
        _nothing_left_lying,
        _every_submission_on_record,
    ):
        yield from look(played)


def _count(played: Played, wanted: Select[Any], sentence: str) -> Iterator[str]:
    found = len(played.session.execute(wanted).all())
    if found:
        yield f"{found} {sentence}"


def _more_than_once(*columns: Any) -> Select[Any]:
    return select(columns[0]).group_by(*columns).having(func.count() > 1)


def _one_assignment_a_key(played: Played) -> Iterator[str]:
    twice = _more_than_once(
        Assignment.patient_id, Assignment.event, Assignment.number, Assignment.instrument
    )
    yield from _count(played, twice, "keys have two assignments")


def _every_response_has_its_assignment(played: Played) -> Iterator[str]:
    lost = (
        select(col(Response.id))
        .outerjoin(Assignment, col(Assignment.id) == Response.assignment_id)
        .where(
            col(Assignment.id).is_(None)
            | (col(Assignment.patient_id) != Response.patient_id)
            | (col(Assignment.state) != AssignmentState.ANSWERED)
        )
    )
    yield from _count(played, lost, "responses have no answered assignment of their patient")
    bare = select(col(Assignment.id)).outerjoin(Response).where(col(Response.id).is_(None))
    yield from _count(
        played,
        bare.where(col(Assignment.state) == AssignmentState.ANSWERED),
        "answered assignments have no response",
    )


def _answers_untouched(played: Played) -> Iterator[str]:
    """What is stored is what was sent, and nothing was added or lost on the way (SAFETY.md I1,
    I7)."""
    held = {}
    columns = (col(Response.assignment_id), col(Response.digest), col(Response.document))
    for assignment_id, signed, document in played.session.execute(
        select(*columns).where(col(Response.version) == 1)
    ):
        answers = answers_of(document)
        sent = {
            code: why
            for code, why in missing_of(document).items()
            if "last_changed" in document[code]
        }
        held[assignment_id] = signed if digest(answers, sent) == signed else "altered"
    changed = [
        each for each in played.said.keys() | held if played.said.get(each) != held.get(each)
    ]
    if changed:
        yield f"{len(changed)} responses differ from what was sent"


def _one_message_a_step(played: Played) -> Iterator[str]:
    decided = MessageDecision
    twice = _more_than_once(
        decided.patient_id, decided.event, decided.number, decided.step, decided.opens
    )
    twice = twice.join(Delivery).where(col(decided.kind) == MessageKind.REMINDER)
    yield from _count(played, twice, "packs were announced twice for one step and opening day")


def _silence_after_the_end(played: Played) -> Iterator[str]:
    after = (
        select(col(Delivery.id))
        .join(MilestoneVersion, col(MilestoneVersion.patient_id) == Delivery.patient_id)
        .where(
            col(MilestoneVersion.kind).in_(played.protocol.ends),
            col(Delivery.state).in_(GONE),
            col(Delivery.settled_at) > MilestoneVersion.recorded_at,
        )
    )
    yield from _count(played, after, "messages left after death or withdrawal was recorded")


def _day_cap(played: Played) -> Iterator[str]:
    got = Counter((patient_id, at.date()) for patient_id, at in _reached(played))
    over = sum(count > played.protocol.messages.day_cap for count in got.values())
    if over:
        yield f"on {over} days a patient got more than {played.protocol.messages.day_cap} messages"


def _nobody_woken(played: Played) -> Iterator[str]:
    plan = played.protocol.messages
    woken = sum(not plan.earliest <= at.time() < plan.latest for _, at in _reached(played))
    if woken:
        yield f"{woken} messages reached a patient outside the hours of messages"


def _reached(played: Played) -> Iterator[tuple[int, datetime]]:
    """Each message that left for a patient, with the time on the clock of her site."""
    sent = select(col(Delivery.patient_id), col(Delivery.settled_at)).where(
        col(Delivery.patient_id).is_not(None),
        col(Delivery.settled_at).is_not(None),
        col(Delivery.state).in_(GONE),
    )
    for patient_id, settled_at in played.session.execute(sent):
        yield patient_id, settled_at.astimezone(played.zone)


def _no_missed_extra(played: Played) -> Iterator[str]:
    missed = select(col(Assignment.id)).where(
        col(Assignment.event).in_(played.protocol.unscheduled),
        col(Assignment.state) == AssignmentState.MISSED,
    )
    yield from _count(played, missed, "extra checks were missed, though nobody asked for them")


def _windows_apart(played: Played) -> Iterator[str]:
    """Of one series no two packs of a patient are open on one day; a pack that was begun keeps the
    window it had."""
    series = {event.code: event.series for event in played.protocol.events}
    packs: dict[tuple[int, str], set[Pack]] = defaultdict(set)
    for row in played.session.execute(_never_begun()):
        if row.event in series:
            packs[row.patient_id, series[row.event]].add(
                (row.opens, row.closes, row.event, row.number)
            )
    pairs = (
        (patient, pair) for (patient, _), held in packs.items() for pair in pairwise(sorted(held))
    )
    overlapping = [
        (patient, first, second) for patient, (first, second) in pairs if second[0] <= first[1]
    ]
    for patient, (_, until, event, number), (since, _, other, another) in overlapping[:3]:
        yield f"for patient {patient} {event} {number} is open until {until}, {other} {another} from {since}"
    if overlapping:
        yield f"{len(overlapping)} windows overlap with the next of their series"


def _never_begun() -> Select[int, date, date, str, int]:
    """What is or was asked of a patient, of packs of which she has begun nothing."""
    own, begun = Assignment, aliased(Assignment)
    same = (
        select(col(begun.id))
        .join(Draft, col(Draft.assignment_id) == begun.id)
        .where(
            col(begun.patient_id) == own.patient_id,
            col(begun.event) == own.event,
            col(begun.number) == own.number,
        )
    )
    columns = (
        col(own.patient_id),
        col(own.opens),
        col(own.closes),
        col(own.event),
        col(own.number),
    )
    return select(*columns).where(
        col(own.state).in_((AssignmentState.MISSED, *OUTSTANDING)), ~same.exists()
    )


def _nothing_left_lying(played: Played) -> Iterator[str]:
    over = (
        select(col(Assignment.id))
        .join(Patient)
        .where(col(Assignment.state).in_(OUTSTANDING), col(Assignment.expires_at) <= played.now)
    )
    yield from _count(played, over, "assignments have closed, yet are neither answered nor missed")
    owed = select(col(Delivery.id)).where(
        col(Delivery.state) == DeliveryState.DUE, col(Delivery.due_at) <= played.now
    )
    yield from _count(played, owed, "messages are due, yet have not left")


def _every_submission_on_record(played: Played) -> Iterator[str]:
    submitted = (
        select(func.count())
        .select_from(AuditEntry)
        .where(col(AuditEntry.verb) == "response.submitted")
    )
    on_record = played.session.execute(submitted).scalar_one()
    held = played.session.execute(select(func.count()).select_from(Response)).scalar_one()
    if on_record != held:
        yield f"{held} responses are stored, but {on_record} submissions are on record"
