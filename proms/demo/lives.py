"""How invented patients fare, drawn from what the protocol allows: its arms, regimens, cycle
lengths and milestones.

The protocol says what can happen and in which order; how often and how late it happens is invented
here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from proms.actions.enrolment import NewPatient
from proms.domain.protocol import (
    CONSENT,
    RANDOMISATION,
    AnchorKind,
    Ending,
    MilestoneKind,
    Protocol,
)

WEEKS_OF_TREATMENT = (16, 20, 20, 26)
TREATMENT_AFTER, TREATMENT_AFTER_SURGERY = (6, 9), (30, 40)
RANDOMISED_AFTER, ONE_OFF_AFTER = (5, 12), (8, 20)
APPOINTMENT_EVERY, APPOINTMENTS_FOR = (56, 84), 540
MEAN_DAYS_BETWEEN = 600  # of what happens unforeseen, again and again
MEAN_DAYS_TO_DEATH, LAST_WITHDRAWAL = 1500, 900
WITHDRAWS, NEVER_ANSWERS, PAUSES = 0.1, 0.04, 0.12
ANSWERS = (0.9, 0.8, 0.8, 0.6, 0.35)


class Foreseen(NamedTuple):
    """A milestone that will happen on a day, told to the clinic on another; both count from
    consent."""

    told: int
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
    regimens = {
        code: random.choice(regimens_of(protocol, code, arm)) for code in _components(protocol, arm)
    }
    weeks = {code: random.choice(WEEKS_OF_TREATMENT) for code in regimens}
    randomised = random.randint(*RANDOMISED_AFTER)
    one_off = tuple(_one_off(protocol, random, arm, randomised))
    wait = TREATMENT_AFTER_SURGERY if one_off else TREATMENT_AFTER
    return Life(
        patient=patient,
        arm=arm,
        regimens=regimens,
        cycles={
            code: max(1, 7 * weeks[code] // protocol.regimens[each].cycle_days)
            for code, each in regimens.items()
        },
        treated_from=max((each.on for each in one_off), default=randomised) + random.randint(*wait),
        foreseen=(
            Foreseen(randomised, RANDOMISATION, randomised),
            *one_off,
            *_repeated(protocol, random, arm, randomised),
        ),
        ends=_ends(random),
        pauses=(random.randint(20, 400),) if random.random() < PAUSES else (),
        answers=0.0 if random.random() < NEVER_ANSWERS else random.choice(ANSWERS),
        illness=random.random() ** 2,
    )


def regimens_of(protocol: Protocol, component: str, arm: str) -> list[str]:
    """The regimens of a component that this arm may be given."""
    return [
        code
        for code, each in protocol.regimens.items()
        if each.component == component and arm in each.arms
    ]


def ending_of(protocol: Protocol, ending: Ending) -> str:
    """The protocol's milestone for this ending."""
    return next(kind for kind, why in protocol.ends.items() if why is ending)


def taken_out(protocol: Protocol, arm: str) -> list[str]:
    """The milestones that end a standing fact in this arm, such as the removal of what was put
    in."""
    ending = {fact.until for fact in protocol.standing.values() if fact.until}
    return [kind.code for kind in _kinds(protocol, arm) if kind.code in ending]


def announced(protocol: Protocol, kind: str) -> int:
    """How many days beforehand a milestone is known: in time for the questions that come before
    it."""
    anchored = (
        event
        for event in protocol.events
        if any(each.kind is AnchorKind.MILESTONE and each.name == kind for each in event.anchors)
    )
    return max(0, *(-event.timing.day - event.timing.opens for event in anchored), 0)


def _components(protocol: Protocol, arm: str) -> list[str]:
    return [code for code in protocol.components if regimens_of(protocol, code, arm)]


def _kinds(protocol: Protocol, arm: str) -> Iterator[MilestoneKind]:
    """The milestones this arm can have, but for consent, randomisation and the endings."""
    for kind in protocol.milestones.values():
        if (
            kind.code not in (CONSENT, RANDOMISATION)
            and kind.ends is None
            and (kind.arms is None or arm in kind.arms)
        ):
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
        ahead, day = announced(protocol, kind.code), randomised
        last = randomised + APPOINTMENTS_FOR if ahead else 10 * 365
        while True:
            day += (
                random.randint(*APPOINTMENT_EVERY)
                if ahead
                else 30 + int(random.expovariate(1 / MEAN_DAYS_BETWEEN))
            )
            if day > last:
                break
            yield Foreseen(day - ahead - random.randint(0, 5) if ahead else day, kind.code, day)


def _ends(random: Random) -> dict[Ending, int]:
    dies = 60 + int(random.expovariate(1 / MEAN_DAYS_TO_DEATH))
    withdraws = random.randint(2, LAST_WITHDRAWAL) if random.random() < WITHDRAWS else dies
    return {Ending.DEATH: dies} | ({Ending.WITHDRAWAL: withdraws} if withdraws < dies else {})
