"""Which language a page speaks, and how it writes dates and times."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Flask, g, request
from flask_babel import Babel, get_locale, refresh
from markupsafe import Markup, escape

from proms.content.catalogues import CATALOGUES
from proms.domain.person import Language

LANGUAGE_COOKIE = "language"
LANGUAGES = [member.value for member in Language]


def install(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    Babel(app, locale_selector=language, default_locale=Language.NL.value)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
    app.jinja_env.filters.update(day=day, short_day=short_day, at=at, clock=clock_time, exact=exact)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def language() -> str:
    """The reader's language: asked for just now, else that of what the page is about, else chosen
    on this device, else the person's own, else what the browser asks for."""
    decided = (g.get(each) for each in ("speaking", "chosen_language", "spoken"))
    chosen = next(filter(None, decided), None) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    person = g.get("staff") or g.get("patient")
    if person is not None:
        return str(person.language)
    return request.accept_languages.best_match(LANGUAGES) or Language.NL.value


def speak(code: str) -> None:
    """Say the rest of this reply in the language a questionnaire was begun in, unless another was
    asked for just now: its words, the advice and the buttons are then one, on a page and in the
    API."""
    g.spoken = code
    refresh()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say a part of a page in this language, whatever the rest of it speaks."""
    before = g.get("speaking")
    g.speaking = code
    refresh()
    yield
    g.speaking = before
    refresh()


def exact(text: str) -> Markup:
    """An instrument's text as it is: in a page a bare carriage return would be read as another
    character."""
    return escape(text).replace("\r", Markup("&#13;"))


def day(moment: date | datetime) -> str:
    """A day in words: "dinsdag 1 december"."""
    return format_date(moment, "EEEE d MMMM", locale=get_locale())


def short_day(moment: date | datetime, zone: str | None = None) -> str:
    """A day with its year, short: "1 dec 2026"; of a moment, that of a time zone."""
    if zone and isinstance(moment, datetime):
        moment = moment.astimezone(ZoneInfo(zone))
    return format_date(moment, "d MMM y", locale=get_locale())


def at(moment: datetime, zone: str = "Europe/Amsterdam") -> str:
    """A day and a clock time at the site: "dinsdag 1 december, 10.46 uur"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {clock_time(moment, zone)}"


def clock_time(moment: datetime, zone: str = "Europe/Amsterdam") -> str:
    """A clock time at the site: "10.46 uur", "10:46"."""
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    locale = get_locale()
    if str(locale) == Language.NL:
        return format_datetime(local, "H.mm", locale=locale) + " uur"
    return format_datetime(local, "HH:mm", locale=locale)
