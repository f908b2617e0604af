"""Nobody takes a red alert: each notice comes on its minute and to whom the roster says, over an
evening, a weekend, a holiday and the nights the clock is changed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from proms.actions.audit import staff_actor
from proms.actions.staff_changes import deactivate_staff
from proms.db.tables import Alert, AuditEntry, Staff
from proms.domain.person import Role
from tests.desk import Desk
from tests.on_duty import NAMES, ON_CALL, ROSTER, becomes_coordinator, follows, moves
from tests.story.test_extra import extra

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def ward(clinic):
    """The clinic with a second nurse, and a doctor on call, who has a nurse's account."""
    for number, login in enumerate(("ria", "dee"), 1):
        clinic.employs(login, Role.NURSE, phone=list(NAMES)[number])
    return clinic


def red(clinic, at):
    """A patient who was enrolled on the day before answers with yellow eyes at this instant."""
    raised = datetime.fromisoformat(at)
    clinic.today((raised.date() - timedelta(days=1)).isoformat(), "06:30")
    anna = clinic.enrols()
    clinic.now = raised.astimezone(UTC)
    clinic.works()
    clinic.answers(anna, JAUND=2)
    return anna


@pytest.mark.parametrize(
    ("written", "raised", "steps"),
    [
        (
            ON_CALL,
            "2027-03-25T10:10+01:00",
            [
                ("2027-03-25T10:10+01:00", ["els"]),
                ("2027-03-25T10:40+01:00", ["ria"]),
                ("2027-03-25T11:10+01:00", ["dee"]),
                ("2027-03-25T11:40+01:00", ["dee"]),
            ],
        ),
        (  # A Friday that ends at four, and the weekend of the summer-time night
            ON_CALL,
            "2027-03-26T15:45+01:00",
            [
                ("2027-03-26T15:45+01:00", ["els"]),
                ("2027-03-26T16:00+01:00", ["dee"]),
                ("2027-03-26T16:30+01:00", ["dee"]),
            ],
        ),
        (
            ON_CALL,
            "2027-03-28T01:15+01:00",
            [
                ("2027-03-28T01:15+01:00", ["dee"]),
                ("2027-03-28T01:45+01:00", ["dee"]),
                ("2027-03-28T03:15+02:00", ["dee"]),
            ],
        ),
        (
            ON_CALL,
            "2027-10-31T02:15+02:00",
            [
                ("2027-10-31T02:15+02:00", ["dee"]),
                ("2027-10-31T02:45+02:00", ["dee"]),
                ("2027-10-31T02:15+01:00", ["dee"]),
                ("2027-10-31T02:45+01:00", ["dee"]),
            ],
        ),
        (  # Without an on-call list: over the weekend and Easter Monday
            ROSTER,
            "2027-03-26T15:45+01:00",
            [
                ("2027-03-26T15:45+01:00", ["els"]),
                ("2027-03-30T08:15+02:00", ["ria"]),
                ("2027-03-30T08:45+02:00", ["els"]),
            ],
        ),
        (
            ROSTER,
            "2027-03-27T12:00+01:00",
            [("2027-03-30T08:00+02:00", ["els"]), ("2027-03-30T08:30+02:00", ["ria"])],
        ),
    ],
    ids=["hours", "friday", "forward", "back", "weekend without a list", "saturday"],
)
def test_nobody_reacts_and_every_step_comes_on_its_minute(ward, written, raised, steps):
    ward.today("2027-03-01", "06:00")
    follows(ward, written)
    red(ward, raised)
    for at, names in steps:
        moment = datetime.fromisoformat(at).astimezone(UTC)
        if moment > ward.now:
            assert moves(ward, moment - A_MINUTE) == []
        assert moves(ward, moment) == names, at
        assert moves(ward, moment + timedelta(seconds=20)) == []
    with ward.database.reading() as session:
        told = session.exec(
            select(AuditEntry)
            .where(AuditEntry.verb == "alert.notice_owed")
            .order_by(col(AuditEntry.id))
        ).all()
        alert = session.exec(select(Alert)).one()
    assert [entry.detail["step"] for entry in told] == list(range(1, len(steps) + 1))
    assert [entry.at for entry in told] == [
        datetime.fromisoformat(at).astimezone(UTC) for at, _ in steps
    ]
    assert {entry.detail["roster"] for entry in told} == {1}
    assert alert.notice_step == len(steps)


