"""The patient's page: what is for today, what comes, what is done, and whom to call."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting
from proms.actions.evaluations import patient_facts, stored
from proms.db.queries.today import Days, Pack, PackAssignment
from proms.db.tables import Patient, Response
from proms.domain.instrument import Wording
from proms.web import request_context
from proms.web.access import own_days
from proms.web.guard import patients_only
from proms.web.locale import language
from proms.web.patient.extra import extras
from proms.web.patient.questionnaire import OpenQuestionnaire, lay_out
from proms.web.patient.routes import pages
from proms.web.patient.week_path import DotKind, week_path
from proms.web.phone_numbers import hospital

SHOWN_COMING, SHOWN_DONE = 3, 7
CALL_AGAIN = timedelta(hours=24)


@dataclass(frozen=True)
class Card:
    """A pack as its card shows it; `sheet` is what this browser has begun of it."""

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
    now, mine = request_context.now(), request_context.current_patient()
    with request_context.reading() as session:
        around = own_days(session, mine)
        cards = [_card(session, mine, pack, now) for pack in around.open]
        urgent = _to_call(session, around, now)
    return render_template(
        "patient/today.html",
        now=local(now),
        cards=cards,
        coming=around.coming[:SHOWN_COMING],
        done=around.done[:SHOWN_DONE],
        path=week_path(around),
        urgent=urgent,
        extras=extras(mine, around.open),
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
    return [_words(each).short_title for each in pack.rows]


def extent(pack: Pack) -> tuple[int, int]:
    """How many questions everybody is asked in a pack, and how many minutes they take."""
    instruments = [
        request_context.library().instrument(each.assignment.instrument) for each in pack.rows
    ]
    questions = sum(
        1 for instrument in instruments for item in instrument.items if item.asked_if is None
    )
    return questions, sum(instrument.minutes for instrument in instruments)


def _card(session: Session, mine: Patient, pack: Pack, now: datetime) -> Card:
    left = pack.open_at(now)
    first = left[0]
    sitting = Sitting(
        session, request_context.library(), mine, first.assignment, patient_actor(mine.id), now
    )
    facts = patient_facts(sitting)
    instruments = [
        request_context.library().instrument(each.assignment.instrument) for each in left
    ]
    sheet = lay_out(sitting, first.draft) if first.draft else None
    return Card(
        titles=[_words(each).short_title for each in left],
        questions=sum(len(each.asked(facts)) for each in instruments),
        minutes=sum(each.minutes for each in instruments),
        next_id=first.assignment.id,
        until=max(_last_day(each, now) for each in left),
        sheet=sheet if sheet and sheet.document else None,
    )


def _last_day(asked: PackAssignment, now: datetime) -> date:
    """The last day of the window; once that has gone by, the last day on which what was begun may
    still be sent."""
    row = asked.assignment
    return (
        row.closes if now < row.closes_at else local(row.expires_at - timedelta(seconds=1)).date()
    )


def _to_call(session: Session, around: Days, now: datetime) -> Response | None:
    """The latest answers of the last day that told her to call."""
    packs = (*around.open, *around.done)
    sent = [each.response for pack in packs for each in pack.rows if each.response]
    recent = sorted(
        (each for each in sent if now - each.submitted_at < CALL_AGAIN),
        key=lambda each: each.submitted_at,
    )
    for response in reversed(recent):
        evaluated = stored(session, request_context.library(), response)
        if evaluated.red and not evaluated.failed:
            return response
    return None


def _words(asked: PackAssignment) -> Wording:
    return request_context.library().wording_to_name(
        asked.assignment.instrument, language(), request_context.current_patient().language
    )
