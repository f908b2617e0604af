"""What was met, in words: the rule as its content words it, and the literal answers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from babel.dates import format_timedelta
from flask_babel import get_locale
from flask_babel import gettext as _

from proms.actions.schedule import not_asked
from proms.content import Library
from proms.db.queries.treatment_positions import TreatmentPosition
from proms.db.queries.worklist import MetRule
from proms.db.tables import Patient
from proms.domain.alert import NOT_ASKED, RuleSet
from proms.domain.instrument import Instrument, Item, Value, Wording
from proms.domain.person import PatientStatus
from proms.domain.protocol import Protocol
from proms.domain.response import (
    Document,
    MissingReason,
    answers_of,
    item_as_asked,
    missing_of,
    unasked_of,
)
from proms.web.locale import language, short_day
from proms.web.rule_words import rule_in_words, rule_set_of
from proms.web.staff.labels.vocabulary import MISSING, SEXES, titled

STEPS = 3


@dataclass(frozen=True)
class Chip:
    """One literal answer: its number where it has one, how strong that is (0 to 3), question and
    answer in words; against the report before it, whether it rose (1), fell (-1) or stayed (0)."""

    label: str
    question: str
    answer: str
    number: int | None
    strength: int
    change: int | None = None
    before: str = ""


@dataclass(frozen=True)
class AlertEvidence:
    """One rule that was met, ready to be read."""

    met: MetRule
    reason: str
    chips: tuple[Chip, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A question with its answer, or why there is none; an answer may be to what was not asked."""

    question: str
    answer: Chip | None
    missing: str
    unasked: bool = False


def alert_evidence(library: Library, met: MetRule) -> AlertEvidence:
    """The rule's reason and the answers, in the reader's language and the versions they were given
    with."""
    if met.source is None:
        return AlertEvidence(met, rule_in_words(library, met), (), ())
    source = met.source
    rule_set = rule_set_of(library, source)
    wording = library.wording_to_read(
        source.instrument, language(), source.instrument_version, source.wording_version
    )
    instrument = library.instrument(source.instrument, source.instrument_version)
    before = answers_of(source.previous or {})
    chips = []
    for code, value in met.evidence:
        item = item_as_asked(instrument.item(code), source.document)
        now = chip(instrument, wording, item, value)
        chips.append(_compared(now, wording, item, value, before.get(code)))
    return AlertEvidence(
        met, rule_in_words(library, met), tuple(chips), _tag_texts(rule_set, met.tags)
    )


