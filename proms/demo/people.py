"""Invented people. No Dutch subscriber number begins with a 1 after its area code; example.org is nobody's."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from proms.actions.enrolling import NewPatient
from proms.actions.people import NewSite, NewStaff
from proms.domain.person import ContactKind, Language, Role, Sex

PASSWORD = "demo-demo-demo"
SITE = NewSite("VOORB", "Ziekenhuis Voorbeeld", phone="020 123 45 67", study_phone="020 123 45 68")
STAFF = (
    NewStaff("nurse", "S. de Boer", Role.NURSE, PASSWORD, phone="020 123 45 01", email="nurse@example.org"),
    NewStaff("coordinator", "M. Jansen", Role.COORDINATOR, PASSWORD),
    NewStaff("analyst", "K. Visser", Role.ANALYST, PASSWORD),
    NewStaff("administrator", "R. Mulder", Role.ADMINISTRATOR, PASSWORD),
)
FIRST = {
    Sex.FEMALE: ("Anna", "Els", "Fatima", "Greet", "Hennie", "Ineke", "Joke", "Maria", "Ria", "Sevda", "Truus", "Wil"),
    Sex.MALE: ("Ahmed", "Bert", "Cor", "Dirk", "Frans", "Gerard", "Henk", "Jan", "Kees", "Piet", "Theo", "Wim"),
}
LAST = (
    "Aalbers", "Bakker", "van den Berg", "Boersma", "Demir", "Dijkstra", "El Amrani", "Groen", "Hendriks", "Hoekstra",
    "Jacobs", "de Jong", "Kaya", "Koster", "de Leeuw", "Maas", "Meijer", "Postma", "Prins", "Schouten", "Smit",
    "Terpstra", "Verbeek", "Vermeer", "de Vries", "de Wit", "Wolters", "Zijlstra",
)  # fmt: skip
DEAD_NUMBER = "+31201200021"  # of the patient with index 21
PATIENTS = 40
WEEKS = 26


@dataclass(frozen=True)
class Life:
    """How an invented patient's half year goes; days count from her consent."""

    patient: NewPatient
    arm: str
    regimen: str
    answers: float  # the chance that she answers on a day a pack is open
    illness: float  # how ill she tends to feel, 0 to 1
    withdraws_on: int | None = None
    dies_on: int | None = None
    pauses_on: int | None = None


def lives(random: Random, today: date) -> list[Life]:
    """Forty people who came in over the half year before `today`; one withdraws, one dies, one asks for a pause."""
    made = []
    for index in range(PATIENTS):
        days_ago = 7 * WEEKS - 4 - index * (7 * WEEKS - 12) // PATIENTS
        consent = today - timedelta(days=days_ago)
        consent -= timedelta(days=max(0, consent.weekday() - 4))
        made.append(_life(random, index, consent))
    return made


def _life(random: Random, index: int, consent: date) -> Life:
    arm = "AB"[index % 2]
    regimens = ("capox", "folfox", "folfiri", "folfoxiri") if arm == "A" else ("folfox", "folfiri")
    return Life(
        patient=_patient(random, index, consent),
        arm=arm,
        regimen=random.choice(regimens),
        answers=random.choice((0.9, 0.8, 0.8, 0.6, 0.35)),
        illness=random.random() ** 2,
        withdraws_on=66 if index == 6 else None,
        dies_on=93 if index == 3 else None,
        pauses_on=60 if index == 12 else None,
    )


def _patient(random: Random, index: int, consent: date) -> NewPatient:
    sex = random.choice((Sex.FEMALE, Sex.MALE, Sex.MALE))
    by_mail = index % 5 == 4
    return NewPatient(
        name=f"{random.choice(FIRST[sex])} {LAST[index % len(LAST)]}",
        hospital_number=f"{random.randrange(10**6, 10**7)}",
        birth_year=consent.year - random.randrange(44, 79),
        sex=sex,
        language=Language.EN if index % 9 == 5 else Language.NL,
        consent=consent,
        contact_kind=ContactKind.EMAIL if by_mail else ContactKind.SMS,
        address=f"patient{index:02}@example.org" if by_mail else f"020 12 {index:05}",
        stoma=random.random() < 0.3,
        rectal_primary=index % 4 == 1,
        primary_in_situ=random.random() < 0.4,
        anticoagulant=random.random() < 0.1,
    )
