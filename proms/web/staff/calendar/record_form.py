"""From a form to the one thing that happened or is so: a milestone, a cycle, a regimen, a last
dose, a fact about the patient, a pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import gettext as _

from proms.domain.instrument import Fact
from proms.domain.person import FACT_VALUES
from proms.domain.plain_text import LONGEST_REASON
from proms.domain.protocol import CONSENT, RANDOMISATION, MilestoneKind, Protocol, Regimen
from proms.domain.schedule import Cycle, CycleStatus, History
from proms.domain.schedule.history import HIGHEST_DOSE, HIGHEST_NUMBER
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)
from proms.web.locale import short_day
from proms.web.staff.forms import Form
from proms.web.staff.labels.facts import fact_title, fact_value
from proms.web.staff.labels.history import cycle_name, cycle_of_regimen
from proms.web.staff.labels.vocabulary import milestone, titled


class RecordKind(StrEnum):
    """What a coordinator may record."""

    MILESTONE = "milestone"
    REGIMEN = "regimen"
    GIVEN = "given"
    PLANNED = "planned"
    SKIPPED = "skipped"
    STOP = "stop"
    FACT = "fact"
    PAUSE = "pause"


@dataclass(frozen=True)
class MessagePause:
    """Messages held from a day, today by default, until and including another; without that other
    day they go out again."""

    until: date | None
    first: date | None = None


def read_entry(
    form: Form, protocol: Protocol, history: History
) -> HistoryEntry | MessagePause | None:
    """What the form says happened; None, with sentences at the fields, when it does not read."""
    kind = form.choice("form", RecordKind)
    if kind is None:
        return None
    readers = {
        RecordKind.MILESTONE: _milestone,
        RecordKind.REGIMEN: _regimen,
        RecordKind.GIVEN: _given,
        RecordKind.PLANNED: _planned,
        RecordKind.SKIPPED: _skipped,
        RecordKind.STOP: _stop,
        RecordKind.FACT: _fact,
        RecordKind.PAUSE: _pause,
    }
    entry = readers[kind](form, protocol, history)
    if form.wrong:
        return None
    return entry


def milestones_to_record(protocol: Protocol, history: History) -> list[MilestoneKind]:
    """The milestones that can still be recorded for this patient."""
    kinds = []
    for kind in protocol.milestones.values():
        still_to_come = kind.repeats or not history.milestones.get(kind.code)
        of_her_arm = kind.arms is None or history.arm in kind.arms
        if still_to_come and of_her_arm:
            kinds.append(kind)
    return kinds


def regimens_to_choose(protocol: Protocol, history: History) -> list[Regimen]:
    """The regimens the patient's arm allows."""
    return [regimen for regimen in protocol.regimens.values() if history.arm in regimen.arms]


def _pause_sentence(pause: MessagePause) -> str:
    if pause.until is None:
        return _("Messages go out again from now on.")
    until = short_day(pause.until)
    if pause.first is None:
        return _(
            "No message goes out up to and including %(day)s. After that, the patient gets one "
            "message about what is still open.",
            day=until,
        )
    return _(
        "No message goes out from %(first)s up to and including %(day)s. After that, the patient "
        "gets one message about what is still open.",
        first=short_day(pause.first),
        day=until,
    )


def entry_sentence(entry: HistoryEntry | MessagePause, protocol: Protocol, history: History) -> str:
    """One sentence for what is about to be saved."""
    match entry:
        case MessagePause():
            return _pause_sentence(entry)
        case MilestoneRecorded(kind, date() as on, _number, arm):
            sentence = _("%(what)s on %(day)s.", what=milestone(protocol, kind), day=short_day(on))
            if not arm:
                return sentence
            return _("%(what)s Arm: %(arm)s.", what=sentence, arm=titled(protocol.arms[arm].title))
        case MilestoneRecorded(kind):
            return _("%(what)s did not happen.", what=milestone(protocol, kind))
        case RegimenChosen(component, regimen):
            return _(
                "%(component)s: %(regimen)s is chosen.",
                component=titled(protocol.components[component].title),
                regimen=titled(protocol.regimens[regimen].title),
            )
        case ComponentStopped():
            return _stop_sentence(entry, protocol)
        case CycleRecorded(cycle):
            return _cycle_sentence(cycle, protocol, history)
        case FactRecorded():
            return _fact_sentence(entry)


