"""What entries say that is not on record yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from proms.domain.laboratory.entry import LabEntry
from proms.domain.laboratory.value import LabValue

# What is on record by test and day; none where it was taken back.
OnRecord = Mapping[tuple[str, date], LabValue | None]


@dataclass(frozen=True)
class LabNews:
    """An entry that says something new; one about what was said before corrects it."""

    entry: LabEntry
    corrects: bool


def news_of(on_record: OnRecord, entries: Iterable[LabEntry]) -> Iterator[LabNews]:
    """The entries that are not on record as they stand, in their order."""
    for entry in entries:
        key = (entry.test, entry.taken_on)
        known = on_record.get(key)
        said = (entry.value, entry.upper_limit)
        if entry.value is None and known is None:
            continue
        if known and (known.value, known.upper_limit) == said:
            continue
        yield LabNews(entry, corrects=key in on_record)
