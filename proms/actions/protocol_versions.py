"""A new version of the protocol while the trial runs: looked at over all patients, adopted, then
followed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from proms.actions.audit import WORKER, Actor, Subject, record
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.actions.schedule import offered_in, replan, zone_of
from proms.actions.set_aside import Attempt, Unit, each_apart, forget
from proms.content import Library
from proms.db.queries.adoptions import followers, overtaken, unfinished, version_on
from proms.db.queries.history import checked, held_of, history_of
from proms.db.queries.set_aside import to_try_again
from proms.db.tables import Patient, ProtocolAdoption
from proms.domain.protocol import Protocol
from proms.domain.schedule import Changes, History, objections, revise
from proms.domain.schedule.history_errors import UnsoundHistory
from proms.domain.tick import USUAL, TickName, Tries

EAST = timedelta(hours=14)  # the first site to reach a day is so far ahead of UTC


@dataclass(frozen=True)
class AdoptionEffect:
    """What a version would do to one patient's plan today, or why her history does not fit it."""

    patient: str
    changes: Changes
    objection: UnsoundHistory | None


@dataclass(frozen=True)
class Adoption:
    """Which version, from which site date, for everybody or for patients enrolled from then on, and
    why."""

    protocol: str
    version: int
    from_date: date
    everybody: bool
    reason: str


def preview_version(
    session: Session, library: Library, *, protocol: str, version: int, now: datetime
) -> Iterator[AdoptionEffect]:
    """What adopting this version for everybody would do to each patient if it took effect now;
    changes nothing."""
    wanted = _protocol_version(library, protocol, version)
    for patient in followers(session, protocol, version):
        yield _effect(session, library, patient, wanted, now)


def adopt(
    session: Session, library: Library, adoption: Adoption, *, by: Actor, now: datetime
) -> ProtocolAdoption:
    """Put a version into effect from a date.

    Raises Incomplete for a date that has gone by, a version that is not newer, or a history that
    does not fit it.
    """
    wanted = _protocol_version(library, adoption.protocol, adoption.version)
    if adoption.from_date < now.date():
        raise Incomplete("from", FieldFault.ADOPTION_PAST, day=adoption.from_date)
    if adoption.from_date > now.date() + timedelta(days=wanted.far_days):
        raise Incomplete(
            "from",
            FieldFault.ADOPTION_FAR_AHEAD,
            day=adoption.from_date,
            days=wanted.far_days,
        )
    if adoption.version <= version_on(session, library, adoption.protocol, adoption.from_date):
        raise Incomplete("version", FieldFault.VERSION_NOT_NEWER, version=adoption.version)
    if not adoption.reason.strip():
        raise Incomplete("reason", FieldFault.NO_REASON)
    reason = checked_text("reason", adoption.reason)
    if adoption.everybody:
        _refuse_misfits(session, library, wanted, now)
    stored = ProtocolAdoption(
        protocol=adoption.protocol,
        version=adoption.version,
        from_date=adoption.from_date,
        everybody=adoption.everybody,
        reason=reason,
        adopted_at=now,
    )
    session.add(stored)
    session.flush()
    detail = {
        "version": stored.version,
        "from": stored.from_date.isoformat(),
        "everybody": stored.everybody,
    }
    subject = Subject("protocol_adoption", stored.id)
    record(session, "protocol.adopted", subject, by=by, now=now, reason=stored.reason, **detail)
    session.commit()
    return stored


def follow_due(
    session: Session,
    library: Library,
    *,
    now: datetime,
    limit: int = 50,
    tries: Tries = USUAL,
) -> int:
    """Move patients to a version that has taken effect, some at a time; returns how many were
    looked at.

    One whose history came not to fit it stays on her version, which is on record, and costs the
    others nothing. Nor does one who cannot be moved: she is tried again, then set aside.
    """
    attempt = Attempt(TickName.FOLLOW, now, tries)
    count = _follow_again(session, library, attempt)
    for adoption in unfinished(session, (now + EAST).date()):
        # In order of their ids, on from the last one that was looked at; `reached` is saved with
        # what it counts, so that a worker that dies in between neither leaves one out nor does one
        # twice.
        patients = followers(
            session, adoption.protocol, adoption.version, after=adoption.reached, limit=limit
        )
        units = []
        for patient in patients:
            if now.astimezone(zone_of(session, patient)).date() < adoption.from_date:
                break  # the day has not come at her site: she, and who comes after her, wait for it
            units.append(_unit(patient, adoption))
        _follow_all(session, library, units, attempt)
        if units:
            adoption.reached = units[-1].id
            count += len(units)
        if not patients:
            adoption.finished_at = now
    session.commit()
    return count


