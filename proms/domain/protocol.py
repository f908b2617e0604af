"""The trial's definition as values: arms, regimens, milestones, and the events at which instruments
are due.

Nothing here is one trial's: all of it is read from `protocols/<code>/<version>.yaml`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import chain

from proms.domain.alert_policy import ALERTS_ON, AlertPolicy, Handling
from proms.domain.instrument import Condition, ConditionContext, Facts, holds
from proms.domain.own_page import OwnPage
from proms.domain.person import PatientStatus
from proms.domain.protocol_facts import FactWords, LastingFact, RecentDose
from proms.domain.protocol_views import ProtocolViews
from proms.domain.roster import NoticeLimits
from proms.domain.series import Series
from proms.domain.title import Title
from proms.domain.trial_years import TrialYears

# The two milestones of every trial: with consent the plan begins, randomisation gives the arm.
CONSENT, RANDOMISATION = "consent", "randomisation"


class AnchorKind(StrEnum):
    """What an event's days are counted from."""

    MILESTONE = "milestone"
    CYCLE = "cycle"  # day 1 of each cycle of a component
    DELAY = "delay"  # the planned day 1 of a cycle that is late
    GAP = "gap"  # the end of a cycle whose next one is planned for later than that
    LAST_DOSE = "last_dose"  # of a component that has stopped
    END_OF_TREATMENT = "end_of_treatment"  # the last dose of the last component


class Ending(StrEnum):
    """Why nothing is asked any more; where several are on record the first of these counts."""

    DEATH = "death"
    WITHDRAWAL = "withdrawal"

    @property
    def status(self) -> PatientStatus:
        return _STATUS[self]


_STATUS = {
    Ending.DEATH: PatientStatus.DIED,
    Ending.WITHDRAWAL: PatientStatus.WITHDRAWN,
}


@dataclass(frozen=True)
class Anchor:
    """A kind of day, and the milestone or component it belongs to."""

    kind: AnchorKind
    name: str = ""


@dataclass(frozen=True)
class Arm:
    """A treatment group; `alerts` says whether its answers raise alerts, and when: for each
    instrument that is named, and for all others."""

    code: str
    title: Title
    alerts: AlertPolicy = ALERTS_ON
    alerts_of: Mapping[str, AlertPolicy] = field(default_factory=dict)

    def policy_for(self, instrument: str) -> AlertPolicy:
        """How alerts come of the answers to an instrument."""
        return self.alerts_of.get(instrument, self.alerts)


@dataclass(frozen=True)
class Component:
    """A part of the treatment that stops by itself, `after` a milestone and given through the
    lasting fact it `needs`; the one listed first leads."""

    code: str
    title: Title
    after: str | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Regimen:
    """The drugs of a component and its cycle length; an `optional` drug names the arms that may get
    it."""

    code: str
    title: Title
    component: str
    arms: frozenset[str]
    cycle_days: int
    drugs: tuple[str, ...]
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)
    infusion_days: int = 0
    # instrument -> its optional items that go with the regimen
    also_asks: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def every_drug(self) -> tuple[str, ...]:
        """Its drugs, and after them those that only some arms may get."""
        return *self.drugs, *self.optional

    def optional_in(self, arm: str | None) -> list[str]:
        """The drugs that this arm may get beside its own."""
        return [drug for drug, arms in self.optional.items() if arm in arms]


@dataclass(frozen=True)
class MilestoneKind:
    """A dated fact the protocol knows; from the day of one that `ends` on nothing is asked."""

    code: str
    arms: frozenset[str] | None = None
    after: str | None = None
    repeats: bool = False
    ends: Ending | None = None
    title: Title | None = None
    noun: Title | None = None  # within a sentence: "6 weeks after pump surgery"


@dataclass(frozen=True)
class Timing:
    """An event's offsets: due `day` days after its anchor, open from `opens` to `closes` days
    around the due day.

    A landmark, once its date is known, is stronger: `due_on` and `opens_on` replace the day,
    `not_after` is the last day the window may reach, and a due day that does not come `before` its
    landmark is not asked.
    """

    day: int
    opens: int
    closes: int
    opens_on: tuple[Anchor, ...] = ()
    due_on: tuple[Anchor, ...] = ()
    not_after: tuple[Anchor, ...] = ()
    before: tuple[Anchor, ...] = ()

    @cached_property
    def has_landmarks(self) -> bool:
        return bool(self.opens_on or self.due_on or self.not_after or self.before)


