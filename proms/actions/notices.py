"""The notices a red alert owes while nobody takes it: to whom the site's roster says, step by step,
or to every nurse where the site has no roster."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select, update

from proms.actions.audit import WORKER, Subject, record
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.db.queries.rosters import latest_roster
from proms.db.queries.set_aside import not_aside
from proms.db.tables import Alert, Delivery, Site, Staff, StaffIdentity
from proms.domain.alert import Urgency
from proms.domain.alert.record import NOTICE_EVERY, AlertState
from proms.domain.person import TAKES_ALERTS, ContactKind
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.roster import UnreadableRoster, due_step, from_document
from proms.domain.tick import USUAL, TickName, Tries

NOTICE_LIFE = timedelta(hours=12)


@dataclass(frozen=True)
class Due:
    """What an alert owes now: the step and its people, and when the next one is."""

    step: int
    people: tuple[StaffIdentity, ...] | None  # None: nothing is due
    next_at: datetime
    roster: int | None = None  # its version


def tell(session: Session, alert: Alert, *, told: set[int], now: datetime) -> None:
    """Owe the notice that is due of an alert, to nobody who is in `told`, which gets whom it told;
    and set when the next one is."""
    due = _due(session, alert, now)
    alert.notice_at = due.next_at
    if due.people is None:
        return
    alert.notices += 1
    alert.notice_step = due.step
    owed = 0
    for person in due.people:
        if person.staff_id not in told:
            told.add(person.staff_id)
            owed += _owe(session, alert, person, now)
    subject = Subject("alert", alert.id, alert.patient_id, alert.site_id)
    record(
        session,
        "alert.notice_owed",
        subject,
        by=WORKER,
        now=now,
        step=due.step,
        notice=alert.notices,
        owed=owed,
        roster=due.roster,
    )


def repeat_notices(
    session: Session, *, now: datetime, limit: int = 50, tries: Tries = USUAL
) -> int:
    """Take the next step of every red alert that nobody has taken and whose step has come; returns
    how many alerts."""
    due = (
        select(Alert)
        .where(
            col(Alert.notice_at) <= now,
            Alert.state == AlertState.OPEN,
            Alert.urgency == Urgency.RED,
            not_aside(TickName.REPEAT, Alert.patient_id, now),
        )
        .order_by(col(Alert.patient_id), col(Alert.notice_at))
        .limit(limit)
        # A nurse who is taking an alert holds it, and another worker those it repeats: neither
        # needs a notice from here.
        .with_for_update(skip_locked=True)
    )
    alerts = session.exec(due).all()
    # One notice a patient, as at the submit: a nurse counts patients, not rules.
    of_patients: dict[int, list[Alert]] = defaultdict(list)
    for alert in alerts:
        of_patients[alert.patient_id].append(alert)
    units = [Unit(id, hers, hers[0].site_id, id) for id, hers in of_patients.items()]

    def tell_all(patients: list[list[Alert]]) -> None:
        for hers in patients:
            told: set[int] = set()
            for alert in hers:
                tell(session, alert, told=told, now=now)

    each_apart(session, units, tell_all, Attempt(TickName.REPEAT, now, tries))
    session.commit()
    return len(alerts)


def start_over(session: Session, site_id: int, now: datetime) -> None:
    """Have every red alert of the site that nobody has taken told by the roster that holds now; the
    caller commits."""
    waiting = update(Alert).where(
        col(Alert.site_id) == site_id,
        col(Alert.state) == AlertState.OPEN,
        col(Alert.urgency) == Urgency.RED,
    )
    session.exec(waiting.values(notice_at=now, notice_step=0))


def _due(session: Session, alert: Alert, now: datetime) -> Due:
    row = latest_roster(session, alert.site_id)
    if row is None:
        everybody = _nurses(session, alert.site_id)
        return Due(alert.notice_step + 1, everybody, now + NOTICE_EVERY)
    zone = ZoneInfo(session.get_one(Site, alert.site_id).timezone)
    try:
        roster = from_document(row.document, zone)
    except UnreadableRoster:
        # Who should be told cannot be read: everybody is, and the site sees why.
        everybody = _nurses(session, alert.site_id)
        return Due(alert.notice_step + 1, everybody, now + NOTICE_EVERY, row.version)
    step, next_at = due_step(roster, alert.clock_from, now)
    again = now + timedelta(minutes=roster.limits.again_after)
    if step is None or step.number <= alert.notice_step:
        if next_at is not None:
            return Due(alert.notice_step, None, next_at, row.version)
        # From here on the roster names nobody.
        everybody = _nurses(session, alert.site_id)
        return Due(alert.notice_step, everybody, again, row.version)
    people = _people_of(session, alert.site_id, [int(who) for who in step.who])
    return Due(step.number, people, next_at or again, row.version)


def _people_of(session: Session, site_id: int, named: Collection[int]) -> tuple[StaffIdentity, ...]:
    """Who of those named can be told, and every nurse too where none of these may take an alert:
    no step is told to nobody who can act."""
    wanted = select(StaffIdentity, Staff.role).join(Staff)
    wanted = wanted.where(Staff.site_id == site_id, Staff.active, col(Staff.id).in_(named))
    found = [
        (person, role)
        for person, role in session.exec(wanted.order_by(col(Staff.id)))
        if any(_channels_of(person))
    ]
    people = tuple(person for person, _ in found)
    if any(role in TAKES_ALERTS for _, role in found):
        return people
    return people + _nurses(session, site_id)


def _nurses(session: Session, site_id: int) -> tuple[StaffIdentity, ...]:
    nurses = select(StaffIdentity).join(Staff)
    nurses = nurses.where(Staff.site_id == site_id, col(Staff.role).in_(TAKES_ALERTS), Staff.active)
    return tuple(session.exec(nurses.order_by(col(Staff.id))))


def _owe(session: Session, alert: Alert, person: StaffIdentity, now: datetime) -> int:
    """A numbered, neutral notice by every channel she has; returns how many."""
    owed = 0
    for channel in _channels_of(person):
        session.add(_notice(alert, person, channel, now))
        owed += 1
    return owed


def _channels_of(person: StaffIdentity) -> Iterator[ContactKind]:
    if person.phone:
        yield ContactKind.SMS
    if person.email:
        yield ContactKind.EMAIL


def _notice(alert: Alert, person: StaffIdentity, channel: ContactKind, now: datetime) -> Delivery:
    return Delivery(
        kind=MessageKind.STAFF_NOTICE,
        channel=channel,
        staff_id=person.staff_id,
        alert_id=alert.id,
        step=alert.notices,
        state=DeliveryState.DUE,
        due_at=now,
        send_until=now + NOTICE_LIFE,
        created_at=now,
    )
