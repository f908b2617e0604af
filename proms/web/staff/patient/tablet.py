"""A code that hands a tablet of the hospital over to a patient for one sitting."""

import segno
from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from proms.actions.audit import staff_actor
from proms.actions.handing_over import GOOD_FOR, hand_over
from proms.domain.person import Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.routes import staff

PART = 4  # so many signs stand together


@staff.get("/patients/<code>/tablet")
@staff_only(Role.NURSE, Role.COORDINATOR)
def tablet(code: str) -> ResponseReturnValue:
    """Where a code is made; looking makes none."""
    with request_context.reading() as session:
        own_patient(session, code)
    return _page(code, "")


def _again(code: str) -> ResponseReturnValue:
    """The page without the code: of the one that was shown only a hash is kept."""
    return _page(code, "")


@staff.post("/patients/<code>/tablet")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(_again)
def new_tablet_code(code: str) -> ResponseReturnValue:
    """A new code, and where it is typed in."""
    with request_context.writing() as session:
        shown = hand_over(
            session,
            request_context.keyring(),
            patient=own_patient(session, code),
            by=staff_actor(request_context.current_staff()),
            now=request_context.now(),
        )
    return _page(code, shown)


def _page(code: str, shown: str) -> str:
    public = request_context.parts().settings.public_url
    address = public + url_for("patient.tablet")
    return render_template(
        "staff/patient/tablet.html",
        code=code,
        shown=" ".join(shown[place : place + PART] for place in range(0, len(shown), PART)),
        address=address.partition("://")[2],
        picture=_picture(public + url_for("patient.scanned_tablet", code=shown)) if shown else "",
        minutes=int(GOOD_FOR.total_seconds() // 60),
    )


def _picture(address: str) -> Markup:
    """The address as a camera reads it: dark on white, also where the page is dark."""
    code = segno.make(address, error="m", micro=False)
    title = _("The same, to scan with the camera of the tablet")
    return Markup(
        code.svg_inline(
            scale=6, dark="#000", light="#fff", svgclass="qr", lineclass=None, title=title
        )
    )
