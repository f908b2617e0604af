"""What is handed out on paper: a leaflet at enrolment, and a blank form of each questionnaire in
each language, in the words and pictures of the phone's pages."""

from dataclasses import dataclass
from datetime import timedelta

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from proms.content import Library
from proms.content.catalogues import catalogue
from proms.content.library import current
from proms.db.tables import Site
from proms.domain.instrument import Instrument, ItemKind, Place, Wording
from proms.domain.person import Language
from proms.domain.protocol import Protocol
from proms.domain.reminder.text import from_sender, reminder_text
from proms.domain.reminder.turns import Purpose
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.locale import speaking
from proms.web.phone_numbers import hospital
from proms.web.staff.instruments import summary
from proms.web.staff.routes import staff

# Until when the questions of the message in the picture may be answered.
EXAMPLE_DAYS = timedelta(days=3)
EXAMPLE_LINK = "https://…"
LINES = 6  # to write a remark on


@dataclass(frozen=True)
class BlankForm:
    """A questionnaire with its words in one language, or without where there is no licence."""

    instrument: Instrument
    language: str
    wording: Wording | None


@staff.get("/paper")
@staff_only()
def paper() -> ResponseReturnValue:
    """All that can be printed."""
    library = request_context.library()
    forms = []
    for code, versions in library.instruments.items():
        shown = versions[current(versions)]
        for language in Language:
            wording = None
            if library.offers(code, language.value):
                wording = library.wording_to_ask(code, language.value)
            forms.append(BlankForm(shown, language.value, wording))
    return render_template("staff/paper/paper.html", forms=forms)


@staff.get("/paper/leaflet/<language>")
@staff_only()
def leaflet(language: str) -> ResponseReturnValue:
    """How it works, that nobody watches day and night, whom to call, how to stop: one sheet of A5
    for a patient who reads this language."""
    _refuse_unknown(language)
    site = hospital()
    library = request_context.library()
    wording = library.wording_to_ask(_pictured(library, language), language)
    pictured = library.instrument(wording.instrument)
    with speaking(language):
        return render_template(
            "staff/paper/leaflet.html",
            site=site,
            message=_example_message(site, language),
            wording=wording,
            item=next(item for item in pictured.items if item.kind is ItemKind.SINGLE),
            back=_back(),
            others=[each for each in Language if each != language],
        )


@staff.get("/paper/form/<code>/<language>")
@staff_only()
def blank_form(code: str, language: str) -> ResponseReturnValue:
    """A questionnaire to fill in with a pen: who typed it in says later on which day that was.

    Raises NotLicensed where patients may not be shown its words.
    """
    _refuse_unknown(language)
    library = request_context.library()
    if code not in library.instruments:
        abort(404)
    shown = library.instrument(code)
    wording = library.wording_to_ask(code, language)
    with speaking(language):
        words = summary.words_for(library, _protocol(), shown)
        # What is asked of an urgent answer stands beside the number to call: paper calls nobody.
        asked = [
            each for each in summary.questions(shown, words) if each.item.place is not Place.CALL
        ]
        return render_template(
            "staff/paper/form.html",
            site=hospital(),
            instrument=shown,
            wording=wording,
            questions=asked,
            kind=ItemKind,
            lines=LINES,
            back=_back(),
            others=[each for each in Language if each != language and library.offers(code, each)],
        )


def _example_message(site: Site, language: str) -> str:
    """A message as it comes on a phone."""
    text = reminder_text(
        catalogue(language),
        purposes=(Purpose.ANNOUNCE,),
        closes=request_context.now().date() + EXAMPLE_DAYS,
        link=EXAMPLE_LINK,
        locale=language,
    )
    return from_sender(text, site.sender or "").body


def _pictured(library: Library, language: str) -> str:
    """The questionnaire in the picture: one in words of our own, where there is any."""
    offered = [code for code in library.instruments if library.offers(code, language)]
    return min(offered, key=lambda code: library.instrument(code).licensor is not None)


def _refuse_unknown(language: str) -> None:
    if language not in set(Language):
        abort(404)


def _back() -> str:
    """Where its reader came from: a patient of hers, else the list of what can be printed."""
    code = request.args.get("of", "")
    if code.isalnum():
        return url_for("staff.patient", code=code)
    return url_for("staff.paper")


def _protocol() -> Protocol:
    return request_context.library().protocol(request_context.parts().settings.protocol)
