"""A form that was sent after its session had ended: it travels with the log-in, sealed, and is
shown again to the same person as it was typed. Nothing of it is stored, in an address or in a
log."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, current_app, flash, g, make_response, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from proms.db.keyring import Unreadable
from proms.db.tables import Staff
from proms.domain.person import Role
from proms.web import request_context
from proms.web.guard import admits

FIELD = "kept"  # of the log-in form
KEPT_FOR = timedelta(hours=1)
LONGEST = 100_000  # characters; a page that holds more is none of ours
SECRETS = ("csrf_token", "password")


@dataclass(frozen=True)
class KeptForm:
    """Where a form was sent, and what was typed in it."""

    path: str
    typed: dict[str, str]


def sealed_form() -> str:
    """The form of this request, sealed for the person whose session it was sent with; what it
    carries already where it is a log-in; else nothing."""
    staff_id = g.get("typed_by")
    if not staff_id:
        return request.form.get(FIELD, "")
    typed = {name: text for name, text in request.form.items() if name not in SECRETS}
    text = json.dumps(
        {"path": request.path, "typed": typed, "at": request_context.now().isoformat()}
    )
    if len(text) > LONGEST:
        return ""
    return request_context.keyring().seal(text, place=_place(staff_id))


def kept_form(person: Staff) -> KeptForm | None:
    """The form that came with a log-in, if it is of this person and of the last hour."""
    sealed = request.form.get(FIELD, "")
    if not sealed:
        return None
    try:
        held = json.loads(request_context.keyring().unseal(sealed, place=_place(person.id)))
    except (Unreadable, ValueError):
        return None  # a colleague's, or not ours
    if request_context.now() - datetime.fromisoformat(held["at"]) > KEPT_FOR:
        return None
    return KeptForm(held["path"], held["typed"])


def shown_again(kept: KeptForm, person: Staff) -> Response | None:
    """The page with the form as it was typed; nothing where it is not hers to open."""
    again = EnvironBuilder(
        path=kept.path,
        method="POST",
        base_url=request.host_url,
        data=kept.typed,
        headers=[("Cookie", request.headers.get("Cookie", ""))],
    )
    # The page is shown as its own view shows it: what it reads of a request must be that form's.
    with current_app.request_context(again.get_environ()):
        view = current_app.view_functions.get(request.endpoint or "")
        show = getattr(view, "show_typed", None)
        roles = admits(current_app, request.endpoint or "")
        if show is None or not isinstance(roles, frozenset) or Role(person.role) not in roles:
            return None
        g.staff = person
        flash(_("You were logged out. What you typed is still here, and is not saved yet."))
        try:
            return make_response(show(**(request.view_args or {})))
        except HTTPException:
            return None


def _place(staff_id: int) -> str:
    return f"kept_form.{staff_id}"
