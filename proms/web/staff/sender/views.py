"""The page of the name at the head of messages: what stands there, what may, and how each message
reads with it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.refusals import Incomplete
from proms.actions.senders import as_sent, change_sender, refuse_sender, room_of, sender_of
from proms.db.tables import Site
from proms.domain.person import Language, Role
from proms.domain.reminder import Revealing
from proms.domain.reminder.segments import ALONE, Encoding
from proms.domain.reminder.sender import LONGEST
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.layout import layout
from proms.web.staff.routes import staff


@staff.get("/sender")
@staff_only(Role.ADMINISTRATOR)
def sender() -> ResponseReturnValue:
    """The messages as they are sent now, and a form for another name."""
    return _page(Form({"sender": _at_head()}))


@staff.post("/sender/preview")
@staff_only(Role.ADMINISTRATOR)
@keeps_typed(lambda: _page(Form(request.form)))
def look_at_name() -> ResponseReturnValue:
    """The messages as they would be with another name; nothing is saved."""
    form = Form(request.form)
    name = form.line("sender", LONGEST)
    if form.wrong:
        return _page(form), 422
    try:
        refuse_sender(name, _room(), _revealing())
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(form), 422
    return _page(form, name)


@staff.post("/sender")
@staff_only(Role.ADMINISTRATOR)
@keeps_typed(lambda: _page(Form(request.form)))
def change_name() -> ResponseReturnValue:
    """Have the messages begin with another name from now on."""
    form = Form(request.form)
    name = form.line("sender", LONGEST)
    if form.wrong:
        return _page(form), 422
    try:
        with request_context.writing() as session:
            change_sender(
                session,
                name,
                site=session.get_one(Site, layout().site.id),
                public_url=_address(),
                revealing=_revealing(),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(form), 422
    flash(_("Messages begin with “%(name)s” from now on.", name=name))
    return redirect(url_for("staff.sender"), 303)


def _page(form: Form, looked_at: str = "") -> str:
    site = layout().site
    at_head = looked_at or _at_head()
    return render_template(
        "staff/sender/sender.html",
        form=form,
        at_head=at_head,
        looked_at=looked_at,
        room=min(_room(), LONGEST),
        most=ALONE[Encoding.GSM_7],
        messages={
            language: list(as_sent(site, at_head, _address(), language)) for language in Language
        },
    )


def _at_head() -> str:
    return sender_of(layout().site, _address(), _revealing())


def _room() -> int:
    return room_of(layout().site, _address())


def _address() -> str:
    return request_context.parts().settings.public_url


def _revealing() -> Revealing:
    return request_context.library().revealing(request_context.parts().settings.protocol)
