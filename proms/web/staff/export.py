"""The analyst's page: what came in, the arms pooled, and the data set to take away."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.exports import export_scores
from proms.content import Library
from proms.db.queries.completion import Expected, expected_of, patients_of
from proms.domain.export import codebook, study_moment
from proms.domain.export.study_moment import StudyMoment
from proms.domain.person import Role
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.locale import language
from proms.web.staff.layout import layout
from proms.web.staff.routes import staff

BLOCK = 4  # weeks: checks are weekly, and a row a week says little
CSV = "text/csv; charset=utf-8"
ANALYSTS = (Role.ANALYST, Role.ADMINISTRATOR)


@dataclass
class Count:
    """One moment: how many were expected, came in their window, came later."""

    title: str
    order: tuple[int, int]
    expected: int = 0
    in_time: int = 0
    late: int = 0

    @property
    def received(self) -> int:
        return self.in_time + self.late

    @property
    def share(self) -> float:
        if not self.expected:
            return 0.0
        return 100 * self.received / self.expected

    def add(self, assignment: Expected) -> None:
        self.expected += 1
        if assignment.late is False:
            self.in_time += 1
        elif assignment.late is True:
            self.late += 1


@staff.get("/data")
@staff_only(*ANALYSTS)
def data() -> ResponseReturnValue:
    """Counts per study moment, the arms pooled."""
    site_id = request_context.current_staff().site_id
    with request_context.reading() as session:
        expected = expected_of(session, site_id, now=request_context.now())
        enrolled = patients_of(session, site_id)
    tables, held_back = completion_tables(request_context.library(), expected)
    every = [count for _title, counts in tables for count in counts]
    return render_template(
        "staff/export.html",
        tables=tables,
        every=every,
        enrolled=enrolled,
        held_back=held_back,
        now=request_context.now(),
    )


@staff.get("/data/scores.csv")
@staff_only(*ANALYSTS)
def scores() -> ResponseReturnValue:
    """The scored data set of the own site, the arms pooled, as it is read."""
    me = request_context.current_staff()
    text = export_scores(
        request_context.parts().database,
        request_context.library(),
        by=staff_actor(me),
        site_id=me.site_id,
        now=request_context.now(),
    )
    day = request_context.now().date().isoformat()
    return _attached(text, f"scores-{layout().site.code}-{day}.csv")


@staff.get("/data/codebook.csv")
@staff_only(*ANALYSTS)
def codebook_csv() -> ResponseReturnValue:
    """What every column of the data set means."""
    return _attached(codebook(request_context.library()), "codebook.csv")


def completion_tables(
    library: Library, expected: Iterable[Expected]
) -> tuple[list[tuple[str, list[Count]]], int]:
    """For each instrument its moments in order; and how many are held back because they would tell
    the arm."""
    by_instrument: dict[str, dict[tuple[int, int], Count]] = defaultdict(dict)
    moments: dict[tuple[str, int, str], StudyMoment | None] = {}
    held_back = 0
    for assignment in expected:
        # Thousands of assignments share a few dozen events: each is looked up once.
        key = (assignment.protocol, assignment.protocol_version, assignment.event)
        if key not in moments:
            protocol = library.protocol(assignment.protocol, assignment.protocol_version)
            moments[key] = study_moment(protocol, assignment.event)
        moment = moments[key]
        if moment is None:
            held_back += 1
            continue
        if moment.unscheduled:
            continue
        title, order = _title_and_order(moment, assignment)
        counts = by_instrument[assignment.instrument]
        counts.setdefault(order, Count(title, order)).add(assignment)
    tables = []
    # The checks that rules read are many and short: they come last.
    for code in sorted(by_instrument, key=library.has_rules):
        counts = by_instrument[code]
        title = library.wording(code, language()).short_title
        tables.append((title, [counts[order] for order in sorted(counts)]))
    return tables, held_back


def _title_and_order(moment: StudyMoment, assignment: Expected) -> tuple[str, tuple[int, int]]:
    """The name of a moment both arms share, and where it stands in the order."""
    # Weeks from randomisation count up from 0, and what lies before it stands below. A stretch of
    # weeks comes after the fixed week with which it begins.
    if moment.baseline:
        return _("Baseline"), (-2, 0)
    if moment.week is not None:
        return _("Week %(week)s", week=moment.week), (moment.week, 0)
    if assignment.randomised_on is None:
        return _("Before randomisation"), (-1, 0)
    week = max(0, (assignment.due - assignment.randomised_on).days // 7)
    first = week // BLOCK * BLOCK
    return _("Week %(first)s to %(last)s", first=first, last=first + BLOCK - 1), (first, 1)


def _attached(text: Iterable[str], name: str) -> Response:
    return Response(
        text, content_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
