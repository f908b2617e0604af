"""Logging in and out."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from proms.actions.access import LOGIN_LIFE, log_in, log_out, logged_in
from proms.actions.refusals import TryLater, WrongPassword
from proms.domain.person import Role
from proms.web import request_context
from proms.web.errors import STATUS, later, retry_after
from proms.web.guard import STAFF_COOKIE, admits, cookie_name, open_to_all, set_cookie, staff_only
from proms.web.language_switch import keeps_typed
from proms.web.origin import device_origin, remember
from proms.web.staff.kept_form import kept_form, sealed_form, shown_again
from proms.web.staff.layout import HOMES
from proms.web.staff.routes import staff


@staff.get("/login")
@open_to_all
def login() -> ResponseReturnValue:
    """The log-in form; who is logged in already goes on to her own first page."""
    token = request.cookies.get(cookie_name(STAFF_COOKIE))
    person = None
    if token:
        with request_context.reading() as session:
            person = logged_in(session, request_context.keyring(), token, request_context.now())
    if person:
        return redirect(onward(request.args.get("next"), Role(person.role)))
    return render_template(
        "staff/login.html", typed={}, onward=request.args.get("next", ""), kept=sealed_form()
    )


def _typed_login() -> str:
    """The log-in form with the name that was typed; never the password."""
    return render_template(
        "staff/login.html",
        typed=request.form,
        onward=request.form.get("next", ""),
        kept=sealed_form(),
    )


@staff.post("/login")
@open_to_all
@keeps_typed(_typed_login)
def enter() -> ResponseReturnValue:
    """Name and password for a session of this device."""
    form = request.form
    origin = device_origin()
    try:
        person, token = log_in(
            request_context.parts().database,
            request_context.keyring(),
            login=form.get("login", ""),
            password=form.get("password", ""),
            origin=origin,
            now=request_context.now(),
        )
    except WrongPassword:
        return _again(_("The log-in name or the password is not right.")), 401
    except TryLater as refusal:
        return _again(later(refusal)), STATUS[refusal.code], retry_after(refusal)
    kept = kept_form(person)
    again = shown_again(kept, person) if kept else None
    response = again or redirect(onward(form.get("next"), Role(person.role)), 303)
    set_cookie(response, STAFF_COOKIE, token, int(LOGIN_LIFE.total_seconds()))
    remember(response, origin)
    return response


def _again(sentence: str) -> str:
    """The form as it was typed, but for the password, and what is wrong."""
    form = request.form
    return render_template(
        "staff/login.html",
        typed=form,
        onward=form.get("next", ""),
        kept=sealed_form(),
        sentence=sentence,
    )


@staff.post("/logout")
@staff_only()
def leave() -> Response:
    """End the session of this device."""
    name = cookie_name(STAFF_COOKIE)
    with request_context.writing() as session:
        log_out(
            session,
            request_context.keyring(),
            token=request.cookies[name],
            now=request_context.now(),
        )
    flash(_("You are logged out."))
    response = redirect(url_for("staff.login"), 303)
    response.delete_cookie(
        name, secure=request_context.parts().settings.secure, httponly=True, samesite="Lax"
    )
    return response


def onward(wanted: str | None, role: Role) -> str:
    """The staff page she asked for, if her role may open it; else her role's first page."""
    if wanted and wanted.startswith("/staff/"):
        adapter = current_app.create_url_adapter(request)
        assert adapter is not None  # a request has one
        try:
            endpoint, _values = adapter.match(wanted, method="GET")
        except HTTPException:
            endpoint = ""
        roles = admits(current_app, endpoint)
        if isinstance(roles, frozenset) and role in roles:
            return wanted
    return url_for(HOMES[role])
