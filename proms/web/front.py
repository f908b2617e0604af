"""The front door: sends people on, says whether all is well, and lets a reader choose a
language."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from flask import (
    Blueprint,
    Flask,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from proms import clock
from proms.actions.access import logged_in, visiting
from proms.actions.audit import ActorKind
from proms.db.keyring import Keyring
from proms.db.tables import Heartbeat
from proms.web import demo, phone_numbers, request_context
from proms.web.guard import PATIENT_COOKIE, STAFF_COOKIE, cookie_name, open_to_all
from proms.web.language_switch import remember
from proms.web.locale import LANGUAGES

SILENT_AFTER = timedelta(minutes=2)
WELL = "ok"
Person = TypeVar("Person")

front = Blueprint("front", __name__)


def install(app: Flask) -> None:
    phone_numbers.install(app)
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
    return render_template("front.html")


@front.get("/link")
@open_to_all
def no_link() -> ResponseReturnValue:
    """Where a device without a patient's visit ends up."""
    return render_template("patient/link.html")


@front.get("/health")
@open_to_all
def health() -> ResponseReturnValue:
    """200 only when web, database and worker are well; else 503 with the one that is not."""
    states = {"web": WELL} | _states_behind(clock.now())
    if all(state == WELL for state in states.values()):
        return {"status": WELL, **states}, 200
    return {"status": "unwell", **states}, 503


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


def _states_behind(real_now: datetime) -> dict[str, str]:
    """How database and worker are; heartbeats are in real time, also in a demo."""
    try:
        with request_context.reading() as session:
            beat = session.get(Heartbeat, ActorKind.WORKER.value)
    except DBAPIError:
        return {"database": "away", "worker": "unknown"}
    if beat is None:
        worker = "never started"
    elif real_now - beat.beat_at < SILENT_AFTER:
        worker = WELL
    else:
        worker = "silent"
    return {"database": WELL, "worker": worker}


def _path_on_this_site(path: str) -> str:
    """The path if it stays on this site, else the front door."""
    absolute = path.startswith("/") and not path.startswith("//")
    # A browser reads "//host", "/\host" and a path with control characters in it as another site.
    plain = path.isprintable() and "\\" not in path
    return path if absolute and plain else url_for("front.home")
