"""A patient's verbs on the way: open an assignment, save answers in its draft."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sqlmodel import Session, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.evaluations import Evaluated, as_worded, evaluate_answers, told_unsent
from proms.actions.refusals import (
    AlreadyAnswered,
    NotFound,
    NotOpenYet,
    OtherWording,
    WindowClosed,
)
from proms.actions.schedule import GRACE, zone_of
from proms.content import Library
from proms.db.tables import Assignment, Draft, Patient, Response
from proms.domain.alert import Breach
from proms.domain.alert.record import news_in
from proms.domain.instrument import Instrument, Value, WordingRead
from proms.domain.response import Document, Given, MissingReason, answers_of, with_given
from proms.domain.schedule import AssignmentState, WindowState, answering_state


@dataclass(frozen=True)
class Sitting:
    """A patient in front of one assignment: who, what, by whose hand and when; and the day on which
    she gave her answers, where staff types them in later."""

    session: Session
    library: Library
    patient: Patient
    assignment: Assignment
    by: Actor
    now: datetime
    source_on: date | None = None
    device: str = ""  # the browser she writes in; nothing where a system does
    link_id: int | None = None  # by which she came in

    @cached_property
    def site_day(self) -> date:
        """Today at the site."""
        return self.now.astimezone(zone_of(self.session, self.patient)).date()

    @property
    def today(self) -> date:
        """The day of the answers, on which rules and questions look at her."""
        return self.source_on or self.site_day

    @property
    def unscheduled(self) -> bool:
        """Whether nobody asked for this: then it is never late and never missed."""
        version = self.assignment.protocol_version
        protocol = self.library.protocol(self.patient.protocol, version)
        return self.assignment.event in protocol.unscheduled

    def note(self, verb: str, kind: str, subject_id: int | None, **detail: str) -> None:
        """The audit entry of what is done in this sitting."""
        record(
            self.session,
            verb,
            Subject(kind, subject_id, self.patient.id, self.patient.site_id),
            by=self.by,
            now=self.now,
            event=self.assignment.event,
            number=self.assignment.number,
            **detail,
        )


def sit_down(
    session: Session,
    library: Library,
    *,
    assignment_id: int,
    patient: Patient,
    by: Actor,
    now: datetime,
    source_on: date | None = None,
    link_id: int | None = None,
) -> Sitting:
    """The patient's own assignment, locked for this transaction; another's is as absent as none."""
    own = select(Assignment).where(
        Assignment.id == assignment_id, Assignment.patient_id == patient.id
    )
    # Two taps, or two devices, take turns; and no tick lets the assignment expire, or decides a
    # message about it, meanwhile.
    assignment = session.exec(own.with_for_update()).first()
    if assignment is None or assignment.state == AssignmentState.CANCELLED:
        raise NotFound("There is no such questionnaire.")
    return Sitting(session, library, patient, assignment, by, now, source_on, link_id=link_id)


def open_assignment(sitting: Sitting, *, language: str, read: WordingRead | None = None) -> Draft:
    """Open what is due: the draft fixes version, wording and language; opening again finds the same
    draft. `read` is the wording that was read, where the device says so.

    Raises OtherWording where it was begun in other words.
    """
    draft = opened_draft(sitting, language, read)
    if read and read != read_in(draft):
        raise OtherWording("These questions were begun in another wording; fetch them again.")
    sitting.session.commit()
    return draft


def begin_in_other_language(sitting: Sitting, *, language: str) -> Draft:
    """Ask what was opened and holds no answer in another language; what holds one, given on
    whatever device, stays in the words it was given to."""
    draft = draft_of(sitting)
    if draft.document or draft.language == language:
        return draft
    wording = sitting.library.wording_to_ask(sitting.assignment.instrument, language)
    for name, value in wording.read._asdict().items():
        setattr(draft, name, value)
    sitting.session.add(draft)
    sitting.note("assignment.reworded", "assignment", sitting.assignment.id, language=language)
    sitting.session.commit()
    return draft


def save_answer(sitting: Sitting, *, item: str, value: Value | MissingReason) -> Draft:
    """Keep one answer, or why there is none, in the draft; raises NotOffered for an answer the item
    does not offer."""
    return save_answers(sitting, given={item: Given(value)})


def save_answers(sitting: Sitting, *, given: Mapping[str, Given]) -> Draft:
    """The same for several at once, as a phone sends what it kept: all of them or none."""
    draft = draft_of(sitting)
    instrument = sitting.library.instrument(sitting.assignment.instrument, draft.instrument_version)
    document, own = draft.document, written_on(draft, sitting.device)
    for code, each in given.items():
        item = instrument.item(code)
        marked = replace(each, device=sitting.device)
        if not isinstance(each.value, MissingReason):
            marked = replace(marked, value=item.checked(each.value))
        document = with_given(document, code, marked, sitting.now)
        own = with_given(own, code, marked, sitting.now)
    return _keep(sitting, draft, instrument, document, own)


def save_draft(sitting: Sitting, *, document: Document) -> Draft:
    """Keep a draft as a device sends it: each item it names replaces the one that was there."""
    draft = draft_of(sitting)
    instrument = sitting.library.instrument(sitting.assignment.instrument, draft.instrument_version)
    refuse_strange(instrument, document)
    own = {**written_on(draft, sitting.device), **document}
    return _keep(sitting, draft, instrument, {**draft.document, **document}, own)


def written_on(draft: Draft, device: str) -> Document:
    """What was written of a draft on one device; another's answers are not among it."""
    written: Document = draft.devices.get(device, {})
    return written


