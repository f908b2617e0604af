"""Who may call what. Every route is denied until it is opened here by name."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from sqlmodel import Session

from proms.actions.access import is_stale, logged_in, open_visit, touch, whose_session
from proms.actions.handing_over import TabletStage, stage_of
from proms.actions.pins import asks_for_pin, go_on, goes_on
from proms.db.tables import Staff
from proms.domain.person import Role
from proms.web import request_context

STAFF_COOKIE = "staff"
PATIENT_COOKIE = "patient"
BEARER = "Bearer "
OPEN, PATIENT, EITHER = "open", "patient", "staff or patient"
ANY_STAFF = frozenset(Role)

View = TypeVar("View", bound=Callable[..., object])
csrf = CSRFProtect()


def open_to_all(view: View) -> View:
    """Anyone may call this route."""
    return _mark(view, OPEN)


def patients_only(view: View) -> View:
    """Only a device that a patient's link was opened on."""
    return _mark(view, PATIENT)


def before_pin(view: View) -> View:
    """A patient's route that may be called before her PIN is given: it shows nothing of hers."""
    view.before_pin = True  # type: ignore[attr-defined]
    return view


def until(stage: TabletStage) -> Callable[[View], View]:
    """A patient's route that a tablet may still call when its sitting is so far."""

    def mark(view: View) -> View:
        view.until = stage  # type: ignore[attr-defined]
        return view

    return mark


def staff_and_patients(view: View) -> View:
    """Any staff, and a device that a patient's link was opened on."""
    return _mark(view, EITHER)


def staff_only(*roles: Role) -> Callable[[View], View]:
    """Only staff with one of these roles; without roles, any staff."""

    def mark(view: View) -> View:
        return _mark(view, frozenset(roles) or ANY_STAFF)

    return mark


def admits(app: Flask, endpoint: str) -> object | None:
    """Whom a route is open to: OPEN, PATIENT, EITHER, the staff roles, or None where its view has
    no mark (then it is denied)."""
    if endpoint == "static":
        return OPEN
    return getattr(app.view_functions.get(endpoint), "admits", None)


def install(app: Flask) -> None:
    csrf.init_app(app)
    app.before_request(check)


def check() -> ResponseReturnValue | None:
    """Let the request through, send it to the log-in, or refuse it."""
    if request.endpoint is None:
        return None  # 404 or 405 by routing
    admitted = admits(current_app, request.endpoint)
    if admitted == OPEN:
        return None
    if admitted == PATIENT:
        return _check_patient()
    if admitted == EITHER:
        return _check_either()
    if isinstance(admitted, frozenset):
        return _check_staff(admitted)
    return abort(403)


def cookie_name(name: str) -> str:
    """The cookie's name; over https it is bound to the host."""
    return f"__Host-{name}" if request_context.parts().settings.secure else name


def set_cookie(response: object, name: str, token: str, max_age: int) -> None:
    """Give the device its token, out of reach of scripts and of other sites."""
    response.set_cookie(  # type: ignore[attr-defined]
        cookie_name(name),
        token,
        max_age=max_age,
        secure=request_context.parts().settings.secure,
        httponly=True,
        samesite="Lax",
    )


def bearer() -> str | None:
    """The API's token, if the request carries one."""
    header = request.headers.get("Authorization", "")
    if not header.startswith(BEARER):
        return None
    return header.removeprefix(BEARER)


def is_api() -> bool:
    return request.path.startswith("/api/")


def asked_by_script() -> bool:
    """Whether a page of ours asks in its reader's absence: it reads data, and follows no page."""
    return request.is_json


def _mark(view: View, admitted: object) -> View:
    view.admits = admitted  # type: ignore[attr-defined]
    return view


def _check_either() -> ResponseReturnValue | None:
    """Staff where the token is theirs, else a patient."""
    with request_context.reading() as session:
        staff = _staff_of(session, _token(STAFF_COOKIE))
    return _check_staff(ANY_STAFF) if staff else _check_patient()


def _token(cookie: str) -> str | None:
    """The API reads no cookie: no other site can make a browser use it."""
    if is_api():
        return bearer()
    return request.cookies.get(cookie_name(cookie))


def _staff_of(session: Session, token: str | None) -> Staff | None:
    if not token:
        return None
    return logged_in(session, request_context.keyring(), token, request_context.now())


def _check_patient() -> ResponseReturnValue | None:
    token, now = _token(PATIENT_COOKIE) or "", request_context.now()
    with request_context.reading() as session:
        found = open_visit(session, request_context.keyring(), token, now) if token else None
        stage = TabletStage.ON
        if found and found.visit.handed_over:
            stage = stage_of(session, found.visit, now)
    if found is None:
        return _open_link_first()
    g.patient, g.visit = found.patient, found
    view = current_app.view_functions[request.endpoint or ""]
    closed = asks_for_pin(found, now, shows=request.method in ("GET", "HEAD"))
    if closed and not getattr(view, "before_pin", False):
        return _give_pin_first()
    if stage > getattr(view, "until", TabletStage.ON):
        return redirect(url_for("patient.give_back"), 303)
    if goes_on(found, now):
        go_on(request_context.parts().database, request_context.keyring(), token=token, now=now)
    return None


def _check_staff(roles: frozenset[Role]) -> ResponseReturnValue | None:
    token = _token(STAFF_COOKIE)
    stale = False
    with request_context.reading() as session:
        staff = _staff_of(session, token)
        if token and staff:
            stale = is_stale(session, request_context.keyring(), token, request_context.now())
    if staff is None:
        return _log_in_first(token)
    if Role(staff.role) not in roles:
        abort(403)
    # A log-in ends when it is not used. Its last use is written down only once in a while, so that
    # most requests only read.
    if token and stale and not _asks_by_itself():
        with request_context.writing() as session:
            touch(session, request_context.keyring(), token=token, now=request_context.now())
    g.staff = staff
    return None


def _open_link_first() -> ResponseReturnValue:
    if is_api() or asked_by_script():
        return {"code": "not_signed_in", "message": "Open your link first."}, 401
    return redirect(url_for("front.no_link"))


def _give_pin_first() -> ResponseReturnValue:
    if is_api():
        return {"code": "pin_needed", "message": "Give the PIN with the link first."}, 401
    return redirect(url_for("patient.pin"), 303)


def asked_by_the_page(view: View) -> View:
    """A page asks this route by itself: that is no sign that somebody is at the desk."""
    view.asked_by_the_page = True  # type: ignore[attr-defined]
    return view


def _asks_by_itself() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "asked_by_the_page", False)


def _log_in_first(token: str | None) -> ResponseReturnValue:
    if is_api():
        return {"code": "not_signed_in", "message": "Log in first."}, 401
    view = current_app.view_functions[request.endpoint or ""]
    if token and request.method == "POST" and getattr(view, "show_typed", None):
        # Her session ended while she typed: the log-in page carries what she sent.
        with request_context.reading() as session:
            g.typed_by = whose_session(session, request_context.keyring(), token)
        if g.typed_by:
            return current_app.ensure_sync(current_app.view_functions["staff.login"])()
    # After the log-in she is where she wanted to go, unless that was a form she sent.
    back = request.path if request.method == "GET" else None
    return redirect(url_for("staff.login", next=back))
