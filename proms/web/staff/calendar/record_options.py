"""What may be recorded beside the calendar, and what its forms offer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from proms.db.tables import CycleVersion
from proms.domain.person import FACT_VALUES, PatientStatus
from proms.domain.protocol import RANDOMISATION, Protocol
from proms.domain.schedule import CycleState, CycleStatus, History, schedule_component
from proms.domain.schedule.history import HIGHEST_NUMBER
from proms.domain.schedule.plan import end_of
from proms.web.staff.calendar.cycle_bars import component_title
from proms.web.staff.calendar.record_form import (
    RecordKind,
    choosable_drugs,
    cycle_regimens,
    milestones_to_record,
    regimens_to_choose,
)
from proms.web.staff.forms import Form
from proms.web.staff.labels.facts import fact_title, value_options
from proms.web.staff.labels.history import cycle_name
from proms.web.staff.labels.vocabulary import milestone, titled
from proms.web.staff.layout import layout


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


def record_options(protocol: Protocol, history: History, status: str, form: Form) -> dict[str, Any]:
    """What the form beside the calendar offers, by the names its template knows."""
    kind = _kind_to_record(status, form)
    if kind is RecordKind.GIVEN:
        if _is_new(form):
            form = _with_usual_drugs(protocol, history, form)
        form = Form({**form.typed, "regimen": _regimen_of_cycle(history, form)}, form.wrong)
    return {
        "form": form,
        "fact": kind,
        "facts": RecordKind,
        "may_pause": may_record(status, RecordKind.PAUSE),
        "takes_part": status == PatientStatus.ACTIVE,
        "drugs": _drugs(protocol, history, form),
        "subject": _subject(protocol, history, form),
        "milestone_options": [
            (possible.code, milestone(protocol, possible.code))
            for possible in milestones_to_record(protocol, history)
        ],
        "arms_asked": not history.arm or form.typed.get("kind") == RANDOMISATION,
        "arm_options": [
            (arm.code, f"{arm.code}: {titled(arm.title)}") for arm in protocol.arms.values()
        ],
        "regimen_options": _regimen_options(protocol, history),
        "value_options": _value_options(form),
        "cycle_regimens": _cycle_regimen_options(protocol, history, form),
    }


def may_record(status: str, kind: str, *, correcting: bool = False) -> bool:
    """What happened up to a death or withdrawal may still be recorded after it; the date decides,
    once it is sent. Of her person only what was wrong on record, and no messages are paused."""
    if not layout().is_coordinator:
        return False
    if status == PatientStatus.ACTIVE:
        return True
    if kind == RecordKind.FACT:
        return correcting
    return kind != RecordKind.PAUSE


def correction_form(cycle: CycleVersion) -> RecordKind:
    """The form a recorded cycle is corrected in."""
    match CycleStatus(cycle.status):
        case CycleStatus.GIVEN:
            return RecordKind.GIVEN
        case CycleStatus.SKIPPED:
            return RecordKind.SKIPPED
        case _:
            return RecordKind.PLANNED


def last_doses(protocol: Protocol, history: History) -> list[tuple[str, str, date]]:
    """The last doses on record: the component, its name with its regimen, and the day."""
    return [
        (code, component_title(protocol, history, code, with_last_dose=False), day)
        for code, day in history.stopped.items()
    ]


def drug_ticks(cycle: CycleVersion) -> dict[str, str]:
    """The drugs of a recorded cycle as the form has them."""
    return _ticks(cycle.drugs)


def component_forms(protocol: Protocol, history: History, today: date) -> list[ComponentForm]:
    """The components the patient has, each with the cycle that is to be recorded next; after a
    death or withdrawal as they stood that day."""
    end = end_of(protocol, history, today)
    forms = []
    for code in protocol.components:
        if code not in history.components:
            continue
        # A last dose that is still ahead ends nothing yet.
        running = history.stopped.get(code, date.max) > today
        following = _next_cycle(protocol, history, code, end or today) if running else None
        if following and following.planned and end and following.planned > end:
            following = None
        title = component_title(protocol, history, code)
        forms.append(ComponentForm(code, title, running, following))
    return forms


def _kind_to_record(status: str, form: Form) -> RecordKind | None:
    """What the form is for, if there is such a form and it may be filled in."""
    kind = form.typed.get("form", "")
    if kind not in list(RecordKind):
        return None
    if not may_record(status, kind, correcting=form.ticked("correcting")):
        return None
    return RecordKind(kind)


def _is_new(form: Form) -> bool:
    """Whether it is opened for the first time: no correction, and not sent before."""
    return not form.typed.get("correcting") and "day_1" not in form.typed


def _with_usual_drugs(protocol: Protocol, history: History, form: Form) -> Form:
    """A cycle given is most often given with all drugs of its regimen."""
    own, _beside = _drugs(protocol, history, form)
    return Form({**form.typed, **_ticks(own)}, form.wrong)


def _ticks(drugs: Sequence[str]) -> dict[str, str]:
    return {f"drug-{drug}": "1" for drug in drugs}


def _subject(protocol: Protocol, history: History, form: Form) -> str:
    """What the form is about: a fact about the patient, a cycle, or a component."""
    about = form.typed.get("about", "")
    if about in FACT_VALUES:
        return fact_title(about)
    component = form.typed.get("component", "")
    if component not in history.components:
        return ""
    if not form.typed.get("number", ""):
        return component_title(protocol, history, component)
    number = form.number("number", 1, HIGHEST_NUMBER)
    if number is None:
        return ""
    return cycle_name(protocol, history, component, number)


def _value_options(form: Form) -> list[tuple[str, str]]:
    about = form.typed.get("about", "")
    return value_options(about) if about in FACT_VALUES else []


def _drugs(protocol: Protocol, history: History, form: Form) -> tuple[list[str], list[str]]:
    """The drugs of a cycle's regimen, and what it may have, or has on record, beside them."""
    component = form.typed.get("component", "")
    number = _number(form)
    chosen = _regimen_of_cycle(history, form)
    if chosen not in protocol.regimens or number is None:
        return [], []
    own = list(protocol.regimens[chosen].drugs)
    choosable = choosable_drugs(protocol, history, component, number)
    return own, [drug for drug in choosable if drug not in own]


