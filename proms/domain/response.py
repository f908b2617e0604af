"""A response as it is kept: one document, item by item, with when each was answered and why one is
missing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from proms.domain.instrument import (
    Answers,
    ConditionContext,
    Facts,
    Instrument,
    Item,
    Value,
)

# A clock that follows the network is right to the second: one this far off was set by hand.
PHONES_DIFFER = timedelta(minutes=5)
SHORT = 12  # characters of a digest that tells two answers of one item apart


class MissingReason(StrEnum):
    """Why an item has no answer."""

    SKIPPED = "skipped"
    DECLINED = "declined"
    NOT_ASKED = "not_asked"


class Mode(StrEnum):
    """How the answers reached us."""

    PHONE = "phone"
    TABLET = "tablet"  # of the hospital, handed over for one sitting
    API = "api"
    CALL = "call"  # told on the telephone, and typed in by staff
    PAPER = "paper"  # filled in on paper, and typed in by staff


BY_STAFF = (Mode.CALL, Mode.PAPER)


class Entry(TypedDict, total=False):
    """One item of a document: a value or a reason, and the two times (ISO 8601, UTC). `on_phone` is
    the time by the clock of a phone that kept it and sent it later: nothing is decided by it.
    `phone_ahead` is by how many seconds that clock was ahead of ours when it came in.

    `device` names the browser it was last written in.

    `unasked` is an answer to an item that was not asked of her, which is no value: it stands beside
    the reason. `variant` is the one of several wordings that was asked.
    """

    value: int | str | list[str]
    missing: str
    unasked: int | str | list[str]
    variant: str
    first_answered: str
    last_changed: str
    on_phone: str
    phone_ahead: int
    device: str


@dataclass(frozen=True)
class Given:
    """What was given to one item: an answer, or why there is none, and when by the clock of a phone
    that kept it."""

    value: Value | MissingReason
    on_phone: str = ""
    phone_ahead: int | None = None
    device: str = ""


Document = dict[str, Entry]


def answers_of(document: Mapping[str, Entry]) -> dict[str, Value]:
    """The answers alone; an item without a value is absent."""
    return {code: _value(entry["value"]) for code, entry in document.items() if "value" in entry}


def unasked_of(document: Mapping[str, Entry]) -> dict[str, Value]:
    """What she answered though it was not asked of her: for people and rules to see, never for a
    score."""
    return {
        code: _value(entry["unasked"]) for code, entry in document.items() if "unasked" in entry
    }


def item_as_asked(item: Item, document: Mapping[str, Entry], facts: Facts | None = None) -> Item:
    """The item in the words that were asked: the document says which, and where it was stored
    before documents did, the answers and what is known of her."""
    variant = document.get(item.code, Entry()).get("variant")
    if variant:
        return replace(item, variant=variant)
    return item.as_asked(ConditionContext(answers=answers_of(document), facts=facts or {}))


def missing_of(document: Mapping[str, Entry]) -> dict[str, MissingReason]:
    """The items left out, with the reason."""
    return {
        code: MissingReason(entry["missing"])
        for code, entry in document.items()
        if "missing" in entry
    }


def answer(document: Document, item: str, value: Value, now: datetime) -> Document:
    """The document with this item answered; the first time stays, the last moves only when the
    value changes. An empty text is no answer."""
    if value == "":
        return leave_out(document, item, MissingReason.SKIPPED, now)
    before = document.get(item, Entry())
    stored = _as_json(value)
    if before.get("value") == stored:
        return document
    entry = Entry(
        value=stored,
        first_answered=before.get("first_answered", now.isoformat()),
        last_changed=now.isoformat(),
    )
    return {**document, item: entry}


def leave_out(document: Document, item: str, reason: MissingReason, now: datetime) -> Document:
    """The document with this item left unanswered on purpose."""
    if document.get(item, Entry()).get("missing") == reason:
        return document
    return {**document, item: Entry(missing=reason.value, last_changed=now.isoformat())}


def with_given(document: Document, item: str, given: Given, now: datetime) -> Document:
    """The document with what was given to this item, and when that was on the phone."""
    if isinstance(given.value, MissingReason):
        written = leave_out(document, item, given.value, now)
    else:
        written = answer(document, item, given.value, now)
    if written is document:
        return written
    entry = Entry(**written[item])
    if given.on_phone:
        entry["on_phone"] = given.on_phone
    if given.phone_ahead is not None:
        entry["phone_ahead"] = given.phone_ahead
    if given.device:
        entry["device"] = given.device
    return {**written, item: entry}


def phone_ahead(document: Mapping[str, Entry]) -> timedelta:
    """By how much the clock of the phone that kept these answers was ahead of ours, or behind where
    it is negative: the largest there is, and nothing where it is less than phones differ by."""
    seconds = (entry.get("phone_ahead", 0) for entry in document.values())
    ahead = timedelta(seconds=max(seconds, key=abs, default=0))
    return ahead if abs(ahead) >= PHONES_DIFFER else timedelta()


def whole(document: Document, asked: Iterable[Item], instrument: Instrument) -> Document:
    """The document as it is stored: asked items never touched are skipped, the rest was not asked.

    An answer to what was not asked is kept, set apart from the values.
    """
    asked_items = {item.code: item for item in asked}
    stored: Document = {}
    for code in instrument.by_code:
        if code in asked_items:
            stored[code] = _asked_entry(document.get(code), asked_items[code])
        else:
            stored[code] = _unasked_entry(document.get(code, Entry()))
    return stored


def from_answers(answers: Answers, missing: Mapping[str, MissingReason], now: datetime) -> Document:
    """The document of answers that arrive all at once."""
    document: Document = {}
    for item, value in answers.items():
        document = answer(document, item, value, now)
    for item, reason in missing.items():
        document = leave_out(document, item, reason, now)
    return document


def digest(answers: Answers, missing: Mapping[str, MissingReason]) -> str:
    """The hash that tells whether two submissions say the same."""
    content = {
        "answers": {item: _as_json(value) for item, value in answers.items()},
        "missing": dict(missing),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def says_the_same(stored: Document, sent: Document) -> bool:
    """Whether answers that come say what those that are stored say: a question that was skipped and
    one that is not named are alike, one that was declined is not."""
    return _said(stored) == _said(sent)


def answered_otherwise(document: Document, stored: Document) -> set[str]:
    """The items that are answered in a document, and otherwise or not at all in what is stored."""
    kept = {**answers_of(stored), **unasked_of(stored)}
    return {item for item, value in answers_of(document).items() if kept.get(item) != value}


def fingerprints(document: Document) -> dict[str, str]:
    """By which it is seen, item by item, whether a document still says what it said."""
    said = {
        code: json.dumps([entry.get("value"), entry.get("missing")])
        for code, entry in document.items()
    }
    return {code: hashlib.sha256(text.encode()).hexdigest()[:SHORT] for code, text in said.items()}


def _said(document: Document) -> tuple[dict[str, Value], set[str]]:
    declined = {
        item for item, reason in missing_of(document).items() if reason is MissingReason.DECLINED
    }
    return {**answers_of(document), **unasked_of(document)}, declined


def _asked_entry(sent: Entry | None, item: Item) -> Entry:
    entry = sent or Entry(missing=MissingReason.SKIPPED.value)
    return Entry(**entry, variant=item.variant) if item.variant else entry


def _unasked_entry(sent: Entry) -> Entry:
    entry = Entry(missing=MissingReason.NOT_ASKED.value)
    if "value" not in sent:
        return entry
    times = Entry(first_answered=sent["first_answered"], last_changed=sent["last_changed"])
    return Entry(**entry, unasked=sent["value"], **times)


def _as_json(value: Value) -> int | str | list[str]:
    return list(value) if isinstance(value, tuple) else value


def _value(stored: int | str | list[str]) -> Value:
    return tuple(stored) if isinstance(stored, list) else stored
