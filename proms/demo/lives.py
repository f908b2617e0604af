"""How invented patients fare, drawn from what the protocol allows: its arms, regimens, cycle
lengths and milestones.

The protocol says what can happen and in which order; how often and how late it happens is invented
here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from proms.actions.enrolment import NewPatient
from proms.domain.protocol import (
    CONSENT,
    RANDOMISATION,
    AnchorKind,
    Ending,
    Event,
    MilestoneKind,
    Protocol,
)

WEEKS_OF_TREATMENT = (16, 20, 20, 26)
# Days between two things, from the fewest to the most.
RANDOMISED_AFTER = (5, 12)  # consent
ONE_OFF_AFTER = (8, 20)  # randomisation, or the one before it
TREATMENT_AFTER = (6, 9)  # randomisation
TREATMENT_AFTER_SURGERY = (30, 40)
APPOINTMENT_EVERY = (56, 84)
APPOINTMENTS_FOR = 540  # days from randomisation
UNFORESEEN_FOR = 10 * 365  # days from consent: longer than anybody is followed
MEAN_DAYS_BETWEEN = 600  # of what happens unforeseen, again and again
MEAN_DAYS_TO_DEATH = 1500
LAST_WITHDRAWAL = 900  # days from consent
# Of the patients, how many.
WITHDRAWS = 0.1
NEVER_ANSWERS = 0.04
PAUSES = 0.12
ANSWERS = (0.9, 0.8, 0.8, 0.6, 0.35)  # the chances that those who answer do so on a day


class Foreseen(NamedTuple):
    """A milestone that will happen on a day, recorded by the clinic on another; both count from
    consent."""

    recorded: int
    kind: str
    on: int


@dataclass(frozen=True)
class Life:
    """How an invented patient fares; days count from her consent."""

    patient: NewPatient
    arm: str
    regimens: Mapping[str, str]  # component -> regimen
    cycles: Mapping[str, int]  # component -> how many cycles, unless it stops early
    treated_from: int
    foreseen: tuple[Foreseen, ...]
    ends: Mapping[Ending, int]
    pauses: tuple[int, ...]
    answers: float  # the chance that she answers on a day she thinks of it
    illness: float  # how ill she tends to feel, 0 to 1

    @property
    def last_day(self) -> int | None:
        """The day of her death or withdrawal, whichever comes first."""
        return min(self.ends.values(), default=None)


def draw(protocol: Protocol, random: Random, patient: NewPatient, arm: str) -> Life:
    """A life in this arm; the same for the same random numbers."""
    # The draws are in one fixed order, that of the fields of Life and of what they are made from: a
    # seed stands for one trial only as long as nobody moves, adds or leaves out one of them.
    regimens = {
        component: random.choice(regimens_of(protocol, component, arm))
        for component in _components(protocol, arm)
    }
    cycles: dict[str, int] = {}
    for component, regimen in regimens.items():
        weeks = random.choice(WEEKS_OF_TREATMENT)
        cycles[component] = max(1, 7 * weeks // protocol.regimens[regimen].cycle_days)
    randomised = random.randint(*RANDOMISED_AFTER)
    one_off = tuple(_one_off(protocol, random, arm, randomised))
    treated_from = _treated_from(random, randomised, one_off)
    repeated = tuple(_repeated(protocol, random, arm, randomised))
    return Life(
        patient=patient,
        arm=arm,
        regimens=regimens,
        cycles=cycles,
        treated_from=treated_from,
        foreseen=(Foreseen(randomised, RANDOMISATION, randomised), *one_off, *repeated),
        ends=_ends(random),
        pauses=_pauses(random),
        answers=_chance_of_answering(random),
        illness=random.random() ** 2,
    )


def regimens_of(protocol: Protocol, component: str, arm: str) -> list[str]:
    """The regimens of a component that this arm may be given."""
    return [
        code
        for code, regimen in protocol.regimens.items()
        if regimen.component == component and arm in regimen.arms
    ]


def ending_of(protocol: Protocol, ending: Ending) -> str:
    """The protocol's milestone for this ending."""
    return next(kind for kind, meant in protocol.ends.items() if meant is ending)


