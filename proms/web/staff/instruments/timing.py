"""When the protocol asks an instrument, and of whom, in words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from proms.domain.instrument import listed
from proms.domain.protocol import Anchor, AnchorKind, Event, Protocol, Timing
from proms.web.staff.labels.vocabulary import milestone, titled

WEEK = 7
IN_WEEKS_FROM = 8 * WEEK  # a shorter stretch is told in days


@dataclass(frozen=True)
class TimingLine:
    """One line of the schedule: when, of whom (empty: everybody), how long it is open, under which
    event codes."""

    when: str
    whom: str
    window: str
    codes: tuple[str, ...]


def timing_lines(protocol: Protocol, instrument: str) -> list[TimingLine]:
    """Every moment of an instrument, those with the same window in one line."""
    lines: dict[object, list[Event]] = {}
    for event in protocol.events:
        if instrument in event.instruments:
            span = (event.timing.opens, event.timing.closes)
            lines.setdefault((event.anchors, event.arms, event.regimens, span), []).append(event)
    scheduled = [_timing_line(protocol, events) for events in lines.values()]
    whenever = _("whenever a patient wants to tell us something")
    by_herself = [
        TimingLine(whenever, "", "", (code,))
        for code, asked in protocol.unscheduled.items()
        if instrument in asked
    ]
    return scheduled + by_herself


def in_short(protocol: Protocol, instrument: str) -> list[str]:
    """When it is asked, in as few lines as there are kinds of day to count from."""
    lines: dict[object, list[Event]] = {}
    for event in protocol.events:
        if instrument in event.instruments:
            lines.setdefault((event.anchors, event.arms), []).append(event)
    sentences = []
    for events in lines.values():
        when = _when(protocol, events)
        whom = _arms(protocol, events[0])
        sentences.append(_("%(when)s, %(whom)s", when=when, whom=whom) if whom else when)
    for asked in protocol.unscheduled.values():
        if instrument in asked:
            sentences.append(_("whenever a patient wants to tell us something"))
    return sentences


def _timing_line(protocol: Protocol, events: list[Event]) -> TimingLine:
    # They differ in nothing but their day: whatever else is said of the first holds of all.
    first = events[0]
    whom = ", ".join(filter(None, [_arms(protocol, first), _regimens(protocol, first)]))
    window = "; ".join([_span(protocol, first.timing), *_limits(protocol, first)])
    return TimingLine(
        _when(protocol, events),
        whom,
        window,
        tuple(event.code.replace("{step}", "…") for event in events),
    )


def _when(protocol: Protocol, events: list[Event]) -> str:
    first = events[0]
    anchor = first.anchors[0]
    days = sorted({event.timing.day for event in events})
    if anchor.kind is AnchorKind.CYCLE:
        # Offsets are from day 1: the day of the cycle is one more.
        return ngettext(
            "on day %(days)s of each cycle (%(component)s)",
            "on days %(days)s of each cycle (%(component)s)",
            len(days),
            days=_listed(str(day + 1) for day in days),
            component=component_title(protocol, anchor.name),
        )
    if anchor.kind is AnchorKind.DELAY:
        return _while_late(protocol, first)
    if anchor.kind is AnchorKind.GAP:
        return _in_gap(protocol, first)
    return _since(protocol, first, days)


def _while_late(protocol: Protocol, event: Event) -> str:
    every = event.repeat.every if event.repeat else 0
    component = component_title(protocol, event.anchors[0].name)
    sentence = _("while a cycle is late (%(component)s): on its planned day 1, then every %(days)s")
    return sentence % {"component": component, "days": _days(every)}


def _in_gap(protocol: Protocol, event: Event) -> str:
    every = event.repeat.every if event.repeat else 0
    return _(
        "while no cycle runs before the next one (%(component)s): "
        "on the day after a cycle, then every %(days)s",
        component=component_title(protocol, event.anchors[0].name),
        days=_days(every),
    )


def _since(protocol: Protocol, first: Event, days: list[int]) -> str:
    since = nouns(protocol, first.anchors)
    if first.repeat:
        return _repeated(first, since)
    if days == [0]:
        return _("on the day of %(what)s", what=since)
    after = _("%(time)s after %(what)s", time=stretch(days), what=since)
    if not first.timing.due_on:
        return after
    landmark = nouns(protocol, first.timing.due_on)
    return _(
        "on the day of %(what)s once that date is known, else %(after)s", what=landmark, after=after
    )


def _repeated(event: Event, since: str) -> str:
    assert event.repeat is not None
    every = _("every %(time)s after %(what)s", time=_days(event.repeat.every), what=since)
    if event.repeat.until:
        every = _("%(moments)s, for %(time)s", moments=every, time=_days(event.repeat.until))
    if event.repeat.then_with:
        every = _("%(moments)s, and then with the fixed weeks", moments=every)
    return every


def _span(protocol: Protocol, timing: Timing) -> str:
    """How long it is open around its day."""
    before = -timing.opens
    after = timing.closes
    if timing.opens_on:
        return _(
            "from %(what)s to %(time)s after the day",
            what=nouns(protocol, timing.opens_on),
            time=_days(after),
        )
    if before == after == 0:
        return _("that day only")
    if before == after:
        return _("%(time)s either side", time=_days(after))
    opens = _("from %(time)s before", time=_days(before)) if before else _("from that day")
    closes = _("to %(time)s after", time=_days(after)) if after else _("to that day")
    return f"{opens} {closes}"


def _limits(protocol: Protocol, event: Event) -> list[str]:
    """What moves or ends the window, and near what it is left out."""
    then_before = event.repeat.then_before if event.repeat else ()
    limits = []
    for anchors, sentence in (
        (event.timing.not_after, _("closes at the latest at %(what)s")),
        (event.timing.before, _("only before %(what)s")),
        (then_before, _("with the fixed weeks, only before %(what)s")),
    ):
        if anchors:
            limits.append(sentence % {"what": nouns(protocol, anchors)})
    if event.not_within:
        near = (
            _("a symptom check that was begun") if event.not_within.started else _("a fixed week")
        )
        limits.append(
            _("not asked within %(time)s of %(what)s", time=_days(event.not_within.days), what=near)
        )
    return limits


def _arms(protocol: Protocol, event: Event) -> str:
    """The arms that can come to an event; empty where all can."""
    possible = set(event.arms or ())
    if not possible:
        # Not limited in so many words, yet only some arms may have the treatment it counts from.
        for anchor in event.anchors:
            possible.update(_reaching(protocol, anchor))
    if possible == set(protocol.arms):
        return ""
    return _("arm %(arms)s", arms=_listed(sorted(possible)))


def _regimens(protocol: Protocol, event: Event) -> str:
    """The regimens an event is limited to; empty where it is not."""
    if not event.regimens:
        return ""
    titles = [titled(protocol.regimens[code].title) for code in sorted(event.regimens)]
    return _("with %(regimens)s", regimens=listed(titles, _("%(first)s or %(next)s")))


def _reaching(protocol: Protocol, anchor: Anchor) -> Collection[str]:
    """The arms in which the day that is counted from can come."""
    if anchor.kind is AnchorKind.MILESTONE:
        return protocol.milestones[anchor.name].arms or protocol.arms
    if anchor.kind is AnchorKind.END_OF_TREATMENT:
        return protocol.arms
    arms: set[str] = set()
    for regimen in protocol.regimens.values():
        if regimen.component == anchor.name:
            arms |= regimen.arms
    return arms


def nouns(protocol: Protocol, anchors: Iterable[Anchor]) -> str:
    return listed([_noun(protocol, anchor) for anchor in anchors], _("%(first)s or %(next)s"))


def _noun(protocol: Protocol, anchor: Anchor) -> str:
    """The day that is counted from or reached, as a noun."""
    if anchor.kind is AnchorKind.MILESTONE:
        noun = protocol.milestones[anchor.name].noun
        if noun is None:
            return milestone(protocol, anchor.name).lower()
        return titled(noun)
    if anchor.kind is AnchorKind.END_OF_TREATMENT:
        return _("the end of all treatment")
    component = component_title(protocol, anchor.name)
    if anchor.kind is AnchorKind.LAST_DOSE:
        return _("the last dose (%(component)s)", component=component)
    return _("the first cycle (%(component)s)", component=component)


def component_title(protocol: Protocol, code: str) -> str:
    return titled(protocol.components[code].title)


def stretch(days: list[int]) -> str:
    if all(day % WEEK == 0 and day >= IN_WEEKS_FROM for day in days):
        return _("%(weeks)s weeks", weeks=_listed(str(day // WEEK) for day in days))
    if len(days) == 1:
        return _days(days[0])
    return _("%(days)s days", days=_listed(str(day) for day in days))


def _days(number: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", number)


def _listed(names: Iterable[str]) -> str:
    return listed(names, _("%(first)s and %(next)s"))
