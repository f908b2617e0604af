"""The page of the roster: the week ahead, what is wrong with it, and the form that changes it."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.refusals import Incomplete
from proms.actions.rosters import set_roster
from proms.db.queries.people import Member, staff_of
from proms.db.queries.rosters import roster_of
from proms.db.tables import Site
from proms.domain.person import TAKES_ALERTS, Role
from proms.domain.roster import WEEKDAYS, NobodyOnDuty, Roster
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.locale import language
from proms.web.staff.forms import Form
from proms.web.staff.roster.roster_form import (
    Offered,
    as_typed,
    places_of,
    proposed,
    read_form,
    rows_of,
)
from proms.web.staff.routes import staff
from proms.web.working_days import national_holidays

READERS = (Role.NURSE, Role.COORDINATOR, Role.ADMINISTRATOR)
WRITERS = (Role.COORDINATOR, Role.ADMINISTRATOR)
SHOWN = 7  # days
YEARS = 2  # of holidays to pick from


@dataclass(frozen=True)
class DutyDay:
    """A day of the week ahead; without hours it is not staffed."""

    day: date
    hours: str | None
    who: tuple[str, ...]
    holiday: bool


@dataclass(frozen=True)
class RosterPage:
    """All that the page reads."""

    site: Site
    everybody: list[Member]
    roster: Roster | None
    today: date

    @property
    def names(self) -> dict[str, str]:
        return {str(member.id): member.name for member in self.everybody}

    @property
    def week(self) -> list[DutyDay]:
        """The days ahead, today first; none without a roster."""
        if self.roster is None:
            return []
        return [self._day(self.roster, self.today + timedelta(days=n)) for n in range(SHOWN)]

    @property
    def on_call(self) -> list[str]:
        return [self.names[who] for who in self.roster.on_call] if self.roster else []

    def offered(self) -> Offered:
        """What the form lets choose from, in the reader's language."""
        takers = [
            member for member in self.everybody if member.active and member.role in TAKES_ALERTS
        ]
        parts = request_context.parts()
        years = range(self.today.year, self.today.year + YEARS)
        days = {
            day: name
            for year in years
            for day, name in national_holidays(self.site.timezone, year, language()).items()
            if day >= self.today
        }
        return Offered(
            zone=ZoneInfo(self.site.timezone),
            staff=tuple(takers),
            callable=tuple(member for member in takers if member.phone),
            holidays=days,
            limits=request_context.library().protocol(parts.settings.protocol).alerts,
        )

    def _day(self, roster: Roster, day: date) -> DutyDay:
        hours = roster.hours_on(day)
        who: tuple[str, ...] = ()
        if hours:
            try:
                who = tuple(self.names[one] for one in roster.on_duty(day))
            except NobodyOnDuty:
                who = ()
        return DutyDay(day, str(hours) if hours else None, who, day in roster.holidays)


@staff.get("/roster")
@staff_only(*READERS)
def roster() -> ResponseReturnValue:
    """Who is on duty in the week ahead; for whom it is theirs to change, a form."""
    page = _read()
    offered = page.offered()
    typed = as_typed(page.roster, offered) if page.roster else proposed(offered, page.today)
    return _page(page, Form(typed))


@staff.post("/roster")
@staff_only(*WRITERS)
@keeps_typed(lambda: _page(_read(), Form(request.form)))
def save_roster() -> ResponseReturnValue:
    """Record another roster; it holds from now on."""
    form, page = Form(request.form), _read()
    me = request_context.current_staff()
    written = read_form(form, page.offered())
    reason = form.line("reason")
    if written is None or form.wrong:
        return _page(page, form), 422
    try:
        with request_context.writing() as session:
            set_roster(
                session,
                request_context.keyring(),
                written,
                site_id=me.site_id,
                reason=reason,
                by=staff_actor(me),
                now=request_context.now(),
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(page, form), 422
    flash(_("The roster is saved and holds from now on."))
    return redirect(url_for("staff.roster"), 303)


def _read() -> RosterPage:
    me = request_context.current_staff()
    keyring = request_context.keyring()
    with request_context.reading() as session:
        site = session.get_one(Site, me.site_id)
        today = request_context.now().astimezone(ZoneInfo(site.timezone)).date()
        return RosterPage(
            site=site,
            everybody=staff_of(session, keyring, site.id),
            roster=roster_of(session, site),
            today=today,
        )


def _page(page: RosterPage, form: Form) -> str:
    me = request_context.current_staff()
    day_names = get_day_names("wide", locale=get_locale())
    return render_template(
        "staff/roster/roster.html",
        page=page,
        form=form,
        offered=page.offered(),
        rows=[(row, places_of(form.typed, row)) for row in range(1, rows_of(form.typed) + 1)],
        weekdays=[(code, day_names[number]) for number, code in enumerate(WEEKDAYS)],
        may_change=me.role in WRITERS,
    )
