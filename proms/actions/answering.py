"""A patient's verbs: open an assignment, save answers on the way, submit them. A submission is one commit."""

import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.breaches import raise_alerts
from proms.actions.evaluations import Evaluated, as_worded, evaluate_answers, store_evaluation, stored
from proms.actions.refusals import AlreadyAnswered, KeyReused, NotFound, NotOpenYet, WindowClosed
from proms.actions.schedule import GRACE, zone_of
from proms.content import Library
from proms.db.tables import Assignment, Draft, KeptAside, Patient, Response, Score
from proms.domain.instrument import Instrument, Value
from proms.domain.response import (
    Document,
    MissingReason,
    Mode,
    answer,
    answers_of,
    digest,
    leave_out,
    missing_of,
    whole,
)
from proms.domain.schedule import AssignmentState
from proms.domain.score import SCORING_VERSION, score_one

RECEIPT_BYTES = 9


@dataclass(frozen=True)
class Sitting:
    """A patient in front of one assignment: who, what, by whose hand and when."""

    session: Session
    library: Library
    patient: Patient
    assignment: Assignment
    by: Actor
    now: datetime

    @cached_property
    def today(self) -> date:
        """The site's day."""
        return self.now.astimezone(zone_of(self.session, self.patient)).date()

    @property
    def unscheduled(self) -> bool:
        """Whether nobody asked for this: then it is never late and never missed."""
        mine, asked = self.patient, self.assignment
        return asked.event in self.library.protocol(mine.protocol, asked.protocol_version).unscheduled

    def note(self, verb: str, kind: str, subject_id: int | None) -> None:
        """The audit entry of what is done in this sitting."""
        subject = Subject(kind, subject_id, self.patient.id, self.patient.site_id)
        event, number = self.assignment.event, self.assignment.number
        record(self.session, verb, subject, by=self.by, now=self.now, event=event, number=number)


@dataclass(frozen=True)
class Submission:
    """What arrives: the answers with the reasons for the missing ones, under a key that makes a repeat harmless.

    `language` is the one that was read, where nothing was opened before; else it was fixed then.
    """

    key: str
    document: Document
    mode: Mode
    language: str | None = None

    @property
    def digest(self) -> str:
        return digest(answers_of(self.document), missing_of(self.document))


@dataclass(frozen=True)
class Receipt:
    """Proof that answers are stored, and what the patient is told at once."""

    code: str
    submitted_at: datetime
    advice: tuple[str, ...]
    red: bool
    repeated: bool = False
    evaluated: Evaluated | None = field(default=None, compare=False, repr=False)


def sit_down(
    session: Session, library: Library, *, assignment_id: int, patient: Patient, by: Actor, now: datetime
) -> Sitting:
    """The patient's own assignment, locked for this transaction; another's is as absent as none."""
    wanted = select(Assignment).where(Assignment.id == assignment_id, Assignment.patient_id == patient.id)
    held = session.exec(wanted.with_for_update()).first()
    if held is None or held.state == AssignmentState.CANCELLED:
        raise NotFound("There is no such questionnaire.")
    return Sitting(session, library, patient, held, by, now)


def open_assignment(sitting: Sitting, *, language: str) -> Draft:
    """Open what is due: the draft fixes version, wording and language; opening again finds the same draft."""
    draft = _open(sitting, language)
    sitting.session.commit()
    return draft


def save_answer(sitting: Sitting, *, item: str, value: Value | MissingReason) -> Draft:
    """Keep one answer, or why there is none, in the draft; raises NotOffered for an answer the item does not offer."""
    draft = draft_of(sitting)
    instrument = sitting.library.instrument(sitting.assignment.instrument, draft.instrument_version)
    if isinstance(value, MissingReason):
        document = leave_out(draft.document, instrument.item(item).code, value, sitting.now)
    else:
        document = answer(draft.document, item, instrument.checked({item: value})[item], sitting.now)
    return _keep(sitting, draft, instrument, document)


