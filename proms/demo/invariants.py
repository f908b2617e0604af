"""What must hold of a trial, whatever happened in it: looked for at the end of a simulation."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from proms.db.queries.history import history_of
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
from proms.domain.person import FACT_VALUES
from proms.domain.protocol import Protocol
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.response import (
    Document,
    MissingReason,
    answers_of,
    digest,
    missing_of,
    unasked_of,
)
from proms.domain.schedule import OUTSTANDING, AssignmentState

EXAMPLES = 3  # of what may go wrong many times, how many are named one by one
HAVE_LEFT = (DeliveryState.SENT, DeliveryState.DELIVERED)


class PackWindow(NamedTuple):
    """The days a pack is open; sorted they stand in the order they open."""

    opens: date
    closes: date
    event: str
    number: int


@dataclass(frozen=True)
class Played:
    """A site's database after its last tick, and the digest of what its patients sent, by
    assignment."""

    session: Session
    protocol: Protocol
    zone: ZoneInfo
    now: datetime
    sent: Mapping[int, str]


def violations(played: Played) -> Iterator[str]:
    """A sentence for everything that must not be, and is."""
    for look_for in (
        _one_assignment_a_key,
        _every_response_has_its_assignment,
        _answers_untouched,
        _one_message_a_step,
        _one_message_a_day,
        _silence_after_the_end,
        _day_cap,
        _nobody_woken,
        _no_missed_extra,
        _windows_apart,
        _nothing_left_lying,
        _every_submission_on_record,
        _facts_as_their_history_says,
    ):
        yield from look_for(played)


def _count(played: Played, wrong: Select[Any], sentence: str) -> Iterator[str]:
    count = len(played.session.execute(wrong).all())
    if count:
        yield f"{count} {sentence}"


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
    answered = select(col(Assignment.id)).where(col(Assignment.state) == AssignmentState.ANSWERED)
    bare = answered.outerjoin(Response).where(col(Response.id).is_(None))
    yield from _count(played, bare, "answered assignments have no response")


def _answers_untouched(played: Played) -> Iterator[str]:
    """What is stored is what was sent, and nothing was added or lost on the way (SAFETY.md I1,
    I7)."""
    stored: dict[int, str] = {}
    columns = (col(Response.assignment_id), col(Response.digest), col(Response.document))
    first_versions = select(*columns).where(col(Response.version) == 1)
    for assignment_id, signed, document in played.session.execute(first_versions):
        sent = {**answers_of(document), **unasked_of(document)}
        matches = digest(sent, _reasons_sent(document)) == signed
        stored[assignment_id] = signed if matches else "altered"
    # Of both: a response may be lost as well as be there without having been sent.
    assignment_ids = played.sent.keys() | stored.keys()
    changed = sum(played.sent.get(key) != stored.get(key) for key in assignment_ids)
    if changed:
        yield f"{changed} responses differ from what was sent"


def _reasons_sent(document: Document) -> dict[str, MissingReason]:
    """Why items have no answer, as far as the patient said so: those she was not asked are added
    when it is stored, without a time."""
    return {
        code: reason
        for code, reason in missing_of(document).items()
        if "last_changed" in document[code] and "unasked" not in document[code]
    }


def _one_message_a_step(played: Played) -> Iterator[str]:
    """Whatever was decided again, because it was held or reached nobody, left once."""
    decided = MessageDecision
    twice = _more_than_once(
        decided.patient_id, decided.event, decided.number, decided.step, decided.opens
    )
    carrying = func.coalesce(decided.decided_with, decided.id)
    twice = twice.join(Delivery, col(Delivery.decision_id) == carrying).where(
        col(decided.kind) == MessageKind.REMINDER, col(Delivery.state).in_(HAVE_LEFT)
    )
    yield from _count(played, twice, "packs were announced twice for one step and opening day")


def _one_message_a_day(played: Played) -> Iterator[str]:
    """However many packs open, she is told once."""
    sent = select(col(Delivery.patient_id), col(Delivery.settled_at)).where(
        col(Delivery.kind) == MessageKind.REMINDER,
        col(Delivery.settled_at).is_not(None),
        col(Delivery.state).in_(HAVE_LEFT),
    )
    days = Counter(
        (patient_id, at.astimezone(played.zone).date())
        for patient_id, at in played.session.execute(sent)
    )
    twice = sum(count > 1 for count in days.values())
    if twice:
        yield f"on {twice} days a patient got two messages about her packs"


def _silence_after_the_end(played: Played) -> Iterator[str]:
    after = (
        select(col(Delivery.id))
        .join(MilestoneVersion, col(MilestoneVersion.patient_id) == Delivery.patient_id)
        .where(
            col(MilestoneVersion.kind).in_(played.protocol.ends),
            col(Delivery.state).in_(HAVE_LEFT),
            col(Delivery.settled_at) > MilestoneVersion.recorded_at,
        )
    )
    yield from _count(played, after, "messages left after death or withdrawal was recorded")


def _day_cap(played: Played) -> Iterator[str]:
    cap = played.protocol.messages.day_cap
    messages = Counter((patient_id, at.date()) for patient_id, at in _reached(played))
    over = sum(count > cap for count in messages.values())
    if over:
        yield f"on {over} days a patient got more than {cap} messages"


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
        col(Delivery.state).in_(HAVE_LEFT),
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
    # A set: the assignments of one pack have the same window.
    windows: dict[tuple[int, str], set[PackWindow]] = defaultdict(set)
    for row in played.session.execute(_never_begun()):
        if row.event in series:
            window = PackWindow(row.opens, row.closes, row.event, row.number)
            windows[row.patient_id, series[row.event]].add(window)
    sentences: list[str] = []
    for (patient_id, _), in_series in windows.items():
        for first, second in pairwise(sorted(in_series)):
            if second.opens <= first.closes:
                sentences.append(_overlap_sentence(patient_id, first, second))
    yield from sentences[:EXAMPLES]
    if sentences:
        yield f"{len(sentences)} windows overlap with the next of their series"


def _overlap_sentence(patient_id: int, first: PackWindow, second: PackWindow) -> str:
    return (
        f"for patient {patient_id} {first.event} {first.number} is open until {first.closes}, "
        f"{second.event} {second.number} from {second.opens}"
    )


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


def _facts_as_their_history_says(played: Played) -> Iterator[str]:
    """The row of a patient says what her history says of her person today."""
    today = played.now.astimezone(played.zone).date()
    differ = 0
    for patient in played.session.scalars(select(Patient)):
        known = history_of(played.session, patient).facts_on(today)
        differ += {fact: getattr(patient, fact) for fact in FACT_VALUES} != known
    if differ:
        yield f"of {differ} patients the row says other facts than her history"


def _every_submission_on_record(played: Played) -> Iterator[str]:
    submitted = (
        select(func.count())
        .select_from(AuditEntry)
        .where(col(AuditEntry.verb) == "response.submitted")
    )
    on_record = played.session.execute(submitted).scalar_one()
    responses = played.session.execute(select(func.count()).select_from(Response)).scalar_one()
    if on_record != responses:
        yield f"{responses} responses are stored, but {on_record} submissions are on record"
