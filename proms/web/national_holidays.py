"""The public holidays of the country a site is in, by its time zone: what a site picks from, and
what holds where it has picked none."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays
from babel.core import get_global

from proms.domain.telephone import HOME_COUNTRY

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
