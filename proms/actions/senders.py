"""The name at the head of a site's messages: what fits there, and what stands there."""

from functools import cache

from proms.content.catalogues import catalogue
from proms.db.tables import Site
from proms.domain.person import Language
from proms.domain.reminder import Revealing
from proms.domain.reminder.longest import Facts, every_message, room_for_sender
from proms.domain.reminder.segments import strange_to_gsm
from proms.domain.reminder.sender import SHORTEST, first_fitting, name_without_hospital
from proms.domain.telephone import written


@cache
def room_at(facts: Facts) -> int:
    """How many units a name may have at the head of these messages, in whatever language, for each
    to be one SMS."""
    return min(
        room_for_sender(every_message(catalogue(language), language, facts))
        for language in Language
    )


def room_of(site: Site, public_url: str) -> int:
    """The same, of the messages of a site."""
    return room_at(Facts(public_url, written(site.phone)))


def sender_of(site: Site, public_url: str, revealing: Revealing) -> str:
    """The name that stands at the head of a site's messages: that of the hospital as far as it may,
    else the site's code; none where neither may."""
    names = (name_without_hospital(site.name), site.code)
    return first_fitting(names, room_of(site, public_url), revealing)


def address_fault(public_url: str, revealing: Revealing) -> str | None:
    """What keeps an address from the links of messages, as a sentence; None where nothing does."""
    if strange := strange_to_gsm(public_url):
        return f"{strange} takes a text message out of the ordinary SMS alphabet."
    if word := revealing.reveals(public_url):
        return f'"{word}" tells everybody who sees the phone what it is about.'
    too_long = SHORTEST - room_at(Facts(public_url))
    if too_long > 0:
        return f"it is {too_long} characters too long for a text message to be one SMS."
    return None
