"""What an invented patient fills in: mostly little, sometimes a lot, now and then something a nurse
must see."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from random import Random

from proms.domain.instrument import Item, ItemKind, Value
from proms.domain.response import Document, MissingReason, answer, leave_out

SELDOM = 0.01
LEFT_OUT = SELDOM / 4

# The answers of the first few patients on the demo's own morning, so that the worklist always has
# something to show of every kind. The first has waited for more than half an hour.
THIS_MORNING: tuple[Mapping[str, Value], ...] = (
    {"TEMP": 4, "JAUND": 1, "URINE": 1, "ITCH": 1},
    {"DIAR": 2, "NAUS": 3},
    {"ITCH": 2, "URINE": 1},
    {"STOM": 3},
    {"NERVE": 3},
    {"TIRED": 3},
    {"INTAKE": 3},
    {"URINE": 2},
    {"SITE": ("red", "warm"), "ITCH": 3},
    {"DIAR": 2},
)
EXPECTED = ("NAUS", 3)  # of the second of them, who is known to be sick
LEFT_UNSENT: Mapping[str, Value] = {"JAUND": 2}  # by one more, who put her phone away


def filled_in(
    random: Random,
    items: Iterable[Item],
    illness: float,
    now: datetime,
    script: Mapping[str, Value],
) -> Document:
    """A document for these items; the more ill, the higher the answers tend to be, and a rare item
    is left out."""
    document: Document = {}
    # The draws of one item come before those of the next, and an item that is scripted or free text
    # draws nothing.
    for item in items:
        if item.code in script:
            document = answer(document, item.code, script[item.code], now)
            continue
        if item.kind is ItemKind.TEXT:
            continue
        if random.random() < LEFT_OUT:
            reason = MissingReason.DECLINED if item.safety else MissingReason.SKIPPED
            document = leave_out(document, item.code, reason, now)
        else:
            document = answer(document, item.code, _value(random, item, illness), now)
    return document


def _value(random: Random, item: Item, illness: float) -> Value:
    if item.kind is ItemKind.MULTIPLE:
        return _ticked(random, item, illness)
    # A safety item seldom leaves its first answer; the others wander with how ill she is.
    spread = illness * (0.08 if item.safety else 0.34)
    if item.kind is ItemKind.NUMBER:  # her own rating of her health: the more ill, the lower
        lower = (item.high - item.low) * random.gauss(illness, 0.1)
        return max(item.low, min(item.high, round(item.high - lower)))
    step = int(abs(random.gauss(0, 1)) * spread * len(item.options))
    return item.options[min(step, len(item.options) - 1)]


def _ticked(random: Random, item: Item, illness: float) -> tuple[str, ...]:
    """Nothing, as a rule: the option that says so, or the first where there is none."""
    options = [str(option) for option in item.options if option != item.none]
    if random.random() < SELDOM * illness:
        return (random.choice(options),)
    return (item.none or options[0],)
