"""Ways in: a patient's link or a staff log-in, exchanged for a bearer token."""

from typing import Any

from proms.actions.access import LOGIN_LIFE, VISIT_LIFE, begin_visit, log_in
from proms.actions.audit import ActorKind
from proms.web import request_context
from proms.web.api.giving import SessionOut
from proms.web.api.routes import api, refuses, takes
from proms.web.api.taking import SessionIn
from proms.web.guard import open_to_all


@api.route("/session", methods=["POST"])
@api.response(201, SessionOut)
@takes(SessionIn)
@refuses(401, 404)
@open_to_all
def post_session(body: dict[str, str]) -> dict[str, Any]:
    """Begin a session with either a patient's `link` (the token in it) or `login` and `password` of staff.

    A patient's session ends with her link; that of staff also after an hour without a call.
    """
    now = request_context.now()
    with request_context.writing() as session:
        if "link" in body:
            patient, token = begin_visit(session, request_context.keyring(), token=body["link"], now=now)
            who = {"kind": ActorKind.PATIENT, "role": None, "language": patient.language}
            return {"token": token, "expires_at": now + VISIT_LIFE, **who}
        staff, token = log_in(session, request_context.keyring(), **body, now=now)
        who = {"kind": ActorKind.STAFF, "role": staff.role, "language": staff.language}
        return {"token": token, "expires_at": now + LOGIN_LIFE, **who}
