"""From responses to rows: one a response version, the arms pooled."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from proms.domain.export.cells import Cell
from proms.domain.export.columns import Column
from proms.domain.export.row import ExportRow, Scored, ScoredResponse
from proms.domain.export.study_moment import StudyMoment, study_moment

Placed = tuple[ScoredResponse, StudyMoment]


@dataclass
class PooledExport:
    """One export under way: what it is made with, and how many rows it gave and held back."""

    columns: tuple[Column, ...]
    code_version: str
    rows: int = 0
    held_back: int = 0
    moments: dict[tuple[str, int, str], StudyMoment | None] = field(default_factory=dict)

    def moment_of(self, response: ScoredResponse) -> StudyMoment | None:
        """The pooled moment of a response, worked out once for each event of each protocol."""
        protocol = response.protocol
        key = (protocol.code, protocol.version, response.event)
        if key not in self.moments:
            self.moments[key] = study_moment(protocol, response.event)
        return self.moments[key]


def pooled(responses: Iterable[ScoredResponse], export: PooledExport) -> Iterator[tuple[Cell, ...]]:
    """The header, then the rows of one patient after another; what would tell the arm is counted
    and held back."""
    yield tuple([column.name for column in export.columns])
    cells = [column.cell for column in export.columns]
    for _, own in groupby(responses, key=lambda response: response.usubjid):
        for row in _rows_of_patient(_placed(own, export), export.code_version):
            yield tuple([cell(row) for cell in cells])


def _placed(responses: Iterable[ScoredResponse], export: PooledExport) -> list[Placed]:
    """The responses that may be shown, each with its moment; the export counts both kinds."""
    placed: list[Placed] = []
    for response in responses:
        moment = export.moment_of(response)
        if moment is None:
            export.held_back += 1
        else:
            export.rows += 1
            placed.append((response, moment))
    return placed


def _rows_of_patient(placed: list[Placed], code_version: str) -> Iterator[ExportRow]:
    """A patient's rows; she has a few hundred at most, so that they may be held at once."""
    # Nothing can be written before all has been read: a later version of the baseline changes what
    # stands in every row.
    latest = _latest_versions(placed)
    numbers: dict[str, dict[int, int]] = {}  # instrument -> assignment -> its number, from 1
    baselines: dict[str, Scored] = {}
    for response, moment in placed:
        numbered = numbers.setdefault(response.instrument_name, {})
        numbered.setdefault(response.assignment, len(numbered) + 1)
        if moment.baseline and response.version == latest[response.assignment]:
            baselines[response.instrument_name] = response.scores
    for response, moment in placed:
        name = response.instrument_name
        yield ExportRow(
            response=response,
            moment=moment,
            week=moment.study_week(response.due, response.randomised_on),
            seq=numbers[name][response.assignment],
            latest=response.version == latest[response.assignment],
            scores=response.scores,
            baseline=baselines.get(name, {}),
            code_version=code_version,
        )


def _latest_versions(placed: list[Placed]) -> dict[int, int]:
    """The highest version of each assignment's response."""
    latest: dict[int, int] = {}
    for response, _ in placed:
        latest[response.assignment] = max(response.version, latest.get(response.assignment, 0))
    return latest
