"""From a form to the one thing that happened: a milestone, a cycle, a regimen, a last dose, a
pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import gettext as _

from proms.domain.protocol import MilestoneKind, Protocol, Regimen
from proms.domain.schedule import Cycle, CycleStatus, History
from proms.domain.schedule.history import HIGHEST_DOSE, HIGHEST_NUMBER
from proms.domain.schedule.history_entry import (
    RANDOMISATION,
    ComponentStopped,
    CycleRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)
from proms.web.locale import short_day
from proms.web.staff.forms import Form
from proms.web.staff.labels.vocabulary import milestone, titled

CONSENT = "consent"


class RecordKind(StrEnum):
    """What a coordinator may record."""

    MILESTONE = "milestone"
    REGIMEN = "regimen"
    GIVEN = "given"
    PLANNED = "planned"
    SKIPPED = "skipped"
    STOP = "stop"
    PAUSE = "pause"


@dataclass(frozen=True)
class MessagePause:
    """Messages held until and including a day; without a day they go out again."""

    until: date | None


def read(form: Form, protocol: Protocol, history: History) -> HistoryEntry | MessagePause | None:
    """What the form says happened; None, with sentences at the fields, when it does not read."""
    fact = form.choice("form", RecordKind)
    if fact is None:
        return None
    readers = {
        RecordKind.MILESTONE: _milestone,
        RecordKind.REGIMEN: _regimen,
        RecordKind.GIVEN: _given,
        RecordKind.PLANNED: _planned,
        RecordKind.SKIPPED: _skipped,
        RecordKind.STOP: _stop,
        RecordKind.PAUSE: _pause,
    }
    said = readers[fact](form, protocol, history)
    return None if form.wrong else said


def milestones_to_record(protocol: Protocol, history: History) -> list[MilestoneKind]:
    """The milestones that can still be recorded for this patient."""
    return [
        kind
        for kind in protocol.milestones.values()
        if (kind.repeats or not history.milestones.get(kind.code))
        and (kind.arms is None or history.arm in kind.arms)
    ]


def regimens_to_choose(protocol: Protocol, history: History) -> list[Regimen]:
    """The regimens the patient's arm allows."""
    return [each for each in protocol.regimens.values() if history.arm in each.arms]


def drugs_of(regimen: Regimen, arm: str | None) -> tuple[Sequence[str], Sequence[str]]:
    """The drugs of a regimen, and those that this arm may get beside them."""
    return regimen.drugs, [drug for drug, arms in regimen.optional.items() if arm in arms]


def entry_sentence(said: HistoryEntry | MessagePause, protocol: Protocol, history: History) -> str:
    """One sentence for what is about to be saved."""
    match said:
        case MessagePause(date() as until):
            return _("No message goes out until and including %(day)s.", day=short_day(until))
        case MessagePause():
            return _("Messages go out again from now on.")
        case MilestoneRecorded(kind, date() as on, _number, arm):
            sentence = _("%(what)s on %(day)s.", what=milestone(kind), day=short_day(on))
            return (
                _("%(what)s Arm: %(arm)s.", what=sentence, arm=titled(protocol.arms[arm].title))
                if arm
                else sentence
            )
        case MilestoneRecorded(kind):
            return _("%(what)s did not happen.", what=milestone(kind))
        case RegimenChosen(component, regimen):
            part, what = protocol.components[component].title, protocol.regimens[regimen].title
            return _(
                "%(component)s: %(regimen)s is chosen.",
                component=titled(part),
                regimen=titled(what),
            )
        case ComponentStopped(component, last_dose):
            return _(
                "%(component)s stops. Last dose on %(day)s.",
                component=titled(protocol.components[component].title),
                day=short_day(last_dose),
            )
        case CycleRecorded(cycle):
            return _cycle_in_words(cycle, protocol, history)