def _regimen_of_cycle(history: History, form: Form) -> str:
    """What the form says the cycle is given under; else what is on record of it, or of its
    component."""
    component, number = form.typed.get("component", ""), _number(form)
    cycle = history.cycle(component, number) if number else None
    on_record = (cycle.regimen if cycle else None) or history.components.get(component, "")
    return form.typed.get("regimen", "") or on_record


def _number(form: Form) -> int | None:
    """The number of the cycle the form is about; where it does not read, that is said when the form
    is sent."""
    return Form(form.typed).number("number", 1, HIGHEST_NUMBER)


def _cycle_regimen_options(
    protocol: Protocol, history: History, form: Form
) -> list[tuple[str, str]]:
    """What the cycle may have been given under, where there is a choice."""
    component = form.typed.get("component", "")
    number = _number(form)
    if component not in history.components or number is None:
        return []
    regimens = cycle_regimens(protocol, history, component, number)
    if len(regimens) < 2:
        return []
    return [(code, titled(regimen.title)) for code, regimen in regimens.items()]


def _regimen_options(protocol: Protocol, history: History) -> list[tuple[str, str]]:
    options = []
    for regimen in regimens_to_choose(protocol, history):
        component = protocol.components[regimen.component]
        options.append((regimen.code, f"{titled(component.title)}: {titled(regimen.title)}"))
    return options


def _next_cycle(
    protocol: Protocol, history: History, component: str, today: date
) -> NextCycle | None:
    """The first cycle not settled yet; where none is expected, the one after those recorded, or
    none up to a last dose that is ahead."""
    for cycle in schedule_component(protocol, history, component, today).cycles:
        if cycle.state not in (CycleState.GIVEN, CycleState.SKIPPED):
            name = cycle_name(protocol, history, component, cycle.number)
            delayed = cycle.state is CycleState.DELAYED
            return NextCycle(component, name, cycle.number, cycle.planned, delayed)
    if component in history.stopped:
        return None
    number = len(history.cycles_of(component)) + 1
    name = cycle_name(protocol, history, component, number)
    return NextCycle(component, name, number, planned=None, delayed=False)
