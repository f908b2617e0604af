"""A symptom check judged by its rules after many reports and after one: those before it are looked
through for the ones to compare with."""

from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter

from sqlmodel import Session, select

from bench.crowd import NOW, engines, opened
from bench.timing import Figure, taking_turns
from proms.actions.evaluations import PatientOn, evaluate_answers
from proms.content import Library
from proms.db.tables import Assignment, Patient, Response
from proms.domain.instrument import Instrument
from proms.domain.response import Mode, from_answers

REPORTS = 150  # weekly for three years
CHECKS = 20  # judged a turn
ANSWERS = {"JAUND": 0, "TEMP": 0, "NAUS": 2, "ITCH": 1}


def figures(library: Library, times: int) -> Iterator[Figure]:
    """A check after many reports, on each engine."""
    instrument = library.instrument("hsc")
    with engines() as ways:
        for engine, address in ways.items():
            with opened(library, address(), 2) as (database, _), database.writing() as session:
                one, many = session.exec(select(Patient).order_by(Patient.id)).all()
                for patient, reports in ((one, 1), (many, REPORTS)):
                    _report(session, patient, instrument, reports)
                session.flush()
                yield _figure(session, library, engine, {"peer": one, "ours": many}, times)


def _figure(
    session: Session, library: Library, engine: str, of: dict[str, Patient], times: int
) -> Figure:
    instrument = library.instrument("hsc")

    def judges(patient: Patient) -> None:
        case = PatientOn(session, library, patient, NOW, NOW.date())
        for _ in range(CHECKS):
            evaluate_answers(case, instrument, ANSWERS)

    judges(of["ours"])
    seconds = taking_turns(
        {name: lambda patient=patient: judges(patient) for name, patient in of.items()},
        times,
        clock=perf_counter,
    )
    what = f"a check judged, {engine}, after {REPORTS} reports"
    ratio = seconds["peer"] / seconds["ours"]
    return Figure(what, CHECKS, seconds["ours"], "after one", ratio, "at least 0.8")


def _report(session: Session, patient: Patient, instrument: Instrument, count: int) -> None:
    """So many earlier reports, a week apart, as versions of one assignment."""
    asked = session.exec(select(Assignment).where(Assignment.patient_id == patient.id)).first()
    assert asked
    document = from_answers(ANSWERS, {}, NOW)
    session.add_all(
        Response(
            assignment_id=asked.id,
            patient_id=patient.id,
            version=number,
            receipt=f"{patient.id}-{number}",
            instrument=instrument.code,
            instrument_version=instrument.version,
            wording_version="1",
            language="nl",
            mode=Mode.PHONE,
            document=document,
            submitted_at=NOW - timedelta(weeks=count + 1 - number),
            idempotency_key=f"{patient.id}-{number}",
            digest="",
            opened_at=NOW,
        )
        for number in range(1, count + 1)
    )
