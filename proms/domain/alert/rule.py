"""Rules: fixed thresholds on answers, each with an urgency; never a diagnosis, a prediction or
advice on dose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from proms.domain.instrument import Condition, Earlier, Value, reports_in


class Urgency(StrEnum):
    RED = "red"  # telephone contact the same day, at once
    AMBER = "amber"  # a nurse within 24 hours, over a weekend the next working day
    INFO = "info"  # at the next visit

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(type(self)).index(self)


@dataclass(frozen=True)
class Tag:
    """A hint for the nurse that goes with a breach when its condition holds."""

    code: str
    when: Condition


@dataclass(frozen=True)
class Raised:
    """The urgency that a rule has instead of its own when this holds too."""

    urgency: Urgency
    when: Condition


@dataclass(frozen=True)
class Rule:
    """One definition: when it is met, how urgent that is, which answers are shown, what the nurse
    reads."""

    id: str
    urgency: Urgency
    when: Condition
    shows: tuple[str, ...]
    group: str
    reason: Mapping[str, str]  # language -> text
    tags: tuple[Tag, ...] = ()
    raised: Raised | None = None

    @property
    def urgencies(self) -> frozenset[Urgency]:
        """How urgent a breach of it may be."""
        return frozenset({self.urgency, *([self.raised.urgency] if self.raised else ())})


@dataclass(frozen=True)
class Addition:
    """A text that joins the patient's page when one of these groups fired at this urgency."""

    text: str
    urgency: Urgency
    groups: frozenset[str]


@dataclass(frozen=True)
class Advice:
    """What the patient reads, as keys of `texts`: per urgency, the additions, and when nothing
    fired."""

    levels: Mapping[Urgency, str]
    nothing: str
    additions: tuple[Addition, ...]
    called_item: str
    called_value: Value
    called: str


@dataclass(frozen=True)
class RuleSet:
    """The rules for one version of an instrument, with every text they need in every language."""

    instrument: str
    instrument_version: str
    version: str
    rules: tuple[Rule, ...]
    advice: Advice
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language -> key -> text
    # language -> tag -> text
    tag_texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    previous_days: int | None = (
        None  # how old the previous report may be; None: no rule looks at it
    )
    digest: str = ""

    @cached_property
    def looks_at(self) -> frozenset[Earlier]:
        """The earlier reports that some rule compares with."""
        return frozenset(report for rule in self.rules for report in reports_in(rule.when))

    @property
    def name(self) -> str:
        """What it is stored under with every evaluation, for good: "hsc 0.3"."""
        return f"{self.instrument} {self.version}"

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, if this version has it."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


Evidence = tuple[tuple[str, Value], ...]  # item and answer, each as it was given


@dataclass(frozen=True)
class Breach:
    """A rule met by one response, with the literal answers it looked at."""

    rule: str
    urgency: Urgency
    evidence: Evidence = ()
    tags: tuple[str, ...] = ()
