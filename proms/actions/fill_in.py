"""Staff fills in for a patient what she says on the telephone or wrote on paper: stored as her own
answers are, with how, by whom and of which day."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, select

from proms.actions.audit import staff_actor
from proms.actions.drafts import Sitting, read_in, refuse_strange, sit_down
from proms.actions.evaluations import asked_of_her, evaluate_answers
from proms.actions.kept_aside import keep_aside
from proms.actions.refusals import (
    FieldFault,
    Incomplete,
    LeftOpen,
    NotFound,
    NothingAnswered,
    OtherWording,
    PatientInactive,
)
from proms.actions.schedule import GRACE, protocol_of, zone_of
from proms.actions.submissions import Receipt, Submission, says_nothing, store_submission
from proms.actions.unscheduled import add_pack, open_already
from proms.content import Library
from proms.db.tables import Draft, Patient, Response, Staff
from proms.domain.instrument import Instrument, ItemKind, Place, WordingRead
from proms.domain.person import PatientStatus, Role
from proms.domain.response import Document, MissingReason, Mode, answers_of, leave_out
from proms.domain.schedule import AssignmentState

EXTRA_SINCE = GRACE  # so long ago an extra check on paper may have been filled in


@dataclass(frozen=True)
class TypedIn:
    """What staff typed: the answers in the words that were read, how she gave them and on which
    day. `rest_skipped` says that what has neither an answer nor a reason she left open."""

    key: str
    document: Document
    mode: Mode
    read: WordingRead
    source_on: date
    rest_skipped: bool = False


def may_fill_in(library: Library, role: Role, instrument: str) -> bool:
    """A nurse fills in all; a coordinator what no rules read, since it takes a nurse to take an
    alert."""
    return role is Role.NURSE or (role is Role.COORDINATOR and not library.has_rules(instrument))


def fill_in(
    session: Session,
    library: Library,
    *,
    patient: Patient,
    assignment_id: int,
    typed: TypedIn,
    by: Staff,
    now: datetime,
) -> Receipt:
    """Store what a patient answered on the telephone or on paper. What she has begun on her phone
    and not sent is kept aside.

    Raises Incomplete for a source date on which it could not be answered, LeftOpen for questions
    that nothing is said of, PatientInactive once she takes no further part, and what a submission
    raises.
    """
    _refuse_inactive(patient)
    sitting = sit_down(
        session,
        library,
        assignment_id=assignment_id,
        patient=patient,
        by=staff_actor(by),
        now=now,
        source_on=typed.source_on,
    )
    return _store(sitting, typed)


def fill_in_extra(
    session: Session,
    library: Library,
    *,
    patient: Patient,
    event: str,
    typed: TypedIn,
    by: Staff,
    now: datetime,
) -> Receipt:
    """The same of an extra check, which is begun by it; while the same questionnaire is open, that
    one is filled in instead."""
    instruments = protocol_of(library, patient).unscheduled.get(event, ())
    if not instruments:
        raise NotFound("There is no such questionnaire.")
    _refuse_inactive(patient)
    # The patient's row is the lock, as where she begins an extra check herself.
    session.exec(select(Patient.id).where(Patient.id == patient.id).with_for_update()).one()
    stored = session.exec(
        select(Response.assignment_id).where(
            Response.patient_id == patient.id, Response.idempotency_key == typed.key
        )
    ).first()
    if stored is None:
        found = open_already(session, patient, instruments[0], now)
        if found is None:
            today = now.astimezone(zone_of(session, patient)).date()
            refuse_other_day(typed.source_on, first_day_of_extra(session, patient, now), today)
            found = add_pack(session, patient, event, instruments, now, since=typed.source_on)
        stored = found.id
    return fill_in(
        session, library, patient=patient, assignment_id=stored, typed=typed, by=by, now=now
    )


def _refuse_inactive(patient: Patient) -> None:
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient no longer takes part.")


def first_day_of_extra(session: Session, patient: Patient, now: datetime) -> date:
    """The first day on which an extra check that is typed in now may have been filled in."""
    zone = zone_of(session, patient)
    enrolled = patient.enrolled_at.astimezone(zone).date()
    return max(enrolled, now.astimezone(zone).date() - EXTRA_SINCE)


def _store(sitting: Sitting, typed: TypedIn) -> Receipt:
    refuse_other_day(typed.source_on, sitting.assignment.opens, sitting.site_day)
    draft = _unsent_draft(sitting)
    if draft and read_in(draft) != typed.read:
        raise OtherWording("These questions were begun in another wording.")
    instrument = sitting.library.instrument(
        sitting.assignment.instrument, typed.read.instrument_version
    )
    document = _complete(sitting, instrument, typed)
    receipt = store_submission(sitting, Submission(typed.key, document, typed.mode, typed.read))
    breaches = receipt.evaluated.breaches if receipt.evaluated else ()
    for device, document in draft.devices.items() if draft else ():
        # Her own day counts for these, and what both say the nurse is told once.
        if document:
            keep_aside(
                replace(sitting, source_on=None),
                instrument,
                document,
                key=f"draft-{draft.id}-{device}" if draft else "",
                told={breach.rule: breach.evidence for breach in breaches},
            )
    sitting.session.commit()
    return receipt


def refuse_other_day(day: date, first: date, today: date) -> None:
    """The source date is a day on which it could be answered: none before it opened, none to
    come."""
    if day > today:
        raise Incomplete("source_on", FieldFault.SOURCE_AHEAD)
    if day < first:
        raise Incomplete("source_on", FieldFault.SOURCE_BEFORE, day=first)


def _unsent_draft(sitting: Sitting) -> Draft | None:
    """What she has opened herself and not sent."""
    if sitting.assignment.state == AssignmentState.ANSWERED:
        return None
    own = select(Draft).where(Draft.assignment_id == sitting.assignment.id)
    return sitting.session.exec(own).first()


def _complete(sitting: Sitting, instrument: Instrument, typed: TypedIn) -> Document:
    """The document with a reason for every question that was asked and has no answer.

    The free remark may be left empty, and so may what is asked only because answers cannot wait:
    nothing keeps an alert back.
    """
    document = typed.document
    refuse_strange(instrument, document)
    if says_nothing(instrument, document):
        raise NothingAnswered("Nothing is answered or left out for a reason: nothing is stored.")
    answers = answers_of(document)
    evaluated = evaluate_answers(sitting, instrument, answers)
    left_open = tuple(
        item.code
        for item in asked_of_her(instrument, evaluated, answers)
        if item.code not in document
        and item.place is not Place.CALL
        and item.kind is not ItemKind.TEXT
    )
    if left_open and not typed.rest_skipped:
        raise LeftOpen(left_open, red=evaluated.red)
    for code in left_open:
        document = leave_out(document, code, MissingReason.SKIPPED, sitting.now)
    return document
