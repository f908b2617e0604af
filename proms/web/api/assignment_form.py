"""A questionnaire as the API gives it out, and its answers as the API reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from proms.actions.drafts import Sitting, draft_of, read_in
from proms.actions.evaluations import Evaluated, evaluate_answers
from proms.actions.refusals import AlreadyAnswered, OtherWording
from proms.actions.submissions import Receipt
from proms.db.queries.today import PackAssignment
from proms.db.tables import Draft
from proms.domain.instrument import (
    Answers,
    Condition,
    Instrument,
    Item,
    ItemKind,
    NotOffered,
    UnknownItem,
    Wording,
    WordingRead,
    as_content,
)
from proms.domain.response import Document, MissingReason, answer, leave_out
from proms.domain.telephone import written
from proms.web import request_context
from proms.web.advice import advice_text
from proms.web.answer_form import words_read
from proms.web.api.errors import StrangeAnswers
from proms.web.api.fields import answers_schema
from proms.web.locale import language, speak
from proms.web.phone_numbers import hospital


def instrument_of(
    sitting: Sitting, asked: PackAssignment, read: WordingRead | None = None
) -> Instrument:
    """The instrument in the version that was answered or is read, else that the assignment was
    opened with, else the current one."""
    code = asked.assignment.instrument
    if read is None or asked.response:
        opened = asked.response or asked.draft
        read = read_in(opened) if opened else None
    return sitting.library.instrument(code, read.instrument_version if read else None)


def form_read(sitting: Sitting, body: Mapping[str, Any]) -> WordingRead | None:
    """The words that were read, where the body says so; raises OtherWording for words that nobody
    can have read here."""
    if "form" not in body:
        return None
    read = words_read(sitting.library, sitting.assignment.instrument, body["form"])
    if read is None:
        raise OtherWording("These questions are not asked in this wording; fetch them again.")
    return read


def refuse_unless_fillable(sitting: Sitting, asked: PackAssignment) -> None:
    """Raises the refusal that says why an assignment cannot be filled in now, if it cannot."""
    if asked.response:
        first = asked.response
        raise AlreadyAnswered(
            "These questions were answered before.",
            submitted_at=first.submitted_at.isoformat(),
            receipt=first.receipt,
        )
    # One whose window is open and that nobody has begun has no draft yet, and may be filled in.
    if asked.draft is not None or not asked.open_at(sitting.now):
        draft_of(sitting)


def read_document(
    sitting: Sitting,
    asked: PackAssignment,
    body: Mapping[str, Any],
    read: WordingRead | None = None,
) -> Document:
    """What was sent, item by item; an answer the draft holds already keeps the time it was first
    given."""
    instrument = instrument_of(sitting, asked, read)
    answers = _check_answers(instrument, body["answers"])
    document: Document = {}
    if asked.draft:
        stored = asked.draft.document
        document = {code: stored[code] for code in answers if code in stored}
    for code, value in answers.items():
        document = answer(document, code, value, sitting.now)
    for code, reason in body["missing"].items():
        item = instrument.item(code)  # raises UnknownItem
        document = leave_out(document, item.code, MissingReason(reason), sitting.now)
    return document


def form(sitting: Sitting, asked: PackAssignment, *, answers: Answers) -> dict[str, Any]:
    """What is asked now that these answers are given, in words; what cannot wait until it is sent
    is said at once."""
    instrument = instrument_of(sitting, asked)
    draft = asked.draft
    wording = wording_of(sitting, instrument, draft)
    speak(wording.language)
    evaluated = evaluate_answers(sitting, instrument, answers)
    items = instrument.asked(evaluated.facts, answers)
    urgent = evaluated.red and not evaluated.failed
    advice: list[str] = []
    if urgent:
        advice = _advice(sitting.now, evaluated)
    return {
        **listed(asked),
        "form": " ".join(wording.read),
        "instrument_version": instrument.version,
        "wording_version": wording.version,
        "language": wording.language,
        "head": wording.head,
        "recall": wording.recall,
        "safety_line": _with_number(wording.safety_line),
        "banner": wording.banner,
        "items": [_item(item, wording) for item in items],
        "every_item": [_item_with_conditions(item, wording) for item in instrument.items],
        "facts": {fact: evaluated.facts.get(fact) for fact in sorted(instrument.facts)},
        "draft": draft,
        "urgent": urgent,
        "advice": advice,
    }


def wording_of(sitting: Sitting, instrument: Instrument, draft: Draft | None) -> Wording:
    """The words a draft was opened in, else those it would be opened in; raises NotLicensed."""
    if draft is None:
        return sitting.library.wording_to_ask(instrument.code, sitting.patient.language)
    return sitting.library.wording(
        instrument.code, draft.language, instrument.version, draft.wording_version
    )


def listed(asked: PackAssignment) -> dict[str, Any]:
    """An assignment without its questions."""
    row = asked.assignment
    library = request_context.library()
    instrument = library.instrument(row.instrument)
    own_language = request_context.current_patient().language
    opened = asked.response or asked.draft
    read = opened.language if opened else language()
    wording = library.wording_to_name(row.instrument, read, own_language)
    return {
        "id": row.id,
        "pack": f"{row.event} {row.number}",
        "instrument": row.instrument,
        "title": wording.short_title,
        "minutes": instrument.minutes,
        "state": row.state,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "submitted_at": asked.response.submitted_at if asked.response else None,
    }


def receipt_with_advice(receipt: Receipt) -> dict[str, Any]:
    """A receipt with what the patient is told about her answers."""
    advice: list[str] = []
    speak(receipt.language)
    if receipt.evaluated:
        advice = _advice(receipt.submitted_at, receipt.evaluated)
    return {
        "receipt": receipt.code,
        "submitted_at": receipt.submitted_at,
        "urgent": receipt.red and bool(advice),
        "advice": advice,
    }


def _check_answers(instrument: Instrument, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in their proper form; raises StrangeAnswers, which names every one that is
    not."""
    errors = answers_schema(instrument)().validate(answers)
    if errors:
        # The first of them gives the refusal its code and sentence.
        code = next(iter(errors))
        if code in instrument.by_code:
            raise StrangeAnswers(errors, NotOffered(code))
        raise StrangeAnswers(errors, UnknownItem(code))
    try:
        return instrument.checked(answers)
    except NotOffered as refusal:
        raise StrangeAnswers({refusal.item: [str(refusal)]}, refusal) from refusal


