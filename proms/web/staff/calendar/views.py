"""A patient's calendar: cycles as bars, questionnaires with their windows, and what may be
recorded."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import col

from proms.actions.page_views import note_view
from proms.db.queries.calendar_page import history_on_record
from proms.db.queries.confirmations import to_confirm
from proms.db.queries.history import history_of
from proms.db.queries.patient_page import assignments_of
from proms.db.queries.pauses import asked_by_herself
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.domain.schedule import AssignmentState
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.staff.calendar.cycle_bars import cycle_lanes
from proms.web.staff.calendar.month import CalendarSources, half_year_of, month_of
from proms.web.staff.calendar.packs import OVER, CalendarPack, packs_of
from proms.web.staff.calendar.record_options import (
    component_forms,
    correction_form,
    drug_ticks,
    last_doses,
    record_options,
)
from proms.web.staff.calendar.week_axis import first_week, week_columns
from proms.web.staff.calendar.window_bars import window_lanes
from proms.web.staff.forms import Form
from proms.web.staff.labels import evidence
from proms.web.staff.labels.history import cycle_name
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff

WEEKS, BEFORE, SOON = 12, timedelta(weeks=4), timedelta(weeks=8)


@staff.get("/patients/<code>/calendar")
@staff_only(Role.NURSE, Role.COORDINATOR)
def calendar(code: str) -> ResponseReturnValue:
    """The calendar; that it was looked at is on record."""
    with request_context.writing() as session:
        note_view(
            session,
            patient=own_patient(session, code),
            page="calendar",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return calendar_page(code, Form(request.args))


@staff.get("/patients/<code>/calendar/half-year")
@staff_only(Role.NURSE, Role.COORDINATOR)
def half_year(code: str) -> ResponseReturnValue:
    """Half a year of the calendar on one page, to print; that it was looked at is on record."""
    library = request_context.library()
    today = request_context.now().astimezone(zone()).date()
    with request_context.writing() as session:
        owner = own_patient(session, code)
        note_view(
            session,
            patient=owner,
            page="calendar",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    with request_context.reading() as session:
        history = history_of(session, owner)
        positions = treatment_positions(session, [owner], today)
        assignments = assignments_of(session, owner)
    protocol = library.protocol(owner.protocol, owner.protocol_version)
    packs = packs_of(library, protocol, assignments, request_context.now())
    first = first_week(request.args.get("from"), today)
    return render_template(
        "staff/calendar/half_year.html",
        patient=owner,
        described=evidence.sex_and_age(owner, today.year),
        place=evidence.arm_and_position(protocol, owner, positions[owner.id or 0]),
        today=today,
        history=history,
        month=half_year_of(CalendarSources(protocol, history, packs, today), first),
    )


def calendar_page(code: str, form: Form) -> str:
    """The calendar with the form that is being filled in, if there is one."""
    library = request_context.library()
    today = request_context.now().astimezone(zone()).date()
    with request_context.reading() as session:
        owner = own_patient(session, code)
        protocol = library.protocol(owner.protocol, owner.protocol_version)
        history = history_of(session, owner)
        assignments = assignments_of(session, owner)
        recorded = history_on_record(session, owner)
        positions = treatment_positions(session, [owner], today)
        hers = col(Patient.id) == owner.id
        plans = request_context.message_plans()
        waits = to_confirm(session, plans, request_context.now(), hers)
        asked_at = asked_by_herself(session, owner)
    packs = packs_of(library, protocol, assignments, request_context.now())
    wanted = first_week(request.args.get("from"), today)
    weeks = week_columns(history, today, (wanted or today) - BEFORE, WEEKS)
    return render_template(
        "staff/calendar/calendar.html",
        patient=owner,
        to_confirm=waits,
        paused_by_herself=asked_at and asked_at.astimezone(zone()),
        described=evidence.sex_and_age(owner, today.year),
        not_asked=evidence.not_asked_of(library, owner),
        place=evidence.arm_and_position(protocol, owner, positions[owner.id or 0]),
        today=today,
        protocol=protocol,
        history=history,
        weeks=weeks,
        lanes=cycle_lanes(protocol, history, today, weeks),
        windows=window_lanes(packs, weeks),
        month=month_of(CalendarSources(protocol, history, packs, today), wanted),
        lists=_lists(packs, today),
        recorded=recorded,
        parts=component_forms(protocol, history, today),
        cycle_name=partial(cycle_name, protocol, history),
        form_of=correction_form,
        ticks=drug_ticks,
        last_doses=last_doses(protocol, history),
        **record_options(protocol, history, owner.status, form),
    )


def _lists(packs: Sequence[CalendarPack], today: date) -> list[tuple[str, list[CalendarPack]]]:
    """What is asked in the weeks around today, what further on, what has gone by, what was taken
    back."""
    soon: list[CalendarPack] = []
    later: list[CalendarPack] = []
    over: list[CalendarPack] = []
    cancelled: list[CalendarPack] = []
    for pack in packs:
        if pack.state is AssignmentState.CANCELLED:
            cancelled.append(pack)
        elif pack.state in OVER:
            over.append(pack)
        elif pack.opens <= today + SOON:
            soon.append(pack)
        else:
            later.append(pack)
    return [
        (_("Now and in the next weeks"), soon),
        (_("Later"), later),
        (_("Filled in or missed"), over[::-1]),
        (_("Cancelled"), cancelled[::-1]),
    ]
