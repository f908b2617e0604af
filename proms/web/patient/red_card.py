"""On top of her page until a nurse has it: what she answered that cannot wait, and whom to call."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting
from proms.db.queries.today import Days, Pack, PackAssignment
from proms.db.queries.waiting_red import red_occurrences, red_without_alert
from proms.db.tables import Draft, Patient
from proms.web import request_context
from proms.web.patient.questionnaire import OpenQuestionnaire, lay_out

CALL_AGAIN = timedelta(hours=24)  # where no nurse can take it


@dataclass(frozen=True)
class RedCard:
    """What cannot wait: answers that were sent, else a form that can still be sent, else one that
    was not sent in time."""

    receipt: str | None
    open_form: OpenQuestionnaire | None
    late_form: OpenQuestionnaire | None


def red_card(session: Session, patient: Patient, days: Days) -> RedCard | None:
    """The card, or None where nothing waits. However long ago it was: it goes when a nurse takes
    the alert or closes it; where no alert comes of it, after a day."""
    unsent = [each for pack in (*days.open, *days.done) for each in unsent_red(pack)]
    met = red_occurrences(session, patient.id, [draft.id for _, draft in unsent])
    receipts = [each.receipt for each in met if each.receipt and each.waits]
    receipts += red_without_alert(session, _latest_responses(days))
    # What an unsent form raised is a nurse's once all of it is taken.
    taken = {each.draft_id for each in met} - {each.draft_id for each in met if each.waits}
    sheets = [
        (asked, _laid_out(session, patient, asked, draft))
        for asked, draft in unsent
        if draft.id not in taken
    ]
    sheets = [(asked, sheet) for asked, sheet in sheets if _may_be_red(sheet)]
    if not receipts and not sheets and not any(each.waits for each in met):
        return None
    now = request_context.now()
    open_forms = [sheet for asked, sheet in sheets if asked.open_at(now)]
    late_forms = [sheet for asked, sheet in sheets if not asked.open_at(now)]
    return RedCard(
        next(iter(receipts), None), next(iter(open_forms), None), next(iter(late_forms), None)
    )


def _may_be_red(sheet: OpenQuestionnaire) -> bool:
    """Whether what stands as red is so, as far as this browser may know: what the rules could not
    look at is not, nor what they find calm when they see all of it."""
    if sheet.evaluated.failed:
        return False
    return bool(sheet.alarming) or sheet.document != sheet.draft.document


def _latest_responses(days: Days) -> list[int]:
    """What came in within the last day."""
    now = request_context.now()
    return [
        asked.response.id
        for pack in (*days.open, *days.done)
        for asked in pack.rows
        if asked.response and now - asked.response.submitted_at < CALL_AGAIN
    ]


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
