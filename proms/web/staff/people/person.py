"""What an administrator changes of one person; every act shows what will happen, and asks once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.people import password_hash_of
from proms.actions.refusals import AlertsInHand, Incomplete, LastOfRole, OwnAccess
from proms.actions.staff_changes import (
    StaffDetails,
    change_staff,
    changes_of,
    checked_addresses,
    deactivate_staff,
    reactivate_staff,
    refuse_leaving,
    reset_password,
)
from proms.db.queries.people import Member, alerts_in_hand, member_at, nurses_beside, staff_of
from proms.db.tables import Staff
from proms.domain.person import Language, Role
from proms.domain.telephone import written
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.labels import vocabulary
from proms.web.staff.routes import staff

PERSON = "/people/<id:staff_id>"


@dataclass(frozen=True)
class PersonPage:
    """A person, what she has in hand, and who may take that over."""

    who: Member
    patients: int  # of whom she has taken an alert
    colleagues: list[Member]

    @property
    def is_me(self) -> bool:
        return self.who.id == request_context.current_staff().id


@staff.get(PERSON)
@staff_only(Role.ADMINISTRATOR)
def person(staff_id: int) -> ResponseReturnValue:
    """One person: what is known of her, and what may be changed."""
    read = _read(staff_id)
    typed = {
        "role": read.who.role,
        "language": read.who.language,
        "phone": written(read.who.phone) if read.who.phone else "",
        "email": read.who.email or "",
    }
    return _person_page(read, Form(typed))


@staff.post(f"{PERSON}/change")
@staff_only(Role.ADMINISTRATOR)
@keeps_typed(lambda staff_id: _change_as_typed(staff_id))
def change_person(staff_id: int) -> ResponseReturnValue:
    """Show what the change does; once that is confirmed, do it."""
    form, read = Form(request.form), _read(staff_id)
    details = _details(form)
    if details is None:
        return _person_page(read, form), 422
    try:
        asked = _change_question(read, details)
    except Incomplete as refusal:
        form.refuse(refusal)
        return _person_page(read, form), 422
    if not asked.happens:
        flash(_("Nothing is different: nothing was changed."))
        return redirect(url_for("staff.person", staff_id=staff_id), 303)
    leaves_role = details.role != read.who.role
    if leaves_role and (refused := _refused_leaving(read.who.id)):
        form.wrong["role"] = refused
        return _person_page(read, form), 409
    if not form.ticked("confirmed"):
        return _ask(read, form, asked)

    def act() -> str:
        with request_context.writing() as session:
            change_staff(
                session,
                request_context.keyring(),
                details,
                hand_over_to=_colleague(form),
                served=request_context.parts().settings.served,
                **_account(staff_id),
            )
        return _("Changed: %(name)s.", name=read.who.name)

    return _act(read, form, asked, act)


@staff.get(f"{PERSON}/deactivation")
@staff_only(Role.ADMINISTRATOR)
def ask_deactivation(staff_id: int) -> ResponseReturnValue:
    """What happens when a person loses her access."""
    read = _read(staff_id)
    if refused := _refused_leaving(staff_id):
        return _refuse(read, refused)
    return _ask(read, Form({}), _deactivation(read))


@staff.post(f"{PERSON}/deactivation")
@staff_only(Role.ADMINISTRATOR)
@keeps_typed(lambda staff_id: _as_typed(staff_id, _deactivation))
def deactivate(staff_id: int) -> ResponseReturnValue:
    """Take away a person's access, and give what she has taken to a colleague."""
    form, read = Form(request.form), _read(staff_id)

    def act() -> str:
        with request_context.writing() as session:
            deactivate_staff(
                session,
                hand_over_to=_colleague(form),
                **_account(staff_id),
            )
        return _("%(name)s can no longer log in.", name=read.who.name)

    return _act(read, form, _deactivation(read), act)


@staff.get(f"{PERSON}/reactivation")
@staff_only(Role.ADMINISTRATOR)
def ask_reactivation(staff_id: int) -> ResponseReturnValue:
    """What happens when a person gets her access back."""
    read = _read(staff_id)
    return _ask(read, Form({}), _reactivation(read))


