"""The words for people: who works at a site, and what is known of a patient."""

from enum import StrEnum


class Role(StrEnum):
    NURSE = "nurse"
    COORDINATOR = "coordinator"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


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


class PatientStatus(StrEnum):
    """Whether the trial may still ask this patient anything."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DIED = "died"
