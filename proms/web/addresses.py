"""What an address may hold: ids that their column holds, and text; at any other there is nothing,
whichever route it is."""

import re

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from proms.domain.plain_text import LARGEST_ID, line_fault, text_fault

LONGEST = 8000


class IdConverter(IntegerConverter):
    """An id or a number, in at most nine digits of ours: `<id:alert_id>`."""

    # The digits are counted here, because a number that is refused by its size alone would read as
    # an address that takes other methods.
    regex = "[0-9]{1,9}"

    def __init__(self, map: Map, min: int | None = None, max: int = LARGEST_ID) -> None:
        super().__init__(map, min=min, max=max)


def install(app: Flask) -> None:
    """Before any route is named, and ahead of whatever reads an address."""
    app.url_map.converters["id"] = IdConverter
    app.before_request(refuse_strange)


def refuse_strange() -> None:
    """PostgreSQL takes no zero in a text, and would fail where SQLite finds nothing."""
    if line_fault(request.path, LONGEST):
        abort(404)
    for name, values in request.args.lists():
        if any(text_fault(part, LONGEST) for part in (name, *values)):
            abort(400)


def id_in_query(name: str) -> int | None:
    """An id that the query names; None where it names none, or what no id can be."""
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(IdConverter.regex, text) else None
