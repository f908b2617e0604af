"""What a protocol says of the page of a patient: the laboratory values that are kept, what is drawn
on one strip, and which scores are drawn first."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from proms.domain.title import Title


@dataclass(frozen=True)
class Laboratory:
    """The tests of a panel; a baseline is the last value up to a milestone, and the reference that
    of the last dose of a drug."""

    panel: str
    baseline: str  # milestone
    reference: str  # drug


@dataclass(frozen=True)
class Strip:
    """Answers and laboratory values that are read together, along the cycles of a component and the
    months after its last dose."""

    code: str
    title: Title
    note: Title
    component: str
    items: Mapping[str, tuple[str, ...]]  # by instrument
    tests: tuple[str, ...]


@dataclass(frozen=True)
class ProtocolViews:
    """All that a protocol says of the page of a patient."""

    laboratory: Laboratory | None = None
    strips: Mapping[str, Strip] = field(default_factory=dict)
    first_scales: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by instrument
