"""What a call does not know by name is refused, not passed over: a misspelt `preview` would save.

Standard headers pass, whatever they say; a header that is meant for us must be one the call reads.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, TypeVar, cast

from flask import current_app, g, request
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnprocessableEntity

View = TypeVar("View", bound=Callable[..., object])
KEY_HEADER = "Idempotency-Key"
# A header is meant for us where it begins so, or is this much like one of ours: without hyphens,
# case and a leading "X-", as people write them.
OUR_BEGINNING = "proms"
OURS = ("idempotencykey",)
ALIKE = 0.8
UNKNOWN = "This call has no such {part}."
TWICE = "This is named twice."
LENIENT = re.compile(r"\bhandling\s*=\s*\"?lenient\b", re.IGNORECASE)


class NamesOnce(FlaskParser):
    """Reads a body in which no name stands twice: of two answers under one name one would be
    lost."""

    def _raw_load_json(self, req: Any) -> Any:
        try:
            body = super()._raw_load_json(req)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise  # the parser's own
        except ValueError as error:
            raise BadRequest("A number in the body has too many digits.") from error
        if isinstance(body, (dict, list)):
            _refuse_twice(req.get_data(cache=True))
        return body


def takes(view: View, part: str, schema: type[Schema]) -> View:
    """Note on a view what it knows by name in one part of a request: query, headers or body."""
    fields = schema._declared_fields.items()
    names = {field.data_key or name for name, field in fields if not field.dump_only}
    known: Mapping[str, frozenset[str]] = getattr(view, "known_names", {})
    view.known_names = {**known, part: frozenset(names)}  # type: ignore[attr-defined]
    return view


def refuse_unknown(*, lenient: bool = False) -> None:
    """Raises 422 with every name the call does not know. Where the caller is lenient, what is
    unknown in the query is passed over, and a search says so."""
    view = current_app.view_functions[request.endpoint or ""]
    known: Mapping[str, frozenset[str]] = getattr(view, "known_names", {})
    faults = dict(_repeated())
    unknown = [name for name in request.args if name not in known.get("query", ())]
    if lenient:
        g.passed_over = unknown
    else:
        faults |= dict.fromkeys(unknown, [UNKNOWN.format(part="parameter")])
    faults |= dict(_strange_headers(known.get("headers", frozenset())))
    if "body" not in known:
        faults |= dict(_unread_body())
    if faults:
        refuse(faults)


def refuse(faults: Mapping[str, list[str]]) -> None:
    """Raises 422 with these faults by name, in the form in which schemas report theirs."""
    error = UnprocessableEntity("The call does not know everything it was asked; nothing was done.")
    error.data = {"messages": {"names": faults}}  # type: ignore[attr-defined]
    raise error


def wants_lenient() -> bool:
    """Whether the caller prefers that a search passes over parameters it does not know."""
    return request.method == "GET" and bool(LENIENT.search(request.headers.get("Prefer", "")))


def passed_over() -> list[str]:
    """The parameters a lenient search did not know."""
    return cast(list[str], g.get("passed_over", []))


def _repeated() -> Iterator[tuple[str, list[str]]]:
    for name, values in request.args.lists():
        if len(values) > 1:
            yield name, [TWICE]


def _strange_headers(known: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    read = {name.casefold() for name in known}
    for name, _value in request.headers:
        if name.casefold() not in read and _meant_for_us(name):
            yield name, [UNKNOWN.format(part="header")]


def _meant_for_us(header: str) -> bool:
    """Whether a header is ours, or would be if it were spelt right."""
    letters = re.sub("[^a-z]", "", header.casefold().removeprefix("x-"))
    if letters.startswith(OUR_BEGINNING):
        return True
    return any(SequenceMatcher(None, letters, ours).ratio() >= ALIKE for ours in OURS)


def _unread_body() -> Iterator[tuple[str, list[str]]]:
    """What stands in the body of a call that reads none; an empty object says nothing."""
    raw = request.get_data(cache=True)
    if not raw.strip():
        return
    body = request.get_json(silent=True)
    if isinstance(body, dict):
        for name in body:
            yield name, [UNKNOWN.format(part="field")]
    elif body is not None:
        yield "body", ["This call reads no body."]
    elif raw.strip() != b"null":
        raise BadRequest("The body cannot be read as JSON.")


def _refuse_twice(raw: bytes) -> None:
    """Raises 422 with the names that stand twice in one object of this JSON."""
    twice: dict[str, list[str]] = {}

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for name, _value in pairs:
            if name in seen:
                twice[name] = [TWICE]
            seen.add(name)
        return {}

    json.loads(raw, object_pairs_hook=note)
    if twice:
        refuse(twice)
