"""The administrator's page: who works here, and the site's settings."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.people import NewStaff, add_staff
from proms.actions.refusals import Incomplete, LoginTaken
from proms.db.queries.people import staff_of
from proms.domain.person import Language, Role
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.routes import staff


@staff.get("/people")
@staff_only(Role.ADMINISTRATOR)
def people() -> ResponseReturnValue:
    """Everybody of the site, and a form for one more."""
    return _page(Form({}))


@staff.post("/people")
@staff_only(Role.ADMINISTRATOR)
@keeps_typed(lambda: _page(Form(request.form)))
def add_person() -> ResponseReturnValue:
    """Give a person an account."""
    form = Form(request.form)
    me = request_context.current_staff()
    new = _new_staff(form)
    if new is None:
        return _page(form), 422
    try:
        with request_context.writing() as session:
            add_staff(
                session,
                request_context.keyring(),
                new,
                site_id=me.site_id,
                by=staff_actor(me),
                now=request_context.now(),
                served=request_context.parts().settings.served,
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(form), 422
    except LoginTaken:
        form.wrong["login"] = _("This log-in name is already in use.")
        return _page(form), 409
    flash(_("%(name)s can log in now.", name=new.name.strip()))
    return redirect(url_for("staff.people"), 303)


def _new_staff(form: Form) -> NewStaff | None:
    """The person the form describes; None, with a sentence at each field, where it does not
    read."""
    login = form.line("login")
    name = form.line("name")
    role = form.choice("role", Role)
    language = form.choice("language", Language)
    if form.wrong or role is None or language is None:
        return None
    return NewStaff(
        login=login,
        name=name,
        role=role,
        password=form.typed.get("password", ""),  # spaces at its ends belong to it
        language=language,
        phone=form.optional("phone"),
        email=form.optional("email"),
        use_anyway=form.ticked("use_anyway"),
    )


def _page(form: Form) -> str:
    me = request_context.current_staff()
    with request_context.reading() as session:
        everybody = staff_of(session, request_context.keyring(), me.site_id)
    return render_template(
        "staff/people/people.html",
        everybody=everybody,
        form=form,
        roles=Role,
        languages_of=Language,
    )
