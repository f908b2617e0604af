"""A patient submits her answers: response, scores, alerts and the notices they owe, in one
commit."""

import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import insert
from sqlmodel import Session, select

from proms.actions.breaches import follow_up
from proms.actions.drafts import Sitting, opened_draft, read_in, refuse_strange
from proms.actions.evaluations import Evaluated, asked_of_her, evaluate_answers, stored
from proms.actions.kept_aside import keep_aside
from proms.actions.refusals import AlreadyAnswered, KeyReused, NothingAnswered
from proms.actions.shown_numbers import answered_through_link
from proms.content import Library
from proms.db.tables import Draft, Response, Score
from proms.domain.instrument import Instrument, ItemKind, WordingRead
from proms.domain.response import (
    Document,
    Mode,
    answered_otherwise,
    answers_of,
    digest,
    missing_of,
    says_the_same,
    whole,
)
from proms.domain.schedule import AssignmentState
from proms.domain.score import SCORING_VERSION, score_one

RECEIPT_BYTES = 9


@dataclass(frozen=True)
class Submission:
    """What arrives: the answers with the reasons for the missing ones, under a key that makes a
    repeat harmless.

    `read` is the wording that was read, where the sender says so; else it is that of the draft.
    """

    key: str
    document: Document
    mode: Mode
    read: WordingRead | None = None

    @property
    def digest(self) -> str:
        return digest(answers_of(self.document), missing_of(self.document))


@dataclass(frozen=True)
class Receipt:
    """Proof that answers are stored, and what the patient is told at once."""

    code: str
    language: str  # in which the questions were asked
    submitted_at: datetime
    advice: tuple[str, ...]
    red: bool
    repeated: bool = False
    evaluated: Evaluated | None = field(default=None, compare=False, repr=False)


def submit(sitting: Sitting, submission: Submission) -> Receipt:
    """Answers, scores, alerts and the notices they owe in one commit; the same answers give the
    same receipt, whatever their key.

    Raises KeyReused for the same key with other answers, AlreadyAnswered (the answers kept aside)
    for others under another key, WindowClosed seven days after the window of an opened draft,
    NothingAnswered.
    """
    receipt = store_submission(sitting, submission)
    sitting.session.commit()
    return receipt


def store_submission(sitting: Sitting, submission: Submission) -> Receipt:
    """The same without the commit, which is the caller's unless it raises."""
    # The assignment's row is locked: of two submissions at once the second waits here, then finds
    # it answered.
    if sitting.assignment.state == AssignmentState.ANSWERED:
        return _submit_again(sitting, submission)
    draft = opened_draft(sitting, sitting.patient.language, submission.read)
    read = submission.read or read_in(draft)
    instrument = sitting.library.instrument(sitting.assignment.instrument, read.instrument_version)
    refuse_strange(instrument, submission.document)
    if says_nothing(instrument, submission.document):
        raise NothingAnswered("Nothing is answered or left out for a reason: nothing is stored.")
    evaluated = evaluate_answers(sitting, instrument, answers_of(submission.document))
    asked = asked_of_her(instrument, evaluated, answers_of(submission.document))
    document = whole(submission.document, asked, instrument)
    response = _response(sitting, draft, submission, read, document)
    _settle(sitting, response)
    _keep_scores(sitting, response, instrument)
    follow_up(sitting, evaluated, {"response_id": response.id})
    if not sitting.source_on:
        _keep_other_devices(sitting, draft, instrument, response, evaluated)
    typed_in = {}
    if response.source_on:
        typed_in = {"mode": response.mode, "source_on": response.source_on.isoformat()}
    shows = answered_through_link(sitting)
    sitting.note("response.submitted", "response", response.id, **typed_in, **shows)
    return Receipt(
        response.receipt,
        response.language,
        response.submitted_at,
        evaluated.advice,
        evaluated.red,
        evaluated=evaluated,
    )


def _keep_other_devices(
    sitting: Sitting,
    draft: Draft,
    instrument: Instrument,
    response: Response,
    evaluated: Evaluated,
) -> None:
    """What she answered otherwise on another device is shown to the site, and read by the rules."""
    for device, document in draft.devices.items():
        if device == sitting.device or not answered_otherwise(document, response.document):
            continue
        keep_aside(
            sitting,
            instrument,
            document,
            key=f"draft-{draft.id}-{device}",
            told={breach.rule: breach.evidence for breach in evaluated.breaches},
            beside=response.document,
        )


