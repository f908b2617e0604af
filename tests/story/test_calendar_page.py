"""The calendar page: a pack is one entry in one state, and its window is drawn."""

from datetime import date, timedelta

import pytest

from proms.domain.schedule import AssignmentState
from proms.web.staff.lanes import Week
from proms.web.staff.packs import Pack
from proms.web.staff.windows import windows
from tests.desk import Desk
from tests.phone import website

PACK = ("qlq-c30", "qlq-lmc21", "eq-5d-5l")
MONDAY = date(2026, 1, 5)
PLANNED, STARTED, ANSWERED, MISSED, CANCELLED = (
    AssignmentState.PLANNED,
    AssignmentState.STARTED,
    AssignmentState.ANSWERED,
    AssignmentState.MISSED,
    AssignmentState.CANCELLED,
)


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    return clinic.enrols("Anna")


def calendar(clinic, app, patient):
    return Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{patient.code}/calendar")


def test_the_questionnaires_of_one_sitting_are_one_entry(clinic, app, anna):
    mo = calendar(clinic, app, anna)
    titles = [clinic.library.wording(each, "nl").short_title for each in PACK]
    assert mo.text.count("QOL-BASE · ") == 1
    assert f"QOL-BASE · {', '.join(titles)}" in mo.text


def test_a_pack_of_which_one_part_was_sent_is_begun_and_says_which_parts_are_left(clinic, app, anna):
    titles = [clinic.library.wording(each, "nl").short_title for each in PACK]
    clinic.answers(anna, PACK[0])
    begun = f"{titles[0]} ingevuld, {titles[1]} gepland, {titles[2]} gepland"
    text = calendar(clinic, app, anna).text
    assert begun in text
    for questionnaire in PACK[1:]:
        clinic.answers(anna, questionnaire)
    assert f"{titles[0]} ingevuld" not in calendar(clinic, app, anna).text


def pack(due, *states, opens=-1, closes=3, title="Check"):
    parts = tuple((f"part {place}", state) for place, state in enumerate(states))
    span = [due + timedelta(days=days) for days in (opens, 0, closes)]
    return Pack("EVENT", 1, title, *span, parts)


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ((PLANNED, PLANNED), PLANNED),
        ((ANSWERED, PLANNED), STARTED),
        ((STARTED, PLANNED), STARTED),
        ((ANSWERED, ANSWERED), ANSWERED),
        ((ANSWERED, MISSED), MISSED),
        ((ANSWERED, CANCELLED), ANSWERED),
    ],
)
def test_the_state_of_a_pack_is_the_one_that_most_wants_to_be_seen(states, whole):
    assert pack(MONDAY, *states).state is whole


def drawn(app, *packs):
    weeks = [Week(number, MONDAY + timedelta(weeks=number), False) for number in range(8)]
    with app.test_request_context():
        return {
            lane.title: [(span, bar and (bar.tone, bar.short)) for span, bar in lane.bars]
            for lane in windows(packs, weeks)
        }


def test_a_long_window_is_drawn_over_its_weeks_until_it_is_answered(app):
    due = MONDAY + timedelta(weeks=3)
    open_ = drawn(app, pack(due, PLANNED, opens=-14, closes=14))["Check"]
    assert open_ == [(1, None), (5, ("q", "○")), (1, None), (1, None)]
    sent = drawn(app, pack(due, ANSWERED, opens=-14, closes=14))["Check"]
    assert sent == [(1, None)] * 3 + [(1, ("done", "✓"))] + [(1, None)] * 4


def test_a_check_stands_in_the_week_it_is_due_and_two_of_one_week_share_a_bar(app):
    tuesday, saturday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)
    lane = drawn(app, pack(tuesday, ANSWERED), pack(saturday, MISSED))["Check"]
    assert lane[0] == (1, ("ms", "✓ ✕"))
    assert lane[1:] == [(1, None)] * 7


def test_what_was_taken_back_has_no_bar_and_what_lies_outside_the_weeks_none_either(app):
    assert drawn(app, pack(MONDAY, CANCELLED)) == {}
    assert drawn(app, pack(MONDAY - timedelta(weeks=2), ANSWERED))["Check"] == [(1, None)] * 8
