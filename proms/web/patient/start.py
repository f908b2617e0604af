"""A patient's link: looking changes nothing, the tap on Start lets her in."""

from http import HTTPStatus

from flask import g, redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from proms.actions.access import VISIT_LIFE, begin_visit, former_patient, link_patient
from proms.actions.not_hers import say_not_hers
from proms.actions.refusals import LinkUnknown
from proms.web import request_context
from proms.web.former import over
from proms.web.guard import PATIENT_COOKIE, open_to_all, set_cookie
from proms.web.own_sheet import page_with_own_sheet
from proms.web.patient.routes import pages
from proms.web.patient.way_in import way_in


@pages.get("/q/<token>")
@open_to_all
def start(token: str) -> ResponseReturnValue:
    """The page before the tap: no name, no diagnosis, and nothing happens by looking at it."""
    try:
        with request_context.reading() as session:
            _link, g.patient = link_patient(
                session, request_context.keyring(), token, request_context.now()
            )
    except LinkUnknown:
        return dead_end(token)
    return page_with_own_sheet("patient/start.html")


@pages.post("/q/<token>")
@open_to_all
def begin(token: str) -> ResponseReturnValue:
    """The tap on Start: this device gets a token of its own, the link's token leaves the address,
    and she is where her questions are."""
    try:
        g.patient, visit = begin_visit(
            request_context.parts().database,
            request_context.keyring(),
            token=token,
            now=request_context.now(),
        )
    except LinkUnknown:
        return dead_end(token)
    response: Response = redirect(way_in(g.patient), 303)
    set_cookie(response, PATIENT_COOKIE, visit, int(VISIT_LIFE.total_seconds()))
    return response


@pages.get("/q/<token>/not-mine")
@open_to_all
def not_mine(token: str) -> ResponseReturnValue:
    """Ask once more: who taps it stops the messages."""
    try:
        with request_context.reading() as session:
            link_patient(session, request_context.keyring(), token, request_context.now())
    except LinkUnknown:
        return dead_end(token)
    return render_template("patient/not_mine.html", said=False)


@pages.post("/q/<token>/not-mine")
@open_to_all
def say_not_mine(token: str) -> ResponseReturnValue:
    """No more messages come there; the site is told."""
    try:
        with request_context.writing() as session:
            say_not_hers(session, request_context.keyring(), token=token, now=request_context.now())
    except LinkUnknown:
        return dead_end(token)
    return render_template("patient/not_mine.html", said=True)


def dead_end(token: str) -> ResponseReturnValue:
    """What a link leads to that lets nobody in: the same for unknown, revoked and expired, and a
    page of its own for who takes no further part."""
    with request_context.reading() as session:
        g.patient = former_patient(session, request_context.keyring(), token)
    if g.patient is None:
        return render_template("patient/link.html"), HTTPStatus.NOT_FOUND
    return over(g.patient), HTTPStatus.GONE
