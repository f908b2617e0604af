"""A response as it is kept: one document, item by item, with when each was answered and why one is
missing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from proms.domain.instrument import Answers, Value


class MissingReason(StrEnum):
    """Why an item has no answer."""

    SKIPPED = "skipped"
    DECLINED = "declined"
    NOT_ASKED = "not_asked"


class Mode(StrEnum):
    """How the answers reached us."""

    PHONE = "phone"
    API = "api"
    STAFF = "staff"


class Entry(TypedDict, total=False):
    """One item of a document: a value or a reason, and the two times (ISO 8601, UTC)."""

    value: int | str | list[str]
    missing: str
    first_answered: str
    last_changed: str


Document = dict[str, Entry]


def answers_of(document: Mapping[str, Entry]) -> dict[str, Value]:
    """The answers alone; an item without a value is absent."""
    return {code: _value(entry["value"]) for code, entry in document.items() if "value" in entry}


def missing_of(document: Mapping[str, Entry]) -> dict[str, MissingReason]:
    """The items left out, with the reason."""
    return {
        code: MissingReason(entry["missing"])
        for code, entry in document.items()
        if "missing" in entry
    }


def answer(document: Document, item: str, value: Value, now: datetime) -> Document:
    """The document with this item answered; the first time stays, the last moves only when the
    value changes."""
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


def whole(document: Document, asked: Iterable[str], every: Iterable[str]) -> Document:
    """The document as it is submitted: asked items never touched are skipped, the rest was not
    asked."""
    shown = set(asked)
    submitted: Document = {}
    for code in every:
        if code not in shown:
            submitted[code] = Entry(missing=MissingReason.NOT_ASKED.value)
        elif code in document:
            submitted[code] = document[code]
        else:
            submitted[code] = Entry(missing=MissingReason.SKIPPED.value)
    return submitted


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


def _as_json(value: Value) -> int | str | list[str]:
    return list(value) if isinstance(value, tuple) else value


def _value(stored: int | str | list[str]) -> Value:
    return tuple(stored) if isinstance(stored, list) else stored
