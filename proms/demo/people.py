"""Invented people. No Dutch subscriber number begins with a 1 after its area code, the German
mobile number is one of those kept for films, and example.org is nobody's."""

from collections.abc import Iterator, Sequence
from datetime import date, time
from random import Random
from zoneinfo import ZoneInfo

from proms.actions.enrolment import NewPatient
from proms.actions.people import NewSite, NewStaff
from proms.domain.person import PERSONAL_FACTS, ContactKind, Language, Role, Sex
from proms.domain.roster import Duty, Hours, NoticeLimits, Roster
from proms.domain.served import Served

PASSWORD = "demo-demo-demo"
MOBILE = "+49 171 39200 01"
SERVED = Served(countries=frozenset({"+31", "+49"}))
SITE = NewSite("VOORB", "Ziekenhuis Voorbeeld", phone="020 123 45 67", study_phone="020 123 45 68")
STAFF = (
    NewStaff(
        "nurse",
        "S. de Boer",
        Role.NURSE,
        PASSWORD,
        phone=MOBILE,
        email="nurse@example.org",
    ),
    # The last nurse does what is done while days pass: the reader logs in as the first.
    NewStaff(
        "colleague",
        "A. Bos",
        Role.NURSE,
        PASSWORD,
        phone=MOBILE,
        email="colleague@example.org",
    ),
    NewStaff("coordinator", "M. Jansen", Role.COORDINATOR, PASSWORD),
    NewStaff("analyst", "K. Visser", Role.ANALYST, PASSWORD),
    NewStaff("administrator", "R. Mulder", Role.ADMINISTRATOR, PASSWORD),
)
FIRST = {
    Sex.FEMALE: (
        "Anna", "Els", "Fatima", "Greet", "Hennie", "Ineke", "Joke", "Maria", "Ria", "Sevda",
        "Truus", "Wil",
    ),
    Sex.MALE: (
        "Ahmed", "Bert", "Cor", "Dirk", "Frans", "Gerard", "Henk", "Jan", "Kees", "Piet", "Theo",
        "Wim",
    ),
}  # fmt: skip
LAST = (
    "Aalbers", "Bakker", "van den Berg", "Boersma", "Demir", "Dijkstra", "El Amrani", "Groen",
    "Hendriks", "Hoekstra", "Jacobs", "de Jong", "Kaya", "Koster", "de Leeuw", "Maas", "Meijer",
    "Postma", "Prins", "Schouten", "Smit", "Terpstra", "Verbeek", "Vermeer", "de Vries", "de Wit",
    "Wolters", "Zijlstra",
)  # fmt: skip
# Of how many a personal fact holds; one that many questions hang on is spread evenly instead.
SHARE = 0.2
SHARES = {"stoma": 0.3, "primary_in_situ": 0.4, "anticoagulant": 0.1}
EVERY_FOURTH = frozenset({"rectal_primary"})
# Of so many patients one has a number that takes no messages, from this one on.
DEAD_EVERY = 18
DEAD_FIRST = 7
FIRST_NUMBER = 1000  # what the hospital number of the first patient begins with
MAIL_EVERY = 5  # of so many patients one is written to by e-mail


def person(random: Random, index: int, consent: date) -> NewPatient:
    """The `index`-th invented person of a trial, who consents on this day."""
    # The fields that are drawn are drawn in this order; the others follow from her place.
    sex = random.choice((Sex.FEMALE, Sex.MALE, Sex.MALE))
    contact_kind = ContactKind.SMS
    address = number(index)
    if index % MAIL_EVERY == MAIL_EVERY - 1:
        contact_kind = ContactKind.EMAIL
        address = f"patient{index:02}@example.org"
    return NewPatient(
        name=f"{random.choice(FIRST[sex])} {LAST[index % len(LAST)]}",
        # By her place nobody else has it.
        hospital_number=f"{FIRST_NUMBER + index}{random.randrange(10**6, 10**7) % 1000:03}",
        birth_year=consent.year - random.randrange(44, 79),
        sex=sex,
        language=Language.EN if index % 9 == 5 else Language.NL,
        consent=consent,
        contact_kind=contact_kind,
        address=address,
        use_anyway=True,  # a number of nobody is no Dutch mobile number
        facts=frozenset(_facts(random, index)),
    )


def _facts(random: Random, index: int) -> Iterator[str]:
    """The personal facts that hold of the `index`-th person."""
    for fact in PERSONAL_FACTS:
        if fact in EVERY_FOURTH:
            holds = index % 4 == 1
        else:
            holds = random.random() < SHARES.get(fact, SHARE)
        if holds:
            yield fact


def number(index: int) -> str:
    """The telephone number of the `index`-th person, as it is stored."""
    return f"+312012{index:05}"


def dead_numbers(patients: int) -> frozenset[str]:
    """The numbers, of so many people, that do not take messages."""
    return frozenset(number(index) for index in range(DEAD_FIRST, patients, DEAD_EVERY))


def roster(zone: ZoneInfo, limits: NoticeLimits, since: date, nurses: Sequence[int]) -> Roster:
    """Who is on duty at the invented site, by id: its nurses in office hours, and at night the
    first of them."""
    who = tuple(map(str, nurses))
    return Roster(
        zone,
        hours=dict.fromkeys(range(5), Hours(time(8), time(17))),
        duties=(Duty(since, None, who),),
        limits=limits,
        on_call=who[:1],
    )
