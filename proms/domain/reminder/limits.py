"""How long and how often the outbox tries, asks and waits: an installation's own, from its
settings."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class PauseReason(StrEnum):
    """Why nothing more is sent to a number or address."""

    UNDELIVERED = "undelivered"
    STOPPED = "stopped"  # by the patient
    NOT_HERS = "not_hers"  # whoever read a message there said so
    COUNTRY = "country"  # texts do not go there


@dataclass(frozen=True)
class OutboxLimits:
    """`ask_after`: how long a provider's report is waited for before it is asked, and between two
    looks; `resend_after`: how long one that does not say is asked at all. A channel is opened after
    `failures` of its provider in a row, and pauses for a patient after `undelivered` in a row; in
    an hour `answers` texts of one number are answered. `report_after`: how long a report that
    a text arrived is waited for before its provider is asked, once. On one day the patients of a
    site are sent `texts_a_day` texts at most."""

    ask_after: timedelta = timedelta(minutes=5)
    resend_after: timedelta = timedelta(minutes=30)
    failures: int = 5
    undelivered: int = 2
    answers: int = 5
    report_after: timedelta = timedelta(hours=6)
    texts_a_day: int = 1000
