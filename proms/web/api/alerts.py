"""A nurse's calls: what waits, taking it, resolving it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Enum, Integer, List, Nested, Raw, String
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema

from proms.actions.alerts import acknowledge, resolve
from proms.db.queries.people import names_of_staff
from proms.db.queries.worklist import MetRule, PatientAlerts, unresolved
from proms.db.tables import Alert
from proms.domain.alert.record import (
    AlertState,
    Closing,
    NoActionReason,
    Resolution,
    Returned,
)
from proms.domain.person import Role
from proms.domain.plain_text import LONGEST_TEXT
from proms.web import request_context
from proms.web.api.fields import Strict, text, word
from proms.web.api.routes import alt_responses, api, arguments, query_arguments
from proms.web.api.schemas import PageIn, PageOut
from proms.web.guard import staff_only
from proms.web.rule_words import rule_in_words

ONE = "/alerts/<id:alert_id>"


class ResolutionIn(Strict):
    """What was done about an alert; `times` is how many occurrences of it the worklist showed, so
    that nothing is closed that nobody has seen."""

    resolution = Enum(Resolution, by_value=True, required=True)
    note = text(LONGEST_TEXT, required=True)
    times = Integer(required=True)
    reason = Enum(NoActionReason, by_value=True, load_default=None)
    grade = Integer(load_default=None)


class AlertOut(SQLAlchemyAutoSchema):
    """An alert on record."""

    class Meta:
        model = Alert
        fields = (
            "id", "rule", "urgency", "state", "raised_at", "clock_from", "acknowledged_at",
            "taken_until", "returned_at", "returned_why", "resolved_at", "resolution", "reason",
            "grade", "can_wait",
        )  # fmt: skip

    state = word(AlertState)
    resolution = word(Resolution, allow_none=True)
    reason = word(NoActionReason, allow_none=True)
    returned_why = word(Returned, allow_none=True)


class EvidenceOut(Schema):
    """An answer that met the rule, as it was given."""

    item = String(required=True)
    value = Raw(required=True)


class WaitingOut(Schema):
    """An alert that waits for a nurse, with whose it is, why it came, in the caller's language, who
    has taken it, and the answers of its latest occurrence."""

    alert = Nested(AlertOut, required=True)
    patient = String(required=True)
    instrument = String(required=True, allow_none=True)
    reason = String(required=True)
    taken_by = String(required=True, allow_none=True)
    evidence = List(Nested(EvidenceOut), required=True)
    tags = List(String(), required=True)
    times = Integer(required=True)


class WorklistOut(PageOut):
    alerts = List(Nested(WaitingOut), required=True)


@api.route("/alerts")
@api.response(200, WorklistOut)
@query_arguments(PageIn)
@alt_responses()
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_alerts(query: dict[str, int]) -> dict[str, Any]:
    """The worklist: alerts not yet resolved, patient by patient, the most urgent first."""
    with request_context.reading() as session:
        site_id = request_context.current_staff().site_id
        rows = unresolved(session, site_id)
        names = names_of_staff(session, request_context.keyring(), site_id)
    waiting: list[tuple[PatientAlerts, MetRule]] = []
    for row in rows:
        waiting.extend((row, met) for met in row.met)
    first = (query["page"] - 1) * query["size"]
    page = waiting[first : first + query["size"]]
    return {
        **query,
        "total": len(waiting),
        "alerts": [_waiting(row, met, names) for row, met in page],
    }


@api.route(f"{ONE}/acknowledgement", methods=["PUT"])
@api.response(200, AlertOut)
@alt_responses(404, 409)
@staff_only(Role.NURSE)
def put_acknowledgement(alert_id: int) -> Alert:
    """Take responsibility for an alert; the first to do so keeps it."""
    with request_context.writing() as session:
        return acknowledge(
            session,
            request_context.library(),
            alert_id=alert_id,
            by=request_context.current_staff(),
            now=request_context.now(),
        )


@api.route(f"{ONE}/resolution", methods=["PUT"])
@api.response(200, AlertOut)
@arguments(ResolutionIn)
@alt_responses(404, 409)
@staff_only(Role.NURSE)
def put_resolution(body: dict[str, Any], alert_id: int) -> Alert:
    """Record what was done about an alert."""
    times = body.pop("times")
    with request_context.writing() as session:
        return resolve(
            session,
            alert_id=alert_id,
            closing=Closing(**body),
            shown={alert_id: times},
            by=request_context.current_staff(),
            now=request_context.now(),
        )


def _waiting(row: PatientAlerts, met: MetRule, names: Mapping[int, str]) -> dict[str, Any]:
    source = met.source  # the response, where a response raised it
    return {
        "alert": met.alert,
        "patient": row.patient.code,
        "instrument": source.instrument if source else None,
        "reason": rule_in_words(request_context.library(), met),
        "taken_by": names.get(met.alert.acknowledged_by or 0),
        "evidence": [{"item": item, "value": value} for item, value in met.evidence],
        "tags": met.tags,
        "times": met.times,
    }