Following = tuple[Patient, ProtocolAdoption]


def _unit(patient: Patient, adoption: ProtocolAdoption) -> Unit[Following]:
    return Unit(patient.id, (patient, adoption), patient.site_id, patient.id)


def _follow_all(
    session: Session, library: Library, units: list[Unit[Following]], attempt: Attempt
) -> None:
    def follow_each(rows: list[Following]) -> None:
        for patient, adoption in rows:
            wanted = library.protocol(adoption.protocol, adoption.version)
            _follow(session, library, patient, wanted, attempt.now)

    each_apart(session, units, follow_each, attempt)


def _follow_again(session: Session, library: Library, attempt: Attempt) -> int:
    """Those who raised when their turn came, of whom the adoption has long gone on; returns how
    many."""
    again = to_try_again(session, attempt.tick, attempt.now)
    if not again:
        return 0
    units = [
        _unit(patient, adoption)
        for patient, adoption in overtaken(session, again, (attempt.now + EAST).date())
        if attempt.now.astimezone(zone_of(session, patient)).date() >= adoption.from_date
    ]
    _follow_all(session, library, units, attempt)
    settled = set(again) - {unit.id for unit in units}
    forget(session, settled, attempt)  # who has left since, or was moved otherwise
    return len(again)


def _follow(
    session: Session, library: Library, patient: Patient, wanted: Protocol, now: datetime
) -> None:
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    versions: dict[str, Any] = {"was": patient.protocol_version, "becomes": wanted.version}
    objection = _effect(session, library, patient, wanted, now).objection
    if objection:
        kept = {"objection": objection.code, **versions}
        record(session, "protocol.kept", subject, by=WORKER, now=now, **kept)
        return
    patient.protocol_version = wanted.version
    changes = replan(session, library, patient, now=now)
    changed = {"changes": changes.counts(), **versions}
    record(session, "protocol.changed", subject, by=WORKER, now=now, **changed)


def _effect(
    session: Session, library: Library, patient: Patient, wanted: Protocol, now: datetime
) -> AdoptionEffect:
    zone = zone_of(session, patient)
    today = now.astimezone(zone).date()
    stored = held_of(session, patient, zone)
    history = history_of(session, patient, checked=checked(stored.values()))
    objection = _new_objection(library, patient, wanted, history, today)
    if objection:
        return AdoptionEffect(patient.code, Changes(), objection)
    changes = revise(offered_in(library, patient, wanted), history, stored, today)
    return AdoptionEffect(patient.code, changes, None)


def _new_objection(
    library: Library, patient: Patient, wanted: Protocol, history: History, today: date
) -> UnsoundHistory | None:
    """The first thing that the wanted version has against a history and the present one has not.

    What may be confirmed was confirmed when it was recorded.
    """
    present = library.protocol(wanted.code, patient.protocol_version)
    old = {objection.identity for objection in objections(present, history, today)}
    for objection in objections(wanted, history, today):
        if objection.identity not in old and not objection.may_confirm:
            return objection
    return None


def _refuse_misfits(session: Session, library: Library, wanted: Protocol, now: datetime) -> None:
    effects = preview_version(
        session, library, protocol=wanted.code, version=wanted.version, now=now
    )
    misfits = [effect for effect in effects if effect.objection]
    if misfits:
        first = misfits[0]
        raise Incomplete(
            "version",
            FieldFault.HISTORIES_MISFIT,
            count=len(misfits),
            version=wanted.version,
            patient=first.patient,
            objection=first.objection,
        )


def _protocol_version(library: Library, protocol: str, version: int) -> Protocol:
    if version not in library.protocols.get(protocol, {}):
        raise NotFound(f"There is no version {version} of a protocol {protocol}.")
    return library.protocol(protocol, version)
