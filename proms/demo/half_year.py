"""Half a year at one invented site, so that the demo begins in the middle of a clinic at work."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from proms.db.keyring import Keyring
from proms.demo.clinic import (
    EVENING,
    MESSAGES,
    NURSE,
    Clinic,
    morning,
    nurse_works,
    opened,
    with_dead_numbers,
)
from proms.demo.lives import Life, draw
from proms.demo.people import SITE, STAFF, dead_numbers, person
from proms.demo.visits import early_risers_answer, patients_answer
from proms.domain.protocol import Ending, Protocol
from proms.jobs.ticks import Work

SEED = 20261123
PATIENTS = 40
WEEKS = 26
CHECK = "hsc"
# What every half year must show: who dies, who withdraws, who asks for a pause, and on which day
# from her consent.
DIES, WITHDRAWS, PAUSES = {3: 93}, {6: 66}, {12: 60}


def play(work: Work, keyring: Keyring, *, until: datetime) -> Iterator[date]:
    """Play the half year that ends at `until`; yields each day once it is over. The same every
    time."""
    work = with_dead_numbers(work, dead_numbers(PATIENTS))
    clinic = opened(work, keyring, SITE, STAFF, until - timedelta(weeks=WEEKS, days=1))
    today = until.astimezone(clinic.zone).date()
    coming = lives(work.library.protocol(work.protocol), today)
    day = today - timedelta(weeks=WEEKS)
    while day <= today:
        newcomers = {index: life for index, life in coming.items() if life.patient.consent == day}
        morning(clinic, newcomers, SEED, day)
        clinic.tick(clinic.instant(day, MESSAGES))
        if day == today:
            early_risers_answer(clinic, day, CHECK)
        else:
            _rest_of(clinic, day, leave=day >= today - timedelta(days=3))
        yield day
        day += timedelta(days=1)
    clinic.tick(until)


def lives(protocol: Protocol, today: date) -> dict[int, Life]:
    """Forty people who came in over the half year before `today`; one withdraws, one dies, one asks
    for a pause."""
    made = {}
    for index in range(PATIENTS):
        random = Random(f"{SEED} life {index}")
        days_ago = 7 * WEEKS - 4 - index * (7 * WEEKS - 12) // PATIENTS
        consent = today - timedelta(days=days_ago)
        consent -= timedelta(days=max(0, consent.weekday() - 4))
        arms = list(protocol.arms)
        life = draw(protocol, random, person(random, index, consent), arms[index % len(arms)])
        ends = {Ending.DEATH: DIES, Ending.WITHDRAWAL: WITHDRAWS}
        made[index] = replace(
            life,
            ends={ending: days[index] for ending, days in ends.items() if index in days},
            pauses=(PAUSES[index],) if index in PAUSES else (),
        )
    return made


def _rest_of(clinic: Clinic, day: date, *, leave: bool) -> None:
    patients_answer(clinic, day)
    clinic.tick(clinic.instant(day, NURSE))
    nurse_works(clinic, day, leave=leave)
    clinic.tick(clinic.instant(day, EVENING))
