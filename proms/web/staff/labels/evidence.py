"""What was met, in words: the rule as its content words it, and the literal answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from babel.dates import format_timedelta
from flask_babel import get_locale
from flask_babel import gettext as _

from proms.actions.schedule import not_asked
from proms.content import Library
from proms.db.queries.treatment_positions import TreatmentPosition
from proms.db.queries.worklist import MetRule, Source
from proms.db.tables import Patient
from proms.domain.alert import RuleSet
from proms.domain.alert.record import NOT_EVALUATED
from proms.domain.instrument import Instrument, Value, Wording
from proms.domain.person import PatientStatus
from proms.domain.protocol import Protocol
from proms.domain.response import Document, MissingReason, answers_of, missing_of
from proms.web.locale import language
from proms.web.staff.labels.vocabulary import MISSING, SEXES, titled

STEPS = 3


@dataclass(frozen=True)
class Chip:
    """One literal answer: its number where it has one, how strong that is (0 to 3), question and
    answer in words."""

    label: str
    question: str
    answer: str
    number: int | None
    strength: int


@dataclass(frozen=True)
class AlertEvidence:
    """One rule that was met, ready to be read."""

    met: MetRule
    reason: str
    chips: tuple[Chip, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A question with its answer, or why there is none."""

    question: str
    answer: Chip | None
    missing: str


def alert_evidence(library: Library, met: MetRule) -> AlertEvidence:
    """The rule's reason and the answers, in the reader's language and the versions they were given
    with."""
    if met.source is None:
        return AlertEvidence(met, _reason(None, met.alert.rule), (), ())
    rule_set = _rule_set(library, met.source)
    wording = library.wording(met.source.instrument, language(), met.source.instrument_version)
    instrument = library.instrument(met.source.instrument, met.source.instrument_version)
    chips = tuple(chip(instrument, wording, item, value) for item, value in met.evidence)
    tags = rule_set.tag_texts.get(language(), {}) if rule_set else {}
    return AlertEvidence(
        met, _reason(rule_set, met.alert.rule), chips, tuple(tags.get(tag, tag) for tag in met.tags)
    )


def chip(instrument: Instrument, wording: Wording, item: str, value: Value) -> Chip:
    """An answer as it was given."""
    return Chip(
        label=wording.label(item),
        question=wording.items[item],
        answer=wording.option(item, value),
        number=value if isinstance(value, int) else None,
        strength=strength(instrument, item, value),
    )


def item_readings(instrument: Instrument, wording: Wording, document: Document) -> list[Reading]:
    """Every item that was asked, in order."""
    answers, missing = answers_of(document), missing_of(document)
    readings = []
    for item in instrument.items:
        if item.code in answers:
            answer = chip(instrument, wording, item.code, answers[item.code])
            readings.append(Reading(answer.question, answer, ""))
        elif missing.get(item.code, MissingReason.NOT_ASKED) is not MissingReason.NOT_ASKED:
            readings.append(
                Reading(wording.items[item.code], None, str(MISSING[missing[item.code]]))
            )
    return readings


def strength(instrument: Instrument, item: str, value: Value) -> int:
    """How far an answer is from the item's first option, in thirds: 0 none, 3 the far end; a ticked
    option is 3."""
    known = instrument.item(item)
    if isinstance(value, tuple):
        return 0 if known.none in value else STEPS
    if (
        not isinstance(value, int) or not known.options
    ):  # of a number nobody knows which end is the far one
        return 0
    place = known.options.index(value) if value in known.options else 0
    return ceil(STEPS * place / (len(known.options) - 1)) if len(known.options) > 1 else 0


def sex_and_age(patient: Patient, today_year: int) -> str:
    """Sex and age as far as the year of birth tells."""
    return _("%(sex)s, %(age)s", sex=SEXES[patient.sex], age=today_year - patient.birth_year)  # type: ignore[index]


def not_asked_of(library: Library, patient: Patient) -> list[str]:
    """What a patient who takes part is not asked for want of a licensed wording, as people call it:
    "QLQ-C30"."""
    return (
        [code.upper() for code in not_asked(library, patient)]
        if patient.status == PatientStatus.ACTIVE
        else []
    )


def arm_and_position(
    protocol: Protocol, patient: Patient, places: tuple[TreatmentPosition, ...]
) -> str:
    """Arm and place in the treatment, as long as she takes part: "Systemic therapy. FOLFOX 6 day
    2"."""
    arm = titled(protocol.arms[patient.arm].title) if patient.arm else _("Not randomised yet")
    days = [
        _(
            "%(regimen)s %(number)s day %(day)s",
            regimen=titled(protocol.regimens[each.regimen].title),
            **each.day._asdict(),
        )
        for each in places
        if each.day and not each.stopped_on and patient.status == PatientStatus.ACTIVE
    ]
    stopped = [
        _("%(regimen)s stopped", regimen=titled(protocol.regimens[each.regimen].title))
        for each in places
        if each.stopped_on
    ]
    return ". ".join(filter(None, [arm, ", ".join([*days, *stopped])]))


def waiting_time(since: datetime, now: datetime) -> str:
    """A stretch of time in words: "18 minutes", "3 hours", "2 days"."""
    gone = max(now - since, timedelta(minutes=1))
    return format_timedelta(gone, granularity="minute", threshold=1.5, locale=get_locale())


def _rule_set(library: Library, source: Source) -> RuleSet | None:
    if not source.rule_set or not library.has_rules(source.instrument):
        return None
    return library.rule_set_named(source.rule_set)


def _reason(rule_set: RuleSet | None, rule_id: str) -> str:
    if rule_id == NOT_EVALUATED:
        return _("The rules could not read these answers. Read them yourself.")
    rule = rule_set.rule(rule_id) if rule_set else None
    if rule is None:
        return _("Rule %(rule)s", rule=rule_id)
    reason = rule.reason[language()]
    return reason[:1].upper() + reason[1:]


def event_title(library: Library, protocol: Protocol, code: str | None) -> str:
    """What a patient is asked at an event, as its series is called: "Symptom check"."""
    if code is None:
        return ""
    event = protocol.event_named(code)
    if event:
        return titled(protocol.series[event.series].title)
    instruments = protocol.unscheduled.get(code, ())
    return ", ".join(library.wording(each, language()).short_title for each in instruments) or code
