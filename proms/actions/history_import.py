"""A file of cycles and milestones from a hospital's own system: looked at, then saved as a whole or
not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.history_store import ExplainedEntry, Occasion, store_entries
from proms.actions.plain_text import checked_text
from proms.actions.refusals import HistoryChanged
from proms.actions.rows_by_patient import RowsByPatient, UnsoundTable, rows_by_patient
from proms.actions.schedule import Basis, basis_of, zone_of
from proms.content import Library
from proms.content.history_table import HistoryTable
from proms.db.keyring import Keyring
from proms.db.queries.calendar_page import unsent_of
from proms.db.queries.history import taken_back_of
from proms.db.tables import Patient
from proms.domain.history_import.check import (
    CheckedRows,
    ImportStep,
    check_rows,
    leave_out_faulty,
)
from proms.domain.history_import.fault import OF_FILE, Fault
from proms.domain.history_import.row import ImportRow, PatientRecord
from proms.domain.schedule import Changes, History


@dataclass(frozen=True)
class ImportFile:
    """The file, whose patients it may be about, the reason of the import as a whole, and whether it
    is taken without the lines that are refused."""

    table: HistoryTable
    site_id: int
    reason: str | None = None
    without_refused: bool = False


@dataclass(frozen=True)
class ImportEffect:
    """What the file does to one patient; without steps it says only what is on record already."""

    patient: Patient
    basis: Basis
    steps: tuple[ImportStep, ...]
    after: History
    changes: Changes
    unsent: int
    named_as: tuple[str, ...]  # the code or number of each row, as it was typed
    lines: frozenset[int]  # all that name her, also those that are refused

    @property
    def corrections(self) -> int:
        return sum(step.corrects for step in self.steps)


@dataclass(frozen=True)
class Import:
    """What the file does to every patient it names, in order of study code, and what is wrong with
    it: all that stops it, or, `without_refused`, why lines are left out."""

    effects: tuple[ImportEffect, ...]
    faults: tuple[Fault, ...]
    rows: int
    without_refused: bool = False

    @property
    def may_leave_out(self) -> bool:
        """Whether each fault is that of a line, so that the file may be taken without those."""
        return not any(fault.problem in OF_FILE for fault in self.faults)

    @property
    def stopped(self) -> bool:
        """Whether nothing of the file may be saved."""
        return bool(self.faults) and not (self.without_refused and self.may_leave_out)

    @property
    def left_out(self) -> tuple[int, ...]:
        """The lines that are refused while the others are taken."""
        if not self.without_refused:
            return ()
        return tuple(sorted({fault.line for fault in self.faults}))

    @property
    def news(self) -> tuple[ImportEffect, ...]:
        return tuple(effect for effect in self.effects if effect.steps)

    @property
    def revisions(self) -> dict[str, int]:
        """By study code, for a save to notice that somebody else saved in between."""
        return {effect.patient.code: effect.patient.revision for effect in self.effects}

    def counts(self) -> dict[str, int]:
        new = sum(len(effect.steps) for effect in self.effects)
        corrected = sum(effect.corrections for effect in self.effects)
        return {
            "rows": self.rows,
            "patients": len(self.news),
            "new": new - corrected,
            "corrected": corrected,
        }


def preview_import(
    session: Session, library: Library, keyring: Keyring, sheet: ImportFile, *, now: datetime
) -> Import:
    """Work out what saving this file would do to each patient, with every fault at once, and change
    nothing."""
    named = rows_by_patient(session, keyring, sheet.site_id, sheet.table.rows)
    return _work_out(session, library, sheet, named, lock=False, now=now)


def save_import(
    session: Session,
    library: Library,
    keyring: Keyring,
    sheet: ImportFile,
    *,
    revisions: Mapping[str, int] | None = None,
    by: Actor,
    now: datetime,
) -> Import:
    """Save everything the file says that is new, and all it moves, in one transaction; a file
    without news is no act.

    Raises UnsoundTable with every fault, unless the lines that are refused may be left out, and
    HistoryChanged when histories are not at these `revisions` any more.
    """
    named = rows_by_patient(session, keyring, sheet.site_id, sheet.table.rows)
    found = _work_out(session, library, sheet, named, lock=True, now=now)
    if found.stopped:
        raise UnsoundTable(found.faults)
    if revisions is not None and revisions != found.revisions:
        raise HistoryChanged("A history changed since this preview was made.")
    if not found.news:
        return found
    if sheet.reason:
        checked_text("reason", sheet.reason)
    occasion = Occasion("history.imported", by, now, sheet.reason)
    for effect in found.news:
        entries = [
            ExplainedEntry(step.entry, step.row.reason or sheet.reason) for step in effect.steps
        ]
        store_entries(
            session, effect.patient, effect.basis, entries, occasion, sha256=sheet.table.sha256
        )
    subject = Subject("import", None, site_id=sheet.site_id)
    detail: dict[str, Any] = {"sha256": sheet.table.sha256, **found.counts()}
    if found.left_out:
        detail["left_out"] = list(found.left_out)
    record(session, "import.saved", subject, by=by, now=now, reason=sheet.reason, **detail)
    session.commit()
    return found


def _patients(session: Session, ids: Iterable[int], *, lock: bool) -> list[Patient]:
    """The patients in order of id: two imports at once then wait for each other and never in a
    circle."""
    wanted = select(Patient).where(col(Patient.id).in_(list(ids))).order_by(col(Patient.id))
    if lock:
        # One whom the session has read before is read anew: until the lock was had, somebody else
        # may have saved.
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return list(session.exec(wanted).all())


def _work_out(
    session: Session,
    library: Library,
    sheet: ImportFile,
    named: RowsByPatient[ImportRow],
    *,
    lock: bool,
    now: datetime,
) -> Import:
    """The effect on every patient who is named, and the faults in the order of the file."""
    effects: list[ImportEffect] = []
    faults = [*sheet.table.faults, *named.faults]
    for patient in _patients(session, named.rows, lock=lock):
        effect, checked = _effect(
            session, library, patient, named.rows[patient.id], sheet=sheet, now=now
        )
        effects.append(effect)
        faults.extend(checked.faults)
    by_code = sorted(effects, key=lambda effect: effect.patient.code)
    in_order = sorted(faults, key=lambda fault: (fault.line, fault.column))
    rows = len(sheet.table.rows)
    return Import(tuple(by_code), tuple(in_order), rows, sheet.without_refused)


def _effect(
    session: Session,
    library: Library,
    patient: Patient,
    rows: Sequence[ImportRow],
    *,
    sheet: ImportFile,
    now: datetime,
) -> tuple[ImportEffect, CheckedRows]:
    """What the rows do to one patient; while there is a fault in those that count they change no
    plan."""
    basis = basis_of(session, library, patient, zone=zone_of(session, patient), now=now)
    patient_record = PatientRecord(
        protocol=basis.protocol,
        history=basis.history,
        taken_back=taken_back_of(session, patient),
        today=basis.today,
    )
    check = leave_out_faulty if sheet.without_refused else check_rows
    checked = check(patient_record, rows, reason=sheet.reason)
    changes = Changes()
    if checked.steps and (sheet.without_refused or not checked.faults):
        changes = replace(basis, history=checked.after).changes
    unsent = unsent_of(session, patient, changes)
    effect = ImportEffect(
        patient,
        basis,
        checked.steps,
        checked.after,
        changes,
        unsent,
        named_as=tuple(dict.fromkeys(row.patient for row in rows)),
        lines=frozenset(row.line for row in rows),
    )
    return effect, checked
