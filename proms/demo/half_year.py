"""Half a year at one invented site, so that the demo begins in the middle of a clinic at work."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from sqlmodel import col, select

from proms.actions.audit import OPERATOR
from proms.actions.rosters import set_roster
from proms.db.keyring import Keyring
from proms.db.tables import Staff
from proms.demo.blood import take_blood
from proms.demo.clinic import (
    EVENING,
    MESSAGES,
    NURSE,
    Clinic,
    morning,
    nurse_works,
    open_clinic,
    with_dead_numbers,
)
from proms.demo.lives import Life, draw
from proms.demo.people import SITE, STAFF, dead_numbers, person, roster
from proms.demo.visits import early_risers_answer, patients_answer
from proms.domain.person import Role
from proms.domain.protocol import Ending, Protocol
from proms.jobs.ticks import Work

SEED = 20261123
PATIENTS = 40
WEEKS = 26
CHECK = "hsc"  # what the early risers answer, and what the link shown first leads to
FRIDAY = 4  # of date.weekday()
# What every half year must show: who dies, who withdraws, who asks for a pause (by her place among
# the patients), and on which day from her consent.
DIES = {3: 93}
WITHDRAWS = {6: 66}
PAUSES = {12: 60}


def play(work: Work, keyring: Keyring, *, until: datetime) -> Iterator[date]:
    """Play the half year that ends at `until`; yields each day once it is over. The same every
    time."""
    work = with_dead_numbers(work, dead_numbers(PATIENTS))
    opened = until - timedelta(weeks=WEEKS, days=1)
    clinic = open_clinic(work, keyring, SITE, STAFF, opened)
    _plan_duty(clinic, opened)
    today = until.astimezone(clinic.zone).date()
    patients = lives(work.library.protocol(work.protocol), today)
    day = today - timedelta(weeks=WEEKS)
    while day <= today:
        newcomers = {index: life for index, life in patients.items() if life.patient.consent == day}
        morning(clinic, newcomers, SEED, day)
        take_blood(clinic, day)
        clinic.tick(clinic.instant(day, MESSAGES))
        if day == today:
            early_risers_answer(clinic, day, CHECK)
        else:
            _play_rest_of_day(clinic, day, leave=day >= today - timedelta(days=3))
        yield day
        day += timedelta(days=1)
    clinic.tick(until)


def _plan_duty(clinic: Clinic, opened: datetime) -> None:
    """The site says who is told of a red alert."""
    limits = clinic.work.library.protocol(clinic.work.protocol).alerts
    with clinic.work.database.writing() as session:
        nurses = session.exec(
            select(Staff).where(Staff.role == Role.NURSE).order_by(col(Staff.id))
        ).all()
        since = opened.astimezone(clinic.zone).date()
        set_roster(
            session,
            clinic.keyring,
            roster(clinic.zone, limits, since, [nurse.id for nurse in nurses]),
            site_id=nurses[0].site_id,
            reason="afgesproken bij de opening",
            by=OPERATOR,
            now=opened,
        )


def lives(protocol: Protocol, today: date) -> dict[int, Life]:
    """Forty people who came in over the half year before `today`; one withdraws, one dies, one asks
    for a pause."""
    drawn: dict[int, Life] = {}
    arms = list(protocol.arms)
    for index in range(PATIENTS):
        random = Random(f"{SEED} life {index}")
        # Spread evenly from the first days of the half year to its last week; who would have come
        # in a weekend came on the Friday before.
        days_ago = 7 * WEEKS - 4 - index * (7 * WEEKS - 12) // PATIENTS
        consent = today - timedelta(days=days_ago)
        consent -= timedelta(days=max(0, consent.weekday() - FRIDAY))
        life = draw(protocol, random, person(random, index, consent), arms[index % len(arms)])
        drawn[index] = replace(life, ends=_ends(index), pauses=_pauses(index))
    return drawn


def _ends(index: int) -> dict[Ending, int]:
    ends = {}
    if index in DIES:
        ends[Ending.DEATH] = DIES[index]
    if index in WITHDRAWS:
        ends[Ending.WITHDRAWAL] = WITHDRAWS[index]
    return ends


def _pauses(index: int) -> tuple[int, ...]:
    if index in PAUSES:
        return (PAUSES[index],)
    return ()


def _play_rest_of_day(clinic: Clinic, day: date, *, leave: bool) -> None:
    patients_answer(clinic, day)
    clinic.tick(clinic.instant(day, NURSE))
    nurse_works(clinic, day, leave=leave)
    clinic.tick(clinic.instant(day, EVENING))
