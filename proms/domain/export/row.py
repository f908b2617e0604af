"""What one row of the data set is made from: a response version, and its place among those of its
patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from proms.domain.export.study_moment import StudyMoment
from proms.domain.instrument import Instrument, ItemKind
from proms.domain.protocol import Protocol
from proms.domain.response import Entry, MissingReason, missing_of

LEFT_OUT = frozenset({MissingReason.SKIPPED, MissingReason.DECLINED})
Scored = Mapping[
    str, tuple[float | None, int | None]
]  # scale -> value, how many items or scales it counts
ABSENT = (None, None)  # of a scale that the response does not have


class Status(StrEnum):
    """How a response came in."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class ScoredResponse:
    """One version of a response as the export reads it; `answered_on` is the day of the answers:
    the source date of what staff entered, who did so on `entered_on`, else the site date of
    submission."""

    usubjid: str
    site: str
    protocol: Protocol
    event: str
    due: date
    randomised_on: date | None
    answered_on: date
    assignment: int
    version: int
    instrument: Instrument
    wording_version: str
    language: str
    mode: str
    late: bool
    document: Mapping[str, Entry]
    scores: Scored
    scoring_version: str
    rule_set: str
    entered_on: date | None = None

    @property
    def instrument_name(self) -> str:
        """The instrument's name in an export; under stand-in labels another than its own."""
        return self.instrument.name_in_export(self.wording_version)

    @property
    def status(self) -> Status:
        """Late whatever it holds, else complete when every question asked was answered; a free
        remark does not count."""
        if self.late:
            return Status.LATE
        for item, reason in missing_of(self.document).items():
            if reason in LEFT_OUT and self._is_question(item):
                return Status.PARTIAL
        return Status.COMPLETE

    def _is_question(self, code: str) -> bool:
        item = self.instrument.by_code.get(code)
        return item is not None and item.kind is not ItemKind.TEXT


class ExportRow(NamedTuple):
    """A response version with what only its patient's other responses tell; every cell is made from
    one of these."""

    response: ScoredResponse
    moment: StudyMoment
    week: int | None  # of the study: whole weeks from randomisation
    seq: int
    latest: bool
    scores: Scored  # the response's own
    baseline: Scored  # of the same patient and instrument; empty where there is none
    code_version: str
