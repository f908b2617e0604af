"""Forms that several resources share: a refusal, and a list in parts."""

from marshmallow import Schema
from marshmallow.fields import Dict, Integer, Raw, String

from proms.web.api.fields import Strict, digits


class RefusedOut(Schema):
    """Why not: a code that stays the same, a sentence for people, and what is wrong with which
    field."""

    code = String(required=True)
    message = String(required=True)
    errors = Dict(keys=String(), values=Raw())
    # The field that says, when it is true, that what is odd is so all the same.
    confirm = String()


class PageIn(Strict):
    """Which part of a list."""

    page = digits(1, 10_000, load_default=1)
    size = digits(1, 100, load_default=50)


class PageOut(Schema):
    """Which part of how long a list this is."""

    page = Integer(required=True)
    size = Integer(required=True)
    total = Integer(required=True)
