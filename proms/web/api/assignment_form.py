"""A questionnaire as the API tells it, and its answers as the API reads them."""

from collections.abc import Mapping
from typing import Any

from proms.actions.drafts import Sitting, draft_of
from proms.actions.evaluations import Evaluated, evaluate_answers
from proms.actions.refusals import AlreadyAnswered
from proms.actions.submissions import Receipt
from proms.db.queries.today import PackAssignment
from proms.db.tables import Draft
from proms.domain.instrument import (
    Answers,
    Instrument,
    Item,
    ItemKind,
    NotOffered,
    UnknownItem,
    Wording,
    as_content,
)
from proms.domain.response import Document, MissingReason, answer, leave_out
from proms.web import request_context
from proms.web.advice import advice_text
from proms.web.api.errors import StrangeAnswers
from proms.web.api.fields import answers_schema
from proms.web.locale import language
from proms.web.phone_numbers import hospital, phone


def instrument_of(sitting: Sitting, asked: PackAssignment) -> Instrument:
    """The instrument in the version the assignment was opened with, else the current one."""
    begun = asked.response or asked.draft
    return sitting.library.instrument(
        asked.assignment.instrument, begun.instrument_version if begun else None
    )


def held_draft(sitting: Sitting, asked: PackAssignment) -> Draft | None:
    """The draft, none while nobody opened it; raises the refusal that says why it cannot be filled
    in."""
    if asked.response:
        first = asked.response
        raise AlreadyAnswered(
            "These questions were answered before.",
            submitted_at=first.submitted_at.isoformat(),
            receipt=first.receipt,
        )
    if asked.draft is None and asked.open_at(sitting.now):
        return None
    return draft_of(sitting)


def document(sitting: Sitting, asked: PackAssignment, body: Mapping[str, Any]) -> Document:
    """What was sent, item by item; an answer the draft holds already keeps the time it was first
    given."""
    instrument = instrument_of(sitting, asked)
    held = asked.draft.document if asked.draft else {}
    answers = _checked(instrument, body["answers"])
    kept: Document = {code: held[code] for code in answers if code in held}
    for code, value in answers.items():
        kept = answer(kept, code, value, sitting.now)
    for code, reason in body["missing"].items():
        kept = leave_out(kept, instrument.item(code).code, MissingReason(reason), sitting.now)
    return kept


def form(sitting: Sitting, asked: PackAssignment, *, answers: Answers) -> dict[str, Any]:
    """What is asked now that these answers are given, in words; what cannot wait until it is sent
    is said at once."""
    instrument, draft = instrument_of(sitting, asked), asked.draft
    wording = wording_of(sitting, instrument, draft)
    evaluated = evaluate_answers(sitting, instrument, answers)
    items = instrument.asked(evaluated.facts, answers)
    urgent = evaluated.red and not evaluated.failed
    return {
        **listed(asked),
        "instrument_version": instrument.version,
        "wording_version": wording.version,
        "language": wording.language,
        "head": wording.head,
        "recall": wording.recall,
        "safety_line": _dialled(wording.safety_line),
        "banner": wording.banner,
        "items": [_item(item, wording) for item in items],
        "every_item": [_possible(item, wording) for item in instrument.items],
        "facts": {fact: evaluated.facts.get(fact) for fact in sorted(instrument.facts)},
        "draft": draft,
        "urgent": urgent,
        "advice": _advice(sitting.now, evaluated) if urgent else [],
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
    instrument = request_context.library().instrument(row.instrument)
    title = (
        request_context.library()
        .wording_to_name(row.instrument, language(), request_context.current_patient().language)
        .short_title
    )
    return {
        "id": row.id,
        "pack": f"{row.event} {row.number}",
        "instrument": row.instrument,
        "title": title,
        "minutes": instrument.minutes,
        "state": row.state,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "submitted_at": asked.response.submitted_at if asked.response else None,
    }


def receipt_told(receipt: Receipt) -> dict[str, Any]:
    """A receipt with what the patient is told about her answers."""
    advice = _advice(receipt.submitted_at, receipt.evaluated) if receipt.evaluated else []
    told_now = {"urgent": receipt.red and bool(advice), "advice": advice}
    return {"receipt": receipt.code, "submitted_at": receipt.submitted_at, **told_now}


def _checked(instrument: Instrument, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in their proper form; raises StrangeAnswers, which names every one that is
    not."""
    wrong = answers_schema(instrument)().validate(answers)
    if wrong:
        code = next(iter(wrong))
        raise StrangeAnswers(
            wrong, NotOffered(code) if code in instrument.by_code else UnknownItem(code)
        )
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


def _possible(item: Item, wording: Wording) -> dict[str, Any]:
    """An item with its conditions as data."""
    texts = wording.variants.get(item.code, {})
    variants = [
        {
            "code": each.code,
            "when": as_content(each.when) if each.when else None,
            "text": texts[each.code],
        }
        for each in item.variants
    ]
    return {
        **_item(item, wording),
        "asked_if": as_content(item.asked_if) if item.asked_if else None,
        "variants": variants,
    }


def _advice(at: Any, evaluated: Evaluated) -> list[str]:
    words = advice_text(evaluated, hospital(), at)
    return [_dialled(each) for each in (words.first, *words.more)] if words else []


def _dialled(words: str) -> str:
    """The words with the number of the patient's own hospital in them."""
    return words.replace("{phone}", phone(hospital().phone)) if "{phone}" in words else words
