"""The name at the head of a site's messages: what fits there, and what stands there."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from sqlmodel import Session

from proms.actions.audit import Actor, Subject, record
from proms.actions.plain_text import checked_line
from proms.actions.refusals import FieldFault, Incomplete, Unfit
from proms.content.catalogues import catalogue
from proms.db.tables import Site
from proms.domain.person import Language
from proms.domain.reminder import Revealing, Text, from_sender
from proms.domain.reminder.longest import Facts, every_message, room_for_sender
from proms.domain.reminder.segments import Segments, segments_of, strange_to_gsm
from proms.domain.reminder.sender import (
    SENTENCES,
    SHORTEST,
    first_fitting,
    name_without_hospital,
    sender_fault,
)
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
    """The name that stands at the head of a site's messages: the one it chose; else that of the
    hospital as far as it may, else the site's code; none where neither may."""
    if site.sender:
        return site.sender
    names = (name_without_hospital(site.name), site.code)
    return first_fitting(names, room_of(site, public_url), revealing)


def change_sender(
    session: Session,
    name: str,
    *,
    site: Site,
    public_url: str,
    revealing: Revealing,
    by: Actor,
    now: datetime,
) -> None:
    """Have a site's messages begin with another name from now on; raises Unfit for one that may not
    stand there, and Incomplete for the one that stands there already."""
    checked = checked_line("sender", name)
    refuse_sender(checked, room_of(site, public_url), revealing)
    before = sender_of(site, public_url, revealing)
    if checked == site.sender:
        raise Incomplete("sender", FieldFault.ON_RECORD)
    held = session.get_one(Site, site.id)
    held.sender = checked
    subject = Subject("site", held.id, site_id=held.id)
    record(session, "site.sender_changed", subject, by=by, now=now, before=before, sender=checked)
    session.commit()


def refuse_sender(name: str, longest: int, revealing: Revealing) -> None:
    """Raises Unfit for a name that may not stand at the head of messages with so much room."""
    if unfit := sender_fault(name, longest, revealing):
        raise Unfit("sender", SENTENCES[unfit.fault], unfit.slots)


def as_sent(
    site: Site, sender: str, public_url: str, language: str
) -> Iterator[tuple[str, Text, Segments]]:
    """Each message of a site as long as it can become, with a name at its head: what it is called,
    what it says, and how many SMS that is."""
    facts = Facts(public_url, written(site.phone))
    for name, text in every_message(catalogue(language), language, facts).items():
        whole = from_sender(text, sender)
        yield name, whole, segments_of(whole.body)


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
