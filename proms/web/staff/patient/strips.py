"""Answers and laboratory values that are read together, four weeks a column, along the cycles of a
component and the months after its last dose."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from proms.actions.page_views import note_view
from proms.db.queries.history import history_of
from proms.db.queries.patient_page import assignments_of, red_items, responses_of
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.domain.protocol import CONSENT, RANDOMISATION, Protocol
from proms.domain.protocol_views import Strip
from proms.domain.schedule import AssignmentState, History
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.staff.calendar.cycle_bars import Lane, cycle_lanes
from proms.web.staff.calendar.week_axis import Week, first_week, monday, week_columns
from proms.web.staff.labels import evidence
from proms.web.staff.labels.vocabulary import titled
from proms.web.staff.layout import zone
from proms.web.staff.patient.lab_courses import (
    Laboratory,
    in_words,
    lab_rows,
    laboratory_of,
)
from proms.web.staff.patient.symptoms import (
    Cell,
    Reports,
    Symptom,
    answered_in_words,
    symptom_tables,
)
from proms.web.staff.routes import staff

WEEKS = 4  # a column, as long as a cycle of the pump
MOST = 26  # columns, two years


@dataclass(frozen=True)
class Block:
    """A column of four weeks, and where it lies: before, in or after treatment."""

    starts: date
    place: str
    now: bool


@dataclass(frozen=True)
class Sources:
    """What a strip is drawn from."""

    protocol: Protocol
    history: History
    reports: Reports
    laboratory: Laboratory | None
    today: date


@dataclass(frozen=True)
class DrawnStrip:
    """The strip as it is drawn, with the same told day by day."""

    blocks: tuple[Block, ...]
    lanes: tuple[Lane, ...]
    rows: tuple[Symptom, ...]
    told: tuple[tuple[date, tuple[str, ...]], ...]
    earlier: date
    later: date


@staff.get("/patients/<code>/strips/<strip_code>")
@staff_only(Role.NURSE, Role.COORDINATOR)
def strip(code: str, strip_code: str) -> ResponseReturnValue:
    """One strip; that it was looked at is on record."""
    library = request_context.library()
    today = request_context.now().astimezone(zone()).date()
    with request_context.writing() as session:
        owner = own_patient(session, code)
        protocol = library.protocol(owner.protocol, owner.protocol_version)
        wanted = protocol.views.strips.get(strip_code)
        if wanted is None:
            abort(404)
        note_view(
            session,
            patient=owner,
            page="strip",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    with request_context.reading() as session:
        owner = own_patient(session, code)
        shown = _page(session, owner, protocol, wanted, today)
    return render_template("staff/patient/strip.html", patient=owner, today=today, **shown)


def _page(
    session: Session, owner: Patient, protocol: Protocol, wanted: Strip, today: date
) -> dict[str, Any]:
    history = history_of(session, owner)
    missed = [
        assignment
        for assignment in assignments_of(session, owner)
        if assignment.state == AssignmentState.MISSED
    ]
    reports = Reports(responses_of(session, owner), missed, red_items(session, owner))
    laboratory = laboratory_of(session, owner, protocol, history)
    first = first_week(request.args.get("from"), today)
    drawn = draw(wanted, Sources(protocol, history, reports, laboratory, today), first)
    return {
        "strip": wanted,
        "title": titled(wanted.title),
        "note": titled(wanted.note),
        "described": evidence.sex_and_age(owner, today.year),
        "last_dose": history.stopped.get(wanted.component),
        "laboratory": laboratory,
        "courses": [
            course for code in wanted.tests if laboratory and (course := laboratory.course_of(code))
        ],
        "drawn": drawn,
    }


def draw(wanted: Strip, sources: Sources, first: date | None = None) -> DrawnStrip:
    """The strip in columns of four weeks, from before the first cycle to the present one; of a
    longer one the last two years, or from the week asked for."""
    history, today = sources.history, sources.today
    start, count = _span(history, wanted.component, today)
    if first:
        start = monday(first)
        count = MOST
    elif count > MOST:
        start += timedelta(weeks=WEEKS * (count - MOST))
        count = MOST
    weeks = week_columns(history, today, start, WEEKS * count)
    starts = [week.starts for week in weeks[::WEEKS]]
    rows = [
        *_lab_rows(wanted, sources.laboratory, starts),
        *_item_rows(wanted, sources.reports, weeks),
    ]
    step = timedelta(weeks=WEEKS * 6)
    return DrawnStrip(
        tuple(_blocks(history, wanted.component, starts, today)),
        cycle_lanes(sources.protocol, history, today, weeks),
        tuple(rows),
        tuple(_told(wanted, sources.reports, sources.laboratory)),
        earlier=start - step,
        later=start + step,
    )


def _span(history: History, component: str, today: date) -> tuple[date, int]:
    """The first Monday and the number of columns: whole ones before the first cycle, so that a
    column begins with it."""
    begun = [cycle.day_1 for cycle in history.cycles_of(component) if cycle.day_1]
    known = history.first(CONSENT) or history.first(RANDOMISATION) or today
    anchor = monday(min(begun, default=known))
    before = max(0, -(-(anchor - monday(known)).days // (7 * WEEKS)))
    start = anchor - timedelta(weeks=WEEKS * before)
    return start, max(1, (monday(today) - start).days // (7 * WEEKS) + 1)


def _blocks(
    history: History, component: str, starts: Sequence[date], today: date
) -> Iterator[Block]:
    """Each column; after the last dose with how many times four weeks ago that was."""
    stopped = history.stopped.get(component)
    for start in starts:
        place = ""
        if stopped and start > stopped:
            place = f"+{-(-(start - stopped).days // (7 * WEEKS))}"
        yield Block(start, place, now=start <= today < start + timedelta(weeks=WEEKS))


def _lab_rows(
    wanted: Strip, laboratory: Laboratory | None, starts: Sequence[date]
) -> list[Symptom]:
    """The tests of the strip, in its order."""
    if laboratory is None:
        return []
    rows = {row.code: row for row in lab_rows(laboratory, starts, WEEKS)}
    return [rows[code] for code in wanted.tests if code in rows]


def _item_rows(wanted: Strip, reports: Reports, weeks: Sequence[Week]) -> Iterator[Symptom]:
    """The items of the strip, in its order, with the strongest answer of each column."""
    for _title, instrument, rows in symptom_tables(request_context.library(), reports, weeks):
        by_code = {row.code: row for row in rows}
        for code in wanted.items.get(instrument, ()):
            if code in by_code:
                row = by_code[code]
                columns = [
                    row.cells[place : place + WEEKS] for place in range(0, len(weeks), WEEKS)
                ]
                yield Symptom(row.label, tuple(map(_strongest, columns)), code)


def _strongest(cells: Sequence[Cell]) -> Cell:
    """The strongest answer; that a check was missed shows where none came in."""
    return max(cells, key=lambda cell: (cell.red, cell.strength, bool(cell.text)))


def _told(
    wanted: Strip, reports: Reports, laboratory: Laboratory | None
) -> Iterator[tuple[date, tuple[str, ...]]]:
    """Day by day, the latest first, what was measured and answered, in words."""
    by_day: dict[date, list[str]] = defaultdict(list)
    for code in wanted.tests:
        course = laboratory.course_of(code) if laboratory else None
        if course is None:
            continue
        for reading in course.readings:
            said = f"{course.title}: {in_words(course, reading)}"
            by_day[reading.value.taken_on].append(said)
    for instrument, codes in wanted.items.items():
        for report in reports.of(instrument):
            day = report.response.answered_on(zone())
            by_day[day] += answered_in_words(request_context.library(), report, codes)
    yield from ((day, tuple(by_day[day])) for day in sorted(by_day, reverse=True))