def test_who_takes_the_alert_ends_it_and_the_same_in_red_begins_again(ward):
    ward.today("2027-03-24", "06:00")
    follows(ward, ON_CALL)
    anna = red(ward, "2027-03-25T10:00+01:00")
    assert moves(ward, "2027-03-25T10:00+01:00") == ["els"]
    ward.acknowledges(anna, by=ward.els)
    assert moves(ward, "2027-03-25T10:30+01:00") == []
    ward.now = datetime.fromisoformat("2027-03-25T10:50+01:00").astimezone(UTC)
    ward.answers(anna, assignment=extra(ward, anna), JAUND=2)
    assert moves(ward, "2027-03-25T10:50+01:00") == ["els"]
    assert moves(ward, "2027-03-25T11:20+01:00") == ["ria"]
    assert moves(ward, "2027-03-25T11:50+01:00") == ["dee"]


def test_what_was_taken_too_long_is_told_again_at_once_to_whom_it_has_come_to(ward):
    ward.today("2027-03-24", "06:00")
    follows(ward, ON_CALL)
    anna = red(ward, "2027-03-25T10:00+01:00")
    assert moves(ward, "2027-03-25T10:05+01:00") == ["els"]
    ward.acknowledges(anna, by=ward.els)
    assert moves(ward, "2027-03-25T12:04+01:00") == []
    assert moves(ward, "2027-03-25T12:05+01:00") == ["dee"]
    assert moves(ward, "2027-03-25T12:30+01:00") == ["dee"]


def test_after_the_worker_was_away_only_the_step_that_holds_now_is_told(ward):
    ward.today("2027-03-24", "06:00")
    follows(ward, ON_CALL)
    red(ward, "2027-03-25T10:00+01:00")
    assert moves(ward, "2027-03-25T12:10+01:00") == ["els", "dee"]  # owed at ten, and the last
    assert moves(ward, "2027-03-25T12:30+01:00") == ["dee"]


def test_another_roster_tells_its_own_people_of_what_nobody_has_taken(ward):
    ward.today("2027-03-24", "06:00")
    follows(ward, ON_CALL)
    red(ward, "2027-03-25T10:00+01:00")
    moves(ward, "2027-03-25T10:00+01:00")
    ward.now = datetime.fromisoformat("2027-03-25T10:10+01:00").astimezone(UTC)
    follows(ward, ON_CALL.replace("[els, ria]", "[ria, els]"))
    assert moves(ward, "2027-03-25T10:10+01:00") == ["ria"]
    assert moves(ward, "2027-03-25T10:30+01:00") == ["els"]


def leaves(clinic, login):
    with clinic.database.writing() as session:
        staff = {clinic.login_of(one): one for one in session.exec(select(Staff))}
        deactivate_staff(
            session,
            staff_id=staff[login].id,
            site_id=clinic.site.id,
            by=staff_actor(clinic.ad),
            now=clinic.now,
        )


def test_a_step_whose_people_have_left_is_told_to_every_nurse(ward):
    ward.today("2027-03-24", "06:00")
    follows(ward, ON_CALL)
    leaves(ward, "dee")
    red(ward, "2027-03-25T20:00+01:00")
    assert moves(ward, "2027-03-25T20:00+01:00") == ["els", "ria"]
    assert moves(ward, "2027-03-25T20:30+01:00") == ["els", "ria"]


def test_where_the_roster_ends_every_nurse_is_told_every_half_hour(ward):
    ward.today("2027-03-24", "06:00")
    follows(ward, ROSTER.replace("2027-01-01", "2027-01-01, until: 2027-03-25"))
    red(ward, "2027-03-25T16:45+01:00")
    assert moves(ward, "2027-03-25T16:45+01:00") == ["els"]
    assert moves(ward, "2027-03-25T17:15+01:00") == ["els", "ria", "dee"]
    assert moves(ward, "2027-03-25T17:45+01:00") == ["els", "ria", "dee"]


