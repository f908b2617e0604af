"""A moment of the protocol as a nurse says it: "Pump, cycle 2, day 8"."""

from flask_babel import gettext as _

from proms.domain.protocol import AnchorKind, Event, Protocol
from proms.web.staff.instruments.timing import component_title, nouns, stretch


def moment_in_words(protocol: Protocol, code: str, number: int) -> str:
    """When an event with its number is, in words; its code where this version of the protocol has
    none."""
    event = protocol.event_named(code)
    if event is None:
        if code in protocol.unscheduled:
            return _("by the patient, number %(number)s", number=number)
        return code
    return _of_event(protocol, event, number)


def _of_event(protocol: Protocol, event: Event, number: int) -> str:
    anchor = event.anchors[0]
    if anchor.kind is AnchorKind.CYCLE:
        return _(
            "%(component)s, cycle %(number)s, day %(day)s",
            component=component_title(protocol, anchor.name),
            number=number,
            day=event.timing.day + 1,  # offsets are from day 1
        )
    if anchor.kind is AnchorKind.DELAY:
        title = component_title(protocol, anchor.name)
        return _("%(component)s, while cycle %(number)s is late", component=title, number=number)
    if anchor.kind is AnchorKind.GAP:
        return _(
            "%(component)s, between two cycles", component=component_title(protocol, anchor.name)
        )
    what = nouns(protocol, event.anchors)
    if event.timing.due_on:
        return _("before %(what)s", what=nouns(protocol, event.timing.due_on))
    if event.repeat:
        return _("after %(what)s, number %(number)s", what=what, number=number)
    if event.timing.day == 0:
        return _("on the day of %(what)s", what=what)
    return _("%(time)s after %(what)s", time=stretch([event.timing.day]), what=what)
