"""Ways in: a patient's link or a staff log-in, exchanged for a bearer token."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema
from marshmallow.fields import AwareDateTime, String

from proms.actions.access import (
    LOGIN_LIFE,
    VISIT_LIFE,
    begin_visit,
    end_session,
    is_session,
    log_in,
)
from proms.actions.audit import ActorKind
from proms.actions.pins import give_pin
from proms.domain.person import Language, Role
from proms.domain.plain_text import LONGEST_PASSWORD
from proms.web import request_context
from proms.web.api.errors import NotSignedIn
from proms.web.api.fields import Strict, line, text, word
from proms.web.api.routes import alt_responses, api, arguments
from proms.web.guard import bearer, open_to_all
from proms.web.origin import program_origin


class SessionIn(Strict):
    """A patient's link, or the log-in name and password of staff."""

    link = line(100, 1)
    pin = line(8, 1)
    login = line(100, 1)
    password = text(LONGEST_PASSWORD)

    @validates_schema
    def one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        if set(data) not in ({"link"}, {"link", "pin"}, {"login", "password"}):
            raise ValidationError(
                "Send either link, with pin if there is one, or login and password."
            )


class SessionOut(Schema):
    """The bearer token, whom it stands for, and until when at most."""

    token = String(required=True)
    kind = word(ActorKind, required=True)
    role = word(Role, required=True, allow_none=True)
    language = word(Language, required=True)
    expires_at = AwareDateTime(required=True)


@api.route("/session", methods=["POST"])
@api.response(201, SessionOut)
@arguments(SessionIn)
@alt_responses(401, 404, 429)
@open_to_all
def post_session(body: dict[str, str]) -> dict[str, Any]:
    """Begin a session with either a patient's `link` (the token in it) or `login` and `password` of
    staff.

    Where a patient has a PIN, `pin` goes with the link; without it her session may call nothing. A
    patient's session ends with her link; that of staff also after an hour without a call.
    """
    now = request_context.now()
    database, keyring = request_context.parts().database, request_context.keyring()
    if "link" in body:
        patient, token = begin_visit(database, keyring, token=body["link"], now=now)
        if "pin" in body:
            give_pin(database, keyring, token=token, digits=body["pin"], now=now)
        return {
            "token": token,
            "expires_at": now + VISIT_LIFE,
            "kind": ActorKind.PATIENT,
            "role": None,
            "language": patient.language,
        }
    staff, token = log_in(
        database,
        keyring,
        login=body["login"],
        password=body["password"],
        origin=program_origin(),
        now=now,
    )
    return {
        "token": token,
        "expires_at": now + LOGIN_LIFE,
        "kind": ActorKind.STAFF,
        "role": staff.role,
        "language": staff.language,
    }


@api.route("/session", methods=["DELETE"])
@api.response(204)
@alt_responses(401)
@open_to_all
def delete_session() -> None:
    """End the session of the bearer token that is sent; ended again it stays ended."""
    token = bearer() or ""
    keyring = request_context.keyring()
    # Looked at first: who is nobody makes no other write wait.
    with request_context.reading() as session:
        if not is_session(session, keyring, token):
            raise NotSignedIn("No session has this token.")
    with request_context.writing() as session:
        end_session(session, keyring, token=token, now=request_context.now())
