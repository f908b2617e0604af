"""On which days a site works, and when: by its own roster, or by its country's holidays where it
has recorded none."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

import holidays
from babel.core import get_global

from proms.db.queries.rosters import roster_of
from proms.db.tables import Site
from proms.domain.calls import OFFICE_HOURS
from proms.domain.roster import Hours
from proms.domain.telephone import HOME_COUNTRY
from proms.web import request_context

SATURDAY = 5
# The package's names of languages, where they are not ours.
LANGUAGES = {"en": "en_US"}


@cache
def national_holidays(zone: str, year: int, language: str = "en") -> Mapping[date, str]:
    """Each public holiday of a year, with its name; none where the package knows no country of this
    zone."""
    country = get_global("zone_territories").get(zone, HOME_COUNTRY)
    spoken = LANGUAGES.get(language, language)
    try:
        return dict(sorted(holidays.country_holidays(country, years=year, language=spoken).items()))
    except NotImplementedError:
        return {}


def working_hours(hospital: Site) -> Callable[[date], Hours | None]:
    """The hours of each day at this hospital: those of its own roster and its own holidays, or
    office hours and its country's holidays where it has recorded no roster."""
    with request_context.reading() as session:
        roster = roster_of(session, hospital)
    if roster:
        return roster.hours_on
    zone = hospital.timezone

    def office_hours(day: date) -> Hours | None:
        if day.weekday() >= SATURDAY or day in national_holidays(zone, day.year):
            return None
        return OFFICE_HOURS

    return office_hours