def test_a_site_without_a_roster_tells_every_nurse_every_half_hour(ward):
    red(ward, "2027-03-25T16:45+01:00")
    assert moves(ward, "2027-03-25T16:45+01:00") == ["els", "ria", "dee"]
    assert moves(ward, "2027-03-25T17:14+01:00") == []
    assert moves(ward, "2027-03-25T17:15+01:00") == ["els", "ria", "dee"]
    numbered = [text for _, text in ward.phone if "/staff/" in text]
    assert ["(bericht 1)" in text for text in numbered] == [True] * 3 + [False] * 3
    assert ["(bericht 2)" in text for text in numbered] == [False] * 3 + [True] * 3


def test_where_nobody_who_is_called_may_take_the_alert_every_nurse_is_told_too(ward, app):
    ward.today("2027-03-24", "06:00")
    follows(ward, ON_CALL)
    becomes_coordinator(ward, "dee")
    red(ward, "2027-03-25T20:00+01:00")
    assert moves(ward, "2027-03-25T20:00+01:00") == ["dee", "els", "ria"]
    assert moves(ward, "2027-03-25T20:30+01:00") == ["dee", "els", "ria"]
    for staff, page in ((ward.mo, "/staff/patients"), (ward.els, "/staff/")):
        page_text = Desk(app, ward, staff).opens(page).text
        assert "maar mag geen melding in behandeling nemen: Dee." in page_text
        assert "maar zonder bericht" not in page_text


def test_who_may_take_it_among_those_called_is_enough(ward):
    ward.today("2027-03-24", "06:00")
    follows(ward, ROSTER + "on_call: [dee, ria]\n")
    becomes_coordinator(ward, "dee")
    red(ward, "2027-03-25T20:00+01:00")
    assert moves(ward, "2027-03-25T20:00+01:00") == ["ria", "dee"]


def test_the_red_bar_names_what_is_wrong_before_any_alert(ward, app):
    ward.today("2027-03-25", "09:00")
    mo, ad = Desk(app, ward, ward.mo), Desk(app, ward, ward.ad)
    follows(ward, ON_CALL.replace("2027-01-01", "2027-01-01, until: 2027-04-02"))
    for desk, page in ((mo, "/staff/patients"), (ad, "/staff/people")):
        desk.opens(page)
        assert "Niemand heeft dienst op maandag 5 april: maak het rooster compleet." in desk.text
    follows(ward, ON_CALL)
    assert "maak het rooster compleet" not in mo.opens("/staff/patients").text
    leaves(ward, "ria")
    named = "Wel op het rooster, maar zonder bericht van een rode melding: Ria."
    assert named in mo.opens("/staff/patients").text
    assert named in ad.opens("/staff/people").text
    assert "Geen verpleegkundige kan bericht krijgen" not in ad.text


@pytest.mark.parametrize(("until", "named"), [("2027-04-07", True), ("2027-04-08", False)])
def test_a_day_without_anybody_is_named_two_weeks_before(ward, app, until, named):
    ward.today("2027-03-25", "09:00")
    follows(ward, ON_CALL.replace("2027-01-01", f"2027-01-01, until: {until}"))
    page = Desk(app, ward, ward.mo).opens("/staff/patients").text
    assert ("Niemand heeft dienst op donderdag 8 april" in page) is named
    assert ("Niemand heeft dienst" in page) is named


def test_who_is_on_no_list_of_the_next_two_weeks_is_not_missed_there(ward, app):
    ward.today("2027-03-25", "09:00")
    follows(
        ward,
        ROSTER.replace("[els, ria]}", "[els]}")
        + "  - {from: 2027-01-04, until: 2027-03-24, who: [ria]}\n"
        + "  - {from: 2027-04-09, until: 2027-04-12, who: [ria]}\n",
    )
    leaves(ward, "ria")
    missed = "maar zonder bericht van een rode melding: Ria."
    assert missed not in Desk(app, ward, ward.mo).opens("/staff/patients").text
    ward.today("2027-03-26", "09:00")
    assert missed in Desk(app, ward, ward.mo).opens("/staff/patients").text


def test_a_site_that_can_tell_nobody_is_told_so(clinic, app):
    clinic.today("2027-03-25", "09:00")
    with clinic.database.writing() as session:
        session.get_one(Staff, clinic.els.id).active = False
        session.commit()
    assert (
        "Geen verpleegkundige kan bericht krijgen van een rode melding."
        in Desk(app, clinic, clinic.ad).opens("/staff/people").text
    )
