"""On top of her page until a nurse has it: what she answered that cannot wait, and whom to call."""

from dataclasses import dataclass

from sqlmodel import Session

from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting
from proms.db.queries.today import Days, Pack, PackAssignment
from proms.db.queries.waiting_red import waiting_red
from proms.db.tables import Draft, Patient
from proms.web import request_context
from proms.web.patient.questionnaire import OpenQuestionnaire, lay_out


@dataclass(frozen=True)
class RedCard:
    """What cannot wait: answers that were sent, else a form that can still be sent, else one that
    was not sent in time."""

    receipt: str | None
    open_form: OpenQuestionnaire | None
    late_form: OpenQuestionnaire | None


def red_card(session: Session, patient: Patient, days: Days) -> RedCard | None:
    """The card, or None where nothing waits. However long ago it was: it goes when a nurse takes
    the alert or closes it."""
    waiting = waiting_red(session, patient.id)
    drafts = {each.draft_id for each in waiting}
    # A nurse has taken what a draft raised where none of its alerts waits any more.
    unsent = [
        (asked, draft)
        for pack in (*days.open, *days.done)
        for asked, draft in unsent_red(pack)
        if draft.raised_at is None or draft.id in drafts
    ]
    if not waiting and not unsent:
        return None
    now = request_context.now()
    open_form = late_form = None
    for asked, draft in unsent:
        if asked.open_at(now):
            open_form = _laid_out(session, patient, asked, draft)
        else:
            late_form = late_form or _laid_out(session, patient, asked, draft)
    return RedCard(
        next((each.receipt for each in waiting if each.receipt), None), open_form, late_form
    )


def unsent_red(pack: Pack) -> list[tuple[PackAssignment, Draft]]:
    """What of a pack was answered, cannot wait, and was not sent."""
    return [
        (asked, asked.draft)
        for asked in pack.rows
        if asked.draft and asked.draft.red_at and not asked.response
    ]


def _laid_out(
    session: Session, patient: Patient, asked: PackAssignment, draft: Draft
) -> OpenQuestionnaire:
    """As this browser may see it: of what was answered on another it shows nothing."""
    sitting = Sitting(
        session,
        request_context.library(),
        patient,
        asked.assignment,
        patient_actor(patient.id),
        request_context.now(),
    )
    return lay_out(sitting, draft)
