"""Her answers under their headings, to be looked over: in each section, and of the sections, first
what says that something is there, then what was left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from proms.domain.instrument import Item, ItemKind
from proms.web.patient.questionnaire import OpenQuestionnaire
from proms.web.patient.reported import tells


@dataclass(frozen=True)
class Row:
    """One question asked of her: its number in the questionnaire and the words it is known by."""

    item: Item
    number: int
    label: str


@dataclass(frozen=True)
class Group:
    """Rows under a heading; an instrument without sections has none, and one group."""

    heading: str
    rows: tuple[Row, ...]


class _Weight(IntEnum):
    THERE = 0
    LEFT_OUT = 1
    CALM = 2


def overview(sheet: OpenQuestionnaire) -> list[Group]:
    """Everything that was asked, grouped; the order of the questions decides between equals, and
    alone where there are no sections."""
    sections = sheet.instrument.sections
    if not sections:
        return [Group("", tuple(rows_of(sheet, sheet.items)))]
    groups = []
    for section in sections:
        asked = [item for item in sheet.items if item.code in section.items]
        asked.sort(key=lambda item: _weight(sheet, item))
        if asked:
            groups.append(Group(sheet.wording.sections[section.code], tuple(rows_of(sheet, asked))))
    return sorted(groups, key=lambda group: _weight(sheet, group.rows[0].item))


def rows_of(sheet: OpenQuestionnaire, items: Iterable[Item]) -> list[Row]:
    """A short label where there is one, else the question as it was asked; words of a licensed
    instrument are shown as they are, and nothing in their place."""
    labels = {} if sheet.instrument.licensor else sheet.wording.labels
    return [
        Row(item, sheet.number(item), labels.get(item.code) or sheet.wording.question(item))
        for item in items
    ]


def _weight(sheet: OpenQuestionnaire, item: Item) -> _Weight:
    if item.code not in sheet.answers:
        # The free line at the end is no question.
        return _Weight.CALM if item.kind is ItemKind.TEXT else _Weight.LEFT_OUT
    return _Weight.THERE if tells(item, sheet.answers[item.code]) else _Weight.CALM
