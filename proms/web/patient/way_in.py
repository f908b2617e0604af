"""Where the tap on Start leads: straight to her questions, unless there is something to choose or
to read before them."""

from datetime import date, datetime

from flask import url_for

from proms.actions.drafts import open_assignment
from proms.db.queries.today import Days
from proms.db.tables import Patient, PatientPin, Site
from proms.domain.pin import PinUse
from proms.refusal import Refusal
from proms.web import request_context
from proms.web.access import own_days, writing_assignment
from proms.web.locale import language
from proms.web.patient.form import onward
from proms.web.patient.pause import own_pause
from proms.web.patient.questionnaire import laid_out
from proms.web.patient.red_card import red_card
from proms.web.patient.today import local


def way_in(patient: Patient) -> str:
    """The first question not dealt with of what alone is open, which it opens; else her page."""
    her_page = url_for("patient.today")
    alone = _alone(patient)
    if alone is None:
        return her_page
    try:
        with writing_assignment(alone) as sitting:
            open_assignment(sitting, language=language())
            return onward(laid_out(sitting))
    except Refusal:
        # Sent or closed at this very moment: her page says how it stands.
        return her_page


def _alone(patient: Patient) -> int | None:
    """What is to be filled in next of the one pack that is open; None where more are, or none, and
    where her page has something to say first: whom to call, what was not sent, that a pause is on,
    that she is to have a PIN, or which days she is asked about where she began on another one."""
    now = request_context.now()
    with request_context.reading() as session:
        if session.get(PatientPin, patient.id) or own_pause():
            return None
        if session.get_one(Site, patient.site_id).pin_use == PinUse.REQUIRED:
            return None
        days = own_days(session, patient)
        if len(days.open) != 1 or _newer_took_its_place(days):
            return None
        if red_card(session, patient, days):
            return None
        left = days.open[0].open_at(now)
        if any(each.draft and _day(each.draft.opened_at) != _day(now) for each in left):
            return None
        return left[0].assignment.id


def _day(moment: datetime) -> date:
    return local(moment).date()


def _newer_took_its_place(days: Days) -> bool:
    """Whether answers of hers were not sent, and gave way to what is open now."""
    return any(pack.gave_way and pack.left_unsent for pack in days.done)
