"""Patient pages: what is due, one question a screen, check, send. They work without a script."""

from flask import Flask

from proms.web.patient import arrival, call, extra, form, own_answers, receipt, review, start, today
from proms.web.patient.routes import pages

__all__ = [
    "arrival",
    "call",
    "extra",
    "form",
    "install",
    "own_answers",
    "receipt",
    "review",
    "start",
    "today",
]


def install(app: Flask) -> None:
    app.permanent_session_lifetime = own_answers.KEPT
    app.jinja_env.globals.update(made=arrival.made)
    app.register_blueprint(pages)
