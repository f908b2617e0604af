"""Recording what happened: looked at beforehand, in words and dates, then saved."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from proms.actions import treating
from proms.actions.refusals import HistoryChanged, Incomplete
from proms.db.queries.history import history_of
from proms.db.queries.schedule_page import unsent_of
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.domain.protocol import Protocol
from proms.domain.schedule import ChangeKind, Description, History, course_of, describe
from proms.domain.schedule.amendment import Amendment, amended
from proms.domain.schedule.unsound import UnsoundHistory
from proms.web import here
from proms.web.guard import staff_only
from proms.web.staff import calendar, telling, words
from proms.web.staff.amendments import Pause, cycle_name, in_words, read
from proms.web.staff.forms import Form
from proms.web.staff.frame import zone
from proms.web.staff.routes import staff
from proms.web.staff.worklist import own_patient

SAVED_APART = ("csrf_token", "revision", "reason")


@dataclass(frozen=True)
class Shift:
    """A cycle whose date changes; None where it was not there, or will not be."""

    name: str
    was: date | None
    becomes: date | None


@dataclass(frozen=True)
class Outlook:
    """What saving would do."""

    sentence: str
    description: Description
    cycles: tuple[Shift, ...]
    titles: dict[str, str]
    unsent: int
    doubt: str
    revision: int

    @property
    def moves_something(self) -> bool:
        return bool(self.description or self.cycles)


@staff.post("/patients/<code>/preview")
@staff_only(Role.COORDINATOR)
def preview(code: str) -> ResponseReturnValue:
    """What it would do, before anything is saved."""
    form = Form(request.form)
    outlook = _outlook(code, form)
    if outlook is None:
        return calendar.page(code, form), 422
    return _page(code, form, outlook)


@staff.post("/patients/<code>/history")
@staff_only(Role.COORDINATOR)
def save(code: str) -> ResponseReturnValue:
    """Save it with all it moves; if somebody saved in between, show the new preview."""
    form = Form(request.form)
    outlook = _outlook(code, form)
    if outlook is None:
        return calendar.page(code, form), 422
    reason = form.typed.get("reason", "").strip()
    if (outlook.doubt or form.ticked("correcting")) and not reason:
        form.wrong["reason"] = _("Give the reason in a few words.")
        return _page(code, form, outlook), 422
    try:
        _save(code, form, reason)
    except HistoryChanged:
        return _page(code, form, outlook, changed=True), 409
    except Incomplete as refusal:
        form.refuse(refusal)
        return calendar.page(code, form), 422
    flash(_("Saved. %(what)s", what=outlook.sentence))
    return redirect(url_for("staff.calendar", code=code), 303)


def _save(code: str, form: Form, reason: str) -> None:
    me, now = here.current_staff(), here.now()
    revision = form.typed.get("revision", "")
    with here.writing() as session:
        owner = own_patient(session, code)
        said = read(form, _protocol(owner), history_of(session, owner))
        if isinstance(said, Pause):
            treating.pause(session, patient_id=owner.id or 0, until=said.until, reason=reason, by=me, now=now)
        elif said is not None:
            treating.amend(
                session,
                here.library(),
                patient_id=owner.id or 0,
                amendment=said,
                revision=int(revision) if revision.isascii() and revision.isdigit() else -1,
                reason=reason or form.typed.get("why", "").strip(),
                by=me,
                now=now,
            )


def _outlook(code: str, form: Form) -> Outlook | None:
    """What saving would do; None, with sentences in the form, when it cannot be saved at all."""
    with here.reading() as session:
        owner = own_patient(session, code)
        history = history_of(session, owner)
        protocol = _protocol(owner)
        said = read(form, protocol, history)
        if said is None:
            return None
        sentence = in_words(said, protocol, history)
        if isinstance(said, Pause):
            if said.until and said.until < _today():
                form.wrong["until"] = _("A pause ends today or later.")
            return None if form.wrong else Outlook(sentence, Description((), {}), (), {}, 0, "", owner.revision)
        try:
            seen = treating.preview(session, here.library(), patient=owner, amendment=said, now=here.now())
        except UnsoundHistory as unsound:
            form.wrong["history"] = words.unsound(unsound)
            return None
        description = describe(seen.changes)
        return Outlook(
            sentence=sentence,
            description=description,
            cycles=tuple(_shifts(protocol, history, said)),
            titles={
                line.event: telling.event_title(here.library(), protocol, line.event) for line in description.lines
            },
            unsent=unsent_of(session, owner, seen.changes),
            doubt=words.unsound(seen.doubt) if seen.doubt else "",
            revision=seen.revision,
        )


def _shifts(protocol: Protocol, history: History, said: Amendment) -> list[Shift]:
    """The cycles, recorded or expected, whose first day changes."""
    before, after = _first_days(protocol, history), _first_days(protocol, amended(history, said))
    named = amended(history, said)
    return [
        Shift(cycle_name(protocol, named, *key), before.get(key), after.get(key))
        for key in sorted(before | after, key=lambda each: (each[0], each[1]))
        if before.get(key) != after.get(key)
    ]


def _first_days(protocol: Protocol, history: History) -> dict[tuple[str, int], date]:
    return {
        (component, turn.number): turn.starts
        for component in protocol.components
        if component in history.components
        for turn in course_of(protocol, history, component, _today()).turns
        if turn.asked
    }


def _page(code: str, form: Form, outlook: Outlook, *, changed: bool = False) -> str:
    with here.reading() as session:
        owner = own_patient(session, code)
    carried = {name: value for name, value in form.typed.items() if name not in SAVED_APART}
    back = {name: value for name, value in carried.items() if value}
    return render_template(
        "staff/preview.html",
        patient=owner,
        form=form,
        outlook=outlook,
        summary=_summary(outlook),
        carried=carried,
        back=back,
        changed=changed,
    )


def _summary(outlook: Outlook) -> str:
    """One sentence: how many move, are added, wait, are taken back; no answer is ever touched."""
    counts = outlook.description.counts
    moved, waiting, gone = (counts.get(kind, 0) for kind in (ChangeKind.MOVE, ChangeKind.WAIT, ChangeKind.CANCEL))
    added = counts.get(ChangeKind.OPEN, 0) + counts.get(ChangeKind.REOPEN, 0)
    said = (
        (moved, _("moves %(num)s", num=moved)),
        (added, _("adds %(num)s", num=added)),
        (waiting, _("lets %(num)s wait", num=waiting)),
        (gone, _("takes back %(num)s", num=gone)),
        (outlook.unsent, ngettext("cancels %(num)s unsent message", "cancels %(num)s unsent messages", outlook.unsent)),
    )
    told = ", ".join(text for count, text in said if count)
    if not told:
        return _("No questionnaire moves, and no answer is touched.")
    return _("Of the questionnaires this %(changes)s. It touches no answer.", changes=told)


def _protocol(owner: Patient) -> Protocol:
    return here.library().protocol(owner.protocol, owner.protocol_version)


def _today() -> date:
    return here.now().astimezone(zone()).date()