def taken_out(protocol: Protocol, arm: str) -> list[str]:
    """The milestones that end a standing fact in this arm, such as the removal of what was put
    in."""
    ending = {fact.until for fact in protocol.standing.values() if fact.until}
    return [kind.code for kind in _kinds(protocol, arm) if kind.code in ending]


def announced(protocol: Protocol, kind: str) -> int:
    """How many days beforehand a milestone is known: in time for the questions that come before
    it."""
    ahead = 0
    for event in protocol.events:
        if _hangs_on(event, kind):
            ahead = max(ahead, -event.timing.day - event.timing.opens)
    return ahead


def _hangs_on(event: Event, milestone: str) -> bool:
    return any(
        anchor.kind is AnchorKind.MILESTONE and anchor.name == milestone for anchor in event.anchors
    )


def _components(protocol: Protocol, arm: str) -> list[str]:
    return [code for code in protocol.components if regimens_of(protocol, code, arm)]


def _kinds(protocol: Protocol, arm: str) -> Iterator[MilestoneKind]:
    """The milestones this arm can have, but for consent, randomisation and the endings."""
    for kind in protocol.milestones.values():
        drawn_elsewhere = kind.code in (CONSENT, RANDOMISATION) or kind.ends is not None
        of_this_arm = kind.arms is None or arm in kind.arms
        if of_this_arm and not drawn_elsewhere:
            yield kind


def _one_off(protocol: Protocol, random: Random, arm: str, randomised: int) -> Iterator[Foreseen]:
    """What happens once between randomisation and treatment, such as surgery: on the calendar from
    randomisation on."""
    day = randomised
    for kind in _kinds(protocol, arm):
        if not kind.repeats and kind.code not in taken_out(protocol, arm):
            day += random.randint(*ONE_OFF_AFTER)
            yield Foreseen(randomised, kind.code, day)


def _repeated(protocol: Protocol, random: Random, arm: str, randomised: int) -> Iterator[Foreseen]:
    """Appointments every so many weeks, and what comes unforeseen."""
    for kind in _kinds(protocol, arm):
        if not kind.repeats:
            continue
        ahead = announced(protocol, kind.code)
        if ahead:
            yield from _appointments(random, kind.code, ahead, randomised)
        else:
            yield from _unforeseen(random, kind.code, randomised)


def _appointments(random: Random, kind: str, ahead: int, randomised: int) -> Iterator[Foreseen]:
    """Every so many weeks; each is recorded in time for its questions, or some days sooner."""
    day = randomised + random.randint(*APPOINTMENT_EVERY)
    while day <= randomised + APPOINTMENTS_FOR:
        yield Foreseen(day - ahead - random.randint(0, 5), kind, day)
        day += random.randint(*APPOINTMENT_EVERY)


def _unforeseen(random: Random, kind: str, randomised: int) -> Iterator[Foreseen]:
    """Again and again, each recorded on the day it happens."""
    day = randomised + _days_between(random)
    while day <= UNFORESEEN_FOR:
        yield Foreseen(day, kind, day)
        day += _days_between(random)


def _days_between(random: Random) -> int:
    return 30 + int(random.expovariate(1 / MEAN_DAYS_BETWEEN))


def _treated_from(random: Random, randomised: int, one_off: Sequence[Foreseen]) -> int:
    """The day from which she is treated: some days after randomisation, or some weeks after the
    last of what comes before treatment."""
    if not one_off:
        return randomised + random.randint(*TREATMENT_AFTER)
    last = max(milestone.on for milestone in one_off)
    return last + random.randint(*TREATMENT_AFTER_SURGERY)


def _ends(random: Random) -> dict[Ending, int]:
    """The day of her death, and before it that of her withdrawal, if she withdraws."""
    dies = 60 + int(random.expovariate(1 / MEAN_DAYS_TO_DEATH))
    ends = {Ending.DEATH: dies}
    if random.random() < WITHDRAWS:
        withdraws = random.randint(2, LAST_WITHDRAWAL)
        if withdraws < dies:
            ends[Ending.WITHDRAWAL] = withdraws
    return ends


def _pauses(random: Random) -> tuple[int, ...]:
    """The days on which she asks for a pause."""
    if random.random() < PAUSES:
        return (random.randint(20, 400),)
    return ()


def _chance_of_answering(random: Random) -> float:
    if random.random() < NEVER_ANSWERS:
        return 0.0
    return random.choice(ANSWERS)
