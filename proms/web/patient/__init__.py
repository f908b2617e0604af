"""Patient pages: what is due, one question a screen, check, send. They work without a script."""

from flask import Flask

from proms.domain.plain_text import LONGEST_TEXT, TYPED, characters
from proms.web.patient import (
    arrival,
    call,
    earlier,
    extra,
    form,
    from_phone,
    own_answers,
    own_pin,
    pause,
    pin,
    receipt,
    review,
    start,
    tablet,
    today,
    without_network,
)
from proms.web.patient.owner import owner
from proms.web.patient.routes import pages

__all__ = [
    "arrival",
    "call",
    "earlier",
    "extra",
    "form",
    "from_phone",
    "install",
    "own_answers",
    "own_pin",
    "pause",
    "pin",
    "receipt",
    "review",
    "start",
    "tablet",
    "today",
    "without_network",
]


def install(app: Flask) -> None:
    app.permanent_session_lifetime = own_answers.KEPT
    # A page that only shows gives no cookie: it would put back what a page beside it just changed.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.jinja_env.globals.update(
        made=arrival.made, owner=owner, longest_text=LONGEST_TEXT, typed_text=TYPED
    )
    app.jinja_env.filters.update(characters=characters)
    app.register_blueprint(pages)
