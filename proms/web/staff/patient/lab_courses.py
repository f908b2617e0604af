"""Laboratory values as staff read them: by test and day, and as rows of the week table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from proms.db.queries.laboratory import lab_value, lab_versions_of, that_hold
from proms.db.tables import LabVersion, Patient
from proms.domain.laboratory import LabTest, Panel, Reading, read_courses
from proms.domain.protocol import Protocol
from proms.domain.schedule import History
from proms.web import request_context
from proms.web.locale import short_day
from proms.web.staff.labels.formats import amount, times
from proms.web.staff.labels.vocabulary import titled
from proms.web.staff.patient.symptoms import Cell, Symptom

STRONGEST = 3  # the darkest of the shades that symptoms have


@dataclass(frozen=True)
class LabCourse:
    """One test with its values, the oldest first."""

    test: LabTest
    readings: tuple[Reading, ...]

    @property
    def title(self) -> str:
        return titled(self.test.title)

    @property
    def last(self) -> Reading:
        return self.readings[-1]


@dataclass(frozen=True)
class Laboratory:
    """A patient's values, with everything that was ever recorded of them, the latest first."""

    panel: Panel
    courses: tuple[LabCourse, ...] = ()
    held: Mapping[tuple[str, date], LabVersion] = field(default_factory=dict)
    recorded: tuple[LabVersion, ...] = ()

    def course_of(self, test: str) -> LabCourse | None:
        return next((course for course in self.courses if course.test.code == test), None)

    @property
    def days(self) -> list[tuple[date, list[tuple[LabCourse, Reading]]]]:
        """By day, the latest first, the values that were taken on it."""
        by_day: dict[date, list[tuple[LabCourse, Reading]]] = {}
        for course in self.courses:
            for reading in course.readings:
                by_day.setdefault(reading.value.taken_on, []).append((course, reading))
        return sorted(by_day.items(), reverse=True)


def laboratory_of(
    session: Session, owner: Patient, protocol: Protocol, history: History
) -> Laboratory | None:
    """Her values and what follows from them; none where the trial keeps none."""
    panel = request_context.library().panel_of(protocol)
    if panel is None:
        return None
    recorded = lab_versions_of(session, owner)
    held = that_hold(recorded)
    values = [value for row in held.values() if (value := lab_value(row))]
    courses = read_courses(protocol, panel, history, values)
    return Laboratory(
        panel,
        tuple(LabCourse(panel.tests[code], tuple(readings)) for code, readings in courses.items()),
        held,
        tuple(reversed(recorded)),
    )


def lab_rows(laboratory: Laboratory, starts: Sequence[date], weeks: int = 1) -> list[Symptom]:
    """A row a test: the highest value of each column of so many weeks, as its number and the shade
    of its grade."""
    rows = []
    for course in laboratory.courses:
        shown = [_highest(course, start, start + timedelta(weeks=weeks)) for start in starts]
        if any(shown):
            cells = tuple(lab_cell(course, reading) if reading else Cell() for reading in shown)
            label = _("%(test)s, %(unit)s", test=course.title, unit=course.test.unit)
            rows.append(Symptom(label, cells, course.test.code))
    return rows


def _highest(course: LabCourse, first: date, end: date) -> Reading | None:
    """The highest value before the end, of two the later one."""
    within = [each for each in course.readings if first <= each.value.taken_on < end]
    return max(within, key=lambda each: (each.value.value, each.value.taken_on), default=None)


def lab_cell(course: LabCourse, reading: Reading) -> Cell:
    """A value above the upper limit has an arrow, whatever its shade."""
    text = amount(reading.value.value)
    if reading.value.value > reading.value.upper_limit:
        text += "↑"
    shade = min(reading.grade, STRONGEST)
    words = f"{short_day(reading.value.taken_on)}: {in_words(course, reading)}"
    return Cell(text, f"v{shade} bl", words, strength=shade)


def in_words(course: LabCourse, reading: Reading) -> str:
    """A value with all that follows from it, in one line."""
    return ", ".join(_parts(course, reading))


def grade_in_words(reading: Reading) -> str:
    """The grade, and of what the limits are multiples."""
    if not reading.grade:
        return _("no grade")
    if reading.baseline:
        return _("grade %(grade)s, by the baseline", grade=reading.grade)
    return _("grade %(grade)s", grade=reading.grade)


def rises_in_words(rises: int) -> str:
    return ngettext("risen %(num)s time in a row", "risen %(num)s times in a row", rises)


def _parts(course: LabCourse, reading: Reading) -> Iterator[str]:
    value = reading.value
    yield f"{amount(value.value)} {course.test.unit}"
    yield _("%(times)s × upper limit", times=times(reading.times_upper_limit))
    if reading.times_reference is not None:
        yield _("%(times)s × last dose", times=times(reading.times_reference))
    if reading.rises:
        yield rises_in_words(reading.rises)
    yield grade_in_words(reading)
