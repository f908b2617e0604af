"""Her own earlier answers, behind her PIN: question by question the way it went, in the words she
chose. No score, no colour, no advice: nothing here says how she is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.pins import asks_for_pin
from proms.actions.refusals import NotFound
from proms.db.queries.earlier_answers import EarlierAnswers, earlier_answers
from proms.db.tables import PatientPin
from proms.domain.instrument import Instrument, Item, ItemKind, Place, Wording
from proms.domain.response import MissingReason, answers_of, missing_of
from proms.web import request_context
from proms.web.guard import patients_only
from proms.web.locale import language
from proms.web.patient.own_pin import may_choose_pin, offers_earlier_answers
from proms.web.patient.routes import pages
from proms.web.phone_numbers import hospital


@dataclass(frozen=True)
class Step:
    """What she answered on a day, and the language of the words; without words she left it out."""

    day: date
    words: str
    language: str


@dataclass(frozen=True)
class Path:
    """One question, known by a few words, and the steps she took, the latest first."""

    label: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Part:
    """Paths under a heading; an instrument without sections has one part without."""

    heading: str
    paths: tuple[Path, ...]


@pages.get("/earlier")
@patients_only
def earlier() -> ResponseReturnValue:
    """The answers for who gave her PIN just now; for who has none, the way to one."""
    visit, now = request_context.current_visit(), request_context.now()
    if not offers_earlier_answers():
        raise NotFound("There are no earlier answers to show here.")
    if may_choose_pin():
        return render_template("patient/earlier_closed.html")
    if asks_for_pin(visit, now, shows=True):
        return redirect(url_for("patient.pin"), 303)
    patient, zone = visit.patient, ZoneInfo(hospital().timezone)
    library = request_context.library()
    weeks = library.protocol(patient.protocol, patient.protocol_version).own_page.earlier_answers
    with request_context.reading() as session:
        held = session.get_one(PatientPin, patient.id)
        chosen_at = held.set_at if held.by_patient else None
        sent = earlier_answers(
            session,
            patient,
            weeks,
            today=now.astimezone(zone).date(),
            zone=zone,
            chosen_at=chosen_at,
        )
    titled = [
        (library.wording_to_name(code, language()).title, parts)
        for code in weeks
        if (parts := parts_of(code, [each for each in sent if each.response.instrument == code]))
    ]
    return render_template(
        "patient/earlier.html",
        titled=titled,
        weeks=max(weeks.values()),
        chosen_at=chosen_at and chosen_at.astimezone(zone),
    )


def parts_of(code: str, sent: Sequence[EarlierAnswers]) -> list[Part]:
    """The paths of an instrument, in the order of its newest version, under its headings."""
    library = request_context.library()
    instrument = library.instrument(code)
    wording = library.wording_to_name(code, language())
    parts = []
    for heading, items in _headed(instrument, wording):
        paths = [Path(wording.label(item.code), tuple(_steps(item, sent))) for item in items]
        walked = tuple(path for path in paths if path.steps)
        if walked:
            parts.append(Part(heading, walked))
    return parts


def _headed(instrument: Instrument, wording: Wording) -> Iterator[tuple[str, list[Item]]]:
    """Its questions under their headings; what is asked beside the number to call is about that
    moment alone."""
    shown = [item for item in instrument.items if item.place is not Place.CALL]
    if not instrument.sections:
        yield "", shown
    for section in instrument.sections:
        yield (
            wording.sections[section.code],
            [item for item in shown if item.code in section.items],
        )


def _steps(item: Item, sent: Sequence[EarlierAnswers]) -> Iterator[Step]:
    library = request_context.library()
    for each in sent:
        response = each.response
        answers = answers_of(response.document)
        missing = missing_of(response.document).get(item.code)
        read = library.wording_to_read(
            response.instrument,
            response.language,
            response.instrument_version,
            response.wording_version,
        )
        if item.code in answers:
            words = read.option(item.code, answers[item.code])
            yield Step(each.day, words, read.language)
        elif missing and missing is not MissingReason.NOT_ASKED and item.kind is not ItemKind.TEXT:
            yield Step(each.day, _("Skipped"), language())
