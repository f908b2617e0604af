"""The messages to come of a pack that was answered: each is held, with that reason, on the day of
the next one, so that the log says why none came."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.next_messages import (
    PackOf,
    held_row,
    pack_of,
    standing_of,
    store_together,
    turns_of_packs,
)
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.content import Library
from proms.db.queries.set_aside import not_aside
from proms.db.tables import Assignment, MessageDecision, Patient, Site
from proms.domain.reminder import HoldReason, Standing, Turn, steps_to_come
from proms.domain.schedule import OUTSTANDING, AssignmentState
from proms.domain.tick import USUAL, TickName, Tries

REASON = HoldReason.ANSWERED


def hold_answered(
    session: Session,
    library: Library,
    *,
    now: datetime,
    limit: int = 100,
    tries: Tries = USUAL,
) -> int:
    """Hold what was to be sent about packs of which nothing is left to answer, all of it at the
    first message whose hour has come; returns how many packs those are."""
    due = (col(Assignment.message_at) <= now, Assignment.state == AssignmentState.ANSWERED)
    patients = (
        select(Patient, Site.timezone)
        .join(Site)
        .where(
            col(Patient.id).in_(select(Assignment.patient_id).where(*due)),
            not_aside(TickName.REMIND, Patient.id, now),
        )
        .limit(limit)
        # As what is sent to her, one worker decides it.
        .with_for_update(skip_locked=True, of=Patient)
    )
    at_home = {patient.id: (patient, ZoneInfo(zone)) for patient, zone in session.exec(patients)}
    answered = select(Assignment).where(col(Assignment.patient_id).in_(at_home), *due)
    by_pack = (col(Assignment.patient_id), col(Assignment.event), col(Assignment.number))
    rows = session.exec(answered.order_by(*by_pack)).all() if at_home else []
    units = [
        Unit(patient_id, list(hers), patient_id=patient_id)
        for patient_id, hers in groupby(rows, key=lambda row: row.patient_id)
    ]

    def hold_all(patients: list[list[Assignment]]) -> None:
        packs = [list(pack) for hers in patients for _, pack in groupby(hers, key=pack_of)]
        _hold(session, library, at_home, packs, now)

    each_apart(session, units, hold_all, Attempt(TickName.REMIND, now, tries))
    session.commit()
    return len(rows)


def _hold(
    session: Session,
    library: Library,
    at_home: dict[int, tuple[Patient, ZoneInfo]],
    packs: Sequence[list[Assignment]],
    now: datetime,
) -> None:
    keys = [pack_of(pack[0]) for pack in packs]
    left, turns = _left_of(session, keys), turns_of_packs(session, keys)
    together = []
    for key, pack in zip(keys, packs, strict=True):
        if key not in left:
            patient, zone = at_home[key.patient_id]
            plan = library.protocol(patient.protocol, patient.protocol_version).messages
            standing = standing_of(patient, plan, zone, now)
            together.append(_rows(key, pack, turns.get(key, ()), standing))
        for assignment in pack:
            assignment.message_step = assignment.message_at = None
    store_together(session, together)
    for first, *_ in filter(None, together):
        patient, _zone = at_home[first.patient_id]
        subject = Subject("message_decision", first.id, patient.id, patient.site_id)
        detail = {"verdict": first.verdict, "reason_code": first.reason}
        record(session, "message.decided", subject, by=WORKER, now=now, **detail)


def _rows(
    key: PackOf, pack: Sequence[Assignment], turns: Sequence[Turn], standing: Standing
) -> list[MessageDecision]:
    """A held row for each step to come, in the window that the pack has."""
    opens = min(assignment.opens for assignment in pack)
    closes = max(assignment.closes for assignment in pack)
    steps = steps_to_come(opens, closes, turns, standing)
    return [held_row(key, opens, step, turns, reason=REASON, now=standing.now) for step in steps]


def _left_of(session: Session, packs: Sequence[PackOf]) -> set[PackOf]:
    """Those of these packs of which something is still to be answered: their messages go on."""
    of_pack = (Assignment.patient_id, Assignment.event, Assignment.number)
    left = select(*of_pack).where(
        tuple_(*of_pack).in_([tuple(pack) for pack in packs]),
        col(Assignment.state).in_(OUTSTANDING),
    )
    return {PackOf(*row) for row in session.exec(left)}
