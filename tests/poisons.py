"""A clinic in which one record among good ones cannot be dealt with, for each tick."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from proms.db.tables import (
    Alert,
    Assignment,
    Contact,
    DelayedAlerts,
    Delivery,
    Draft,
    Evaluation,
    Patient,
    ProtocolAdoption,
    Site,
    SiteDigest,
    SiteRoster,
    StaffIdentity,
)
from proms.domain.person import Role
from proms.domain.tick import TickName
from tests.clinic import MOBILE, Clinic
from tests.versions import two_versions

GONE = "k9:sealed under a key that is gone"
NO_VERSION = 99
PATIENTS = 6
WRONG = 2  # which of them


def patients(clinic: Clinic) -> list[Patient]:
    return [clinic.enrols(f"Patient {number}") for number in range(PATIENTS)]


def none_missing(clinic: Clinic) -> None:
    with clinic.database.writing() as session:
        session.execute(text("UPDATE patient SET protocol_version = 1"))
        session.commit()


def refuse_update(session: Session, table: str, id: int) -> None:
    """The database itself refuses any change of this one row."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            text(
                f"CREATE TRIGGER poison BEFORE UPDATE ON {table} WHEN OLD.id = {id} "
                "BEGIN SELECT RAISE(ABORT, 'poison'); END"
            )
        )
        return
    session.execute(
        text(
            "CREATE FUNCTION poison() RETURNS trigger AS "
            "$$ BEGIN RAISE EXCEPTION 'poison'; END $$ LANGUAGE plpgsql"
        )
    )
    session.execute(
        text(
            f"CREATE TRIGGER poison BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (OLD.id = {id}) EXECUTE FUNCTION poison()"
        )
    )


def decided(clinic: Clinic) -> tuple[set[int], int]:
    """Messages fall due; one patient follows a version of the protocol that is not there."""
    hers = patients(clinic)
    wrong = hers[WRONG].id
    with clinic.database.writing() as session:
        session.get_one(Patient, wrong).protocol_version = NO_VERSION
        session.get_one(Patient, wrong).replan_on = None
        session.commit()
    clinic.today("2026-01-05", "09:30")
    with clinic.database.reading() as session:
        return set(session.exec(select(Delivery.patient_id)).all()), wrong


def renewed(clinic: Clinic) -> tuple[set[int], int]:
    hers = patients(clinic)
    wrong = hers[WRONG].id
    with clinic.database.writing() as session:
        for patient in hers:
            held = session.get_one(Patient, patient.id)
            held.replan_on = clinic.now.date()
            if held.id == wrong:
                held.protocol_version = NO_VERSION
        session.commit()
    clinic.works()
    with clinic.database.reading() as session:
        waiting = select(Patient.id).where(col(Patient.replan_on) == clinic.now.date())
        return {patient.id for patient in hers} - set(session.exec(waiting)), wrong


def expired(clinic: Clinic) -> tuple[set[int], int]:
    hers = patients(clinic)
    with clinic.database.writing() as session:
        checks = {}
        for patient in hers:
            check = session.exec(
                select(Assignment)
                .where(Assignment.patient_id == patient.id)
                .order_by(col(Assignment.id))
            ).first()
            check.expires_at = clinic.now
            checks[check.id] = check
        wrong = list(checks)[WRONG]
        checks[wrong].protocol_version = NO_VERSION
        session.commit()
    clinic.works()
    with clinic.database.reading() as session:
        missed = select(Assignment.id).where(Assignment.state == "missed")
        return set(session.exec(missed)), wrong


def raised_unsent(clinic: Clinic) -> tuple[set[int], int]:
    hers = patients(clinic)
    for patient in hers:
        clinic.opens(patient)
    with clinic.database.writing() as session:
        drafts = session.exec(select(Draft).order_by(col(Draft.id))).all()
        for draft in drafts:
            draft.document = {"JAUND": {"value": 2}}
            draft.red_at = clinic.now - timedelta(hours=1)
        wrong = drafts[WRONG].id
        drafts[WRONG].instrument_version = "9.9"
        session.commit()
    clinic.works()
    with clinic.database.reading() as session:
        return set(session.exec(select(Draft.id).where(col(Draft.raised_at).is_not(None)))), wrong


def raised_late(clinic: Clinic) -> tuple[set[int], int]:
    hers = patients(clinic)
    with clinic.database.writing() as session:
        for number, patient in enumerate(hers):
            draft = clinic_draft(clinic, session, patient)
            evaluation = Evaluation(
                draft_id=draft,
                rule_set="hsc",
                evaluated_at=clinic.now,
                breaches=[{"not": "a breach"}] if number == WRONG else [],
            )
            session.add(evaluation)
            session.flush()
            session.add(
                DelayedAlerts(evaluation_id=evaluation.id, patient_id=patient.id, due_at=clinic.now)
            )
            if number == WRONG:
                wrong = evaluation.id
        session.commit()
    clinic.works()
    with clinic.database.reading() as session:
        done = select(DelayedAlerts.evaluation_id).where(col(DelayedAlerts.raised_at).is_not(None))
        return set(session.exec(done)), wrong