def _stop_sentence(entry: ComponentStopped, protocol: Protocol) -> str:
    title = titled(protocol.components[entry.component].title)
    if entry.last_dose is None:
        return _("%(component)s does not stop: the last dose is cancelled.", component=title)
    day = short_day(entry.last_dose)
    return _("%(component)s stops. Last dose on %(day)s.", component=title, day=day)


def _fact_sentence(entry: FactRecorded) -> str:
    title = fact_title(entry.fact)
    if entry.since is None:
        return _("%(fact)s: this change did not happen.", fact=title)
    value = fact_value(entry.fact, entry.value)
    if entry.number == 1:
        return _("%(fact)s: %(value)s, from the beginning.", fact=title, value=value)
    since = short_day(entry.since)
    return _("%(fact)s: %(value)s, from %(day)s.", fact=title, value=value, day=since)


def _cycle_sentence(cycle: Cycle, protocol: Protocol, history: History) -> str:
    name = cycle_name(protocol, history, cycle.component, cycle.number)
    if cycle.regimen:
        name = cycle_of_regimen(protocol, cycle.component, cycle.regimen, cycle.number)
    if cycle.status is CycleStatus.SKIPPED:
        return _("%(cycle)s is skipped.", cycle=name)
    if cycle.status is CycleStatus.PLANNED and cycle.planned:
        return _("%(cycle)s is planned for %(day)s.", cycle=name, day=short_day(cycle.planned))
    if cycle.day_1 is None:
        return name
    day_1 = short_day(cycle.day_1)
    if cycle.planned and cycle.planned != cycle.day_1:
        return _(
            "%(cycle)s was given on %(day)s, planned for %(was)s.",
            cycle=name,
            day=day_1,
            was=short_day(cycle.planned),
        )
    return _("%(cycle)s was given on %(day)s.", cycle=name, day=day_1)


def _milestone(form: Form, protocol: Protocol, history: History) -> HistoryEntry | None:
    kind = form.one_of("kind", protocol.milestones)
    taken_back = form.ticked("taken_back")
    on = None if taken_back else form.day("on")
    arm = None
    if kind == RANDOMISATION and on:
        arm = form.one_of("arm", protocol.arms)
    number = _milestone_number(form, kind, protocol, history)
    if kind == CONSENT and taken_back:
        form.wrong["kind"] = _(
            "You can correct the date of consent, but not remove it. If there was no consent, "
            "record a withdrawal."
        )
    return MilestoneRecorded(kind, on, number, arm)


def _milestone_number(form: Form, kind: str, protocol: Protocol, history: History) -> int:
    """The number on the form, else the one after the last that is recorded."""
    if form.typed.get("number", "").strip():
        return form.number("number", 1, HIGHEST_NUMBER) or 1
    if kind and protocol.milestones[kind].repeats:
        return max(history.dated(kind), default=0) + 1
    return 1


def _regimen(form: Form, protocol: Protocol, _history: History) -> HistoryEntry | None:
    code = form.one_of("regimen", protocol.regimens)
    if not code:
        return None
    return RegimenChosen(protocol.regimens[code].component, code)


