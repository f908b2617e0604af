"""A questionnaire on the desk: every question that a patient may be asked, on one page, in the
words she would read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask import abort
from sqlmodel import Session

from proms.actions.drafts import read_in
from proms.actions.evaluations import PatientOn, patient_facts
from proms.actions.fill_in import first_day_of_extra, may_fill_in
from proms.actions.refusals import NotFound
from proms.actions.schedule import protocol_of
from proms.db.queries.assignments import patient_assignment
from proms.db.queries.today import PackAssignment
from proms.db.tables import Draft, Patient
from proms.domain.alert import Urgency
from proms.domain.instrument import (
    LEVEL,
    Condition,
    Facts,
    Instrument,
    Item,
    Wording,
    Words,
    condition_text,
    number_of,
    settled,
)
from proms.domain.person import Role
from proms.domain.response import answers_of
from proms.web import request_context
from proms.web.answer_form import words_read
from proms.web.staff.forms import Form
from proms.web.staff.instruments.summary import words_for
from proms.web.staff.layout import zone


@dataclass(frozen=True)
class Question:
    """An item as the page asks it: each wording with when it is worded so, and when it is asked,
    as far as her answers decide that."""

    item: Item
    number: int
    wordings: tuple[tuple[str, str], ...]
    only_if: str

    @property
    def field(self) -> str:
        return field_of(self.item)


@dataclass(frozen=True)
class Sheet:
    """A questionnaire on the desk; `begun` is what she has filled in on her phone and not sent."""

    instrument: Instrument
    wording: Wording
    questions: tuple[Question, ...]
    first_day: date
    event: str
    number: int
    extra: bool
    begun: Draft | None

    @property
    def begun_questions(self) -> int:
        return len(answers_of(self.begun.document)) if self.begun else 0

    @property
    def read(self) -> str:
        return " ".join(self.wording.read)

    @property
    def names(self) -> dict[str, str]:
        """What each field of a question is called above the form."""
        return {
            each.field: f"{each.number}. {self.wording.label(each.item.code)}"
            for each in self.questions
        }


def field_of(item: Item) -> str:
    """The name of an item's field; an option of several has a field of its own behind it."""
    return f"a.{item.code}"


def asked_of(
    session: Session, owner: Patient, assignment_id: int, *, cancelled: bool = False
) -> PackAssignment:
    asked = patient_assignment(session, owner.id, assignment_id, cancelled=cancelled)
    if asked is None:
        raise NotFound("There is no such questionnaire.")
    return asked


def sheet_of(session: Session, owner: Patient, wanted: int | str, form: Form | None) -> Sheet:
    """The questionnaire laid out for the day of the answers; refuses a role that may not fill it
    in."""
    library, now = request_context.library(), request_context.now()
    protocol = protocol_of(library, owner)
    draft, number = None, 0
    if isinstance(wanted, int):
        # What was cancelled while she typed is refused where it is stored: the page is shown again.
        asked = asked_of(session, owner, wanted, cancelled=form is not None)
        row = asked.assignment
        instrument_code, event, number, first_day = row.instrument, row.event, row.number, row.opens
        draft = asked.draft if asked.response is None else None
    else:
        instruments = protocol.unscheduled.get(wanted, ())
        if not instruments:
            raise NotFound("There is no such questionnaire.")
        instrument_code, event = instruments[0], wanted
        first_day = first_day_of_extra(session, owner, now)
    if not may_fill_in(library, Role(request_context.current_staff().role), instrument_code):
        abort(403)
    wording = _wording(owner, instrument_code, draft, form)
    instrument = library.instrument(instrument_code, wording.instrument_version)
    facts = patient_facts(PatientOn(session, library, owner, now, _day_of(form, first_day, now)))
    return Sheet(
        instrument=instrument,
        wording=wording,
        questions=tuple(
            _questions(instrument, wording, facts, words_for(library, protocol, instrument))
        ),
        first_day=first_day,
        event=event,
        number=number,
        extra=not isinstance(wanted, int),
        begun=draft if draft and draft.document else None,
    )


def _day_of(form: Form | None, first_day: date, now: datetime) -> date:
    """The source date that was typed, where it may be one; else today."""
    today = now.astimezone(zone()).date()
    typed = Form(form.typed).maybe_day("source_on") if form else None
    return typed if typed and first_day <= typed <= today else today


def _wording(owner: Patient, instrument: str, draft: Draft | None, form: Form | None) -> Wording:
    """The words she began it in herself, else those that this page was read in, else those she
    would be asked in."""
    library = request_context.library()
    read = read_in(draft) if draft else None
    if read is None and form:
        read = words_read(library, instrument, form.typed.get("read", ""))
    if read is None:
        return library.wording_to_ask(instrument, owner.language)
    return library.wording(instrument, read.language, read.instrument_version, read.wording_version)


def _questions(
    instrument: Instrument, wording: Wording, facts: Facts, words: Words
) -> Iterator[Question]:
    """Every item that she may be asked, whatever she answers: what depends on who she is has been
    decided, what depends on her answers is said beside it."""
    for item in instrument.items:
        left = _left(item.asked_if, facts)
        if left is False:
            continue
        only_if = "" if left is True else condition_text(left, words).sentence
        wordings = tuple(_wordings(item, wording, facts, words))
        yield Question(item, number_of(instrument, item.code), wordings, only_if)


def _wordings(
    item: Item, wording: Wording, facts: Facts, words: Words
) -> Iterator[tuple[str, str]]:
    """The ways in which an item may be worded for her, each with when."""
    for variant in item.variants:
        left = _left(variant.when, facts)
        if left is False:
            continue
        text = wording.question(item.in_variant(variant))
        if left is True:
            yield text, ""
            return
        yield text, condition_text(left, words).sentence
    if not item.variants:
        yield wording.question(item), ""


def _left(condition: Condition | None, facts: Facts) -> bool | Condition:
    """What is left of a condition now that it is known who is asked; how urgent the answers are is
    not known yet."""
    if condition is None:
        return True
    left = settled(condition, facts)
    if left is False and settled(condition, {**facts, LEVEL: Urgency.RED.value}) is not False:
        return condition
    return left