@staff.post(f"{PERSON}/reactivation")
@staff_only(Role.ADMINISTRATOR)
@keeps_typed(lambda staff_id: _as_typed(staff_id, _reactivation))
def reactivate(staff_id: int) -> ResponseReturnValue:
    """Give a person her access back."""
    form, read = Form(request.form), _read(staff_id)

    def act() -> str:
        with request_context.writing() as session:
            reactivate_staff(
                session,
                request_context.keyring(),
                **_account(staff_id),
            )
        return _("%(name)s can log in again.", name=read.who.name)

    return _act(read, form, _reactivation(read), act)


@staff.get(f"{PERSON}/password")
@staff_only(Role.ADMINISTRATOR)
def ask_password(staff_id: int) -> ResponseReturnValue:
    """What happens when a person gets another password."""
    read = _read(staff_id)
    return _ask(read, Form({}), _new_password(read))


@staff.post(f"{PERSON}/password")
@staff_only(Role.ADMINISTRATOR)
@keeps_typed(lambda staff_id: _as_typed(staff_id, _new_password))
def give_password(staff_id: int) -> ResponseReturnValue:
    """Give a person another password."""
    form, read = Form(request.form), _read(staff_id)

    def act() -> str:
        # Spaces at its ends belong to it.
        hashed = password_hash_of(form.typed.get("password", ""))
        with request_context.writing() as session:
            reset_password(
                session,
                password_hash=hashed,
                **_account(staff_id),
            )
        return _("%(name)s has another password.", name=read.who.name)

    return _act(read, form, _new_password(read), act)


@dataclass(frozen=True)
class Question:
    """An act that is asked about: what it is, what will happen, and which fields go along."""

    title: str
    endpoint: str
    button: str
    happens: tuple[str, ...]
    hands_over: bool = False
    asks_password: bool = False
    carried: tuple[str, ...] = ()


def _account(staff_id: int) -> dict[str, Any]:
    """Whose account an action changes, at which site, by whom and when."""
    me = request_context.current_staff()
    return {
        "staff_id": staff_id,
        "site_id": me.site_id,
        "by": staff_actor(me),
        "now": request_context.now(),
    }


def _read(staff_id: int) -> PersonPage:
    site_id = request_context.current_staff().site_id
    with request_context.reading() as session:
        who = member_at(session, request_context.keyring(), staff_id, site_id)
        if who is None:
            abort(404)
        in_hand = alerts_in_hand(session, staff_id)
        everybody = staff_of(session, request_context.keyring(), site_id)
    patients = len({alert.patient_id for alert in in_hand})
    return PersonPage(who, patients, nurses_beside(everybody, staff_id))


def _details(form: Form) -> StaffDetails | None:
    role = form.choice("role", Role)
    language = form.choice("language", Language)
    phone, email = form.optional("phone"), form.optional("email")
    if form.wrong or role is None or language is None:
        return None
    return StaffDetails(
        role=role,
        language=language,
        phone=phone,
        email=email,
        use_anyway=form.ticked("use_anyway"),
    )


def _change_question(read: PersonPage, details: StaffDetails) -> Question:
    """What the change would do; nothing happens where nothing is different."""
    phone, email = checked_addresses(details, read.who, request_context.parts().settings.served)
    changes = changes_of(read.who, details, phone, email)
    return Question(
        _("Change %(name)s", name=read.who.name),
        "staff.change_person",
        _("Change"),
        tuple(_change_sentences(read.who, details, changes)),
        hands_over=details.role != read.who.role and read.patients > 0,
        carried=("role", "language", "phone", "email", "use_anyway"),
    )


def _change_as_typed(staff_id: int) -> str:
    """The page that the change was typed on, or that asked about it, in another language."""
    form, read = Form(request.form), _read(staff_id)
    details = _details(Form(request.form))
    if details and form.ticked("confirmed"):
        try:
            return _ask(read, form, _change_question(read, details))
        except Incomplete:
            pass  # said once it is sent
    return _person_page(read, form)


def _colleague(form: Form) -> int | None:
    chosen = form.typed.get("colleague", "")
    return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None


