"""Patient pages: what is due, one question a screen, check, send. They work without a script."""

from flask import Flask

from proms.web.patient import calling, form, receipt, review, start, today
from proms.web.patient.routes import pages

__all__ = ["calling", "form", "install", "receipt", "review", "start", "today"]


def install(app: Flask) -> None:
    app.register_blueprint(pages)
