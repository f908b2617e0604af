"""The patient's page: what is for today, what comes, what is done, and whom to call."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting
from proms.actions.evaluations import patient_facts
from proms.db.queries.today import Pack, PackAssignment
from proms.db.tables import Draft, Patient
from proms.domain.instrument import Wording
from proms.web import request_context
from proms.web.access import own_days
from proms.web.guard import patients_only
from proms.web.locale import language
from proms.web.patient.extra import extras
from proms.web.patient.questionnaire import OpenQuestionnaire, lay_out
from proms.web.patient.red_card import red_card, unsent_red
from proms.web.patient.routes import pages
from proms.web.patient.week_path import DotKind, week_path
from proms.web.phone_numbers import hospital

# Packs that are shown, at most.
SHOWN_COMING = 3
SHOWN_DONE = 7


@dataclass(frozen=True)
class Card:
    """What is left of a pack, as its card shows it; `sheet` is what this browser began of it."""

    titles: list[str]
    questions: int
    minutes: int
    next_id: int
    until: date
    sheet: OpenQuestionnaire | None


@pages.get("/today")
@patients_only
def today() -> ResponseReturnValue:
    """Never an earlier answer, a name or a diagnosis: phones lie on tables."""
    now = request_context.now()
    patient = request_context.current_patient()
    with request_context.reading() as session:
        days = own_days(session, patient)
        cards = [_card(session, patient, pack, now) for pack in days.open]
        red = red_card(session, patient, days)
    return render_template(
        "patient/today.html",
        now=local(now),
        cards=cards,
        coming=days.coming[:SHOWN_COMING],
        done=days.done[:SHOWN_DONE],
        path=week_path(days),
        red=red,
        unsent_red=unsent_red,
        extras=extras(patient, days.open),
        steps=DotKind,
        titles=titles,
        extent=extent,
        local=local,
    )


def local(moment: datetime) -> datetime:
    """The moment on the hospital's clock."""
    return moment.astimezone(ZoneInfo(hospital().timezone))


def titles(pack: Pack) -> list[str]:
    """The short titles of a pack's instruments, in the reader's language."""
    return [_wording(asked).short_title for asked in pack.rows]


def extent(pack: Pack) -> tuple[int, int]:
    """How many questions everybody is asked in a pack, and how many minutes they take."""
    questions = minutes = 0
    for asked in pack.rows:
        instrument = request_context.library().instrument(asked.assignment.instrument)
        questions += sum(item.asked_if is None for item in instrument.items)
        minutes += instrument.minutes
    return questions, minutes


def _card(session: Session, patient: Patient, pack: Pack, now: datetime) -> Card:
    library = request_context.library()
    left = pack.open_at(now)
    first = left[0]
    sitting = Sitting(session, library, patient, first.assignment, patient_actor(patient.id), now)
    facts = patient_facts(sitting)
    instruments = []
    for asked in left:
        opened = asked.draft.instrument_version if asked.draft else None
        instruments.append(library.instrument(asked.assignment.instrument, opened))
    return Card(
        titles=[_wording(asked).short_title for asked in left],
        questions=sum(len(instrument.asked(facts)) for instrument in instruments),
        minutes=sum(instrument.minutes for instrument in instruments),
        next_id=first.assignment.id,
        until=max(_last_day(asked, now) for asked in left),
        sheet=_begun(sitting, first.draft),
    )


def _begun(sitting: Sitting, draft: Draft | None) -> OpenQuestionnaire | None:
    """The questionnaire that was opened, if this browser answered anything in it."""
    if draft is None:
        return None
    sheet = lay_out(sitting, draft)
    return sheet if sheet.document else None


def _last_day(asked: PackAssignment, now: datetime) -> date:
    """The last day of the window; once that has gone by, the last day on which what was begun may
    still be sent."""
    row = asked.assignment
    if now < row.closes_at:
        return row.closes
    # It expires at the midnight that ends its last day.
    return local(row.expires_at - timedelta(seconds=1)).date()


def _wording(asked: PackAssignment) -> Wording:
    return request_context.library().wording_to_name(
        asked.assignment.instrument, language(), request_context.current_patient().language
    )
