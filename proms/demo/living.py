"""While the days pass, the invented patients answer, their coordinator records what is given, and a
colleague closes what came in: the same every time."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.alerts import acknowledge_patient, resolve_patient
from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting, open_assignment, save_answer, sit_down
from proms.actions.evaluations import patient_facts
from proms.actions.history import record_entry
from proms.actions.submissions import Submission, submit
from proms.content import Library
from proms.db.queries.history import history_of
from proms.db.queries.today import answerable_at
from proms.db.tables import Alert, Assignment, Patient, Site, Staff
from proms.demo.answers import filled_in
from proms.demo.visits import last_link
from proms.domain.alert import Urgency
from proms.domain.alert.record import Closing, NoActionReason, Resolution
from proms.domain.instrument import Value
from proms.domain.person import PatientStatus, Role
from proms.domain.response import Mode, answers_of
from proms.domain.schedule import AssignmentState, Cycle, CycleStatus
from proms.domain.schedule.history_entry import CycleRecorded
from proms.domain.schedule.occurrences import situation_on
from proms.domain.schedule.scheduled_cycles import CycleState
from proms.jobs.ticks import People, Work

SEED = "the days that pass"
# Patients have answered by the first two, the nurse has worked by the last.
MOMENTS = (time(9, 20), time(12), time(16))
ANSWERS = 0.85  # of what is asked, how much is answered at all
CHECK = "hsc"
# What a check says beside what she makes of it herself, and how often.
SCRIPTS: tuple[tuple[float, Mapping[str, Value]], ...] = (
    (0.03, {"TEMP": 4, "RUQP": 2}),
    (0.02, {"JAUND": 2, "URINE": 2}),
    (0.02, {"ALARM": ("breath",)}),
    (0.04, {"DIAR": 2}),
    (0.04, {"ITCH": 3, "URINE": 1}),
    (0.03, {"NAUS": 3, "VOM": 2}),
    (0.03, {"SITE": ("red", "warm")}),
    (0.03, {"NERVE": 3}),
    (0.03, {"STOM": 3}),
)
LEAVES_RED = 0.02  # of the checks, how many are left at a red answer that is never sent
CLOSES = 0.6  # of the patients with alerts, how many the nurse is done with in an afternoon
SATURDAY = 5


def live(work: Work) -> int:
    """What everybody has done by now in the demo; returns how much that was."""
    now = work.now()
    done = 0
    with work.database.writing() as session:
        for site in session.exec(select(Site).order_by(col(Site.id))).all():
            local = now.astimezone(ZoneInfo(site.timezone))
            done += _coordinator(session, work.library, site, local)
            if local.time() >= MOMENTS[0]:
                done += _patients(session, work.library, site, local)
            if local.time() >= MOMENTS[-1] and local.weekday() < SATURDAY:
                done += _nurse(session, work.library, site, local)
    return done


def _coordinator(session: Session, library: Library, site: Site, local: datetime) -> int:
    """Each cycle whose planned day has come was given on that day."""
    by = _somebody(session, site, Role.COORDINATOR)
    patients = session.exec(
        select(Patient)
        .where(Patient.site_id == site.id, Patient.status == PatientStatus.ACTIVE)
        .order_by(col(Patient.id))
    ).all()
    count = 0
    for patient in patients:
        for cycle in _due_cycles(session, library, patient, local.date()):
            record_entry(
                session,
                library,
                patient_id=patient.id,
                entry=CycleRecorded(cycle),
                revision=session.get_one(Patient, patient.id).revision,
                reason="volgens het dossier",
                by=by,
                now=local.astimezone(UTC),
            )
            count += 1
    return count


def _due_cycles(
    session: Session, library: Library, patient: Patient, today: date
) -> Iterator[Cycle]:
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    situation = situation_on(protocol, history_of(session, patient), today)
    for schedule in situation.schedules.values():
        for cycle in schedule.cycles:
            if cycle.state in (CycleState.PLANNED, CycleState.DELAYED) and cycle.planned <= today:
                yield Cycle(
                    cycle.component, cycle.number, cycle.planned, cycle.planned, CycleStatus.GIVEN
                )
                break


def _patients(session: Session, library: Library, site: Site, local: datetime) -> int:
    rows = session.exec(
        select(Assignment, Patient)
        .join(Patient, col(Patient.id) == Assignment.patient_id)
        .where(
            Patient.site_id == site.id,
            Patient.status == PatientStatus.ACTIVE,
            Assignment.state == AssignmentState.PLANNED,
            answerable_at(local.astimezone(UTC)),
        )
        .order_by(col(Assignment.id))
    ).all()
    due = [
        (assignment.id, patient)
        for assignment, patient in rows
        if _has_come(assignment, patient, local)
    ]
    for assignment_id, patient in due:
        _fill_in(session, library, assignment_id, patient, local.astimezone(UTC))
    return len(due)


def _dice(assignment: Assignment, patient: Patient) -> Random:
    place = f"{assignment.event} {assignment.number} {assignment.instrument}"
    return Random(f"{SEED} {patient.code} {place}")


def _has_come(assignment: Assignment, patient: Patient, local: datetime) -> bool:
    """Whether she answers it at all, and the day and hour at which she does have come."""
    random = _dice(assignment, patient)
    answers = random.random() < ANSWERS
    day = assignment.opens + timedelta(days=random.choice((0, 0, 1, 1, 2)))
    hour = random.choice(MOMENTS[:2])
    return answers and (local.date() > day or (local.date() == day and local.time() >= hour))


def _fill_in(
    session: Session, library: Library, assignment_id: int, patient: Patient, now: datetime
) -> None:
    sitting = _sitting(session, library, assignment_id, patient, now)
    random = _dice(sitting.assignment, patient)
    draft = open_assignment(sitting, language=patient.language)
    code = sitting.assignment.instrument
    instrument = library.instrument(code, draft.instrument_version)
    script: Mapping[str, Value] = {}
    if code == CHECK:
        if random.random() < LEAVES_RED:
            left = _sitting(session, library, assignment_id, patient, now)
            save_answer(left, item="JAUND", value=2)
            return
        script = _script(random)
    facts = patient_facts(sitting) if instrument.conditional else {}
    illness = 0.15 + 0.45 * Random(f"{SEED} {patient.code}").random()
    drawn = filled_in(random, instrument.asked(facts), illness, now, script)
    asked = instrument.asked(facts, answers_of(drawn))
    document = {item.code: drawn[item.code] for item in asked if item.code in drawn}
    sitting = _sitting(session, library, assignment_id, patient, now)
    submit(sitting, Submission(f"demo-living-{assignment_id}", document, Mode.PHONE))


def _script(random: Random) -> Mapping[str, Value]:
    place = random.random()
    for share, script in SCRIPTS:
        if place < share:
            return script
        place -= share
    return {}


def _sitting(
    session: Session, library: Library, assignment_id: int, patient: Patient, now: datetime
) -> Sitting:
    return sit_down(
        session,
        library,
        assignment_id=assignment_id,
        patient=session.get_one(Patient, patient.id),
        by=patient_actor(patient.id),
        now=now,
        link_id=last_link(session, patient.id),
    )


def _nurse(session: Session, library: Library, site: Site, local: datetime) -> int:
    """She takes what waits, and is done with most of it; what is red comes first and is closed."""
    by, now = _somebody(session, site, Role.NURSE), local.astimezone(UTC)
    rows = session.exec(
        select(Alert.patient_id, Alert.urgency)
        .where(Alert.site_id == site.id, col(Alert.resolved_at).is_(None))
        .order_by(col(Alert.patient_id))
    ).all()
    red = {patient_id for patient_id, urgency in rows if urgency == Urgency.RED}
    count = 0
    for patient_id in dict.fromkeys(patient_id for patient_id, _ in rows):
        random = Random(f"{SEED} nurse {patient_id} {local.date()}")
        if patient_id not in red and random.random() > CLOSES:
            continue
        acknowledge_patient(session, library, patient_id=patient_id, by=by, now=now)
        resolve_patient(session, patient_id=patient_id, closing=_closing(random), by=by, now=now)
        count += 1
    return count


def _closing(random: Random) -> Closing:
    resolution = random.choice(list(Resolution))
    reason = random.choice(list(NoActionReason)) if resolution is Resolution.NONE_NEEDED else None
    return Closing(resolution, "Gebeld en besproken.", reason)


def _somebody(session: Session, site: Site, role: Role) -> Staff:
    # The one who came last: of two nurses it is not the one whom the reader logs in as.
    return session.exec(
        select(Staff)
        .where(Staff.site_id == site.id, Staff.role == role, col(Staff.active))
        .order_by(col(Staff.id).desc())
        .limit(1)
    ).one()


PEOPLE = People(live, MOMENTS)
