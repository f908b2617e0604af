"""Builders that speak clinic: a patient who was treated so and so, and the calendar that
follows."""

from collections.abc import Mapping, Sequence
from datetime import date

from proms.content import load
from proms.domain.schedule import (
    AssignmentState,
    Changes,
    Cycle,
    CycleStatus,
    History,
    Key,
    PlannedAssignment,
    StoredAssignment,
    plan,
)
from proms.settings import HOME

# One instrument of each pack is enough to draw a calendar.
TRIAL = load(HOME).protocol("pump-it").asking(["hsc", "qlq-c30"])
INSTRUMENTS = {"HSC": "hsc", "QOL": "qlq-c30"}


def day(text: str) -> date:
    return date.fromisoformat(text)


def given(on: str, *, planned: str | None = None) -> dict[str, object]:
    """A cycle with its actual day 1."""
    return {
        "status": CycleStatus.GIVEN,
        "day_1": day(on),
        "planned": day(planned) if planned else None,
    }


def planned(on: str) -> dict[str, object]:
    return {"status": CycleStatus.PLANNED, "planned": day(on)}


def skipped(on: str) -> dict[str, object]:
    return {"status": CycleStatus.SKIPPED, "planned": day(on)}


Course = Sequence[str | dict[str, object]]


def treated(
    arm: str | None = "B",
    *,
    pump: Course = (),
    systemic: Course = (),
    regimen: str = "folfox",
    stopped: Mapping[str, str] | None = None,
    begun: Mapping[str, str] | None = None,
    **milestones: str | list[str],
) -> History:
    """A patient with consent on 5 and randomisation on 12 January 2026, unless said otherwise.

    A bare date is a cycle given; `begun` maps "EVENT number" to the day the patient started it.
    """
    standard: dict[str, str | list[str]] = {"consent": "2026-01-05"}
    if arm:
        standard["randomisation"] = "2026-01-12"
    dates = {**standard, **milestones}
    courses = {"pump": pump, "systemic": systemic}
    regimens = {"pump": "fudr", "systemic": regimen}
    return History(
        arm=arm,
        milestones={
            kind: tuple(day(each) for each in ([on] if isinstance(on, str) else on))
            for kind, on in dates.items()
            if on
        },
        components={
            component: regimens[component] for component, cycles in courses.items() if cycles
        },
        cycles=tuple(
            Cycle(component, number, **(given(each) if isinstance(each, str) else each))  # type: ignore[arg-type]
            for component, cycles in courses.items()
            for number, each in enumerate(cycles, start=1)
        ),
        stopped={component: day(on) for component, on in (stopped or {}).items()},
        checked={key(name): day(on) for name, on in (begun or {}).items()},
    )


def key(name: str) -> Key:
    """ "HSC-FUDR-D1 2" is the check of day 1 of the second FUDR."""
    event, number = name.split()
    return Key(event, int(number), INSTRUMENTS[event[:3]])


def drawn(history: History, today: str, *prefixes: str) -> str:
    """The calendar of the events whose code begins so, one line each: event, number, opens, due,
    closes."""
    rows = (
        each
        for each in plan(TRIAL, history, day(today))
        if each.key.event.startswith(prefixes or ("",))
    )
    return "\n".join(_row(each) for each in rows)


def drawing(text: str) -> str:
    """A drawn calendar without the white space of the test file."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def _row(each: PlannedAssignment) -> str:
    window = each.window
    waiting = " waiting" if each.waiting else ""
    return (
        f"{each.key.event} {each.key.number} {window.opens} {window.due} {window.closes}{waiting}"
    )


def due(history: History, today: str, *prefixes: str) -> dict[str, str]:
    """Event and number to the due day."""
    lines = drawn(history, today, *prefixes).splitlines()
    return {" ".join(line.split()[:2]): line.split()[3] for line in lines}


def stored(planned_now: Sequence[PlannedAssignment]) -> dict[Key, StoredAssignment]:
    """A plan as it stands in the database right after it was first saved."""
    return applied({}, Changes(open=tuple(planned_now)))


def applied(held: Mapping[Key, StoredAssignment], changes: Changes) -> dict[Key, StoredAssignment]:
    """What is stored once the changes are saved."""
    after = dict(held)
    for opened in changes.open:
        after[opened.key] = StoredAssignment(opened.key, opened.window, _state(opened.waiting))
    for change in (*changes.move, *changes.wait, *changes.reopen):
        after[change.key] = StoredAssignment(change.key, change.window, _state(change.waiting))
    for gone in changes.cancel:
        after[gone.key] = gone.stored._replace(state=AssignmentState.CANCELLED)
    return after


def _state(waiting: bool) -> AssignmentState:
    return AssignmentState.WAITING if waiting else AssignmentState.PLANNED
