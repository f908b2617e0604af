"""The front door: sends people on, says whether all is well, and lets a reader choose a
language."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from proms import clock
from proms.actions.access import former_patient, logged_in, visiting
from proms.db.keyring import Keyring
from proms.db.queries.demo_time import offset
from proms.db.tables import Patient
from proms.web import demo, phone_numbers, request_context
from proms.web.former import over
from proms.web.guard import PATIENT_COOKIE, STAFF_COOKIE, cookie_name, open_to_all
from proms.web.health import UNWELL, Look, Pulse
from proms.web.language_switch import remember
from proms.web.locale import LANGUAGES

Person = TypeVar("Person")

front = Blueprint("front", __name__)


def install(app: Flask) -> None:
    phone_numbers.install(app)
    app.extensions["pulse"] = Pulse()
    app.register_blueprint(front)
    if app.extensions["parts"].settings.demo:
        demo.install(app)


@front.get("/")
@open_to_all
def home() -> ResponseReturnValue:
    """Send a patient to her page and staff to theirs; show anyone else both ways in."""
    if _holder_of(PATIENT_COOKIE, visiting):
        return redirect(url_for("patient.today"))
    if _holder_of(STAFF_COOKIE, logged_in):
        return redirect(url_for("staff.login"))
    if _former():
        return redirect(url_for("front.no_link"))
    return render_template("front.html")


@front.get("/link")
@open_to_all
def no_link() -> ResponseReturnValue:
    """Where a device without a patient's visit ends up."""
    g.patient = _former()
    if g.patient:
        return over(g.patient)
    return render_template("patient/link.html")


@front.get("/health")
@open_to_all
def health() -> ResponseReturnValue:
    """200 while web, database and worker are well, else 503 with the one that is not; what is
    degraded, such as a message that was lost, is named too."""
    look = _look()
    return look.in_words(), 503 if look.status == UNWELL else 200


@front.get("/health/figures")
@open_to_all
def health_figures() -> ResponseReturnValue:
    """The same with what was counted: ages, what is owed, what came due and what was sent."""
    look = _look()
    return look.in_figures(), 503 if look.status == UNWELL else 200


def _look() -> Look:
    pulse: Pulse = current_app.extensions["pulse"]
    parts = request_context.parts()

    def clinic(session: Session) -> datetime:
        return clock.now() + (offset(session) if parts.settings.demo else timedelta())

    return pulse.of(parts.database, clinic, clock.now())


@front.route("/language/<code>", methods=["GET", "POST"])
@open_to_all
def language(code: str) -> ResponseReturnValue:
    """Remember on this device which language its reader chose, and go back."""
    if code not in LANGUAGES:
        abort(404)
    response = redirect(_path_on_this_site(request.values.get("back", "")), 303)
    return remember(make_response(response), code)


def _holder_of(
    cookie: str, find: Callable[[Session, Keyring, str, datetime], Person | None]
) -> Person | None:
    """Whose device this is by that cookie, if anybody's."""
    token = request.cookies.get(cookie_name(cookie))
    if not token:
        return None
    with request_context.reading() as session:
        return find(session, request_context.keyring(), token, request_context.now())


def _former() -> Patient | None:
    """Who came in on this device and takes no further part."""
    return _holder_of(
        PATIENT_COOKIE, lambda session, keys, token, _now: former_patient(session, keys, token)
    )


def _path_on_this_site(path: str) -> str:
    """The path if it stays on this site, else the front door."""
    absolute = path.startswith("/") and not path.startswith("//")
    # A browser reads "//host", "/\host" and a path with control characters in it as another site.
    plain = path.isprintable() and "\\" not in path
    return path if absolute and plain else url_for("front.home")
