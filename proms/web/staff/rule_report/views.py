"""How often each rule fired at a site in a month, what came of it, and how long that took."""

from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from proms.content import Library
from proms.db.queries.rule_report import raised_in
from proms.db.tables import Site
from proms.domain.alert.report import RuleFigures, rule_report
from proms.domain.person import Role
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.locale import language
from proms.web.staff.labels.evidence import stretch_of_time
from proms.web.staff.routes import staff

READERS = (Role.NURSE, Role.COORDINATOR, Role.ADMINISTRATOR)
RULED = "hsc"  # the instrument whose rules raise alerts


class FiguresInWords(NamedTuple):
    """A rule's figures with its reason and the median in words."""

    figures: RuleFigures
    reason: str
    median: str


@staff.get("/rules")
@staff_only(*READERS)
def rules() -> ResponseReturnValue:
    """One month at the reader's site; this one where none is asked for."""
    with request_context.reading() as session:
        site = session.get_one(Site, request_context.current_staff().site_id)
        today = request_context.now().astimezone(ZoneInfo(site.timezone)).date()
        month = _asked_month(today)
        figures = rule_report(raised_in(session, site, month))
    following = _beside(month, +1)
    return render_template(
        "staff/rule_report/rules.html",
        month=_in_words(month),
        before=_beside(month, -1),
        after=following if following <= today else None,
        lines=[_line(request_context.library(), each) for each in figures],
    )


def _asked_month(today: date) -> date:
    """The first day of the month in the address; a month that is none or to come is no page."""
    asked = request.args.get("month")
    if asked is None:
        return today.replace(day=1)
    try:
        month = date.fromisoformat(f"{asked}-01")
    except ValueError:
        abort(404)
    return month if month <= today else abort(404)


def _beside(month: date, step: int) -> date:
    """The first day of the month before or after."""
    if step < 0:
        return (month - timedelta(days=1)).replace(day=1)
    return (month + timedelta(days=32)).replace(day=1)


def _in_words(month: date) -> str:
    return format_skeleton("yMMMM", month, locale=get_locale())


def _line(library: Library, figures: RuleFigures) -> FiguresInWords:
    rule = library.rules(library.instrument(RULED)).rule(figures.rule)
    reason = rule.reason[language()] if rule else ""
    median = "" if figures.median is None else stretch_of_time(figures.median)
    return FiguresInWords(figures, reason, median)