def _given(form: Form, protocol: Protocol, history: History) -> HistoryEntry | None:
    component, number = _component_and_number(form, history)
    if form.ticked("not_given"):
        planned = form.maybe_day("planned") or form.day("day_1")
        return CycleRecorded(Cycle(component, number, planned))
    day_1 = form.day("day_1")
    # Whether it is filled in, and no more: a number that is far too long is told as a number.
    dose = form.number("dose", 0, HIGHEST_DOSE) if form.typed.get("dose", "").strip() else None
    planned = form.maybe_day("planned") or day_1
    choosable = choosable_drugs(protocol, history, component, number)
    drugs = tuple(drug for drug in choosable if form.ticked(f"drug-{drug}"))
    regimen = None
    if form.optional("regimen"):
        regimen = form.one_of("regimen", cycle_regimens(protocol, history, component, number))
    return CycleRecorded(
        Cycle(
            component,
            number,
            planned,
            day_1,
            CycleStatus.GIVEN,
            drugs,
            dose,
            regimen=regimen or None,
        )
    )


def cycle_regimens(
    protocol: Protocol, history: History, component: str, number: int
) -> dict[str, Regimen]:
    """What a cycle may have been given under: what the patient's arm allows for its component, and
    what is on record of it."""
    cycle = history.cycle(component, number)
    on_record = {cycle.regimen if cycle else None, history.components.get(component)}
    return {
        code: regimen
        for code, regimen in protocol.regimens.items()
        if regimen.component == component and (history.arm in regimen.arms or code in on_record)
    }


def choosable_drugs(
    protocol: Protocol, history: History, component: str, number: int
) -> Sequence[str]:
    """The drugs a cycle may have on record, each once: those on record of it, and those of every
    regimen it may have been given under."""
    cycle = history.cycle(component, number)
    drugs = list(cycle.drugs) if cycle else []
    for regimen in cycle_regimens(protocol, history, component, number).values():
        drugs += regimen.drugs
        drugs += regimen.optional_in(history.arm)
    return tuple(dict.fromkeys(drugs))


def _planned(form: Form, _protocol: Protocol, history: History) -> HistoryEntry | None:
    component, number = _component_and_number(form, history)
    return CycleRecorded(Cycle(component, number, planned=form.day("planned")))


def _skipped(form: Form, _protocol: Protocol, history: History) -> HistoryEntry | None:
    component, number = _component_and_number(form, history)
    reason = form.text("why", LONGEST_REASON)
    planned = form.maybe_day("planned")
    return CycleRecorded(
        Cycle(component, number, planned, status=CycleStatus.SKIPPED, reason=reason)
    )


def _stop(form: Form, _protocol: Protocol, history: History) -> HistoryEntry | None:
    component = form.one_of("component", history.components)
    if form.ticked("taken_back"):
        return ComponentStopped(component, None)
    last_dose = form.day("last_dose")
    if last_dose is None:
        return None
    return ComponentStopped(component, last_dose)


def _fact(form: Form, _protocol: Protocol, history: History) -> HistoryEntry | None:
    fact = form.one_of("about", FACT_VALUES)
    if not fact:
        return None
    on_record = [value.number for value in history.facts.get(fact, ())]
    number = max(on_record, default=0) + 1
    if form.optional("number"):
        number = form.number("number", 1, HIGHEST_NUMBER) or 1
    if number > 1 and form.ticked("taken_back"):
        return FactRecorded(fact, None, None, number)
    return FactRecorded(fact, form.day("since"), _fact_value(form, fact), number)


def _fact_value(form: Form, fact: str) -> Fact:
    values = {str(value): value for value in FACT_VALUES[fact]}
    return values.get(form.one_of("value", values))


def _pause(form: Form, _protocol: Protocol, _history: History) -> MessagePause:
    if form.ticked("resume"):
        return MessagePause(None)
    first = form.day("from") if form.optional("from") else None
    return MessagePause(form.day("until"), first)


def _component_and_number(form: Form, history: History) -> tuple[str, int]:
    """Which cycle a form is about; where its number does not read the form says so, and 1 stands
    in."""
    component = form.one_of("component", history.components)
    number = form.number("number", 1, HIGHEST_NUMBER)
    return component, number or 1
