"""A patient's treatment as her page shows it: cycles, symptoms and scores, with what was asked."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from proms.db.queries.history import history_of
from proms.db.queries.patient_page import assignments_of, red_items, responses_of
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.tables import Patient
from proms.domain.protocol import RANDOMISATION, Protocol
from proms.domain.schedule import AssignmentState, History
from proms.web import request_context
from proms.web.locale import language
from proms.web.staff.calendar.cycle_bars import Lane, cycle_lanes
from proms.web.staff.calendar.week_axis import Week, week_columns
from proms.web.staff.labels import evidence
from proms.web.staff.layout import zone
from proms.web.staff.patient.lab_courses import lab_rows, laboratory_of
from proms.web.staff.patient.symptoms import Reports, Symptom, symptoms
from proms.web.staff.patient.trends import trends

PAST_STATES = (AssignmentState.ANSWERED, AssignmentState.MISSED)


def treatment_of(
    session: Session, owner: Patient, today: date, wanted_week: date | None
) -> dict[str, Any]:
    """What the page's template shows of it, by the names it knows; cycles and symptoms from the
    week asked for."""
    library = request_context.library()
    protocol = library.protocol(owner.protocol, owner.protocol_version)
    history = history_of(session, owner)
    given = responses_of(session, owner)
    assignments = assignments_of(session, owner)
    weeks = week_columns(history, today, wanted_week)
    missed = [
        assignment for assignment in assignments if assignment.state == AssignmentState.MISSED
    ]
    reports = Reports(given, missed, red_items(session, owner))
    laboratory = laboratory_of(session, owner, protocol, history)
    positions = treatment_positions(session, [owner], today)[owner.id or 0]
    checks = [
        assignment
        for assignment in assignments
        if library.has_rules(assignment.instrument) and assignment.state in PAST_STATES
    ]
    titles = {
        assignment.instrument: library.wording(assignment.instrument, language()).short_title
        for assignment in assignments
    }
    by_week = [week.starts for week in weeks]
    blood = lab_rows(laboratory, by_week) if laboratory else []
    lanes = cycle_lanes(protocol, history, today, weeks)
    tables = symptoms(library, reports, weeks)
    rows = [*blood, *(row for _title, rows in tables for row in rows)]
    return {
        "protocol": protocol,
        "history": history,
        "standing": _milestones_so_far(history, protocol, today),
        "place": evidence.arm_and_position(protocol, owner, positions),
        "weeks": weeks,
        "lanes": lanes,
        "symptoms": tables,
        "in_words": weeks_in_words(weeks, lanes, rows),
        "strips": protocol.views.strips.values(),
        "laboratory": laboratory,
        "lab_rows": blood,
        "trends": trends(
            library,
            given,
            history.first(RANDOMISATION),
            zone(),
            first=protocol.views.first_scales,
        ),
        "given": given[::-1],  # charts run from the oldest, the list of responses from the latest
        "checks": checks,
        "answered": AssignmentState.ANSWERED,
        "titles": titles,
    }


def weeks_in_words(
    weeks: Sequence[Week], lanes: Sequence[Lane], rows: Sequence[Symptom]
) -> list[tuple[Week, list[str]]]:
    """The weeks that hold anything, each with its cycles, values and answers as they are drawn."""
    told: list[tuple[Week, list[str]]] = [(week, []) for week in weeks]
    for lane in lanes:
        place = 0
        for length, bar in lane.bars:
            for _week, sentences in told[place : place + length]:
                if bar:
                    sentences.append(bar.words)
            place += length
    for row in rows:
        for (_week, sentences), cell in zip(told, row.cells, strict=True):
            if cell.words:
                sentences.append(f"{row.label}: {cell.words}")
    return [(week, sentences) for week, sentences in told if sentences]


def _milestones_so_far(history: History, protocol: Protocol, today: date) -> list[tuple[str, date]]:
    """The milestones that have come, in order of date."""
    milestones = []
    for kind in protocol.milestones:
        for day in history.milestones.get(kind, ()):
            if day <= today:
                milestones.append((kind, day))
    return sorted(milestones, key=lambda milestone: milestone[1])
