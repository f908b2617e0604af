"""What could not be done by itself and waits for a person: at the reader's site, or anybody's."""

from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms import clock
from proms.actions.audit import staff_actor
from proms.actions.set_aside import try_again
from proms.db.queries.set_aside import set_aside_at
from proms.db.queries.watch import ticks_seen
from proms.domain.person import Role
from proms.domain.watch import TickSeen
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.staff.routes import staff

READERS = (Role.NURSE, Role.COORDINATOR, Role.ADMINISTRATOR)


@staff.get("/set-aside")
@staff_only(*READERS)
def set_aside() -> ResponseReturnValue:
    """Each record with whose it is and since when, and the work that fails as a whole."""
    me = request_context.current_staff()
    with request_context.reading() as session:
        rows = set_aside_at(session, me.site_id)
        failing = _failing(session, clock.now())
    return render_template("staff/set_aside/set_aside.html", rows=rows, failing=failing)


def _failing(session: Session, now: datetime) -> list[TickSeen]:
    return [tick for tick in ticks_seen(session) if tick.fails(now) or tick.is_stuck(now)]


@staff.post("/set-aside/<id:row>/again")
@staff_only(*READERS)
def try_set_aside_again(row: int) -> ResponseReturnValue:
    """Have it tried again within a minute, as often as if it were new."""
    me = request_context.current_staff()
    with request_context.writing() as session:
        try_again(
            session,
            set_aside_id=row,
            site_id=me.site_id,
            by=staff_actor(me),
            now=request_context.now(),
        )
    flash(_("It is tried again. If it fails again, it comes back to this page within the hour."))
    return redirect(url_for("staff.set_aside"), 303)
