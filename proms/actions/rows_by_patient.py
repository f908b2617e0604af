"""Whom the rows of a file are about: patients of one site, by study code, trial number or hospital
number; and the refusal of a file with faults."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from sqlmodel import Session

from proms.db.keyring import Keyring
from proms.db.queries.patients import NumberBook, by_any_number
from proms.domain.history_import.fault import Fault, FaultCode
from proms.domain.laboratory.rows import LabFault
from proms.domain.patient_number import plain, without_zeros
from proms.refusal import Refusal


class UnsoundTable(Refusal):
    """A file with faults: nothing of it is saved."""

    code: ClassVar[str] = "unsound_table"

    def __init__(self, faults: Sequence[Fault | LabFault]) -> None:
        super().__init__("\n".join(["nothing is saved.", *(str(fault) for fault in faults)]))
        self.faults = faults


class NamesPatient(Protocol):
    """A row of a file that names a patient."""

    @property
    def line(self) -> int: ...
    @property
    def patient(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def wrong(self) -> Set[str]: ...


Row = TypeVar("Row", bound=NamesPatient)


@dataclass(frozen=True)
class RowsByPatient(Generic[Row]):
    """The rows by the id of the patient they name, and the faults of those that name nobody for
    certain."""

    rows: Mapping[int, Sequence[Row]]
    faults: Sequence[Fault]


def rows_by_patient(
    session: Session, keyring: Keyring, site_id: int, read: Iterable[Row]
) -> RowsByPatient[Row]:
    """The rows by patient id; a patient of another site is as absent as one who does not exist."""
    book = by_any_number(session, keyring, site_id)
    rows: dict[int, list[Row]] = defaultdict(list)
    faults = []
    for row in read:
        if "patient" in row.wrong:
            continue
        named = _named_in(book, row)
        if isinstance(named, Fault):
            faults.append(named)
        else:
            rows[named].append(row)
    return RowsByPatient(rows, faults)


def _named_in(book: NumberBook, row: NamesPatient) -> int | Fault:
    """The patient whom a row names. One whose number has other leading zeros may be somebody else:
    the row's own reason says that it is she."""
    ids = book.exact.get(plain(row.patient), set())
    if ids:
        return _only(ids, row)
    similar = book.similar.get(without_zeros(row.patient), set())
    if not similar:
        return Fault(row.line, "patient", FaultCode.UNKNOWN_PATIENT)
    named = _only(similar, row)
    if isinstance(named, Fault) or row.reason:
        return named
    return Fault(row.line, "patient", FaultCode.OTHER_ZEROS, {"code": book.codes[named]})


def _only(ids: Set[int], row: NamesPatient) -> int | Fault:
    if len(ids) > 1:
        return Fault(row.line, "patient", FaultCode.MANY_PATIENTS)
    return next(iter(ids))