def receipt_of(session: Session, library: Library, response: Response) -> Receipt:
    """What was handed out for a response, again."""
    evaluated = stored(session, library, response)
    return Receipt(
        response.receipt,
        response.language,
        response.submitted_at,
        evaluated.advice,
        evaluated.red,
        repeated=True,
        evaluated=evaluated,
    )


def says_nothing(instrument: Instrument, document: Document) -> bool:
    """Whether no question is answered, nor left out for a reason; a remark that is left empty is
    no question."""
    questions = [code for code in document if instrument.item(code).kind is not ItemKind.TEXT]
    return not questions and not answers_of(document)


def _response(
    sitting: Sitting, draft: Draft, submission: Submission, read: WordingRead, document: Document
) -> Response:
    """The row to store; it is late by the day of the answers."""
    after_window = sitting.now >= sitting.assignment.closes_at
    if sitting.source_on:
        after_window = sitting.source_on > sitting.assignment.closes
    return Response(
        receipt=secrets.token_urlsafe(RECEIPT_BYTES),
        assignment_id=sitting.assignment.id,
        patient_id=sitting.patient.id,
        instrument=sitting.assignment.instrument,
        **read._asdict(),
        document=document,
        mode=submission.mode,
        late=after_window and not sitting.unscheduled,
        opened_at=draft.opened_at,
        submitted_at=sitting.now,
        idempotency_key=submission.key,
        digest=submission.digest,
        entered_by=sitting.by.staff_id,
        source_on=sitting.source_on,
    )


def _settle(sitting: Sitting, response: Response) -> None:
    sitting.session.add(response)
    # When its next message was to be decided stays: then it is held, since this was answered.
    sitting.assignment.state = AssignmentState.ANSWERED
    sitting.session.flush()


def _keep_scores(sitting: Sitting, response: Response, instrument: Instrument) -> None:
    stamp = {"response_id": response.id, "scoring_version": SCORING_VERSION}
    rows = []
    for score in score_one(instrument, answers_of(response.document)):
        rows.append({**stamp, **asdict(score)})
    if rows:
        # In one statement: a questionnaire has fifteen scales.
        sitting.session.execute(insert(Score), rows)


def _submit_again(sitting: Sitting, submission: Submission) -> Receipt:
    """A second submission: the same answers, from the same source, give the receipt there is;
    anything else is kept aside and rule-checked."""
    first = sitting.session.exec(
        select(Response).where(
            Response.assignment_id == sitting.assignment.id, Response.version == 1
        )
    ).one()
    if first.idempotency_key == submission.key:
        said = (first.digest, first.mode, first.source_on)
        if said != (submission.digest, submission.mode, sitting.source_on):
            raise KeyReused(
                "This key came with other answers before; a new submission needs a new key."
            )
        return receipt_of(sitting.session, sitting.library, first)
    same_source = _came_as(first.mode, first.source_on) == _came_as(
        submission.mode, sitting.source_on
    )
    # Sent once more with the button that goes back, or from another page: it is one submission.
    if same_source and says_the_same(first.document, submission.document):
        return receipt_of(sitting.session, sitting.library, first)
    instrument = sitting.library.instrument(first.instrument, first.instrument_version)
    refuse_strange(instrument, submission.document)
    kept, red = False, False
    if not says_nothing(instrument, submission.document):
        typed_in, _ = _came_as(submission.mode, sitting.source_on)
        made = keep_aside(
            sitting, instrument, submission.document, key=submission.key, mode=typed_in
        )
        kept, red = True, made.red
        sitting.session.commit()
    raise AlreadyAnswered(
        "These questions were answered before; what you sent now is kept for the hospital to see.",
        submitted_at=first.submitted_at.isoformat(),
        receipt=first.receipt,
        kept=kept,
        red=red,
    )


def _came_as(mode: str, source_on: date | None) -> tuple[Mode | None, date | None]:
    """How staff typed answers in and of which day; for what a patient sent herself it is one, page
    or device."""
    return (Mode(mode) if source_on else None), source_on
