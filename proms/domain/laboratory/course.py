"""What is worked out of a patient's values of one test: multiples, rises and grades. It describes;
it advises nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from proms.domain.laboratory.panel import LabTest, Panel
from proms.domain.laboratory.value import LabValue
from proms.domain.protocol import Protocol
from proms.domain.schedule.history import Cycle, History


@dataclass(frozen=True)
class Reading:
    """A value with what follows from it.

    `reference` is the value of the last dose before it, `baseline` the one whose multiple the grade
    is: none where the baseline was normal or is not known, then the grade is of the upper limit.
    """

    value: LabValue
    times_upper_limit: Decimal
    reference: LabValue | None
    times_reference: Decimal | None
    rises: int
    grade: int
    baseline: LabValue | None


def read_courses(
    protocol: Protocol, panel: Panel, history: History, values: Iterable[LabValue]
) -> dict[str, list[Reading]]:
    """The course of every test there is a value of, in the order of the panel."""
    by_test: dict[str, list[LabValue]] = defaultdict(list)
    for value in values:
        by_test[value.test].append(value)
    laboratory = protocol.views.laboratory
    assert laboratory is not None, "a trial with a panel has a laboratory"
    doses = reference_days(protocol, history, laboratory.reference)
    baseline_until = history.first(laboratory.baseline)
    return {
        code: read_course(test, by_test[code], baseline_until=baseline_until, reference_days=doses)
        for code, test in panel.tests.items()
        if code in by_test
    }


def read_course(
    test: LabTest,
    values: Sequence[LabValue],
    *,
    baseline_until: date | None,
    reference_days: Sequence[Sequence[date]],
) -> list[Reading]:
    """Every value of one test, the oldest first.

    `baseline_until` is the last day whose value can be the baseline; `reference_days` are those of
    each cycle given, in its order.
    """
    in_order = sorted(values, key=lambda value: value.taken_on)
    by_day = {value.taken_on: value for value in in_order}
    baseline = _baseline(in_order, baseline_until)
    readings: list[Reading] = []
    for place, value in enumerate(in_order):
        rises = 0
        if place and value.value > in_order[place - 1].value:
            rises = readings[-1].rises + 1
        reference = _reference(by_day, reference_days, value.taken_on)
        times_reference = value.value / reference.value if reference else None
        base = _abnormal_before(baseline, value)
        readings.append(
            Reading(
                value,
                value.value / value.upper_limit,
                reference,
                times_reference,
                rises,
                test.grade(
                    value.value,
                    base.value if base else value.upper_limit,
                    abnormal_baseline=base is not None,
                ),
                base,
            )
        )
    return readings


def reference_days(protocol: Protocol, history: History, drug: str) -> list[tuple[date, ...]]:
    """The days of each dose of a drug that was given: day 1 and the last day of the infusion, which
    ends where the component stopped."""
    days = []
    for cycle in history.cycles:
        if cycle.day_1 and cycle.dose_percent != 0 and _gives(protocol, history, cycle, drug):
            days.append(tuple(sorted({cycle.day_1, _last_infusion_day(protocol, history, cycle)})))
    return sorted(days)


def _gives(protocol: Protocol, history: History, cycle: Cycle, drug: str) -> bool:
    return drug in (cycle.drugs or protocol.regimens[history.regimen_of(cycle)].drugs)


def _last_infusion_day(protocol: Protocol, history: History, cycle: Cycle) -> date:
    assert cycle.day_1 is not None
    infusion = protocol.regimens[history.regimen_of(cycle)].infusion_days
    last = cycle.day_1 + timedelta(days=max(0, infusion - 1))
    stopped = history.stopped.get(cycle.component)
    if stopped and cycle.day_1 <= stopped < last:
        return stopped
    return last


def _baseline(values: Sequence[LabValue], until: date | None) -> LabValue | None:
    """The last value up to and including that day."""
    before = [value for value in values if until and value.taken_on <= until]
    return before[-1] if before else None


def _abnormal_before(baseline: LabValue | None, value: LabValue) -> LabValue | None:
    """The baseline whose multiple a later value is graded by: one above its own upper limit."""
    if baseline is None or value.taken_on <= baseline.taken_on:
        return None
    return baseline if baseline.value > baseline.upper_limit else None


def _reference(
    by_day: dict[date, LabValue], doses: Sequence[Sequence[date]], day: date
) -> LabValue | None:
    """The value of the last cycle begun before this day: of its last day of infusion where that is
    before it too, else of its day 1. Without a value on either there is none: that of an earlier
    cycle would be taken for this one's."""
    begun = [days for days in doses if days[0] < day]
    if not begun:
        return None
    return next(_values_on(by_day, [dose for dose in begun[-1] if dose < day]), None)


def _values_on(by_day: dict[date, LabValue], days: Sequence[date]) -> Iterator[LabValue]:
    for day in reversed(days):
        if day in by_day:
            yield by_day[day]
