"""The calendar page: a pack is one entry in one state, and its window is drawn."""

import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from proms.actions.history import record_entry
from proms.db.tables import CycleVersion as CycleRow
from proms.db.tables import Patient
from proms.domain.schedule import AssignmentState, Cycle, CycleStatus
from proms.domain.schedule.history_entry import CycleRecorded, RegimenChosen
from proms.web.staff.calendar.cycle_bars import Week
from proms.web.staff.calendar.packs import CalendarPack
from proms.web.staff.calendar.window_bars import window_lanes
from tests.desk import Desk

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
def anna(clinic):
    clinic.today("2026-01-05")
    return clinic.enrols("Anna")


def calendar(clinic, app, patient):
    return Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{patient.code}/calendar")


def test_the_questionnaires_of_one_sitting_are_one_entry(clinic, app, anna):
    mo = calendar(clinic, app, anna)
    titles = [clinic.library.wording(each, "nl").short_title for each in PACK]
    asked = f"vóór de randomisatie · {', '.join(titles)}"
    assert mo.text.count(asked) == 1
    assert f"{asked} · QOL-BASE" in mo.text


def test_a_code_of_the_protocol_stands_where_a_coordinator_needs_it_and_nowhere_else(
    clinic, app, anna
):
    clinic.randomises(anna, "A", "2026-01-05")
    nurse = Desk(app, clinic, clinic.els)
    for page in ("calendar", "calendar/half-year"):
        nurse.opens(f"/staff/patients/{anna.code}/{page}")
        assert not re.search(r"\b(HSC|QOL)-", nurse.answer.text)
    mo = calendar(clinic, app, anna)
    assert mo.text.count("QOL-W12") == 1
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=milestone")
    mo.presses("Toon wat er verandert", kind="withdrawal", on="2026-01-05")
    assert "12 weken na de randomisatie" in mo.text
    shown = mo.answer.text.split("<textarea")
    assert not re.search(r"\b(HSC|QOL)-", shown[0] + shown[-1].partition("</textarea>")[2])


def test_a_pack_of_which_one_part_was_sent_is_begun_and_says_which_parts_are_left(
    clinic, app, anna
):
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
    return CalendarPack("EVENT", 1, title, "op de dag zelf", *span, parts)


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
            for lane in window_lanes(packs, weeks)
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


def treated_under_another_regimen(clinic, anna):
    """Cycle 1 of FOLFOXIRI is given, then the treatment becomes CAPOX."""
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfoxiri")
    given = Cycle(
        "systemic", 1, MONDAY, MONDAY, CycleStatus.GIVEN, ("oxaliplatin", "irinotecan"), 80
    )
    clinic.records(anna, CycleRecorded(given))
    with clinic.database.writing() as session:
        owner = session.get_one(Patient, anna.id)
        record_entry(
            session,
            clinic.library,
            patient_id=anna.id,
            entry=RegimenChosen("systemic", "capox"),
            revision=owner.revision,
            reason="neuropathie",
            by=clinic.mo,
            now=clinic.now,
        )


def test_what_happened_is_overturned_with_a_reason_only_whatever_the_page_sends(clinic, app, anna):
    treated_under_another_regimen(clinic, anna)
    mo = calendar(clinic, app, anna)
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=planned&component=systemic&number=1")
    mo.presses("Toon wat er verandert", planned="2026-01-12")
    assert mo.presses("Opslaan").status == 422
    assert "Geef in een paar woorden de reden." in mo.text
    assert mo.presses("Opslaan", reason="x" * 501).status == 422
    with clinic.database.reading() as session:
        assert {row.status for row in session.exec(select(CycleRow))} == {"given"}


def test_a_number_of_thousands_of_digits_gets_its_sentence(clinic, app, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    mo = calendar(clinic, app, anna)
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=given&component=systemic&number=1")
    mo.presses("Toon wat er verandert", day_1="2026-01-05", dose="9" * 5000)
    assert mo.status == 422
    assert "Schrijf een heel getal van 0 tot en met 150." in mo.text


def test_what_fell_away_with_a_stop_or_a_death_is_not_drawn(clinic, app, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    assert "FOLFOX 2" in calendar(clinic, app, anna).text
    clinic.today("2026-01-12")
    clinic.stops(anna, "systemic", "2026-01-08")
    stopped = calendar(clinic, app, anna).text
    assert "FOLFOX 2" not in stopped
    assert "overgeslagen" not in stopped


def test_nothing_goes_on_after_a_death(clinic, app, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.today("2026-01-12")
    clinic.dies(anna, "2026-01-12")
    clinic.today("2026-03-02")
    text = calendar(clinic, app, anna).text
    assert "FOLFOX 2" not in text
    assert "FOLFOX 1 dag" not in text
