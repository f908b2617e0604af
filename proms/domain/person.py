"""The words for people: who works at a site, and what is known of a patient."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    NURSE = "nurse"
    COORDINATOR = "coordinator"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


# Whoever is told of an alert must be able to act on it; a doctor on call has a nurse's account.
TAKES_ALERTS = frozenset({Role.NURSE})


class Language(StrEnum):
    NL = "nl"
    EN = "en"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class ContactKind(StrEnum):
    """The channels a person can be reached by."""

    SMS = "sms"
    EMAIL = "email"


EVERY_KIND = frozenset(ContactKind)


class ConfirmedHow(StrEnum):
    """How it is known that a number or address is the patient's."""

    CODE = "code"  # she read out the code that was sent there
    EARLIER = "earlier"  # in use before anybody was asked to


class PatientStatus(StrEnum):
    """Whether the trial may still ask this patient anything."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DIED = "died"


class PersonalFacts:
    """What is known of a person whatever her treatment, each yes or no: what rules, conditional
    items and instruments for some only may ask about.

    The one place a fact is added to: the patient's table, the form and the API of enrolment, her
    page, the conditions of content and the demo are made from these names. A new one needs a
    migration, and its words in `proms/web/staff/labels/facts.py`. Each has a dated history
    (`History.facts`); the patient's own row says what holds now.
    """

    stoma: bool = False
    rectal_primary: bool = False
    primary_in_situ: bool = False
    anticoagulant: bool = False


PERSONAL_FACTS = tuple(PersonalFacts.__annotations__)

# Every fact with a dated history, and the values it can have.
FACT_VALUES: Mapping[str, tuple[bool | str, ...]] = {
    **dict.fromkeys(PERSONAL_FACTS, (True, False)),
    "sex": tuple(Sex),
}
