"""The call list of a site: who has not answered after the last message about her questions, and
what came of calling her."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.audit import Subject, record, staff_actor
from proms.actions.next_messages import PackOf, pack_of, turns_of_packs
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.content import Library
from proms.db.tables import Assignment, PackCall, Patient, Site, Staff
from proms.db.tables.partial import among
from proms.domain.calls import CallMade, PackCallOutcome, call_due_from
from proms.domain.person import PatientStatus
from proms.domain.reminder import Fate, Turn
from proms.domain.schedule import OUTSTANDING


@dataclass(frozen=True)
class UnansweredPack:
    """A pack that is open, about which no message is to come any more: whose, since when it is to
    be called about, its last message and its last call."""

    patient: Patient
    assignments: tuple[Assignment, ...]
    last_message: Turn
    call_from: datetime
    last_call: PackCall | None

    @property
    def event(self) -> str:
        return self.assignments[0].event

    @property
    def number(self) -> int:
        return self.assignments[0].number

    @property
    def closes_at(self) -> datetime:
        return max(assignment.closes_at for assignment in self.assignments)

    @property
    def last_day(self) -> date:
        return max(assignment.closes for assignment in self.assignments)

    @property
    def arrived(self) -> bool:
        """Whether the last message left, so that she may know of the questions."""
        return self.last_message.fate is Fate.LEFT


@dataclass(frozen=True)
class CallNote:
    """What a person noted of a call."""

    outcome: PackCallOutcome
    note: str = ""
    again_at: datetime | None = None


def call_list(
    session: Session, library: Library, site_id: int, *, now: datetime
) -> list[UnansweredPack]:
    """Every pack of the site that is or will be called about: what is due first, of that what
    closes first; then the rest by its time. One that a person took off the list is not on it."""
    packs = _unanswered(session, library, _open_packs(session, site_id, now))
    return sorted(
        packs,
        key=lambda pack: (
            (0, pack.closes_at) if pack.call_from <= now else (1, pack.call_from),
            pack.patient.code,
        ),
    )


def packs_to_call(
    session: Session, library: Library, patient: Patient, *, now: datetime
) -> list[UnansweredPack]:
    """Those of one patient, in no order."""
    rows = _open_packs(session, patient.site_id, now, patient_id=patient.id)
    return _unanswered(session, library, rows)


def packs_of_one_call(
    packs: Sequence[UnansweredPack],
    event: str,
    number: int,
    outcome: PackCallOutcome,
    now: datetime,
) -> list[UnansweredPack]:
    """The packs of a patient that one call is about: the one that was called about, first, and what
    else of hers is due by now, since she is called once; leaving and filling in are each pack's
    own. Raises NotFound where the pack is not on the list."""
    of_call = [pack for pack in packs if (pack.event, pack.number) == (event, number)]
    if not of_call:
        raise NotFound("These questions are not on the call list.")
    if outcome in (PackCallOutcome.NO_ANSWER, PackCallOutcome.WILL):
        of_call += [pack for pack in packs if pack.call_from <= now and pack is not of_call[0]]
    return of_call


def note_call(
    session: Session,
    packs: Sequence[UnansweredPack],
    noted: CallNote,
    *,
    by: Staff,
    now: datetime,
) -> None:
    """Keep what came of a call about these packs of one patient, of which the first was called
    about; raises Incomplete for no time to try again, one that is over or after the questions
    close, and for leaving them without a word why."""
    _refuse_unfit(noted, packs[0], now)
    for pack in packs:
        _note(session, pack, noted, by=by, now=now)
    session.commit()


def _refuse_unfit(noted: CallNote, pack: UnansweredPack, now: datetime) -> None:
    if noted.outcome is PackCallOutcome.NO_ANSWER and not (
        noted.again_at and now < noted.again_at < pack.closes_at
    ):
        raise Incomplete("again_time", FieldFault.CALL_AGAIN)
    if noted.outcome is PackCallOutcome.LEAVE and not noted.note.strip():
        raise Incomplete("note", FieldFault.NO_REASON)


def _note(
    session: Session, pack: UnansweredPack, noted: CallNote, *, by: Staff, now: datetime
) -> None:
    patient = pack.patient
    call = PackCall(
        patient_id=patient.id,
        event=pack.event,
        number=pack.number,
        opens=pack.assignments[0].opens,
        outcome=noted.outcome,
        note=checked_text("note", noted.note),
        again_at=noted.again_at if noted.outcome is PackCallOutcome.NO_ANSWER else None,
        called_at=now,
        called_by=by.id,
    )
    session.add(call)
    session.flush()
    record(
        session,
        f"pack.call_{noted.outcome.value}",
        Subject("pack_call", call.id, patient.id, patient.site_id),
        by=staff_actor(by),
        now=now,
        event=pack.event,
        number=pack.number,
    )


OpenPack = tuple[Patient, ZoneInfo, tuple[Assignment, ...]]


def _open_packs(
    session: Session, site_id: int, now: datetime, *, patient_id: int | None = None
) -> list[OpenPack]:
    """What is open and not answered of patients who take part and asked for no pause."""
    wanted = (
        select(Assignment, Patient, Site.timezone)
        .join(Patient, col(Patient.id) == Assignment.patient_id)
        .join(Site, col(Site.id) == Patient.site_id)
        .where(
            Patient.site_id == site_id,
            Patient.status == PatientStatus.ACTIVE,
            among(Assignment.state, OUTSTANDING),
            col(Assignment.opens_at) <= now,
            col(Assignment.expires_at) > now,
            col(Assignment.closes_at) > now,
        )
        .order_by(col(Assignment.patient_id), col(Assignment.event), col(Assignment.number))
    )
    if patient_id is not None:
        wanted = wanted.where(Patient.id == patient_id)
    packs = []
    for _, together in groupby(session.exec(wanted).all(), key=lambda row: pack_of(row[0])):
        rows = list(together)
        patient, zone = rows[0][1], ZoneInfo(rows[0][2])
        today = now.astimezone(zone).date()
        if patient.paused_until is None or patient.paused_until < today:
            packs.append((patient, zone, tuple(row[0] for row in rows)))
    return packs


def _unanswered(
    session: Session, library: Library, packs: Sequence[OpenPack]
) -> list[UnansweredPack]:
    silent = [pack for pack in packs if not any(each.message_at for each in pack[2])]
    keys = [pack_of(assignments[0]) for _, _, assignments in silent]
    if not keys:
        return []
    turns = turns_of_packs(session, keys)
    calls = _last_calls(session, keys)
    found = []
    for patient, zone, assignments in silent:
        key = pack_of(assignments[0])
        decided, last = turns.get(key), calls.get((key, assignments[0].opens))
        if not decided:
            continue  # nobody was told of it: an extra check that she began herself
        made = None
        if last:
            made = CallMade(PackCallOutcome(last.outcome), last.called_at, last.again_at)
        after = library.protocol(patient.protocol, patient.protocol_version).messages.call_after
        call_from = call_due_from(decided[-1].decided_at, after, made, zone)
        if call_from:
            found.append(UnansweredPack(patient, assignments, decided[-1], call_from, last))
    return found


def _last_calls(session: Session, packs: Iterable[PackOf]) -> dict[tuple[PackOf, date], PackCall]:
    """The last call about each of these packs, for the days on which it opened then."""
    patient_ids = {pack.patient_id for pack in packs}
    rows = session.exec(
        select(PackCall).where(col(PackCall.patient_id).in_(patient_ids)).order_by(col(PackCall.id))
    )
    return {(PackOf(row.patient_id, row.event, row.number), row.opens): row for row in rows}
