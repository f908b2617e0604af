"""The time machine: a whole trial of invented histories through the real actions, on a simulated
clock.

The patients are spread over sites, each played on a file of its own. What happens at a site depends
on the arguments alone, never on how many processes there are or which of them is first.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from proms.actions.letters import Channel, Post
from proms.actions.people import NewSite, NewStaff
from proms.channels.inbox import Inbox
from proms.content import Library, load
from proms.db.keyring import Keyring
from proms.db.session import connect
from proms.demo.census import CensusLine, census
from proms.demo.clinic import (
    MESSAGES,
    NURSE,
    Clinic,
    morning,
    nurse_works,
    open_clinic,
    with_dead_numbers,
)
from proms.demo.invariants import Played, violations
from proms.demo.lives import Life, draw
from proms.demo.people import MOBILE, PASSWORD, dead_numbers, person
from proms.demo.visits import patients_answer
from proms.domain.person import ContactKind, Role
from proms.domain.protocol import Protocol
from proms.jobs.ticks import Work
from proms.settings import HOME

FIRST_DAY = date(2026, 1, 5)
A_SITE = 80  # patients, about
FRIDAY = 4  # of date.weekday()
FEWEST_SITES = 2  # so that a small trial has two as well
ENROLMENT = 0.4  # of the time, the part in which patients come in
# Nothing real is sealed with these: the people are invented, and the file stays on this machine.
KEYRING = Keyring({"invented": bytes(32)}, "an invented trial has no secret to keep")


@dataclass(frozen=True)
class Trial:
    """What is simulated; the same trial is the same every time."""

    patients: int
    years: float
    seed: int
    protocol: str = "pump-it"

    @property
    def days(self) -> int:
        return max(1, round(self.years * 365.25))

    @property
    def sites(self) -> int:
        return min(self.patients, max(FEWEST_SITES, -(-self.patients // A_SITE)))


@dataclass
class Report:
    """What came of a site, or of all of them together."""

    counts: Counter[CensusLine] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, other: "Report") -> None:
        self.counts.update(other.counts)
        self.violations += other.violations
        for part, seconds in other.seconds.items():
            self.seconds[part] = self.seconds.get(part, 0) + seconds


def play_site(trial: Trial, number: int, path: Path, over: Callable[[int], None]) -> Report:
    """Play one site of the trial on the database at `path`; `over(days)` is called as each day
    ends."""
    library = load(HOME, stand_ins=True)
    protocol = library.protocol(trial.protocol)
    clinic = _open_site(trial, number, library, path)
    patients = newcomers(trial, number, protocol)
    for count in range(trial.days):
        day = FIRST_DAY + timedelta(days=count)
        coming = {index: life for index, life in patients.items() if life.patient.consent == day}
        morning(clinic, coming, trial.seed, day)
        clinic.tick(clinic.instant(day, MESSAGES))
        patients_answer(clinic, day)
        clinic.tick(clinic.instant(day, NURSE))
        nurse_works(clinic, day)
        over(count + 1)
    return _report(clinic, number, protocol, FIRST_DAY + timedelta(days=trial.days))


def newcomers(trial: Trial, number: int, protocol: Protocol) -> dict[int, Life]:
    """The patients of one site, by their place among all; they come in over the first part of the
    trial."""
    drawn: dict[int, Life] = {}
    for index in range(number, trial.patients, trial.sites):
        random = Random(f"{trial.seed} life {index}")
        consent = FIRST_DAY + timedelta(days=int(index * trial.days * ENROLMENT / trial.patients))
        # Who would have come in a weekend came on the Friday before.
        consent -= timedelta(days=max(0, consent.weekday() - FRIDAY))
        patient = person(random, index, consent)
        arm = random.choice(list(protocol.arms))
        drawn[index] = draw(protocol, random, patient, arm)
    return drawn


def _open_site(trial: Trial, number: int, library: Library, path: Path) -> Clinic:
    """The site on the day before the trial begins; what it sends arrives nowhere."""
    channels: dict[str, Channel] = {
        kind: Inbox(lambda _address, _text, _ref: None) for kind in ContactKind
    }
    post = Post(channels, KEYRING, "https://proms.example.org")
    database = connect(f"sqlite:///{path}", durable=False)
    work = Work(database, lambda: library, post, trial.protocol, demo=False)
    work = with_dead_numbers(work, dead_numbers(trial.patients))
    phone = f"020 11{number:05}"
    site = NewSite(f"S{number + 1:02}", f"Ziekenhuis {number + 1}", phone=phone, study_phone=phone)
    staff = (
        NewStaff(
            "nurse", "S. de Boer", Role.NURSE, PASSWORD, phone=MOBILE, email="nurse@example.org"
        ),
        NewStaff("coordinator", "M. Jansen", Role.COORDINATOR, PASSWORD),
    )
    before = datetime.combine(FIRST_DAY - timedelta(days=1), time(12), UTC)
    clinic = open_clinic(work, KEYRING, site, staff, before)
    clinic.random = Random(f"{trial.seed} nurse {number}")
    return clinic


def _report(clinic: Clinic, number: int, protocol: Protocol, end: date) -> Report:
    """The last tick at midnight, then what there is and what must not be."""
    now = clinic.instant(end, time(0))
    clinic.tick(now)
    with clinic.timed("counting"), clinic.work.database.reading() as session:
        counts = census(session, protocol)
        played = Played(session, protocol, clinic.zone, now, clinic.sent)
        sentences = [f"site {number + 1}: {sentence}" for sentence in violations(played)]
    clinic.work.database.engine.dispose()
    return Report(counts, sentences, dict(clinic.seconds))