@dataclass(frozen=True)
class Distance:
    """Not asked within `days` days of the due day of an event of these groups, or of a check that
    was started."""

    days: int
    groups: frozenset[str]
    started: bool = False


@dataclass(frozen=True)
class Repeat:
    """Asked every `every` days until `until` days (None: no end); then on the due days of a group,
    before landmarks."""

    every: int
    until: int | None = None
    then_with: str | None = None
    then_before: tuple[Anchor, ...] = ()


@dataclass(frozen=True)
class Event:
    """A planned moment at which instruments are due; of two of a series that come too close the
    lower rank stays.

    The code of a repeated catch-up ends in its step, written `{step}`.
    """

    code: str
    series: str
    rank: int
    instruments: tuple[str, ...]
    anchors: tuple[Anchor, ...]
    timing: Timing
    group: str | None = None
    arms: frozenset[str] | None = None
    regimens: frozenset[str] | None = None
    not_within: Distance | None = None
    repeat: Repeat | None = None

    def coded(self, step: int) -> str:
        """The event's code at a step of its repetition."""
        # A plan asks this of every occurrence, and few events repeat.
        if "{" not in self.code:
            return self.code
        return self.code.replace("{step}", str(step))

    def names(self, code: str) -> bool:
        """Whether this code is the event's own, or that of a step of its repetition."""
        return code == self.code or self.step_of(code) is not None

    def step_of(self, code: str) -> int | None:
        """The step of its repetition that this code names; None where it names none of this
        event's."""
        before, brace, after = self.code.partition("{step}")
        if not brace:
            return None
        middle = code.removeprefix(before).removesuffix(after)
        if not (middle.isascii() and middle.isdigit()):
            return None
        step = int(middle)
        # Written out again, because a code that lacks the event's beginning or end, or writes the
        # step as "03", got so far too.
        return step if self.coded(step) == code else None


@dataclass(frozen=True)
class ConfirmAgain:
    """How long a number counts as hers after that was shown, and how long its site then has to
    confirm it again."""

    after: timedelta
    within: timedelta


@dataclass(frozen=True)
class MessagePlan:
    """When a pack's messages are due (site time), and between which hours any may leave.

    A pack that opens more than `announce_again` days from where it was announced is announced
    again.
    """

    at: time
    days: tuple[int, ...]
    earliest: time
    latest: time
    day_cap: int
    announce_again: int
    call_after: timedelta  # the last message, then who has not answered is called
    hold_unconfirmed: bool = False  # to a number or address that nobody has confirmed
    confirm_again: ConfirmAgain | None = None  # without it a number once confirmed stays so