def draft_of(sitting: Sitting) -> Draft:
    """The draft of an opened assignment; raises the refusal that says why it cannot be filled
    in."""
    assignment = sitting.assignment
    refuse_unless_open(assignment, sitting.now)
    if assignment.state != AssignmentState.STARTED:
        raise NotOpenYet("Open these questions first.")
    return sitting.session.exec(select(Draft).where(Draft.assignment_id == assignment.id)).one()


def read_in(opened: Draft | Response) -> WordingRead:
    """The words a draft was begun in, or a response given in."""
    return WordingRead(opened.instrument_version, opened.wording_version, opened.language)


def opened_draft(sitting: Sitting, language: str, read: WordingRead | None = None) -> Draft:
    """The draft of what is due, made where there is none yet; the caller commits."""
    assignment, library, now = sitting.assignment, sitting.library, sitting.now
    if assignment.state == AssignmentState.STARTED:
        return draft_of(sitting)
    refuse_unless_open(assignment, now)
    # In the words that were read, else in the newest: in the language she reads the pages in, where
    # that is licensed, or her own.
    if read is None:
        code, own_language = assignment.instrument, sitting.patient.language
        read = library.wording_to_ask(code, language, own_language).read
    draft = Draft(
        assignment_id=assignment.id,
        **read._asdict(),
        opened_at=now,
        saved_at=now,
    )
    sitting.session.add(draft)
    assignment.state = AssignmentState.STARTED
    assignment.expires_at = assignment.closes_at + GRACE
    # A check that was begun keeps the next one away: the plan is looked at again within a tick.
    sitting.patient.replan_on = sitting.site_day
    sitting.session.add(sitting.patient)
    sitting.note("assignment.opened", "assignment", assignment.id)
    sitting.session.flush()
    return draft


def refuse_unless_open(assignment: Assignment, now: datetime) -> None:
    """Raises the refusal that says why an assignment cannot be filled in now, if it cannot."""
    if assignment.state == AssignmentState.ANSWERED:
        raise AlreadyAnswered("These questions were answered before.", submitted_at="", receipt="")
    match answering_state(assignment, now):
        case WindowState.UPCOMING:
            raise NotOpenYet("These questions open later.")
        case WindowState.CLOSED:
            raise WindowClosed("These questions are closed.")


def refuse_strange(instrument: Instrument, document: Document) -> None:
    """Refuse an item the instrument does not have and an answer the item does not offer."""
    instrument.checked(answers_of(document))
    for code in document:
        instrument.item(code)


def _keep(
    sitting: Sitting, draft: Draft, instrument: Instrument, document: Document, own: Document
) -> Draft:
    before = written_on(draft, sitting.device)
    own = as_worded(sitting, instrument, before, own)
    draft.devices = {**draft.devices, sitting.device: own}
    draft.document = as_worded(sitting, instrument, draft.document, document)
    draft.saved_at = sitting.now
    red = _what_cannot_wait(sitting, draft)
    if draft.raised_at is None:
        draft.red_at = (draft.red_at or sitting.now) if red else None
    elif red and news_in(red, told_unsent(sitting.session, draft.id)):
        # Somebody was told, and not of this: its own time begins.
        draft.red_at, draft.raised_at = sitting.now, None
    sitting.session.commit()
    return draft


def _what_cannot_wait(sitting: Sitting, draft: Draft) -> tuple[Breach, ...]:
    """What of the answers so far somebody has to hear of, sent or not."""
    if not sitting.library.has_rules(sitting.assignment.instrument):
        return ()
    return evaluate_unsent(sitting, draft).red_breaches


def evaluate_unsent(sitting: Sitting, draft: Draft) -> Evaluated:
    """What the rules make of a draft: of what was written last, and of what cannot wait in the
    answers of any one device. What is calm on another takes none of that back."""
    code = sitting.assignment.instrument
    instrument = sitting.library.instrument(code, draft.instrument_version)
    evaluated = evaluate_answers(sitting, instrument, answers_of(draft.document))
    for document in draft.devices.values():
        if document == draft.document:
            continue
        found = evaluate_answers(sitting, instrument, answers_of(document))
        known = {breach.rule for breach in evaluated.red_breaches}
        more = tuple(each for each in found.red_breaches if each.rule not in known)
        evaluated = replace(evaluated, breaches=(*evaluated.breaches, *more))
    return evaluated