def _item(item: Item, wording: Wording) -> dict[str, Any]:
    return {
        "code": item.code,
        "kind": item.kind,
        "text": wording.question(item),
        "recall": wording.recall_of(item),
        "hint": wording.hints.get(item.code),
        "options": [
            {"value": option, "text": wording.option(item.code, option)} for option in item.options
        ],
        "range": [item.low, item.high] if item.kind is ItemKind.NUMBER else None,
        "none": item.none,
        "safety": item.safety,
    }


def _item_with_conditions(item: Item, wording: Wording) -> dict[str, Any]:
    texts = wording.variants.get(item.code, {})
    variants: list[dict[str, Any]] = []
    for variant in item.variants:
        when = _condition(variant.when)
        variants.append({"code": variant.code, "when": when, "text": texts[variant.code]})
    return {**_item(item, wording), "asked_if": _condition(item.asked_if), "variants": variants}


def _condition(condition: Condition | None) -> dict[str, Any] | None:
    """A condition as data, for a device that is offline and decides by itself."""
    if condition is None:
        return None
    return as_content(condition)


def _advice(at: datetime, evaluated: Evaluated) -> list[str]:
    texts = advice_text(evaluated, hospital(), at)
    if texts is None:
        return []
    return [_with_number(text) for text in (texts.first, *texts.more, texts.called) if text]


def _with_number(text: str) -> str:
    """The text with the number of the patient's own hospital in it."""
    # Most texts name no number; those look no hospital up.
    if "{phone}" not in text:
        return text
    return text.replace("{phone}", written(hospital().phone))
