"""Patient pages: what is due, one question a screen, check, send. They work without a script."""

from flask import Flask

from proms.web.patient import calling, extra, form, mine, receipt, review, start, today
from proms.web.patient.routes import pages

__all__ = ["calling", "extra", "form", "install", "mine", "receipt", "review", "start", "today"]


def install(app: Flask) -> None:
    app.permanent_session_lifetime = mine.KEPT
    app.register_blueprint(pages)
