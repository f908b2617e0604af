"""A patient's calendar: cycles as bars, questionnaires with their windows, and what may be
recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.page_views import note_view
from proms.db.queries.calendar_page import history_on_record
from proms.db.queries.history import history_of
from proms.db.queries.patient_page import assignments_of
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.tables import CycleVersion
from proms.domain.person import PatientStatus, Role
from proms.domain.protocol import Protocol
from proms.domain.schedule import (
    AssignmentState,
    CycleState,
    CycleStatus,
    History,
    ScheduledCycle,
    schedule_component,
)
from proms.domain.schedule.history import HIGHEST_NUMBER
from proms.domain.schedule.history_entry import RANDOMISATION
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.staff.calendar.cycle_bars import component_title, cycle_lanes
from proms.web.staff.calendar.month import CalendarSources, month_of
from proms.web.staff.calendar.packs import OVER, CalendarPack, packs_of
from proms.web.staff.calendar.record_form import (
    RecordKind,
    cycle_name,
    drugs_of,
    milestones_to_record,
    regimens_to_choose,
)
from proms.web.staff.calendar.week_axis import first_week, week_columns
from proms.web.staff.calendar.window_bars import window_lanes
from proms.web.staff.forms import Form
from proms.web.staff.labels import evidence
from proms.web.staff.labels.vocabulary import milestone, titled
from proms.web.staff.layout import layout, zone
from proms.web.staff.routes import staff

WEEKS, BEFORE, SOON = 12, timedelta(weeks=4), timedelta(weeks=8)


@dataclass(frozen=True)
class NextCycle:
    """The cycle of a component that is to be recorded next."""

    component: str
    name: str
    number: int
    planned: date | None
    delayed: bool


@dataclass(frozen=True)
class ComponentForm:
    """A component as the forms offer it."""

    code: str
    title: str
    running: bool
    next: NextCycle | None


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


def calendar_page(code: str, form: Form) -> str:
    """The calendar with the form that is being filled in, if there is one."""
    today = request_context.now().astimezone(zone()).date()
    with request_context.reading() as session:
        owner = own_patient(session, code)
        protocol = request_context.library().protocol(owner.protocol, owner.protocol_version)
        history = history_of(session, owner)
        asked = assignments_of(session, owner)
        recorded = history_on_record(session, owner)
        places = treatment_positions(session, [owner], today)
    packs = packs_of(request_context.library(), protocol, asked)
    start = first_week(request.args.get("from"), today)
    weeks = week_columns(history, today, start - BEFORE if start else today - BEFORE, WEEKS)
    return render_template(
        "staff/calendar/calendar.html",
        patient=owner,
        described=evidence.sex_and_age(owner, today.year),
        not_asked=evidence.not_asked_of(request_context.library(), owner),
        place=evidence.arm_and_position(protocol, owner, places[owner.id or 0]),
        today=today,
        protocol=protocol,
        history=history,
        weeks=weeks,
        lanes=cycle_lanes(protocol, history, today, weeks),
        windows=window_lanes(packs, weeks),
        month=month_of(CalendarSources(protocol, history, packs, today), start),
        lists=_lists(packs, today),
        recorded=recorded,
        parts=parts_of(protocol, history, today),
        cycle_name=partial(cycle_name, protocol, history),
        form_of=form_of,
        ticks=ticks,
        **_forms(protocol, history, owner.status, form),
    )


def _forms(protocol: Protocol, history: History, status: str, form: Form) -> dict[str, Any]:
    """What the form beside the calendar offers."""
    fact = form.typed.get("form", "")
    may = may_record(status, fact, correcting=form.ticked("correcting"))
    wanted = RecordKind(fact) if fact in list(RecordKind) and may else None
    if (
        wanted is RecordKind.GIVEN
        and not form.typed.get("correcting")
        and "day_1" not in form.typed
    ):
        form = _usual(protocol, history, form)
    return {
        "form": form,
        "fact": wanted,
        "facts": RecordKind,
        "may_anything": may_record(status, RecordKind.MILESTONE),
        "may_correct": may_record(status, RecordKind.MILESTONE, correcting=True),
        "may_treat": may_record(status, RecordKind.GIVEN),
        "drugs": _drugs(protocol, history, form),
        "subject": _subject(protocol, history, form),
        "milestone_options": [
            (kind.code, milestone(kind.code)) for kind in milestones_to_record(protocol, history)
        ],
        "arms_asked": not history.arm or form.typed.get("kind") == RANDOMISATION,
        "arm_options": [
            (arm.code, f"{arm.code}: {titled(arm.title)}") for arm in protocol.arms.values()
        ],
        "regimen_options": [
            (
                each.code,
                f"{titled(protocol.components[each.component].title)}: {titled(each.title)}",
            )
            for each in regimens_to_choose(protocol, history)
        ],
    }


def form_of(cycle: CycleVersion) -> RecordKind:
    """The form a recorded cycle is corrected in."""
    return {CycleStatus.GIVEN: RecordKind.GIVEN, CycleStatus.SKIPPED: RecordKind.SKIPPED}.get(
        CycleStatus(cycle.status), RecordKind.PLANNED
    )


def ticks(cycle: CycleVersion) -> dict[str, str]:
    """The drugs of a recorded cycle as the form has them."""
    return {f"drug-{drug}": "1" for drug in cycle.drugs}


def _usual(protocol: Protocol, history: History, form: Form) -> Form:
    """A cycle given is most often given with all drugs of its regimen."""
    own, _beside = _drugs(protocol, history, form)
    return Form({**form.typed, **{f"drug-{drug}": "1" for drug in own}}, form.wrong)


def _subject(protocol: Protocol, history: History, form: Form) -> str:
    """What the form is about: a cycle, or a component."""
    component, number = form.typed.get("component", ""), form.typed.get("number", "")
    if component not in history.components:
        return ""
    if not number:
        return component_title(protocol, history, component)
    known = form.number("number", 1, HIGHEST_NUMBER)
    return cycle_name(protocol, history, component, known) if known else ""


def may_record(status: str, fact: str, *, correcting: bool = False) -> bool:
    """Of a patient who withdrew only milestones; of one who died only that a milestone was recorded
    by mistake."""
    if not layout().coordinates:
        return False
    if status == PatientStatus.DIED:
        return fact == RecordKind.MILESTONE and correcting
    return status == PatientStatus.ACTIVE or fact == RecordKind.MILESTONE


def parts_of(protocol: Protocol, history: History, today: date) -> list[ComponentForm]:
    """The components the patient has, each with the cycle that is to be recorded next."""
    return [
        ComponentForm(
            code=code,
            title=component_title(protocol, history, code),
            running=code not in history.stopped,
            next=_next(protocol, history, code, today) if code not in history.stopped else None,
        )
        for code in protocol.components
        if code in history.components
    ]


def _next(protocol: Protocol, history: History, component: str, today: date) -> NextCycle:
    turns = schedule_component(protocol, history, component, today).cycles
    scheduled: ScheduledCycle | None = next(
        (each for each in turns if each.state not in (CycleState.GIVEN, CycleState.SKIPPED)), None
    )
    number = scheduled.number if scheduled else len(history.cycles_of(component)) + 1
    name = cycle_name(protocol, history, component, number)
    return NextCycle(
        component,
        name,
        number,
        scheduled.planned if scheduled else None,
        bool(scheduled and scheduled.state is CycleState.DELAYED),
    )


def _drugs(protocol: Protocol, history: History, form: Form) -> tuple[list[str], list[str]]:
    """The drugs of a cycle's regimen, and what it may have, or has on record, beside them."""
    component = form.typed.get("component", "")
    regimen = protocol.regimens.get(history.components.get(component, ""))
    if regimen is None:
        return [], []
    own, beside = drugs_of(regimen, history.arm)
    number = form.typed.get("number", "")
    cycles = [each for each in history.cycles_of(component) if str(each.number) == number]
    others = [drug for each in cycles for drug in each.drugs if drug not in (*own, *beside)]
    return list(own), [*beside, *others]


def _lists(packs: Sequence[CalendarPack], today: date) -> list[tuple[str, list[CalendarPack]]]:
    """What is asked in the weeks around today, what further on, what has gone by, what was taken
    back."""
    gone = [each for each in packs if each.state is AssignmentState.CANCELLED]
    over = [each for each in packs if each.state in OVER]
    still = [each for each in packs if each.state not in (*OVER, AssignmentState.CANCELLED)]
    return [
        (_("Now and in the next weeks"), [each for each in still if each.opens <= today + SOON]),
        (_("Later"), [each for each in still if each.opens > today + SOON]),
        (_("Answered or missed"), over[::-1]),
        (_("Taken back"), gone[::-1]),
    ]
