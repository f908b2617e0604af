"""A second way for what does not arrive by a patient's first: the other of text message and
e-mail."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.refusals import Incomplete, PatientInactive, Unreachable
from proms.actions.second_ways import end_second_way, give_second_way, other_kind
from proms.actions.served import NOT_SERVED
from proms.db.queries.confirmations import contact_in_use
from proms.domain.person import ContactKind, PatientStatus, Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.routes import staff

PAGE = "/patients/<code>/second-way"


@staff.get(PAGE)
@staff_only(Role.COORDINATOR)
def second_way(code: str) -> ResponseReturnValue:
    """What a second way is for, and the form to give one."""
    return _page(code, Form({}))


@staff.post(PAGE)
@staff_only(Role.COORDINATOR)
@keeps_typed(lambda code: _page(code, Form(request.form)))
def save_second_way(code: str) -> ResponseReturnValue:
    """Give her a second way, or another one."""
    form = Form(request.form)
    kind = form.choice("kind", ContactKind)
    address = form.line("address")
    consented_on = form.day("consented_on")
    if kind is None or consented_on is None or form.wrong:
        return _page(code, form), 422
    try:
        with request_context.writing() as session:
            give_second_way(
                session,
                request_context.library(),
                request_context.keyring(),
                patient=own_patient(session, code),
                kind=kind,
                address=address,
                consented_on=consented_on,
                use_anyway=form.ticked("use_anyway"),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
                served=request_context.parts().settings.served,
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(code, form), 422
    except (Unreachable, PatientInactive):
        return redirect(url_for("staff.second_way", code=code), 303)
    flash(_("Saved: what does not arrive by the first way goes there."))
    return redirect(url_for("staff.patient", code=code, _anchor="who"), 303)


@staff.post(f"{PAGE}/end")
@staff_only(Role.COORDINATOR)
def stop_second_way(code: str) -> ResponseReturnValue:
    """Messages go by her first way alone."""
    with request_context.writing() as session:
        end_second_way(
            session,
            patient=own_patient(session, code),
            by=staff_actor(request_context.current_staff()),
            now=request_context.now(),
        )
    flash(_("Messages go by the first way alone from now on."))
    return redirect(url_for("staff.patient", code=code, _anchor="who"), 303)


def _page(code: str, form: Form) -> str:
    with request_context.reading() as session:
        owner = own_patient(session, code)
        first = contact_in_use(session, owner.id)
        second = contact_in_use(session, owner.id, second=True)
    kind = other_kind(first.kind) if first else None
    served = request_context.parts().settings.served.kinds
    return render_template(
        "staff/patient/second_way.html",
        patient=owner,
        active=owner.status == PatientStatus.ACTIVE,
        first=first,
        second=second,
        kind=kind,
        not_served=_(NOT_SERVED[kind]) if kind and kind not in served else "",
        form=form,
    )
