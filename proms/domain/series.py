"""A series of events: what holds between one and the next."""

from dataclasses import dataclass
from enum import StrEnum

from proms.domain.title import Title


class Clip(StrEnum):
    """How windows of one series are kept from overlapping."""

    HALF_WAY = "half_way"
    DAY_BEFORE_DUE = "day_before_due"


class Late(StrEnum):
    """What becomes of a questionnaire that was begun and not sent, once the next of its series is
    open."""

    STAYS = "stays"
    GIVES_WAY = "gives_way"


@dataclass(frozen=True)
class Series:
    """Events whose windows never overlap, and of which none is asked within `apart` days of a
    better ranked one."""

    code: str
    title: Title
    apart: int
    clip: Clip
    pack: str = ""  # the short name under which an analyst finds its events
    late: Late = Late.STAYS
