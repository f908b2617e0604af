"""A nurse's calls: what waits, taking it, resolving it."""

from typing import Any

from proms.actions.alerts import acknowledge, resolve
from proms.db.queries.worklist import MetRule, PatientAlerts, unresolved
from proms.db.tables import Alert
from proms.domain.person import Role
from proms.web import request_context
from proms.web.api.giving import AlertOut, WorklistOut
from proms.web.api.routes import api, asks, refuses, takes
from proms.web.api.taking import PageIn, ResolutionIn
from proms.web.guard import staff_only

ONE = "/alerts/<int(max=2147483647):alert_id>"


@api.route("/alerts")
@api.response(200, WorklistOut)
@asks(PageIn)
@refuses()
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_alerts(query: dict[str, int]) -> dict[str, Any]:
    """The worklist: alerts not yet resolved, patient by patient, the most urgent first."""
    with request_context.reading() as session:
        rows = unresolved(session, request_context.current_staff().site_id)
    waiting = [(row, met) for row in rows for met in row.met]
    first = (query["page"] - 1) * query["size"]
    part = waiting[first : first + query["size"]]
    return {**query, "total": len(waiting), "alerts": [_waiting(row, met) for row, met in part]}


@api.route(f"{ONE}/acknowledgement", methods=["PUT"])
@api.response(200, AlertOut)
@refuses(404, 409)
@staff_only(Role.NURSE)
def put_acknowledgement(alert_id: int) -> Alert:
    """Take responsibility for an alert; the first to do so keeps it."""
    with request_context.writing() as session:
        return acknowledge(session, alert_id=alert_id, by=request_context.current_staff(), now=request_context.now())


@api.route(f"{ONE}/resolution", methods=["PUT"])
@api.response(200, AlertOut)
@takes(ResolutionIn)
@refuses(404, 409)
@staff_only(Role.NURSE)
def put_resolution(body: dict[str, Any], alert_id: int) -> Alert:
    """Record what was done about an alert."""
    with request_context.writing() as session:
        return resolve(
            session, alert_id=alert_id, by=request_context.current_staff(), now=request_context.now(), **body
        )


def _waiting(row: PatientAlerts, met: MetRule) -> dict[str, Any]:
    return {
        "alert": met.alert,
        "patient": row.patient.code,
        "instrument": met.source.instrument if met.source else None,
        "evidence": [{"item": item, "value": value} for item, value in met.evidence],
        "tags": met.tags,
        "times": met.times,
    }
