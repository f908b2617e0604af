"""A tablet of the hospital, handed over for one sitting: a code that is typed in on it lets it in
as the patient, once, and it shows nothing more when her answers are sent."""

import secrets
from datetime import datetime, timedelta
from enum import IntEnum

from sqlmodel import Session, col, select

from proms.actions.access import begin_visit
from proms.actions.audit import Actor, Subject, record
from proms.actions.refusals import LinkUnknown, PatientInactive
from proms.db.keyring import Keyring
from proms.db.session import Database
from proms.db.tables import Assignment, Link, Patient, PatientVisit, Response
from proms.domain.person import PatientStatus
from proms.domain.schedule import WindowState, answering_state

# Signs that nobody takes for one another; 8 of 32 are 40 bits, for a quarter of an hour.
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 8
GOOD_FOR = timedelta(minutes=15)
LOOKED_AT = timedelta(minutes=10)  # how long the receipt stands there


class TabletStage(IntEnum):
    """How far a sitting on a tablet is: on, sent with its receipt to look at, over."""

    ON = 1
    SENT = 2
    OVER = 3


def hand_over(
    session: Session, keyring: Keyring, *, patient: Patient, by: Actor, now: datetime
) -> str:
    """A code for one sitting of this patient on a tablet.

    Raises PatientInactive.
    """
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient no longer takes part.")
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    session.add(
        Link(
            token_hash=keyring.hashed(code),
            patient_id=patient.id,
            created_at=now,
            expires_at=now + GOOD_FOR,
            handed_over=True,
        )
    )
    record(session, "tablet.handed_over", _subject(patient), by=by, now=now)
    session.commit()
    return code


def sit_down_at(
    database: Database, keyring: Keyring, *, typed: str, now: datetime
) -> tuple[Patient, str]:
    """What was typed in on a tablet, exchanged for a visit; however it is written. Raises
    LinkUnknown, also for a code that was used."""
    code = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(code) != LENGTH:
        raise LinkUnknown("This code does not work.")
    return begin_visit(database, keyring, token=code, now=now)


def stage_of(session: Session, visit: PatientVisit, now: datetime) -> TabletStage:
    """How far the sitting of a visit is. Sent it is once her answers are, and nothing of the same
    pack is left to fill in."""
    mine = select(Assignment).where(Assignment.patient_id == visit.patient_id)
    sent = session.exec(
        select(Assignment, Response.submitted_at)
        .join(Response, col(Response.assignment_id) == Assignment.id)
        .where(
            Assignment.patient_id == visit.patient_id,
            col(Response.submitted_at) >= visit.created_at,
            Response.version == 1,
        )
    ).all()
    packs = {(each.event, each.number) for each, _ in sent}
    if not packs:
        return TabletStage.ON
    left = session.exec(mine.where(col(Assignment.event).in_({event for event, _ in packs})))
    if any(
        (each.event, each.number) in packs and answering_state(each, now) is WindowState.OPEN
        for each in left
    ):
        return TabletStage.ON
    last = max(at for _, at in sent)
    return TabletStage.SENT if now - last < LOOKED_AT else TabletStage.OVER


def _subject(patient: Patient) -> Subject:
    return Subject("patient", patient.id, patient.id, patient.site_id)
