"""A rest from messages that the patient asks for herself: two days, looked at once more, and ended
with one tap. Nothing else of hers changes."""

from collections.abc import Mapping
from datetime import date, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from proms.actions.audit import patient_actor
from proms.actions.next_messages import pause_of
from proms.actions.pauses import UnfitPause, pause, running_since
from proms.actions.refusals import NotFound
from proms.db.tables import Patient
from proms.domain.own_page import OwnPause, PauseFault, own_pause_fault
from proms.domain.reminder import Pause
from proms.web import request_context
from proms.web.guard import patients_only
from proms.web.language_switch import keeps_typed
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.routes import pages
from proms.web.phone_numbers import hospital

# The field each is about, and what is said of it; how long one may be is said apart.
SAID = {
    PauseFault.GONE_BY: _l("Choose today or a day after it."),
    PauseFault.BACKWARDS: _l("The last day does not come before the first."),
    PauseFault.TOO_FAR: _l("This day is still too far away."),
}
OF_FIRST = (PauseFault.GONE_BY, PauseFault.TOO_FAR)
WRITTEN = ("%Y-%m-%d", "%d-%m-%Y")  # as a phone sends a date, and as people type one


class Days:
    """The two days as they were typed, and what is wrong with them, by field."""

    def __init__(self, typed: Mapping[str, str], today: date, running: date | None) -> None:
        self.typed = {name: typed.get(name, "").strip()[:40] for name in ("first", "until")}
        self.wrong: dict[str, str] = {}
        self.running = running
        self.first = running or self._day("first")
        self.until = self._day("until")
        self.today = today

    def refuse(self, fault: PauseFault, limits: OwnPause) -> None:
        """Say what is wrong, at its field."""
        if fault is PauseFault.TOO_LONG:
            self.wrong["until"] = ngettext(
                "A pause is at most %(num)s day. Choose an earlier day.",
                "A pause is at most %(num)s days. Choose an earlier day.",
                limits.days,
            )
            return
        field = "first" if fault in OF_FIRST and not self.running else "until"
        self.wrong[field] = str(SAID[fault])

    def _day(self, name: str) -> date | None:
        text = self.typed[name]
        for written in WRITTEN:
            try:
                return datetime.strptime(text, written).date()  # noqa: DTZ007  (a day has no zone)
            except ValueError:
                continue
        self.wrong[name] = (
            _("This date is not right. Write it like 31-12-2026.") if text else _("Fill in a date.")
        )
        return None


def own_pause() -> Pause | None:
    """The pause that is on or to come, whoever asked for it."""
    held = pause_of(request_context.current_patient())
    return held if held and held.last >= _today() else None


def limits_of(patient: Patient) -> OwnPause | None:
    """How long a pause she may give herself; None where she may not."""
    library = request_context.library()
    return library.protocol(patient.protocol, patient.protocol_version).own_page.pause


@pages.get("/pause")
@patients_only
def pause_form() -> ResponseReturnValue:
    """From which day to which; nothing happens by looking."""
    return _form({})


def _as_typed() -> ResponseReturnValue:
    return _form(request.form)


@pages.post("/pause/check")
@patients_only
@keeps_typed(_as_typed)
@counts_when_read(_as_typed)
def check_pause() -> ResponseReturnValue:
    """The same days in words, and what they mean; nothing is saved yet."""
    days = _read()
    if days.wrong:
        return _form(request.form, days), HTTPStatus.UNPROCESSABLE_ENTITY
    return _check(days)


def _checked_again() -> ResponseReturnValue:
    days = _read()
    return _form(request.form, days) if days.wrong else _check(days)


@pages.post("/pause")
@patients_only
@keeps_typed(_checked_again)
@counts_when_read(_checked_again)
def begin_pause() -> ResponseReturnValue:
    """Ask for it; her page shows it, with the button that ends it."""
    days = _read()
    if days.wrong:
        return _form(request.form, days), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        _save(days.first, days.until)
    except UnfitPause as unfit:  # what held when it was checked may have changed meanwhile
        if unfit.limits is None:
            raise NotFound("There is no pause to ask for.") from unfit
        days.refuse(unfit.fault, unfit.limits)
        return _form(request.form, days), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("patient.today"), 303)


def _her_page() -> ResponseReturnValue:
    return redirect(url_for("patient.today"), 303)


@pages.post("/pause/end")
@patients_only
@counts_when_read(_her_page)
def end_pause() -> ResponseReturnValue:
    """Messages come again from now on."""
    if own_pause():
        _save(None, None)
    return _her_page()


def _save(first: date | None, until: date | None) -> None:
    patient = request_context.current_patient()
    with request_context.writing() as session:
        pause(
            session,
            request_context.library(),
            patient=patient,
            first=first,
            until=until,
            by=patient_actor(patient.id),
            now=request_context.now(),
        )


def _read() -> Days:
    """What she typed, with what stands against it."""
    patient, today = request_context.current_patient(), _today()
    limits = _limits()
    days = Days(request.form, today, running_since(patient, today))
    if days.first and days.until:
        running = days.running is not None
        fault = own_pause_fault(limits, days.first, days.until, today, running=running)
        if fault:
            days.refuse(fault, limits)
    return days


def _form(typed: Mapping[str, str], days: Days | None = None) -> str:
    limits, today = _limits(), _today()
    running = running_since(request_context.current_patient(), today)
    return render_template(
        "patient/pause.html",
        typed=typed,
        wrong=days.wrong if days else {},
        limits=limits,
        today=today,
        pause=own_pause(),
        running=running,
    )


def _check(days: Days) -> str:
    return render_template("patient/pause_check.html", days=days)


def _limits() -> OwnPause:
    limits = limits_of(request_context.current_patient())
    if limits is None:
        raise NotFound("There is no pause to ask for.")
    return limits


def _today() -> date:
    return request_context.now().astimezone(ZoneInfo(hospital().timezone)).date()