def save_draft(sitting: Sitting, *, document: Document) -> Draft:
    """Keep a draft as a device sends it: each item it names replaces the one that was held."""
    draft = draft_of(sitting)
    instrument = sitting.library.instrument(sitting.assignment.instrument, draft.instrument_version)
    _refuse_strange(instrument, document)
    return _keep(sitting, draft, instrument, {**draft.document, **document})


def submit(sitting: Sitting, submission: Submission) -> Receipt:
    """Answers, scores, alerts and the notices they owe in one commit; the same key and answers give the same receipt.

    Raises KeyReused for the same key with other answers, AlreadyAnswered (the answers kept aside) for another key,
    WindowClosed seven days after the window of an opened draft.
    """
    if sitting.assignment.state == AssignmentState.ANSWERED:
        return _again(sitting, submission)
    draft = _open(sitting, submission.language or sitting.patient.language)
    instrument = sitting.library.instrument(sitting.assignment.instrument, draft.instrument_version)
    _refuse_strange(instrument, submission.document)
    evaluated = evaluate_answers(sitting, instrument, answers_of(submission.document))
    asked = instrument.asked(evaluated.facts, answers_of(submission.document))
    response = _response(sitting, draft, submission, asked, instrument)
    _settle(sitting, response)
    _keep_scores(sitting, response, instrument)
    _follow_up(sitting, evaluated, {"response_id": response.id})
    sitting.note("response.submitted", "response", response.id)
    sitting.session.commit()
    return Receipt(response.receipt, response.submitted_at, evaluated.advice, evaluated.red, evaluated=evaluated)


def draft_of(sitting: Sitting) -> Draft:
    """The draft of an opened assignment; raises the refusal that says why it cannot be filled in."""
    assignment = sitting.assignment
    if assignment.state == AssignmentState.STARTED and sitting.now < assignment.expires_at:
        return sitting.session.exec(select(Draft).where(Draft.assignment_id == assignment.id)).one()
    _refuse_unless_open(assignment, sitting.now)
    raise NotOpenYet("Open these questions first.")


def receipt_of(session: Session, library: Library, response: Response) -> Receipt:
    """What was handed out for a response, again."""
    evaluated = stored(session, library, response)
    return Receipt(response.receipt, response.submitted_at, evaluated.advice, evaluated.red, True, evaluated)


def _open(sitting: Sitting, language: str) -> Draft:
    assignment, library, now = sitting.assignment, sitting.library, sitting.now
    if assignment.state == AssignmentState.STARTED:
        return draft_of(sitting)
    _refuse_unless_open(assignment, now)
    # In the language she reads the pages in, where that is licensed, else in her own.
    wording = library.wording_to_ask(assignment.instrument, language, sitting.patient.language)
    draft = Draft(
        assignment_id=assignment.id,
        instrument_version=wording.instrument_version,
        wording_version=wording.version,
        language=wording.language,
        opened_at=now,
        saved_at=now,
    )
    sitting.session.add(draft)
    assignment.state, assignment.expires_at = AssignmentState.STARTED, assignment.closes_at + GRACE
    # A check that was begun keeps the next one four days away: the plan is looked at again within a tick.
    sitting.patient.replan_on = sitting.today
    sitting.session.add(sitting.patient)
    sitting.note("assignment.opened", "assignment", assignment.id)
    sitting.session.flush()
    return draft


def _refuse_unless_open(assignment: Assignment, now: datetime) -> None:
    if assignment.state == AssignmentState.ANSWERED:
        raise AlreadyAnswered("These questions were answered before.", submitted_at="", receipt="")
    if assignment.state == AssignmentState.WAITING or now < assignment.opens_at:
        raise NotOpenYet("These questions open later.")
    if assignment.state != AssignmentState.PLANNED or now >= assignment.closes_at:
        raise WindowClosed("These questions are closed.")


