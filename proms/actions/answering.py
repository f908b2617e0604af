"""A patient's verbs: open an assignment, save answers on the way, submit them. A submission is one commit."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from proms.actions.alerting import raise_alerts
from proms.actions.audit import Actor, Subject, record
from proms.actions.evaluating import Evaluated, evaluate_answers, standing_facts, store_evaluation
from proms.actions.planning import GRACE, zone_of
from proms.actions.refusals import AlreadyAnswered, KeyReused, NotFound, NotOpenYet, WindowClosed
from proms.content import Library
from proms.db.tables import Assignment, Draft, KeptAside, Patient, Response, Score
from proms.domain.instrument import Answers, Instrument, Value
from proms.domain.response import Document, MissingReason, Mode, answer, answers_of, digest, leave_out, whole
from proms.domain.schedule import AssignmentState
from proms.domain.score import SCORING_VERSION, score_one

RECEIPT_BYTES = 9


@dataclass(frozen=True)
class Submission:
    """What arrives: the answers with the reasons for the missing ones, under a key that makes a repeat harmless."""

    key: str
    document: Document
    mode: Mode


@dataclass(frozen=True)
class Receipt:
    """Proof that answers are stored, and what the patient is told at once."""

    code: str
    submitted_at: datetime
    advice: tuple[str, ...]
    red: bool
    repeated: bool = False


def own_assignment(session: Session, assignment_id: int, patient: Patient, *, lock: bool = False) -> Assignment:
    """The patient's assignment by id; another's is as absent as none."""
    wanted = select(Assignment).where(Assignment.id == assignment_id, Assignment.patient_id == patient.id)
    held = session.exec(wanted.with_for_update() if lock else wanted).first()
    if held is None or held.state == AssignmentState.CANCELLED:
        raise NotFound("There is no such questionnaire.")
    return held


def open_assignment(
    session: Session, library: Library, *, assignment_id: int, patient: Patient, language: str, by: Actor, now: datetime
) -> Draft:
    """Open what is due: the draft fixes instrument version, wording and language; opening again finds the same draft."""
    assignment = own_assignment(session, assignment_id, patient, lock=True)
    draft = _open(session, library, assignment, patient, language, by, now)
    session.commit()
    return draft


def save_answer(
    session: Session,
    library: Library,
    *,
    assignment_id: int,
    patient: Patient,
    item: str,
    value: Value | MissingReason,
    now: datetime,
) -> Draft:
    """Keep one answer, or why there is none, in the draft; raises NotOffered for an answer the item does not offer."""
    assignment = own_assignment(session, assignment_id, patient, lock=True)
    draft = _draft_of(session, assignment, now)
    instrument = library.instrument(assignment.instrument, draft.instrument_version)
    if isinstance(value, MissingReason):
        document = leave_out(draft.document, instrument.item(item).code, value, now)
    else:
        document = answer(draft.document, item, instrument.checked({item: value})[item], now)
    draft.document, draft.saved_at = document, now
    session.add(draft)
    session.commit()
    return draft


def save_draft(
    session: Session, library: Library, *, assignment_id: int, patient: Patient, document: Document, now: datetime
) -> Draft:
    """Keep a whole draft as a device sends it: each item it names replaces the one that was held."""
    assignment = own_assignment(session, assignment_id, patient, lock=True)
    draft = _draft_of(session, assignment, now)
    instrument = library.instrument(assignment.instrument, draft.instrument_version)
    instrument.checked(answers_of(document))
    for code in document:
        instrument.item(code)
    draft.document, draft.saved_at = {**draft.document, **document}, now
    session.add(draft)
    session.commit()
    return draft


def submit(
    session: Session,
    library: Library,
    *,
    assignment_id: int,
    patient: Patient,
    submission: Submission,
    by: Actor,
    now: datetime,
) -> Receipt:
    """Answers, scores, alerts and the notices they owe in one commit; the same key and answers give the same receipt.

    Raises KeyReused for the same key with other answers, AlreadyAnswered (the answers kept aside) for another key,
    WindowClosed seven days after the window of an opened draft.
    """
    assignment = own_assignment(session, assignment_id, patient, lock=True)
    said = digest(answers_of(submission.document), _missing(submission.document))
    if assignment.state == AssignmentState.ANSWERED:
        return _again(session, library, assignment, patient, submission, said, by, now)
    draft = _open(session, library, assignment, patient, patient.language, by, now)
    instrument = library.instrument(assignment.instrument, draft.instrument_version)
    answers = instrument.checked(answers_of(submission.document))
    for code in submission.document:
        instrument.item(code)
    evaluated = evaluate_answers(session, library, patient, instrument, answers, now)
    response = _response(assignment, draft, instrument, submission, evaluated.facts, said, now)
    session.add(response)
    assignment.state, assignment.message_at = AssignmentState.ANSWERED, None
    # A check that was answered keeps the next one four days away: the plan is looked at again within a tick.
    patient.replan_on = now.astimezone(zone_of(session, patient)).date()
    session.flush()
    _keep_scores(session, response, instrument, answers)
    source = {"response_id": response.id or 0}
    store_evaluation(session, evaluated, source, now)
    raise_alerts(session, patient, evaluated.breaches, source=source, by=by, now=now)
    subject = Subject("response", response.id, patient.id, patient.site_id)
    record(session, "response.submitted", subject, by=by, now=now, event=assignment.event, number=assignment.number)
    session.commit()
    return Receipt(response.receipt, response.submitted_at, evaluated.advice, evaluated.red)


def _open(
    session: Session,
    library: Library,
    assignment: Assignment,
    patient: Patient,
    language: str,
    by: Actor,
    now: datetime,
) -> Draft:
    if assignment.state == AssignmentState.STARTED:
        return _draft_of(session, assignment, now)
    _refuse_unless_open(assignment, now)
    instrument = library.instrument(assignment.instrument)
    wording = library.wording(assignment.instrument, language)
    draft = Draft(
        assignment_id=assignment.id,
        instrument_version=instrument.version,
        wording_version=wording.version,
        language=language,
        opened_at=now,
        saved_at=now,
    )
    session.add(draft)
    assignment.state, assignment.expires_at = AssignmentState.STARTED, assignment.closes_at + GRACE
    subject = Subject("assignment", assignment.id, patient.id, patient.site_id)
    record(session, "assignment.opened", subject, by=by, now=now, event=assignment.event, number=assignment.number)
    session.flush()
    return draft


def _refuse_unless_open(assignment: Assignment, now: datetime) -> None:
    if assignment.state == AssignmentState.ANSWERED:
        raise AlreadyAnswered("These questions were answered before.", submitted_at="", receipt="")
    if assignment.state == AssignmentState.WAITING or now < assignment.opens_at:
        raise NotOpenYet("These questions open later.")
    if assignment.state == AssignmentState.MISSED or now >= assignment.closes_at:
        raise WindowClosed("These questions are closed.")


def _draft_of(session: Session, assignment: Assignment, now: datetime) -> Draft:
    if assignment.state == AssignmentState.STARTED and now < assignment.expires_at:
        draft = session.exec(select(Draft).where(Draft.assignment_id == assignment.id)).first()
        if draft:
            return draft
    _refuse_unless_open(assignment, now)
    raise NotOpenYet("Open these questions first.") if now < assignment.closes_at else WindowClosed(
        "These questions are closed."
    )


def _response(
    assignment: Assignment,
    draft: Draft,
    instrument: Instrument,
    submission: Submission,
    facts: dict[str, Any],
    said: str,
    now: datetime,
) -> Response:
    asked = [item.code for item in instrument.asked(facts)]
    return Response(
        receipt=secrets.token_urlsafe(RECEIPT_BYTES),
        assignment_id=assignment.id,
        patient_id=assignment.patient_id,
        instrument=instrument.code,
        instrument_version=instrument.version,
        wording_version=draft.wording_version,
        language=draft.language,
        document=whole(submission.document, [*asked, *submission.document], [item.code for item in instrument.items]),
        mode=submission.mode,
        late=now >= assignment.closes_at,
        opened_at=draft.opened_at,
        submitted_at=now,
        idempotency_key=submission.key,
        digest=said,
    )


def _keep_scores(session: Session, response: Response, instrument: Instrument, answers: Answers) -> None:
    for score in score_one(instrument, answers):
        session.add(
            Score(
                response_id=response.id,
                scale=score.scale,
                scoring_version=SCORING_VERSION,
                value=score.value,
                answered=score.answered,
            )
        )


def _again(
    session: Session,
    library: Library,
    assignment: Assignment,
    patient: Patient,
    submission: Submission,
    said: str,
    by: Actor,
    now: datetime,
) -> Receipt:
    """A second submission: a repeat gives the receipt there is, anything else is kept aside and rule-checked."""
    first = session.exec(
        select(Response).where(Response.assignment_id == assignment.id, Response.version == 1)
    ).one()
    if first.idempotency_key == submission.key:
        if first.digest != said:
            raise KeyReused("This key came with other answers before; a new submission needs a new key.")
        evaluated = stored_advice(session, library, first)
        return Receipt(first.receipt, first.submitted_at, evaluated.advice, evaluated.red, repeated=True)
    instrument = library.instrument(first.instrument, first.instrument_version)
    instrument.checked(answers_of(submission.document))
    _keep_aside(session, library, assignment, patient, instrument, submission, said, by, now)
    raise AlreadyAnswered(
        "These questions were answered before; what you sent now is kept for the hospital to see.",
        submitted_at=first.submitted_at.isoformat(),
        receipt=first.receipt,
    )


def _keep_aside(
    session: Session,
    library: Library,
    assignment: Assignment,
    patient: Patient,
    instrument: Instrument,
    submission: Submission,
    said: str,
    by: Actor,
    now: datetime,
) -> None:
    held = session.exec(
        select(KeptAside).where(
            KeptAside.assignment_id == assignment.id, KeptAside.idempotency_key == submission.key
        )
    ).first()
    if held:
        return
    aside = KeptAside(
        assignment_id=assignment.id,
        patient_id=patient.id,
        idempotency_key=submission.key,
        document=submission.document,
        digest=said,
        received_at=now,
    )
    session.add(aside)
    session.flush()
    answers = answers_of(submission.document)
    evaluated = evaluate_answers(session, library, patient, instrument, answers, now)
    source = {"kept_aside_id": aside.id or 0}
    store_evaluation(session, evaluated, source, now)
    raise_alerts(session, patient, evaluated.breaches, source=source, by=by, now=now)
    subject = Subject("kept_aside", aside.id, patient.id, patient.site_id)
    record(session, "response.kept_aside", subject, by=by, now=now, event=assignment.event, number=assignment.number)
    session.commit()


def stored_advice(session: Session, library: Library, response: Response) -> Evaluated:
    """What the patient was told after this response, from the evaluation that was stored with it."""
    from proms.actions.evaluating import stored

    return stored(session, library, response)


def form_facts(session: Session, library: Library, patient: Patient, instrument: Instrument, document: Document, now: datetime) -> dict[str, Any]:
    """The facts that decide which items are asked, with the level the answers so far would get."""
    return standing_facts(session, library, patient, instrument, answers_of(document), now)


def _missing(document: Document) -> dict[str, MissingReason]:
    return {code: MissingReason(entry["missing"]) for code, entry in document.items() if "missing" in entry}
