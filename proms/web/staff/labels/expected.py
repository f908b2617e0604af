"""What is expected of a patient's symptoms, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proms.content import Library
from proms.db.tables import ExpectedLevel
from proms.domain.alert.expectation import may_be_expected
from proms.web.locale import language


@dataclass(frozen=True)
class ExpectedSymptom:
    """A symptom that is known up to a level: "Itch: A lot"."""

    level: ExpectedLevel
    symptom: str
    words: str


@dataclass(frozen=True)
class ExpectableItem:
    """A question of which a level can be expected; the levels by what a form sends of each."""

    label: str
    levels: tuple[tuple[str, str], ...]


def expected_symptoms(
    library: Library, levels: Iterable[ExpectedLevel]
) -> tuple[ExpectedSymptom, ...]:
    symptoms = []
    for level in levels:
        wording = library.wording(level.instrument, language())
        said = wording.option(level.item, level.level)
        symptoms.append(ExpectedSymptom(level, wording.label(level.item), said))
    return tuple(symptoms)


def expectable_items(library: Library, instruments: Sequence[str]) -> list[ExpectableItem]:
    """Every question of these instruments that alerts come of and of which a level can be
    expected."""
    offered = []
    for code in instruments:
        if not library.has_rules(code):
            continue
        wording = library.wording(code, language())
        for item in library.instrument(code).items:
            if may_be_expected(item):
                levels = [
                    (f"{code}:{item.code}:{value}", wording.option(item.code, value))
                    for value in item.options[1:]
                ]
                offered.append(ExpectableItem(wording.label(item.code), tuple(levels)))
    return offered