def clinic_draft(clinic: Clinic, session: Session, patient: Patient) -> int:
    clinic.opens_this(session, patient, clinic.asked(patient))
    asked = select(Draft.id).join(Assignment).where(Assignment.patient_id == patient.id)
    return session.exec(asked).one()


def given_back(clinic: Clinic) -> tuple[set[int], int]:
    for patient in patients(clinic):
        clinic.answers(patient, JAUND=2)
        clinic.acknowledges(patient)
    with clinic.database.writing() as session:
        alerts = session.exec(select(Alert).order_by(col(Alert.id))).all()
        for alert in alerts:
            alert.taken_until = clinic.now
        session.flush()
        wrong = alerts[WRONG].id
        refuse_update(session, "alert", wrong)
        session.commit()
    clinic.works()
    with clinic.database.reading() as session:
        return set(session.exec(select(Alert.id).where(Alert.state == "open"))), wrong


def repeated(clinic: Clinic) -> tuple[set[int], int]:
    """By patient: one notice a patient."""
    for patient in patients(clinic):
        clinic.answers(patient, JAUND=2)
    with clinic.database.writing() as session:
        alerts = session.exec(select(Alert).order_by(col(Alert.id))).all()
        before = {alert.id: alert.notices for alert in alerts}
        for alert in alerts:
            alert.notice_at = clinic.now
        session.flush()
        wrong = alerts[WRONG]
        refuse_update(session, "alert", wrong.id)
        session.commit()
    clinic.works()
    with clinic.database.reading() as session:
        told = [alert for alert in session.exec(select(Alert)) if alert.notices > before[alert.id]]
        return {alert.patient_id for alert in told}, wrong.patient_id


def digests(clinic: Clinic) -> tuple[set[int], int]:
    document = {
        "staffed": {"mon": "08:00-17:00"},
        "holidays": [],
        "on_duty": [{"from": "2026-01-01", "until": None, "who": [str(clinic.els.id)]}],
        "on_call": [],
        "limits": {"next_after": 15, "on_call_after": 30, "again_after": 30},
    }
    with clinic.database.writing() as session:
        for number in range(PATIENTS):
            new = Site(code=f"S{number}", name=f"S{number}", phone="1", study_phone="1",
                       opened_at=clinic.now)  # fmt: skip
            session.add(new)
            session.flush()
            roster = {"damaged": True} if number == WRONG else document
            session.add(
                SiteRoster(
                    site_id=new.id, version=1, document=roster, reason="", recorded_at=clinic.now
                )
            )
            if number == WRONG:
                wrong = new.id
        session.commit()
    clinic.today("2026-01-05", "08:30")
    with clinic.database.reading() as session:
        return set(session.exec(select(SiteDigest.site_id))), wrong


def notified(clinic: Clinic) -> tuple[set[int], int]:
    nurses = [clinic.employs(f"nurse{number}", Role.NURSE, MOBILE) for number in range(PATIENTS)]
    clinic.answers(clinic.enrols("Anna"), JAUND=2)
    with clinic.database.writing() as session:
        session.get_one(StaffIdentity, nurses[WRONG].id).phone = GONE
        notices = session.exec(select(Delivery).where(Delivery.staff_id == nurses[WRONG].id)).all()
        session.commit()
        wrong = notices[0].id
    clinic.works()
    with clinic.database.reading() as session:
        return set(session.exec(select(Delivery.id).where(Delivery.state == "sent"))), wrong


def delivered(clinic: Clinic) -> tuple[set[int], int]:
    hers = patients(clinic)
    with clinic.database.writing() as session:
        contact = select(Contact).where(Contact.patient_id == hers[WRONG].id)
        session.exec(contact).one().address = GONE
        session.commit()
    clinic.today("2026-01-05", "09:30")
    with clinic.database.reading() as session:
        sent = set(session.exec(select(Delivery.patient_id).where(Delivery.state == "sent")))
        return sent, hers[WRONG].id


def followed(clinic: Clinic) -> tuple[set[int], int]:
    clinic.look = two_versions
    hers = patients(clinic)
    wrong = hers[WRONG].id
    with clinic.database.writing() as session:
        session.get_one(Patient, wrong).protocol_version = -1
        session.get_one(Patient, wrong).replan_on = None
        session.add(
            ProtocolAdoption(
                protocol="pump-it",
                version=2,
                from_date=clinic.now.date(),
                everybody=True,
                reason="Better.",
                adopted_at=clinic.now,
            )
        )
        session.commit()
    clinic.works()
    with clinic.database.reading() as session:
        return set(session.exec(select(Patient.id).where(Patient.protocol_version == 2))), wrong


@dataclass(frozen=True)
class Poison:
    """A tick with one record that raises: which were dealt with, and which was not."""

    tick: TickName
    works: Callable[[Clinic], tuple[set[int], int]]


POISONS = [
    Poison(TickName.FOLLOW, followed),
    Poison(TickName.RENEW_PLANS, renewed),
    Poison(TickName.EXPIRE, expired),
    Poison(TickName.REMIND, decided),
    Poison(TickName.UNSENT, raised_unsent),
    Poison(TickName.LATE, raised_late),
    Poison(TickName.GIVE_BACK, given_back),
    Poison(TickName.REPEAT, repeated),
    Poison(TickName.DIGEST, digests),
]
