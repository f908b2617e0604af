"""Staff pages: worklist, patients, calendar, data, people. They work without a script."""

from flask import Flask

# Each of these puts its routes, filters or error pages on the blueprint as it is loaded.
from proms.web.staff import errors, export, login
from proms.web.staff.calendar import record_views
from proms.web.staff.calendar import views as calendar
from proms.web.staff.call_list import views as call_list
from proms.web.staff.imports import history as history_import
from proms.web.staff.imports import labs as lab_import
from proms.web.staff.instruments import views as instruments
from proms.web.staff.messages import views as messages
from proms.web.staff.paper import views as paper
from proms.web.staff.patient import (
    confirmation,
    consultation,
    enrolment,
    expected,
    fill_in,
    labs,
    patients,
    pin,
    second_way,
    strips,
    tablet,
)
from proms.web.staff.patient import views as patient
from proms.web.staff.people import person
from proms.web.staff.people import views as people
from proms.web.staff.pin_use import views as pin_use
from proms.web.staff.roster import views as roster
from proms.web.staff.routes import staff
from proms.web.staff.rule_report import views as rule_report
from proms.web.staff.sender import views as sender
from proms.web.staff.set_aside import views as set_aside
from proms.web.staff.worklist import acts as alert_acts
from proms.web.staff.worklist import views as worklist

__all__ = [
    "alert_acts",
    "calendar",
    "call_list",
    "confirmation",
    "consultation",
    "enrolment",
    "errors",
    "expected",
    "export",
    "fill_in",
    "history_import",
    "install",
    "instruments",
    "lab_import",
    "labs",
    "messages",
    "login",
    "paper",
    "patient",
    "patients",
    "people",
    "person",
    "pin",
    "pin_use",
    "record_views",
    "roster",
    "rule_report",
    "second_way",
    "sender",
    "set_aside",
    "strips",
    "tablet",
    "worklist",
]


def install(app: Flask) -> None:
    app.register_blueprint(staff)
