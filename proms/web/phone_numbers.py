"""The telephone numbers on a page: the reader's own hospital's, or every hospital's when nobody
knows who reads."""

import re

from babel import Locale
from flask import Flask, g
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.exc import DBAPIError

from proms.db.queries.sites import every_site
from proms.db.tables import Site
from proms.domain.telephone import written
from proms.web import request_context

DIALLED = re.compile(r"\{phone\}|\b112\b")


def install(app: Flask) -> None:
    app.jinja_env.globals.update(hospitals=hospitals, trial=trial)
    app.jinja_env.filters.update(
        phone=written,
        dial=dial,
        addressed=addressed,
        in_own_words=in_own_words,
        begin_again_in=begin_again_in,
    )


def hospitals() -> list[Site]:
    """The reader's hospital; every hospital when the reader is unknown; none while the database is
    away."""
    if "hospitals" not in g:
        try:
            g.hospitals = _hospitals()
        except DBAPIError:
            # This also stands on the page that says the database is away.
            g.hospitals = []
    return list(g.hospitals)


def hospital() -> Site:
    """The reader's own hospital; only where the guard knows who reads."""
    return hospitals()[0]


def trial() -> str:
    """The trial by its code: its full title names a disease, which does not belong on a phone that
    others may see."""
    return request_context.parts().settings.protocol.upper()


def dial(text: str, number: str) -> Markup:
    """The text with `{phone}` and 112 as numbers that a tap calls."""

    def link(match: re.Match[str]) -> str:
        called = shown = match[0]
        if match[0] == "{phone}":
            called = number
            shown = written(number)
        return f'<a class="tel" href="tel:{escape(called)}">{escape(shown)}</a>'

    linked = DIALLED.sub(link, str(escape(text)))
    return Markup(linked)  # noqa: S704  (escaped before the links go in)


def addressed(address: str) -> str:
    """A telephone number or an e-mail address as people write it."""
    if "@" in address:
        return address
    return written(address)


def in_own_words(code: str) -> str:
    """A language's own name for itself: "Nederlands", "English"."""
    return str(Locale.parse(code).display_name).capitalize()


def begin_again_in(code: str) -> str:
    """The offer to begin in this language, in this language."""
    with force_locale(code):
        return str(_("Begin in %(language)s", language=in_own_words(code)))


def _hospitals() -> list[Site]:
    reader = g.get("patient") or g.get("staff")
    with request_context.reading() as session:
        if reader:
            return [session.get_one(Site, reader.site_id)]
        return every_site(session)
