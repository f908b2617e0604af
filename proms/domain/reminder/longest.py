"""Every message with the longest values it can have: what does not fit one SMS is found before it
is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import NullTranslations

from babel.dates import format_date

from proms.domain.reminder.links import EXAMPLE_TOKEN, patient_link, staff_link
from proms.domain.reminder.segments import ALONE, Encoding, segments_of
from proms.domain.reminder.text import (
    Text,
    call_reminder_text,
    confirmation_text,
    digest_text,
    from_sender,
    link_text,
    notice_text,
    reminder_text,
)
from proms.domain.reminder.turns import Purpose

# The longest numbers as people write them: of this country, and with a code of three digits.
LONGEST_PHONE = "+352 621 123 456"
ONE_SIGN = "A"
EXAMPLE_CODE = "4821"
MOST_NOTICES = 999
MOST_PATIENTS = 9999
LEAP_YEAR = 2028


@dataclass(frozen=True)
class Facts:
    """What the messages of a site carry beside dates and counts."""

    public_url: str
    phone: str = LONGEST_PHONE


def every_message(say: NullTranslations, locale: str, facts: Facts) -> Mapping[str, Text]:
    """Each message that is ever sent in a language, by name, as long as it can become."""
    link = patient_link(facts.public_url, EXAMPLE_TOKEN)
    worklist = staff_link(facts.public_url)
    closes = longest_day(locale)
    return {
        **{
            purpose.value: reminder_text(
                say, purposes=[purpose], closes=closes, link=link, locale=locale
            )
            for purpose in Purpose
        },
        "call reminder": call_reminder_text(say, phone=facts.phone, link=link),
        "link": link_text(say, link=link),
        "test": confirmation_text(say, code=EXAMPLE_CODE),
        "notice": notice_text(say, link=worklist, step=MOST_NOTICES),
        "digest of one": digest_text(say, link=worklist, patients=1),
        "digest": digest_text(say, link=worklist, patients=MOST_PATIENTS),
    }


def room_for_sender(messages: Mapping[str, Text]) -> int:
    """How many units a name at the head of each of these may have, for each to be one SMS; below
    one where none fits."""
    units = [segments_of(from_sender(text, ONE_SIGN).body).units for text in messages.values()]
    return ALONE[Encoding.GSM_7] - max(units) + len(ONE_SIGN)


@cache
def longest_day(locale: str) -> date:
    """A day that is as long in words as any."""
    days = [date.fromordinal(date(LEAP_YEAR, 1, 1).toordinal() + n) for n in range(366)]
    of_year = max(days, key=lambda day: len(format_date(day, "d MMMM", locale=locale)))
    # Within 28 years it falls on every day of the week; a 29 February is no longest day.
    years = [of_year.replace(year=LEAP_YEAR + n) for n in range(28)]
    return max(years, key=lambda day: len(format_date(day, "EEEE", locale=locale)))
