"""The patient's page: what is for today, what comes, what is done, and whom to call."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting
from proms.actions.evaluations import patient_facts
from proms.db.queries.today import Pack, PackAssignment
from proms.db.tables import Assignment, Draft, Patient
from proms.domain.instrument import Instrument, Wording
from proms.web import request_context
from proms.web.access import own_days
from proms.web.guard import patients_only
from proms.web.locale import language
from proms.web.patient.extra import extras
from proms.web.patient.own_pin import handed_over, lacks_pin, offers_earlier_answers
from proms.web.patient.pack_place import PackPlace, place_in
from proms.web.patient.pause import limits_of, own_pause
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
    place: PackPlace | None
    days: int | None  # how many days it asks about, where all of it asks about as many
    last_day: date  # the last of them
    begun_today: bool  # or not yet
    moment: str  # which of its kind it is, in words
    alone: bool = True  # whether no other card has its title

    @property
    def begun(self) -> bool:
        """Whether something of the sitting was done: in this browser, or a whole list."""
        return self.sheet is not None or bool(self.place and self.place.list > 1)

    @property
    def all_questions(self) -> int:
        """The questions of the sitting, those done included."""
        return self.questions + (self.place.before if self.place else 0)

    @property
    def done(self) -> int:
        """How many of them were dealt with."""
        touched = self.sheet.touched if self.sheet else 0
        return touched + (self.place.before if self.place else 0)


@pages.get("/today")
@patients_only
def today() -> ResponseReturnValue:
    """Never an earlier answer, a name or a diagnosis: phones lie on tables. Where the site wants a
    PIN, who has none chooses one first, unless an answer of hers cannot wait."""
    now = request_context.now()
    patient = request_context.current_patient()
    with request_context.reading() as session:
        days = own_days(session, patient)
        cards = told_apart([card(session, patient, pack, now) for pack in days.open])
        coming = [
            (pack, *extent(session, patient, pack, now)) for pack in days.coming[:SHOWN_COMING]
        ]
        red = red_card(session, patient, days)
    if red is None and lacks_pin():
        return redirect(url_for("patient.new_pin"), 303)
    return render_template(
        "patient/today.html",
        now=local(now),
        cards=cards,
        coming=coming,
        done=days.done[:SHOWN_DONE],
        path=week_path(days),
        red=red,
        unsent_red=unsent_red,
        extras=extras(patient, days.open),
        pause=own_pause(),
        may_pause=limits_of(patient) is not None and not handed_over(),
        earlier=offers_earlier_answers(),
        steps=DotKind,
        titles=titles,
        local=local,
    )


def local(moment: datetime) -> datetime:
    """The moment on the hospital's clock."""
    return moment.astimezone(ZoneInfo(hospital().timezone))


def last_day(row: Assignment, now: datetime) -> date:
    """The last day of the window; once that has gone by, the last day on which what was begun may
    still be sent."""
    if now < row.closes_at:
        return row.closes
    # It expires at the midnight that ends its last day.
    return local(row.expires_at - timedelta(seconds=1)).date()


def titles(pack: Pack) -> list[str]:
    """The short titles of a pack's instruments, in the reader's language."""
    return [_wording(asked).short_title for asked in pack.rows]


def extent(session: Session, patient: Patient, pack: Pack, now: datetime) -> tuple[int, int]:
    """How many questions of a pack she would be asked as things stand, and how many minutes they
    take."""
    return _extent(_before(session, patient, pack.rows[0], now), pack.rows)


def card(session: Session, patient: Patient, pack: Pack, now: datetime) -> Card:
    """What may be filled in of a pack."""
    left = pack.open_at(now)
    first, *others = left
    sitting = _before(session, patient, first, now)
    questions, minutes = _extent(sitting, left)
    sheet = _begun(sitting, first.draft)
    if sheet:
        # Her answers may have brought questions of their own, as the form counts them.
        questions = len(sheet.items) + _extent(sitting, others)[0]
    asked_about = {_opened(asked).recall_days for asked in left}
    begun_at = min((asked.draft.opened_at for asked in left if asked.draft), default=now)
    return Card(
        titles=[_wording(asked).short_title for asked in left],
        questions=questions,
        minutes=minutes,
        next_id=first.assignment.id,
        until=max(last_day(asked.assignment, now) for asked in left),
        sheet=sheet,
        place=place_in(pack, sitting),
        days=asked_about.pop() if len(asked_about) == 1 else None,
        last_day=local(begun_at).date(),
        begun_today=local(begun_at).date() == local(now).date(),
        moment=_moment(patient, first.assignment.event),
    )


def told_apart(cards: list[Card]) -> list[Card]:
    """Where two cards have the same title, each says which of its kind it is."""
    titles = [card.titles for card in cards]
    return [replace(card, alone=titles.count(card.titles) == 1) for card in cards]


def _moment(patient: Patient, event: str) -> str:
    """The series an event is of, or that she began it by herself."""
    protocol = request_context.library().protocol(patient.protocol, patient.protocol_version)
    series = protocol.series_of(event)
    if event in protocol.unscheduled or series is None:
        return _("An extra questionnaire")
    return series.title.said_in(language())


def _opened(asked: PackAssignment) -> Instrument:
    """The questionnaire in the version it was opened in, else in the newest."""
    opened = asked.draft.instrument_version if asked.draft else None
    return request_context.library().instrument(asked.assignment.instrument, opened)


def _before(session: Session, patient: Patient, asked: PackAssignment, now: datetime) -> Sitting:
    """The patient in front of this assignment, to look only."""
    library, by = request_context.library(), patient_actor(patient.id)
    return Sitting(session, library, patient, asked.assignment, by, now)


def _extent(sitting: Sitting, rows: Iterable[PackAssignment]) -> tuple[int, int]:
    questions = minutes = 0
    facts = patient_facts(sitting)
    for asked in rows:
        instrument = _opened(asked)
        questions += len(instrument.asked(facts))
        minutes += instrument.minutes
    return questions, minutes


def _begun(sitting: Sitting, draft: Draft | None) -> OpenQuestionnaire | None:
    """The questionnaire that was opened, if this browser answered anything in it."""
    if draft is None:
        return None
    sheet = lay_out(sitting, draft)
    return sheet if sheet.document else None


def _wording(asked: PackAssignment) -> Wording:
    opened = asked.response or asked.draft
    return request_context.library().wording_to_name(
        asked.assignment.instrument,
        opened.language if opened else language(),
        request_context.current_patient().language,
    )
