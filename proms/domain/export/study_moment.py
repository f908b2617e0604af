"""Where a response stands in the trial, in words that both arms share."""

from datetime import date
from typing import NamedTuple

from proms.domain.export.pooled_arms import tells_arm
from proms.domain.protocol import CONSENT, RANDOMISATION, Anchor, AnchorKind, Event, Protocol

BASELINE, UNSCHEDULED = "BASELINE", "UNSCHEDULED"
DAYS = 7


class StudyMoment(NamedTuple):
    """An event without its treatment: its pack, and the week it stands for if the protocol fixes
    that."""

    pack: str
    baseline: bool = False
    unscheduled: bool = False
    week: int | None = None

    def study_week(self, due: date, randomised_on: date | None) -> int | None:
        """Whole weeks from randomisation: the protocol's own for a fixed event, else those of the
        due day."""
        if self.week is not None or randomised_on is None:
            return self.week
        return (due - randomised_on).days // DAYS

    def moment(self, week: int | None) -> str:
        """The name an analyst reads: BASELINE, UNSCHEDULED or the study week, such as W12."""
        if self.baseline:
            return BASELINE
        if self.unscheduled or week is None:
            return UNSCHEDULED
        return f"W{week}"


def study_moment(protocol: Protocol, code: str) -> StudyMoment | None:
    """The pooled place of an event; None for one that would tell the arm, or that this protocol
    does not know."""
    series = protocol.series_of(code)
    pack = series.pack if series else ""
    if code in protocol.unscheduled:
        return StudyMoment(pack, unscheduled=True)
    event = protocol.event_named(code)
    if event is None or tells_arm(protocol, event):
        return None
    if _counted_from(event, CONSENT):
        return StudyMoment(pack, baseline=True, week=0)
    if _counted_from(event, RANDOMISATION):
        return StudyMoment(pack, week=event.timing.day // DAYS)
    return StudyMoment(pack)


def study_day(day: date | None, randomised_on: date | None) -> int | None:
    """CDISC study day: randomisation is day 1, the day before it is day -1, and there is no day
    0."""
    if day is None or randomised_on is None:
        return None
    days = (day - randomised_on).days
    if days < 0:
        return days
    return days + 1


def _counted_from(event: Event, milestone: str) -> bool:
    return event.anchors == (Anchor(AnchorKind.MILESTONE, milestone),)
