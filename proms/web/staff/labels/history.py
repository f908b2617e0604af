"""A patient's history in words: what its cycles are called, and what the protocol has against
it."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from proms.domain.protocol import Protocol
from proms.domain.schedule import History
from proms.domain.schedule import history_errors as errors
from proms.domain.schedule.history import EntryKey, EntryKind
from proms.domain.schedule.history_errors import SeveralObjections, UnsoundHistory, Value
from proms.refusal import Refusal
from proms.web.locale import short_day
from proms.web.staff.labels import vocabulary
from proms.web.staff.labels.facts import fact_title
from proms.web.staff.labels.vocabulary import drug, milestone, titled

# Where dates collide the sentence names both. What is left out here has one sentence for its code.
SENTENCES: Mapping[type[UnsoundHistory], LazyString] = {
    errors.DrugNotInRegimen: _l("%(cycle)s: %(drug)s is not part of %(regimen)s in this arm."),
    errors.RepeatedMilestone: _l(
        "%(milestone)s happens only once, and has a date already: %(first)s. "
        "Correct that date instead."
    ),
    errors.TooEarly: _l("%(fact)s on %(day)s is before %(milestone)s on %(first)s."),
    errors.PlannedTooEarly: _l("%(fact)s on %(day)s is before %(milestone)s on %(first)s."),
    errors.GivenTooEarly: _l("%(fact)s on %(day)s is before %(milestone)s on %(first)s."),
    errors.FarFuture: _l("%(day)s is too far ahead: more than %(far_days)s."),
    errors.OutsideTrial: _l(
        "%(day)s is outside the years of the study, %(first)s to %(last)s. Is the year right?"
    ),
    errors.NotYetHappened: _l(
        "%(day)s is still to come. What has happened has a date up to today."
    ),
    errors.AfterDeath: _l("%(cycle)s on %(day)s is after the date of death, %(death)s."),
    errors.AfterTheEnd: _l(
        "%(fact)s on %(day)s is after %(milestone)s on %(end)s. "
        "What happened up to that day can be recorded."
    ),
    errors.CycleLeftOut: _l(
        "%(cycle)s: cycle %(missing)s is not on record. Record it first, given or skipped."
    ),
    errors.EarlierCycleOpen: _l(
        "%(cycle)s: cycle %(earlier)s is still planned. Record it first, given or skipped."
    ),
    errors.CycleOutOfOrder: _l(
        "%(cycle)s on %(starts)s is before cycle %(earlier)s on %(earlier_starts)s."
    ),
    errors.CyclesOnOneDay: _l("%(cycle)s and cycle %(earlier)s both start on %(starts)s."),
    errors.CyclesOverlap: _l(
        "%(cycle)s starts %(days)s after cycle %(earlier)s: well before that one has ended."
    ),
    errors.GivenAfterLastDose: _l("%(cycle)s on %(day)s is after the last dose, %(last_dose)s."),
    errors.GivenWithoutDose: _l("%(cycle)s: a dose of 0 percent. Was this cycle skipped?"),
    errors.BeforeInPlace: _l("%(cycle)s on %(day)s is before %(milestone)s on %(on)s."),
    errors.AfterTakenOut: _l("%(cycle)s on %(day)s is after %(milestone)s on %(on)s."),
    errors.MilestoneTwiceADay: _l(
        "%(milestone)s %(number)s is on the same day as number %(earlier)s: %(day)s."
    ),
    errors.NumberLeftOut: _l("%(milestone)s %(number)s: these are not on record: %(missing)s."),
}


def cycle_name(protocol: Protocol, history: History, component: str, number: int) -> str:
    """A cycle by the regimen it was or would be given under, and its number: "FUDR 3"."""
    cycle = history.cycle(component, number)
    on_record = cycle.regimen if cycle else None
    regimen = on_record or history.components.get(component)
    return cycle_of_regimen(protocol, component, regimen, number)


def cycle_of_regimen(protocol: Protocol, component: str, regimen: str | None, number: int) -> str:
    """A cycle by a regimen, or by its component where none was ever chosen."""
    named_by = protocol.regimens[regimen] if regimen else protocol.components[component]
    return f"{titled(named_by.title)} {number}"


def refused(refusal: Refusal, protocol: Protocol, history: History) -> str:
    """Why something cannot be recorded; `history` is the one it would have led to."""
    if not isinstance(refusal, UnsoundHistory):
        return vocabulary.refused(refusal)
    return " ".join(objection_sentences(refusal, protocol, history))


def objection_sentences(
    refusal: UnsoundHistory, protocol: Protocol, history: History
) -> tuple[str, ...]:
    """What the protocol has against a history, each in a sentence, all of it."""
    found = refusal.objections if isinstance(refusal, SeveralObjections) else (refusal,)
    sentences = [_objection_sentence(objection, protocol, history) for objection in found]
    return tuple(dict.fromkeys(sentences))


def _objection_sentence(objection: UnsoundHistory, protocol: Protocol, history: History) -> str:
    sentence = SENTENCES.get(type(objection))
    if sentence is None:
        return vocabulary.unsound(objection)
    words = {
        slot: _said(slot, value, protocol, history) for slot, value in objection.values.items()
    }
    return str(sentence) % words


def _said(slot: str, value: Value, protocol: Protocol, history: History) -> str:
    if isinstance(value, EntryKey):
        return _fact_name(value, protocol, history)
    if isinstance(value, date):
        return short_day(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if slot == "milestone":
        return milestone(protocol, str(value))
    if slot == "drug":
        return drug(protocol, str(value))
    if isinstance(value, int) and slot in ("days", "far_days"):
        return ngettext("%(num)s day", "%(num)s days", value)
    return str(value)


def _fact_name(fact: EntryKey, protocol: Protocol, history: History) -> str:
    match fact.what:
        case EntryKind.MILESTONE:
            return milestone(protocol, fact.name)
        case EntryKind.CYCLE:
            return cycle_name(protocol, history, fact.name, fact.number)
        case EntryKind.FACT:
            return fact_title(fact.name)
    component = titled(protocol.components[fact.name].title)
    return _("Last dose: %(what)s", what=component)