@dataclass(frozen=True)
class Protocol:
    """One version of the trial on a page."""

    code: str
    version: int
    title: str
    years: TrialYears
    arms: Mapping[str, Arm]
    components: Mapping[str, Component]
    regimens: Mapping[str, Regimen]
    milestones: Mapping[str, MilestoneKind]
    series: Mapping[str, Series]
    events: tuple[Event, ...]
    unscheduled: Mapping[str, tuple[str, ...]]
    standing: Mapping[str, LastingFact]
    messages: MessagePlan
    alerts: NoticeLimits
    handling: Handling
    projected_cycles: int
    early_days: int
    far_days: int
    only_if: Mapping[str, Condition] = field(default_factory=dict)  # instruments for some only
    drugs: Mapping[str, Title] = field(default_factory=dict)
    fact_words: Mapping[str, FactWords] = field(default_factory=dict)
    days_since: Mapping[str, str] = field(default_factory=dict)  # fact -> milestone
    doses_of_late: Mapping[str, RecentDose] = field(default_factory=dict)
    site_facts: Mapping[str, Mapping[str, Title]] = field(default_factory=dict)  # by value
    views: ProtocolViews = field(default_factory=ProtocolViews)
    own_page: OwnPage = field(default_factory=OwnPage)

    @cached_property
    def instruments(self) -> frozenset[str]:
        """Every instrument the protocol ever asks."""
        return frozenset(self.instrument_order)

    @cached_property
    def instrument_order(self) -> tuple[str, ...]:
        """Its instruments in the order in which one sitting asks them, what a patient begins by
        herself last."""
        asked = [event.instruments for event in self.events] + list(self.unscheduled.values())
        return tuple(dict.fromkeys(chain.from_iterable(asked)))

    def asking(self, instruments: Collection[str]) -> "Protocol":
        """The same protocol with these instruments alone; an event with none keeps its place."""
        # What is asked for may name instruments of another protocol; two requests for the same of
        # ours share one entry of the cache.
        kept = self.instruments.intersection(instruments)
        if kept == self.instruments:
            return self
        if kept not in self._narrowed:
            self._narrowed[kept] = self._left_with(kept)
        return self._narrowed[kept]

    @cached_property
    def _narrowed(self) -> dict[frozenset[str], "Protocol"]:
        # To narrow takes as long as to plan, and few sets of instruments are ever asked for.
        return {}

    def _left_with(self, kept: frozenset[str]) -> "Protocol":
        events = tuple(
            replace(event, instruments=_only(event.instruments, kept)) for event in self.events
        )
        unscheduled = {code: _only(asked, kept) for code, asked in self.unscheduled.items()}
        return replace(self, events=events, unscheduled=unscheduled)

    def alert_policy(self, arm: str | None, instrument: str) -> AlertPolicy:
        """How alerts come of a patient's answers; before randomisation they come at once."""
        hers = self.arms.get(arm or "")
        return hers.policy_for(instrument) if hers else ALERTS_ON

    def asked_of(self, facts: Facts) -> frozenset[str]:
        """The instruments that a person of whom this is known is asked."""
        context = ConditionContext(facts=facts)
        not_for_her = {
            code for code, condition in self.only_if.items() if not holds(condition, context)
        }
        return self.instruments - not_for_her

    @cached_property
    def optional_items(self) -> frozenset[tuple[str, str]]:
        """Every optional item, with its instrument, that some regimen goes with."""
        optional_items = set()
        for regimen in self.regimens.values():
            for instrument, items in regimen.also_asks.items():
                optional_items |= {(instrument, item) for item in items}
        return frozenset(optional_items)

    @cached_property
    def drug_codes(self) -> tuple[str, ...]:
        """Every drug that some regimen may give, in order of code."""
        codes: set[str] = set()
        for regimen in self.regimens.values():
            codes.update(regimen.every_drug)
        return tuple(sorted(codes))

    @cached_property
    def ends(self) -> Mapping[str, Ending]:
        """The milestones after which nothing is asked, each with the reason it gives."""
        return {kind.code: kind.ends for kind in self.milestones.values() if kind.ends}

    def event_named(self, code: str) -> Event | None:
        """The event that a stored code names, whatever the step of its repetition; None where this
        version has none."""
        return next((event for event in self.events if event.names(code)), None)

    def series_of(self, code: str) -> Series | None:
        """The series of an event by its code; what a patient begins by herself goes with the series
        that asks the same instruments."""
        event = self.event_named(code)
        if event is None:
            asked = set(self.unscheduled.get(code, ()))
            event = next((other for other in self.events if asked & set(other.instruments)), None)
        if event is None:
            return None
        return self.series[event.series]

    def series_place(self, code: str) -> int:
        """The place of an event's series in the protocol; after all of them where it has none."""
        series = self.series_of(code)
        return list(self.series).index(series.code) if series else len(self.series)

    def events_in(self, arm: str | None) -> tuple[Event, ...]:
        """The events an arm is asked; before randomisation only those that every arm is asked."""
        if arm not in self.arms:
            return self._events_by_arm[None]
        return self._events_by_arm[arm]

    @cached_property
    def _events_by_arm(self) -> dict[str | None, tuple[Event, ...]]:
        by_arm = {}
        # None, for not randomised yet, is in no event's arms.
        for arm in (None, *self.arms):
            by_arm[arm] = tuple(
                event for event in self.events if event.arms is None or arm in event.arms
            )
        return by_arm


def wanted(instrument: str, item: str) -> str:
    """The fact that says whether the patient's regimens go with an optional item."""
    return f"{instrument}.{item}"


def _only(asked: tuple[str, ...], kept: Collection[str]) -> tuple[str, ...]:
    return tuple(code for code in asked if code in kept)
