"""What is known of a patient's person: what holds, since when, and all that was ever on record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from proms.db.queries.history import latest
from proms.db.tables import FactVersion
from proms.domain.instrument import Fact
from proms.domain.person import FACT_VALUES
from proms.web.staff.labels.facts import fact_title, fact_value


@dataclass(frozen=True)
class FactLine:
    """One value on record; `since` is None where it was so from the beginning."""

    number: int
    word: str
    value: Fact
    since: date | None
    on_record_since: date | None  # as a form carries it on


@dataclass(frozen=True)
class FactPast:
    """Something that was recorded: what it said, and whether a later entry says otherwise."""

    version: FactVersion
    word: str
    corrected: bool


@dataclass(frozen=True)
class PersonalFact:
    """One fact: its values that hold, the latest first, and everything that was recorded of it."""

    code: str
    title: str
    values: tuple[FactLine, ...]
    recorded: tuple[FactPast, ...]

    @property
    def now(self) -> FactLine:
        return self.values[0]


def personal_facts_of(versions: Iterable[FactVersion]) -> list[PersonalFact]:
    """Every fact in the order of the domain."""
    by_fact: dict[str, list[FactVersion]] = {fact: [] for fact in FACT_VALUES}
    for version in versions:
        by_fact[version.fact].append(version)
    return [_fact(code, recorded) for code, recorded in by_fact.items() if recorded]


def _fact(code: str, recorded: list[FactVersion]) -> PersonalFact:
    holding = latest(recorded)
    values = [_line(code, version) for version in holding if version.since]
    values.sort(key=lambda line: line.since or date.min, reverse=True)
    past = [FactPast(version, _word(code, version), version not in holding) for version in recorded]
    return PersonalFact(code, fact_title(code), tuple(values), tuple(past[::-1]))


def _line(code: str, version: FactVersion) -> FactLine:
    since = version.since if version.number > 1 else None
    return FactLine(version.number, _word(code, version), version.value, since, version.since)


def _word(code: str, version: FactVersion) -> str:
    return fact_value(code, version.value) if version.since else ""
