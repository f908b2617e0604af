"""Laboratory values of a patient are entered, corrected or taken back: as versions, never written
over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.actions.schedule import zone_of
from proms.content import Library
from proms.db.queries.history import history_of
from proms.db.queries.laboratory import lab_value, lab_versions_of, that_hold
from proms.db.tables import LabVersion, Patient
from proms.domain.laboratory import (
    SENTENCES,
    LabEntry,
    Limits,
    Panel,
    UnfitField,
    ValueFault,
    limits_of,
    unfit_fields,
)
from proms.domain.laboratory.news import LabNews, news_of
from proms.refusal import Refusal


class UnfitValue(Incomplete):
    """A field of a laboratory value that does not fit; said in the laboratory's own sentences."""

    def __init__(self, unfit: UnfitField) -> None:
        Refusal.__init__(self, SENTENCES[unfit.fault] % unfit.slots)
        self.field = unfit.name
        self.unfit = unfit


@dataclass(frozen=True)
class LabBasis:
    """What is known before values come in: the tests of the trial, the days on which blood can have
    been taken, and the versions that hold."""

    panel: Panel
    limits: Limits
    held: dict[tuple[str, date], LabVersion]

    def news(self, entries: Sequence[LabEntry]) -> list[LabNews]:
        on_record = {key: lab_value(row) for key, row in self.held.items()}
        return list(news_of(on_record, entries))


def lab_basis(session: Session, library: Library, patient: Patient, *, now: datetime) -> LabBasis:
    """All that is needed to judge what is entered for this patient."""
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    panel = library.panel_of(protocol)
    if panel is None:
        raise NotFound("This trial keeps no laboratory values.")
    today = now.astimezone(zone_of(session, patient)).date()
    limits = limits_of(protocol, history_of(session, patient), today)
    held = that_hold(lab_versions_of(session, patient))
    return LabBasis(panel, limits, held)


def record_values(
    session: Session,
    library: Library,
    *,
    patient_id: int,
    entries: Sequence[LabEntry],
    reason: str,
    by: Actor,
    now: datetime,
) -> list[LabVersion]:
    """Keep what these entries say that is new, all of it or nothing; a correction needs its
    reason. What is on record already is no act."""
    patient = locked_patients(session, [patient_id])[0]
    basis = lab_basis(session, library, patient, now=now)
    for entry in entries:
        _refuse_unfit(basis, entry)
    news = basis.news(entries)
    why = checked_text("reason", reason) or None
    if any(each.corrects for each in news) and not why:
        raise Incomplete("reason", FieldFault.NO_REASON)
    if not news:
        return []
    rows = list(store(session, patient, basis, news, why, by=by, now=now))
    session.flush()
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "labs.recorded", subject, by=by, now=now, reason=why, values=named(news))
    session.commit()
    return rows


def locked_patients(session: Session, ids: Sequence[int]) -> list[Patient]:
    """The patients in order of id, whose values nobody else changes until this transaction ends."""
    wanted = select(Patient).where(col(Patient.id).in_(ids)).order_by(col(Patient.id))
    locked = wanted.with_for_update().execution_options(populate_existing=True)
    return list(session.exec(locked).all())


def store(
    session: Session,
    patient: Patient,
    basis: LabBasis,
    news: Sequence[LabNews],
    reason: str | None,
    *,
    by: Actor,
    now: datetime,
) -> Iterator[LabVersion]:
    """One more version of each value; the caller writes the audit entry and commits."""
    for each in news:
        entry = each.entry
        before = basis.held.get((entry.test, entry.taken_on))
        row = LabVersion(
            patient_id=patient.id,
            test=entry.test,
            taken_on=entry.taken_on,
            version=before.version + 1 if before else 1,
            value=None if entry.value is None else float(entry.value),
            unit=basis.panel.tests[entry.test].unit,
            upper_limit=_limit_of(entry),
            reason=reason,
            recorded_at=now,
            recorded_by=by.staff_id,
        )
        session.add(row)
        yield row


def named(news: Sequence[LabNews]) -> list[dict[str, str | bool]]:
    """For the audit: which values, never what they are."""
    return [
        {
            "test": each.entry.test,
            "taken_on": each.entry.taken_on.isoformat(),
            "corrects": each.corrects,
        }
        for each in news
    ]


def _limit_of(entry: LabEntry) -> float | None:
    if entry.value is None or entry.upper_limit is None:
        return None
    return float(entry.upper_limit)


def _refuse_unfit(basis: LabBasis, entry: LabEntry) -> None:
    for unfit in unfit_fields(basis.panel, entry, basis.limits):
        raise UnfitValue(unfit)
    key = (entry.test, entry.taken_on)
    if entry.value is None and (key not in basis.held or basis.held[key].value is None):
        raise UnfitValue(UnfitField("value", ValueFault.NO_SUCH_VALUE))
