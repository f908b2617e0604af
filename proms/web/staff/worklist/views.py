"""The worklist: what still needs a person, what is in hand, and what was closed."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col

from proms.actions.pack_calls import call_list
from proms.db.queries.alerts_in_hand import mark, minutes_to_close, notes_about
from proms.db.queries.beside_worklist import last_visit, missed_in_a_row, not_started
from proms.db.queries.channel_pauses import paused_channels
from proms.db.queries.confirmations import lapsed
from proms.db.queries.patients import names_of
from proms.db.queries.people import names_of_staff
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.queries.worklist import codes_of, not_in_yet, resolved, unresolved
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.web import request_context
from proms.web.guard import asked_by_the_page, staff_only
from proms.web.staff.labels import evidence
from proms.web.staff.layout import CARERS, HOMES, zone
from proms.web.staff.routes import staff
from proms.web.staff.worklist.closed import closed_acts
from proms.web.staff.worklist.desk import LIST, MINE, NEW, Desk
from proms.web.staff.worklist.lines import by_urgency, lines_of

CLOSED = "closed"
MEDIAN_OVER = timedelta(days=30)


@staff.get("/")
@staff_only()
def worklist() -> ResponseReturnValue:
    """What waits for a person; whoever has no patients goes on to her own first page."""
    role = Role(request_context.current_staff().role)
    if role not in CARERS:
        return redirect(url_for(HOMES[role]))
    show = request.args.get("show", "")
    if show == CLOSED:
        return _closed_page()
    return open_page(Desk(show if show in (MINE, NEW) else LIST))


@staff.get("/worklist/hand-over")
@staff_only(*CARERS)
def hand_over() -> ResponseReturnValue:
    """What is open and what is taken, by whom, and what was agreed: on paper for the next shift."""
    me = request_context.current_staff()
    with request_context.reading() as session:
        lines = lines_of(session, unresolved(session, me.site_id))
    return render_template("staff/worklist/hand_over.html", lines=lines, now=request_context.now())


@staff.get("/worklist/mark")
@staff_only(*CARERS)
@asked_by_the_page
def worklist_mark() -> ResponseReturnValue:
    """What an open worklist asks for now and then, to see whether it has become old."""
    with request_context.reading() as session:
        return {"mark": mark(session, request_context.current_staff().site_id)}


def open_page(desk: Desk) -> str:
    """What is not resolved, with what was typed of it."""
    me = request_context.current_staff()
    now = request_context.now()
    library = request_context.library()
    with request_context.reading() as session:
        every = lines_of(session, unresolved(session, me.site_id), desk)
        now_at = mark(session, me.site_id)
        missing = not_in_yet(session, me.site_id, now=now)
        since = last_visit(session, me.id)
        silent = missed_in_a_row(session, me.site_id, list(library.rule_sets), now)
        positions = treatment_positions(session, silent, now.astimezone(zone()).date())
        unstarted = not_started(session, me.site_id, now)
        to_call = [
            pack
            for pack in call_list(session, library, me.site_id, now=now)
            if pack.call_from <= now
        ]
        standing_still = paused_channels(session, me.site_id)
        plans = request_context.message_plans()
        confirm_again = lapsed(session, plans, now, col(Patient.site_id) == me.site_id)
    mine = [line for line in every if line.taken_by_me]
    new = [line for line in every if since and line.last_at > since]
    wanted = {MINE: mine, NEW: new}.get(desk.page, every)
    return render_template(
        "staff/worklist/worklist.html",
        show=desk.page,
        every=every,
        to_call=len(to_call),
        mine=mine,
        new=new,
        since=since,
        groups=[(urgency, lines) for urgency, lines in by_urgency(wanted) if lines],
        tiles=by_urgency(every),
        missing=missing,
        silent=[
            patient.code
            for patient in silent
            if any(place.day and not place.stopped for place in positions[patient.id])
        ],
        unstarted=unstarted,
        standing_still=standing_still,
        confirm_again=confirm_again,
        mark=now_at,
        desk=desk,
        stray=desk.without_line(line.row.patient.code for line in wanted),
        now=now,
    )


def _closed_page() -> str:
    me = request_context.current_staff()
    library = request_context.library()
    keyring = request_context.keyring()
    with request_context.reading() as session:
        rules = resolved(session, me.site_id)
        rows = unresolved(session, me.site_id)
        ids = {rule.alert.patient_id for rule in rules}
        codes = codes_of(session, ids)
        patient_names = names_of(session, keyring, ids)
        notes = notes_about(session, ids)
        names = names_of_staff(session, keyring, me.site_id)
        minutes = minutes_to_close(session, me.site_id, request_context.now() - MEDIAN_OVER)
    told = [evidence.alert_evidence(library, rule) for rule in rules]
    return render_template(
        "staff/worklist/closed.html",
        closed=closed_acts(told, notes, names),
        codes=codes,
        patient_names=patient_names,
        names=names,
        minutes=minutes,
        every=rows,
        mine=[row for row in rows if me.id in row.holders],
    )
