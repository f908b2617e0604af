"""What staff may fill in for a patient now."""

from dataclasses import dataclass
from datetime import date

from flask import url_for
from sqlmodel import Session

from proms.actions.fill_in import may_fill_in
from proms.actions.schedule import protocol_of
from proms.actions.unscheduled import extras_beside
from proms.db.queries.today import PackAssignment
from proms.db.tables import Patient
from proms.domain.person import PatientStatus, Role
from proms.domain.schedule import AssignmentState
from proms.web import request_context
from proms.web.access import own_days
from proms.web.locale import language


@dataclass(frozen=True)
class Fillable:
    """A questionnaire that may be filled in for her now: its place in the protocol and its last
    day, or an extra check."""

    title: str
    address: str
    event: str = ""
    number: int = 0
    until: date | None = None
    begun: bool = False


def fillable(session: Session, owner: Patient, role: Role) -> list[Fillable]:
    """What this role may fill in for her now."""
    if owner.status != PatientStatus.ACTIVE:
        return []
    now, library = request_context.now(), request_context.library()
    days = own_days(session, owner)
    # Paper of last week may still be typed in where the phone asks about this one.
    packs = [*days.open, *(pack for pack in days.done if pack.gave_way)]
    open_now = [asked for pack in packs for asked in pack.rows if asked.open_at(now)]
    found = [_to_fill_in(owner, asked) for asked in open_now if _may(role, asked)]
    asked_now = {asked.assignment.instrument for asked in open_now}
    for event, instruments in extras_beside(protocol_of(library, owner), asked_now).items():
        if may_fill_in(library, role, instruments[0]):
            title = library.wording_to_name(instruments[0], language(), owner.language).short_title
            address = url_for("staff.fill_in_extra_check", code=owner.code, event=event)
            found.append(Fillable(title, address))
    return found


def _may(role: Role, asked: PackAssignment) -> bool:
    return may_fill_in(request_context.library(), role, asked.assignment.instrument)


def _to_fill_in(owner: Patient, asked: PackAssignment) -> Fillable:
    row = asked.assignment
    library = request_context.library()
    wording = library.wording_to_name(row.instrument, language(), owner.language)
    return Fillable(
        wording.short_title,
        url_for("staff.fill_in_check", code=owner.code, assignment_id=row.id),
        row.event,
        row.number,
        row.closes,
        begun=row.state == AssignmentState.STARTED,
    )
