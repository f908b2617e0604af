"""A coordinator's calls: what happened to a patient, looked at beforehand, then saved with all it
moves."""

from typing import Any

from proms.actions.history import Preview, preview_entry, record_entry
from proms.actions.refusals import FieldFault, HistoryChanged, Incomplete
from proms.actions.schedule import personal_facts
from proms.db.queries.assignments import cycles_of
from proms.db.queries.history import fact_versions_of, history_of, latest, milestones_of
from proms.domain.person import Role
from proms.domain.schedule import Changes, Cycle
from proms.domain.schedule.change_summary import summarise
from proms.domain.schedule.history import HIGHEST_NUMBER
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
    says_nothing_new,
)
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.api.history_schemas import (
    ChangesOut,
    ComponentIn,
    CycleIn,
    CyclesOut,
    FactIn,
    FactsOut,
    MilestoneIn,
    MilestonesOut,
    PreviewIn,
)
from proms.web.api.patients import ONE
from proms.web.api.replays import named_by_its_body
from proms.web.api.routes import alt_responses, api, arguments, query_arguments
from proms.web.guard import staff_only

PREVIEWED = {"success": True, "description": "What would change; nothing was saved"}


@api.route(f"{ONE}/milestones")
@api.response(200, MilestonesOut)
@alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_milestones(code: str) -> dict[str, Any]:
    """The milestones that hold, in order of date."""
    with request_context.reading() as session:
        patient = own_patient(session, code)
        return {"revision": patient.revision, "milestones": milestones_of(session, patient)}


@api.route(f"{ONE}/milestones", methods=["POST"])
@api.response(201, ChangesOut)
@api.alt_response(200, schema=ChangesOut, **PREVIEWED)
@query_arguments(PreviewIn)
@arguments(MilestoneIn)
@alt_responses(404, 409)
@staff_only(Role.COORDINATOR)
def post_milestone(
    query: dict[str, int], body: dict[str, Any], code: str
) -> tuple[dict[str, Any], int]:
    """Record a milestone, or take one back, with all it moves."""
    entry = MilestoneRecorded(body["kind"], body["on"], body["number"], body["arm"])
    return _record(code, body, entry, preview=bool(query["preview"]))


@api.route(f"{ONE}/cycles")
@api.response(200, CyclesOut)
@alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_cycles(code: str) -> dict[str, Any]:
    """The cycles on record, by component and number."""
    with request_context.reading() as session:
        patient = own_patient(session, code)
        return {"revision": patient.revision, "cycles": cycles_of(session, patient)}


@api.route(f"{ONE}/cycles", methods=["POST"])
@api.response(201, ChangesOut)
@api.alt_response(200, schema=ChangesOut, **PREVIEWED)
@query_arguments(PreviewIn)
@arguments(CycleIn)
@alt_responses(404, 409)
@staff_only(Role.COORDINATOR)
def post_cycle(
    query: dict[str, int], body: dict[str, Any], code: str
) -> tuple[dict[str, Any], int]:
    """Record a cycle as planned, given or skipped, with all it moves."""
    cycle = Cycle(
        component=body["component"],
        number=body["number"],
        planned=body["planned"],
        day_1=body["day_1"],
        status=body["status"],
        drugs=tuple(body["drugs"]),
        dose_percent=body["dose_percent"],
        reason=body["reason"] or None,
        regimen=body["regimen"],
    )
    return _record(code, body, CycleRecorded(cycle), preview=bool(query["preview"]))


@api.route(f"{ONE}/components/<string(maxlength=16):component>", methods=["PUT"])
@named_by_its_body
@api.response(201, ChangesOut)
@api.alt_response(200, schema=ChangesOut, **PREVIEWED)
@query_arguments(PreviewIn)
@arguments(ComponentIn)
@alt_responses(404, 409)
@staff_only(Role.COORDINATOR)
def put_component(
    query: dict[str, int], body: dict[str, Any], code: str, component: str
) -> tuple[dict[str, Any], int]:
    """Choose a component's regimen, or record its last dose, with all it moves."""
    entry: HistoryEntry
    if "regimen" in body:
        entry = RegimenChosen(component, body["regimen"])
    else:
        entry = ComponentStopped(component, body["last_dose"])
    return _record(code, body, entry, preview=bool(query["preview"]))


@api.route(f"{ONE}/facts")
@api.response(200, FactsOut)
@alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_facts(code: str) -> dict[str, Any]:
    """What is known of the patient's person, and from which day each value holds."""
    with request_context.reading() as session:
        patient = own_patient(session, code)
        values = [row for row in latest(fact_versions_of(session, patient)) if row.since]
        today = personal_facts(patient)
    return {"revision": patient.revision, "today": today, "facts": values}


@api.route(
    f"{ONE}/facts/<string(maxlength=32):fact>/<id(min=1,max={HIGHEST_NUMBER}):number>",
    methods=["PUT"],
)
@api.response(201, ChangesOut)
@api.alt_response(200, schema=ChangesOut, **PREVIEWED)
@query_arguments(PreviewIn)
@arguments(FactIn)
@alt_responses(404, 409)
@staff_only(Role.COORDINATOR)
def put_fact(
    query: dict[str, int], body: dict[str, Any], code: str, fact: str, number: int
) -> tuple[dict[str, Any], int]:
    """Record the number-th value of a fact about the patient, or correct it, with all it moves.

    What is on record already changes nothing, whatever the revision.
    """
    entry = FactRecorded(fact, body["since"], body["value"] if body["since"] else None, number)
    with request_context.reading() as session:
        patient = own_patient(session, code)
        history = history_of(session, patient)
    if history.fact_value(fact, number) and says_nothing_new(history, entry):
        unchanged = Preview(Changes(), patient.revision, doubts=(), overturns=False)
        return _changes_out(unchanged), 200
    return _record(code, body, entry, preview=bool(query["preview"]))


def _record(
    code: str, body: dict[str, Any], entry: HistoryEntry, *, preview: bool
) -> tuple[dict[str, Any], int]:
    """Save it, or only look what it would do."""
    revision = body["revision"]
    now = request_context.now()
    # Looked at here for a plain "no" beforehand. Whether it still holds when it is saved is
    # settled by the action itself, in its own transaction.
    with request_context.reading() as session:
        patient = own_patient(session, code)
        if patient.revision != revision:
            raise HistoryChanged("The history changed since this revision.")
        previewed = preview_entry(
            session, request_context.library(), patient=patient, entry=entry, now=now
        )
    if preview:
        return _changes_out(previewed), 200
    # A correction is saved only with its reason, as on the pages.
    if previewed.overturns and not body["reason"].strip():
        raise Incomplete("reason", FieldFault.NO_REASON)
    with request_context.writing() as session:
        changes = record_entry(
            session,
            request_context.library(),
            patient_id=patient.id,
            entry=entry,
            revision=revision,
            reason=body["reason"],
            by=request_context.current_staff(),
            now=now,
        )
    return _changes_out(Preview(changes, revision + 1, doubts=(), overturns=False)), 201


def _changes_out(preview: Preview) -> dict[str, Any]:
    doubts = [{"code": doubt.code, "message": str(doubt)} for doubt in preview.doubts]
    return {
        "revision": preview.revision,
        "changes": summarise(preview.changes).lines,
        "doubts": doubts,
        "reason_needed": bool(doubts) or preview.overturns,
    }
