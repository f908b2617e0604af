"""A laboratory's file of values: looked at, then saved as a whole or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.laboratory import LabBasis, lab_basis, locked_patients, named, store
from proms.actions.plain_text import checked_text
from proms.actions.refusals import HistoryChanged
from proms.actions.rows_by_patient import UnsoundTable, rows_by_patient
from proms.content import Library
from proms.content.lab_table import LabTable
from proms.db.keyring import Keyring
from proms.db.queries.laboratory import lab_value
from proms.db.tables import Patient
from proms.domain.laboratory.rows import (
    CheckedLabs,
    LabFault,
    LabRow,
    LabStep,
    check_lab_rows,
    of_table,
)


@dataclass(frozen=True)
class LabFile:
    """The file, whose patients it may be about, and the reason of the import as a whole."""

    table: LabTable
    site_id: int
    reason: str | None = None


@dataclass(frozen=True)
class LabEffect:
    """What the file says of one patient that is new; `named_as` is what the file calls her."""

    patient: Patient
    basis: LabBasis
    steps: tuple[LabStep, ...]
    named_as: tuple[str, ...]

    @property
    def corrections(self) -> int:
        return sum(step.news.corrects for step in self.steps)


@dataclass(frozen=True)
class LabImport:
    """What the file does to every patient it names, in order of study code, and all that is wrong
    with it."""

    effects: tuple[LabEffect, ...]
    faults: tuple[LabFault, ...]
    rows: int

    @property
    def news(self) -> tuple[LabEffect, ...]:
        return tuple(effect for effect in self.effects if effect.steps)

    @property
    def seen(self) -> str:
        """What a preview showed, for a save to notice that somebody else saved in between."""
        shown = [
            f"{effect.patient.code} {key} {row.version}"
            for effect in self.effects
            for key, row in sorted(effect.basis.held.items())
        ]
        return hashlib.sha256("\n".join(shown).encode()).hexdigest()

    def counts(self) -> dict[str, int]:
        new = sum(len(effect.steps) for effect in self.effects)
        corrected = sum(effect.corrections for effect in self.effects)
        return {
            "rows": self.rows,
            "patients": len(self.news),
            "new": new - corrected,
            "corrected": corrected,
        }


def preview_lab_import(
    session: Session, library: Library, keyring: Keyring, sheet: LabFile, *, now: datetime
) -> LabImport:
    """Work out what saving this file would add, with every fault at once, and change nothing."""
    return _work_out(session, library, keyring, sheet, lock=False, now=now)


def save_lab_import(
    session: Session,
    library: Library,
    keyring: Keyring,
    sheet: LabFile,
    *,
    seen: str | None = None,
    by: Actor,
    now: datetime,
) -> LabImport:
    """Save every value that is new, in one transaction; a file without news is no act.

    Raises UnsoundTable with every fault, and HistoryChanged where values were saved since the
    preview that showed `seen`.
    """
    found = _work_out(session, library, keyring, sheet, lock=True, now=now)
    if found.faults:
        raise UnsoundTable(found.faults)
    if seen is not None and seen != found.seen:
        raise HistoryChanged("Values were saved since this preview was made.")
    if not found.news:
        return found
    if sheet.reason:
        checked_text("reason", sheet.reason)
    for effect in found.news:
        _store(session, effect, sheet, by=by, now=now)
    subject = Subject("import", None, site_id=sheet.site_id)
    detail = {"sha256": sheet.table.sha256, **found.counts()}
    record(session, "import.labs_saved", subject, by=by, now=now, reason=sheet.reason, **detail)
    session.commit()
    return found


def _store(
    session: Session, effect: LabEffect, sheet: LabFile, *, by: Actor, now: datetime
) -> None:
    """The values of one patient, each with the reason of its row, and her audit entry."""
    for step in effect.steps:
        reason = step.row.reason or sheet.reason
        list(store(session, effect.patient, effect.basis, [step.news], reason, by=by, now=now))
    patient = effect.patient
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    values = named([step.news for step in effect.steps])
    record(
        session,
        "labs.imported",
        subject,
        by=by,
        now=now,
        reason=sheet.reason,
        values=values,
        sha256=sheet.table.sha256,
    )


def _work_out(
    session: Session,
    library: Library,
    keyring: Keyring,
    sheet: LabFile,
    *,
    lock: bool,
    now: datetime,
) -> LabImport:
    """The effect on every patient who is named, and the faults in the order of the file."""
    by_patient = rows_by_patient(session, keyring, sheet.site_id, sheet.table.rows)
    ids = sorted(by_patient.rows)
    if lock:
        patients = locked_patients(session, ids)
    else:
        wanted = select(Patient).where(col(Patient.id).in_(ids))
        patients = list(session.exec(wanted))
    effects = []
    faults = [*sheet.table.faults, *map(of_table, by_patient.faults)]
    for patient in patients:
        rows = by_patient.rows[patient.id]
        basis = lab_basis(session, library, patient, now=now)
        checked = _checked(basis, rows, sheet.reason)
        faults += checked.faults
        called = tuple(dict.fromkeys(row.patient for row in rows))
        effects.append(LabEffect(patient, basis, checked.steps, called))
    return LabImport(
        tuple(sorted(effects, key=lambda effect: effect.patient.code)),
        tuple(sorted(faults, key=lambda fault: (fault.line, fault.column))),
        len(sheet.table.rows),
    )


def _checked(basis: LabBasis, rows: Sequence[LabRow], reason: str | None) -> CheckedLabs:
    on_record = {key: lab_value(row) for key, row in basis.held.items()}
    return check_lab_rows(basis.panel, basis.limits, on_record, rows, reason)
