"""The page on which a site decides about PINs: for nobody, for who wants one, for everybody."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from proms.actions.audit import staff_actor
from proms.actions.pin_use import choose_pin_use
from proms.actions.refusals import Incomplete
from proms.db.queries.people import names_of_staff
from proms.db.queries.pins import pins_at
from proms.db.tables import Site
from proms.domain.person import Role
from proms.domain.pin import PinUse
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.layout import layout
from proms.web.staff.routes import staff

USES = {
    PinUse.OFF: _l("Off: nobody gets a PIN. Whoever has one keeps it."),
    PinUse.OFFERED: _l("Offered: with you, or chosen on the patient’s own page."),
    PinUse.REQUIRED: _l("For everybody: who has none chooses one on opening the page again."),
}
WRITERS = (Role.COORDINATOR, Role.ADMINISTRATOR)


@staff.get("/pin-use")
@staff_only(*WRITERS)
def pin_use() -> ResponseReturnValue:
    """How it is, since when and by whom, and how many patients have one."""
    return _page(Form({"use": layout().site.pin_use}))


@staff.post("/pin-use")
@staff_only(*WRITERS)
@keeps_typed(lambda: _page(Form(request.form)))
def change_pin_use() -> ResponseReturnValue:
    """Have it so from now on."""
    form = Form(request.form)
    use = form.choice("use", PinUse)
    if use is None:
        return _page(form), 422
    try:
        with request_context.writing() as session:
            choose_pin_use(
                session,
                use,
                site=session.get_one(Site, layout().site.id),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(form), 422
    flash(_("Saved. It holds from now on."))
    return redirect(url_for("staff.pin_use"), 303)


def _page(form: Form) -> str:
    site = layout().site
    with request_context.reading() as session:
        count = pins_at(session, site.id)
        names = names_of_staff(session, request_context.keyring(), site.id)
    return render_template(
        "staff/pin_use/pin_use.html",
        form=form,
        uses=USES,
        site=site,
        count=count,
        by=names.get(site.pin_use_by or 0, ""),
    )
