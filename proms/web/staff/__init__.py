"""Staff pages: worklist, patients, calendar, data, people. They work without a script."""

from flask import Flask

from proms.web.staff import (
    amending,
    calendar,
    chart,
    data,
    enrolling,
    entering,
    formats,
    importing,
    instruments,
    patients,
    people,
    refused,
    worklist,
)
from proms.web.staff.routes import staff

__all__ = [
    "amending",
    "calendar",
    "chart",
    "data",
    "enrolling",
    "entering",
    "formats",
    "importing",
    "install",
    "instruments",
    "patients",
    "people",
    "refused",
    "worklist",
]


def install(app: Flask) -> None:
    app.register_blueprint(staff)
