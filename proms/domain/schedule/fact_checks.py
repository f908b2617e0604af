"""What is wrong with the facts on record about a patient's person."""

from collections.abc import Iterator
from datetime import date

from proms.domain.person import FACT_VALUES
from proms.domain.protocol import CONSENT, Protocol
from proms.domain.schedule import history_errors as errors
from proms.domain.schedule.history import EntryKey, EntryKind, FactValue, History
from proms.domain.schedule.history_errors import UnsoundHistory


def fact_objections(protocol: Protocol, history: History, today: date) -> Iterator[UnsoundHistory]:
    """Words nobody knows, a fact left without a value, two values from one day on, and changes
    dated before consent or ahead."""
    for fact, values in history.facts.items():
        key = EntryKey(EntryKind.FACT, fact)
        if fact not in FACT_VALUES:
            yield errors.UnknownFact(key, fact=fact, facts=tuple(FACT_VALUES))
            continue
        if not values or values[0].number != 1:
            yield errors.FactWithoutValue(key, fact=fact)
        taken: set[date] = set()
        for value in values:
            yield from _unknown_value(fact, value)
            if value.since in taken:
                yield errors.FactsOnOneDay(_key(fact, value), fact=fact, day=value.since)
            taken.add(value.since)
            if value.number > 1:
                yield from _out_of_time(protocol, history, fact, value, today)


def _unknown_value(fact: str, value: FactValue) -> Iterator[UnsoundHistory]:
    if value.value not in FACT_VALUES[fact]:
        known = tuple(map(str, FACT_VALUES[fact]))
        yield errors.UnknownFactValue(
            _key(fact, value), fact=fact, value=str(value.value), values=known
        )


def _out_of_time(
    protocol: Protocol, history: History, fact: str, value: FactValue, today: date
) -> Iterator[UnsoundHistory]:
    """A change is dated from consent to today: before consent the first value is what to correct,
    and what is to come may still come otherwise."""
    key = EntryKey(EntryKind.FACT, fact)
    about, since = _key(fact, value), value.since
    consent = history.first(CONSENT)
    years = protocol.years
    if not years.hold(since):
        yield errors.OutsideTrial(about, fact=key, day=since, first=years.first, last=years.last)
    elif consent and since < consent:
        yield errors.TooEarly(about, fact=key, day=since, milestone=CONSENT, first=consent)
    if since > today:
        yield errors.NotYetHappened(about, fact=key, day=since)


def _key(fact: str, value: FactValue) -> EntryKey:
    return EntryKey(EntryKind.FACT, fact, value.number)
