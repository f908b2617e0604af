"""The messages of a site's patients: what did not arrive, what is on its way, what comes."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import col

from proms.actions.cancelled_messages import cancel_message
from proms.actions.refusals import MessageLeft
from proms.db.queries.confirmations import to_confirm
from proms.db.queries.site_messages import coming, in_hand, not_arrived, tallies
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.domain.protocol import Protocol
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff

AHEAD = timedelta(days=7)
RECENT = timedelta(days=30)
ON_THEIR_WAY = 60  # so many are shown one by one: a burst at nine is a number


@staff.get("/messages")
@staff_only(Role.NURSE, Role.COORDINATOR)
def messages() -> str:
    """What did not arrive in the last month, what is on its way, and what the next week brings."""
    now, site_id = request_context.now(), request_context.current_staff().site_id
    with request_context.reading() as session:
        lost = not_arrived(session, site_id, now - RECENT)
        on_their_way = in_hand(session, site_id)
        ahead = coming(session, site_id, now, now + AHEAD, zone())
        ended = tallies(session, site_id, now - RECENT)
        at_site = col(Patient.site_id) == site_id
        waits = to_confirm(session, request_context.message_plans(), now, at_site)
    return render_template(
        "staff/messages/messages.html",
        lost=lost,
        on_their_way=on_their_way[:ON_THEIR_WAY],
        more=len(on_their_way[ON_THEIR_WAY:]),
        coming=ahead,
        tallies=ended,
        to_confirm=waits,
        moment_of=_moment_of,
        ahead=AHEAD.days,
        recent=RECENT.days,
    )


@staff.post("/messages/<id:delivery_id>/cancel")
@staff_only(Role.NURSE, Role.COORDINATOR)
def cancel(delivery_id: int) -> ResponseReturnValue:
    """Take back a message that has not left."""
    by, now = request_context.current_staff(), request_context.now()
    try:
        with request_context.writing() as session:
            cancel_message(session, delivery_id=delivery_id, by=by, now=now)
        flash(_("The message is cancelled. The next one comes on its day."))
    except MessageLeft:
        flash(_("It could not be cancelled: it has left already, or is being sent."))
    return redirect(url_for("staff.messages"), 303)


def _moment_of(patient_protocol: str, version: int, event: str, number: int) -> str:
    protocol: Protocol = request_context.library().protocol(patient_protocol, version)
    return moment_in_words(protocol, event, number)