def _refuse_strange(instrument: Instrument, document: Document) -> None:
    """Refuse an item the instrument does not have and an answer the item does not offer."""
    instrument.checked(answers_of(document))
    for code in document:
        instrument.item(code)


def _keep(sitting: Sitting, draft: Draft, instrument: Instrument, document: Document) -> Draft:
    draft.document, draft.saved_at = as_worded(sitting, instrument, draft.document, document), sitting.now
    sitting.session.commit()
    return draft


def _response(
    sitting: Sitting, draft: Draft, submission: Submission, asked: tuple[Any, ...], instrument: Instrument
) -> Response:
    shown = [*(item.code for item in asked), *submission.document]
    return Response(
        receipt=secrets.token_urlsafe(RECEIPT_BYTES),
        assignment_id=sitting.assignment.id,
        patient_id=sitting.patient.id,
        instrument=instrument.code,
        instrument_version=instrument.version,
        wording_version=draft.wording_version,
        language=draft.language,
        document=whole(submission.document, shown, [item.code for item in instrument.items]),
        mode=submission.mode,
        late=sitting.now >= sitting.assignment.closes_at and not sitting.unscheduled,
        opened_at=draft.opened_at,
        submitted_at=sitting.now,
        idempotency_key=submission.key,
        digest=submission.digest,
    )


def _settle(sitting: Sitting, response: Response) -> None:
    sitting.session.add(response)
    sitting.assignment.state, sitting.assignment.message_at = AssignmentState.ANSWERED, None
    sitting.session.flush()


def _keep_scores(sitting: Sitting, response: Response, instrument: Instrument) -> None:
    scored = score_one(instrument, answers_of(response.document))
    rows = [{"response_id": response.id, "scoring_version": SCORING_VERSION, **asdict(each)} for each in scored]
    if rows:
        sitting.session.execute(insert(Score), rows)  # in one statement: a questionnaire has fifteen scales


def _follow_up(sitting: Sitting, evaluated: Evaluated, source: dict[str, int]) -> None:
    store_evaluation(sitting.session, evaluated, source, sitting.now)
    raise_alerts(sitting.session, sitting.patient, evaluated.breaches, source=source, by=sitting.by, now=sitting.now)


def _again(sitting: Sitting, submission: Submission) -> Receipt:
    """A second submission: a repeat gives the receipt there is, anything else is kept aside and rule-checked."""
    held = select(Response).where(Response.assignment_id == sitting.assignment.id, Response.version == 1)
    first = sitting.session.exec(held).one()
    if first.idempotency_key == submission.key:
        if first.digest != submission.digest:
            raise KeyReused("This key came with other answers before; a new submission needs a new key.")
        return receipt_of(sitting.session, sitting.library, first)
    instrument = sitting.library.instrument(first.instrument, first.instrument_version)
    _refuse_strange(instrument, submission.document)
    _keep_aside(sitting, submission, instrument)
    raise AlreadyAnswered(
        "These questions were answered before; what you sent now is kept for the hospital to see.",
        submitted_at=first.submitted_at.isoformat(),
        receipt=first.receipt,
    )


def _keep_aside(sitting: Sitting, submission: Submission, instrument: Instrument) -> None:
    session, assignment = sitting.session, sitting.assignment
    same = select(KeptAside.id).where(
        KeptAside.assignment_id == assignment.id, KeptAside.idempotency_key == submission.key
    )
    if session.exec(same).first():
        return
    aside = KeptAside(
        assignment_id=assignment.id,
        patient_id=sitting.patient.id,
        idempotency_key=submission.key,
        document=submission.document,
        digest=submission.digest,
        received_at=sitting.now,
    )
    session.add(aside)
    session.flush()
    evaluated = evaluate_answers(sitting, instrument, answers_of(submission.document))
    _follow_up(sitting, evaluated, {"kept_aside_id": aside.id})
    sitting.note("response.kept_aside", "kept_aside", aside.id)
    session.commit()