def _cycle_in_words(cycle: Cycle, protocol: Protocol, history: History) -> str:
    name = cycle_name(protocol, history, cycle.component, cycle.number)
    if cycle.status is CycleStatus.SKIPPED:
        return _("%(cycle)s is skipped.", cycle=name)
    if cycle.status is CycleStatus.PLANNED and cycle.planned:
        return _("%(cycle)s is planned for %(day)s.", cycle=name, day=short_day(cycle.planned))
    if cycle.day_1 and cycle.planned and cycle.planned != cycle.day_1:
        return _(
            "%(cycle)s was given on %(day)s, planned for %(was)s.",
            cycle=name,
            day=short_day(cycle.day_1),
            was=short_day(cycle.planned),
        )
    return (
        _("%(cycle)s was given on %(day)s.", cycle=name, day=short_day(cycle.day_1))
        if cycle.day_1
        else name
    )


def cycle_name(protocol: Protocol, history: History, component: str, number: int) -> str:
    """A cycle by its regimen and number: "FUDR 3"."""
    regimen = history.components.get(component)
    title = protocol.regimens[regimen].title if regimen else protocol.components[component].title
    return f"{titled(title)} {number}"


def _milestone(form: Form, protocol: Protocol, history: History) -> HistoryEntry | None:
    kind = form.one_of("kind", protocol.milestones)
    on = None if form.ticked("taken_back") else form.day("on")
    arm = form.one_of("arm", protocol.arms) if kind == RANDOMISATION and on else None
    repeats = bool(kind) and protocol.milestones[kind].repeats
    following = max(history.dated(kind), default=0) + 1 if repeats else 1
    number = form.number("number", 1, HIGHEST_NUMBER) if form.optional("number") else following
    if kind == CONSENT and form.ticked("taken_back"):
        form.wrong["kind"] = _("Consent can get another date; who did not consent has withdrawn.")
    return MilestoneRecorded(kind, on, number or 1, arm)


def _regimen(form: Form, protocol: Protocol, _history: History) -> HistoryEntry | None:
    code = form.one_of("regimen", protocol.regimens)
    return RegimenChosen(protocol.regimens[code].component, code) if code else None


def _given(form: Form, protocol: Protocol, history: History) -> HistoryEntry | None:
    component, number = _which(form, history)
    if form.ticked("not_given"):
        return CycleRecorded(
            Cycle(component, number, planned=form.maybe_day("planned") or form.day("day_1"))
        )
    day_1 = form.day("day_1")
    dose = form.number("dose", 0, HIGHEST_DOSE) if form.optional("dose") else None
    regimen = protocol.regimens.get(history.components.get(component, ""))
    before = history.cycle(component, number)
    # What is on record stays choosable: it may have been given under another regimen.
    known = (
        [*(before.drugs if before else ()), *regimen.drugs, *regimen.optional] if regimen else []
    )
    drugs = tuple(dict.fromkeys(drug for drug in known if form.ticked(f"drug-{drug}")))
    planned = form.maybe_day("planned") or day_1
    return CycleRecorded(Cycle(component, number, planned, day_1, CycleStatus.GIVEN, drugs, dose))


def _planned(form: Form, _protocol: Protocol, history: History) -> HistoryEntry | None:
    component, number = _which(form, history)
    return CycleRecorded(Cycle(component, number, planned=form.day("planned")))


def _skipped(form: Form, _protocol: Protocol, history: History) -> HistoryEntry | None:
    component, number = _which(form, history)
    form.brief("why")
    why = form.text("why")
    return CycleRecorded(
        Cycle(
            component,
            number,
            planned=form.maybe_day("planned"),
            status=CycleStatus.SKIPPED,
            reason=why,
        )
    )


def _stop(form: Form, _protocol: Protocol, history: History) -> HistoryEntry | None:
    component = form.one_of("component", history.components)
    last_dose = form.day("last_dose")
    return ComponentStopped(component, last_dose) if last_dose else None


def _pause(form: Form, _protocol: Protocol, _history: History) -> MessagePause:
    return MessagePause(None if form.ticked("resume") else form.day("until"))


def _which(form: Form, history: History) -> tuple[str, int]:
    return form.one_of("component", history.components), form.number(
        "number", 1, HIGHEST_NUMBER
    ) or 1