def _tag_texts(rule_set: RuleSet | None, tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tags in words; one that has none in the reader's language, or whose rules are gone, stands as
    it was stored."""
    texts = {NOT_ASKED: _("answer to a question that was not asked")}
    if rule_set is not None:
        texts |= rule_set.tag_texts.get(language(), {})
    return tuple(texts.get(tag, tag) for tag in tags)


def chip(instrument: Instrument, wording: Wording, item: Item, value: Value) -> Chip:
    """An answer as it was given, to the words that were asked."""
    return Chip(
        label=wording.label(item.code),
        question=wording.question(item),
        answer=wording.option(item.code, value),
        number=value if isinstance(value, int) else None,
        strength=strength(instrument, item.code, value),
    )


def _compared(now: Chip, wording: Wording, item: Item, value: Value, before: Value | None) -> Chip:
    """The answer with what she said last time; as it is where that cannot be compared."""
    change = None
    if isinstance(value, tuple) and isinstance(before, tuple):
        change = _change_of_ticks(item, value, before)
    elif value in item.options and before in item.options:
        change = item.options.index(value) - item.options.index(before)
    if change is None or before is None:
        return now
    change = (change > 0) - (change < 0)
    return replace(now, change=change, before=wording.option(item.code, before))


def _change_of_ticks(item: Item, now: Value, before: Value) -> int | None:
    """What is ticked that was not counts more than what no longer is."""
    if not isinstance(now, tuple) or not isinstance(before, tuple):
        return None
    if not {*now, *before} <= {*item.options, item.none}:
        return None
    more = {*now} - {*before, item.none}
    less = {*before} - {*now, item.none}
    return 1 if more else -len(less)


def item_readings(instrument: Instrument, wording: Wording, document: Document) -> list[Reading]:
    """Every item that was asked or answered, in order and in the words that were asked."""
    answers = answers_of(document)
    unasked = unasked_of(document)
    missing = missing_of(document)
    readings = []
    for code, plain in instrument.by_code.items():
        item = item_as_asked(plain, document)
        if code in answers:
            answer = chip(instrument, wording, item, answers[code])
            readings.append(Reading(answer.question, answer, ""))
        elif code in unasked:
            answer = chip(instrument, wording, item, unasked[code])
            readings.append(Reading(answer.question, answer, "", unasked=True))
        # An item of which the document says nothing was not asked either.
        elif missing.get(code, MissingReason.NOT_ASKED) is not MissingReason.NOT_ASKED:
            readings.append(Reading(wording.question(item), None, str(MISSING[missing[code]])))
    return readings


def strength(instrument: Instrument, item: str, value: Value) -> int:
    """How far an answer is from the item's first option, in thirds: 0 none, 3 the far end; a ticked
    option is 3."""
    asked = instrument.item(item)
    if isinstance(value, tuple):
        return 0 if asked.none in value else STEPS
    # Of a number without options nobody knows which end is the far one.
    if not isinstance(value, int) or value not in asked.options:
        return 0
    last_place = len(asked.options) - 1
    if last_place == 0:
        return 0
    return ceil(STEPS * asked.options.index(value) / last_place)


def sex_and_age(patient: Patient, today_year: int) -> str:
    """Sex and age as far as the year of birth tells."""
    sex = SEXES[patient.sex]  # type: ignore[index]
    return _("%(sex)s, %(age)s", sex=sex, age=today_year - patient.birth_year)


def not_asked_of(library: Library, patient: Patient) -> list[str]:
    """What a patient who takes part is not asked for want of a licensed wording, as people call it:
    "QLQ-C30"."""
    if patient.status != PatientStatus.ACTIVE:
        return []
    return [code.upper() for code in not_asked(library, patient)]


def arm_and_position(
    protocol: Protocol, patient: Patient, places: tuple[TreatmentPosition, ...]
) -> str:
    """Arm and place in the treatment, as long as she takes part: "Systemic therapy. FOLFOX 6 day
    2"."""
    arm = titled(protocol.arms[patient.arm].title) if patient.arm else _("Not randomised yet")
    takes_part = patient.status == PatientStatus.ACTIVE
    running, stopped = [], []
    for place in places:
        if place.stopped:
            regimen = titled(protocol.regimens[place.regimen].title)
            stopped.append(_("%(regimen)s stopped", regimen=regimen))
        elif place.day and takes_part:
            regimen = titled(protocol.regimens[place.regimen].title)
            day = _("%(regimen)s %(number)s day %(day)s", regimen=regimen, **place.day._asdict())
            if place.last_dose:
                day = _("%(place)s, last dose %(day)s", place=day, day=short_day(place.last_dose))
            running.append(day)
    if not running and not stopped:
        return arm
    # What runs is said first, whatever the order of the components.
    return arm + ". " + ", ".join(running + stopped)


def waiting_time(since: datetime, now: datetime) -> str:
    """A stretch of time in words: "18 minutes", "3 hours", "2 days"."""
    return stretch_of_time(now - since)


def stretch_of_time(waited: timedelta) -> str:
    """So long in words, a minute at least."""
    shown = max(waited, timedelta(minutes=1))
    return format_timedelta(shown, granularity="minute", threshold=1.5, locale=get_locale())


def event_title(library: Library, protocol: Protocol, code: str | None) -> str:
    """What a patient is asked at an event, as its series is called: "Symptom check"."""
    if code is None:
        return ""
    event = protocol.event_named(code)
    if event:
        return titled(protocol.series[event.series].title)
    instruments = protocol.unscheduled.get(code, ())
    titles = [library.wording(instrument, language()).short_title for instrument in instruments]
    return ", ".join(titles) or code