def _refused_leaving(staff_id: int) -> str | None:
    """Why this person cannot leave her role, in a sentence; None where she can."""
    with request_context.reading() as session:
        leaving = session.get_one(Staff, staff_id)
        try:
            refuse_leaving(session, leaving, by=staff_actor(request_context.current_staff()))
        except (OwnAccess, LastOfRole) as refusal:
            return _sentence(refusal)
    return None


def _sentence(refusal: OwnAccess | LastOfRole) -> str:
    if isinstance(refusal, OwnAccess):
        return _("You cannot take away your own access or role; another administrator can.")
    if refusal.role is Role.NURSE:
        return _(
            "This is the last nurse of this hospital. Add another nurse first: without one nobody "
            "is told what is urgent."
        )
    return _("This is the last administrator of this hospital. Add another one first.")


def _change_sentences(who: Member, details: StaffDetails, changes: list[str]) -> Iterator[str]:
    if "role" in changes:
        yield _(
            "The role becomes %(new)s; it was %(old)s.",
            new=vocabulary.ROLES[details.role],
            old=vocabulary.ROLES[Role(who.role)],
        )
        if who.role == Role.NURSE:
            yield _("Urgent notices no longer go to this person.")
        if details.role is Role.NURSE:
            yield _("Urgent notices go to this person.")
    if "language" in changes:
        yield _("The language becomes %(new)s.", new=vocabulary.LANGUAGES[details.language])
    if "phone" in changes:
        yield _("The telephone number becomes %(new)s.", new=details.phone or _("none"))
    if "email" in changes:
        yield _("The e-mail address becomes %(new)s.", new=details.email or _("none"))


def _deactivation(read: PersonPage) -> Question:
    happens = [_("This person is logged out everywhere and can no longer log in.")]
    if read.who.role == Role.NURSE:
        happens.append(_("Urgent notices no longer go to this person."))
    happens.append(_("What this person did stays on record. Access can be given back."))
    return Question(
        _("Take away the access of %(name)s", name=read.who.name),
        "staff.deactivate",
        _("Take away access"),
        tuple(happens),
        hands_over=read.patients > 0,
    )


def _reactivation(read: PersonPage) -> Question:
    happens = [_("This person can log in again, with the role and the password of before.")]
    if read.who.role == Role.NURSE:
        happens.append(_("Urgent notices go to this person again."))
    return Question(
        _("Give %(name)s access again", name=read.who.name),
        "staff.reactivate",
        _("Give access again"),
        tuple(happens),
    )


def _new_password(read: PersonPage) -> Question:
    return Question(
        _("Another password for %(name)s", name=read.who.name),
        "staff.give_password",
        _("Set password"),
        (_("This person is logged out everywhere. The old password no longer works."),),
        asks_password=True,
    )


def _act(
    read: PersonPage, form: Form, asked: Question, act: Callable[[], str]
) -> ResponseReturnValue:
    """Do it and say so; where it is refused, ask again with what was typed."""
    try:
        done = act()
    except AlertsInHand:
        form.wrong["colleague"] = _("Choose who takes the alerts over.")
        return _ask(read, form, asked), 422
    except Incomplete as refusal:
        form.refuse(refusal)
        return _ask(read, form, asked), 422
    except (OwnAccess, LastOfRole) as refusal:
        return _refuse(read, _sentence(refusal))
    flash(done)
    return redirect(url_for("staff.people"), 303)


def _ask(read: PersonPage, form: Form, asked: Question) -> str:
    return render_template(
        "staff/people/question.html",
        read=read,
        form=form,
        asked=asked,
        refused=None,
        colleagues=[(colleague.id, colleague.name) for colleague in read.colleagues],
    )


def _as_typed(staff_id: int, question: Callable[[PersonPage], Question]) -> str:
    """The page that asks about an act, in another language."""
    read = _read(staff_id)
    return _ask(read, Form(request.form), question(read))


def _refuse(read: PersonPage, sentence: str) -> ResponseReturnValue:
    page = render_template(
        "staff/people/question.html", read=read, form=Form({}), asked=None, refused=sentence
    )
    return page, 409


def _person_page(read: PersonPage, form: Form) -> str:
    return render_template("staff/people/person.html", read=read, form=form)
