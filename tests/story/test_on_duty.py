"""Nobody takes a red alert: each notice comes on its minute and to whom the roster says, over an
evening, a weekend, a holiday and the nights the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from proms.actions.audit import staff_actor
from proms.actions.digests import send_digests
from proms.actions.rosters import set_roster, with_staff_ids
from proms.actions.staff_changes import deactivate_staff
from proms.content.roster_file import read_roster
from proms.content.source import parse
from proms.db.queries.people import staff_with_login
from proms.db.tables import Alert, AuditEntry, Delivery, Site, SiteDigest, Staff
from proms.domain.person import Role
from tests.clinic import MOBILE
from tests.desk import Desk, stranger
from tests.story.test_extra import extra

A_MINUTE = timedelta(minutes=1)
NAMES = {MOBILE: "els", "+49 171 39200 02": "ria", "+49 171 39200 03": "dee"}
ROSTER = """\
timezone: Europe/Amsterdam
staffed: {mon: "08:00-17:00", tue: "08:00-17:00", wed: "08:00-17:00", thu: "08:00-17:00", fri: "08:00-16:00"}
holidays: [2027-03-29]
on_duty:
  - {from: 2027-01-01, who: [els, ria]}
"""
ON_CALL = ROSTER + "on_call: [dee]\n"


@pytest.fixture
def ward(clinic):
    """The clinic with a second nurse, and a doctor on call, who has a nurse's account."""
    for number, login in enumerate(("ria", "dee"), 1):
        clinic.employs(login, Role.NURSE, phone=list(NAMES)[number])
    return clinic


def follows(clinic, written):
    """The site follows this roster from now on."""
    with clinic.database.writing() as session:
        limits = clinic.library.protocol("pump-it").alerts
        roster = read_roster(parse(written.encode(), Path("roster.yaml")), limits)
        site = session.get_one(Site, clinic.site.id)
        roster = with_staff_ids(session, clinic.keyring, roster, site)
        set_roster(
            session,
            clinic.keyring,
            roster,
            site_id=site.id,
            reason="board",
            by=staff_actor(clinic.ad),
            now=clinic.now,
        )


def moves(clinic, at):
    """To an instant, written with its offset; whom a notice reached then."""
    before = len(clinic.phone)
    clinic.now = datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else at
    clinic.works()
    names = {number.replace(" ", ""): name for number, name in NAMES.items()}
    return [names[to] for to, text in clinic.phone[before:] if "/staff/" in text]


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


def becomes_coordinator(ward, login):
    """As a roster of before may have it: whoever is on it has no longer the role that acts."""
    with ward.database.writing() as session:
        staff = staff_with_login(session, ward.keyring, login)
        session.get_one(Staff, staff.id).role = Role.COORDINATOR
        session.commit()


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


@pytest.mark.parametrize(
    ("left", "told"), [(("els",), ["ria"]), (("els", "ria"), ["dee"])], ids=["deputy", "nobody"]
)
def test_the_morning_message_goes_to_who_may_act(ward, left, told):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    ward.answers(ward.enrols(), DIAR=2)
    for login in left:
        becomes_coordinator(ward, login)
    assert moves(ward, "2027-03-26T08:00+01:00") == told


def test_where_nobody_on_duty_may_act_every_nurse_of_this_site_reads_it_and_no_other(ward):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    ward.answers(ward.enrols(), DIAR=2)
    for login in ("els", "ria"):
        becomes_coordinator(ward, login)
    far = stranger(ward, Role.NURSE)
    gone = ward.employs("gone", Role.NURSE, phone="+49 171 39200 04")
    with ward.database.writing() as session:
        session.get_one(Staff, gone.id).active = False
        session.commit()
    assert moves(ward, "2027-03-26T08:00+01:00") == ["dee"]
    with ward.database.reading() as session:
        told = session.exec(select(Delivery.staff_id).where(Delivery.kind == "digest")).all()
    assert not {far.id, gone.id} & set(told)


@pytest.mark.parametrize(
    ("served", "phone", "email", "channel"),
    [
        ({"sms", "email"}, True, True, "sms"),
        ({"sms", "email"}, False, True, "email"),
        ({"email"}, True, True, "email"),
        ({"email"}, True, False, "sms"),  # it ends there, and the site is told that nothing is sent
        ({"sms"}, True, True, "sms"),
    ],
)
def test_the_morning_message_goes_by_a_channel_that_works(clinic, served, phone, email, channel):
    clinic.today("2027-03-25", "06:00")
    kim = clinic.employs(
        "ria",
        Role.NURSE,
        phone="+49 171 39200 02" if phone else None,
        email="ria@voorbeeld.nl" if email else None,
    )
    follows(clinic, ROSTER.replace("[els, ria]", "[ria]"))
    clinic.today("2027-03-25", "10:00")
    clinic.answers(clinic.enrols(), DIAR=2)
    morning = datetime.fromisoformat("2027-03-26T08:00+01:00").astimezone(UTC)
    with clinic.database.writing() as session:
        assert send_digests(session, now=morning, served=served) == 1
        owed = session.exec(select(Delivery).where(Delivery.kind == "digest")).one()
    assert (owed.staff_id, owed.channel) == (kim.id, channel)


def test_a_morning_message_that_could_not_leave_that_day_does_not_leave_at_night(ward):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    ward.answers(ward.enrols(), DIAR=2)
    moves(ward, "2027-03-26T08:00+01:00")
    for at, told, state in (
        ("2027-03-26T19:59+01:00", ["els"], "sent"),
        ("2027-03-26T20:00+01:00", [], "expired"),
    ):
        with ward.database.writing() as session:
            row = session.exec(select(Delivery).where(Delivery.kind == "digest")).one()
            row.state, row.settled_at = "due", None  # the provider was away until now
            session.commit()
        assert moves(ward, at) == told
        with ward.database.reading() as session:
            row = session.exec(select(Delivery).where(Delivery.kind == "digest")).one()
        assert row.state == state


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


def test_what_is_amber_is_one_message_in_the_morning_and_overdue_after_a_working_day(ward, app):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    for name in ("Anna", "Bert"):
        ward.answers(ward.enrols(name), DIAR=2)
    assert moves(ward, "2027-03-25T10:05+01:00") == []
    assert moves(ward, "2027-03-26T07:59+01:00") == []
    assert moves(ward, "2027-03-26T08:00+01:00") == ["els"]
    assert "Er wachten 2 personen op de werklijst." in ward.phone[-1][1]
    assert moves(ward, "2027-03-26T09:00+01:00") == []
    els = Desk(app, ward, ward.els)
    assert "over tijd" not in els.opens("/staff/").text
    moves(ward, "2027-03-26T16:01+01:00")
    els = Desk(app, ward, ward.els)
    assert "over tijd sinds vrijdag 26 maart, 16.00 uur" in els.opens("/staff/").text
    # Nobody is told on the weekend or on Easter Monday; the morning after everybody still waits.
    for day in ("2027-03-27", "2027-03-28", "2027-03-29"):
        assert moves(ward, f"{day}T09:00+02:00") == []
    assert moves(ward, "2027-03-30T08:00+02:00") == ["els"]
    with ward.database.reading() as session:
        days = session.exec(select(SiteDigest).order_by(col(SiteDigest.day))).all()
        sent = session.exec(select(Delivery).where(Delivery.kind == "digest")).all()
    assert [(each.day, each.patients) for each in days] == [
        (date(2027, 3, 25), 0),
        (date(2027, 3, 26), 2),
        (date(2027, 3, 30), 2),
    ]
    assert {each.state for each in sent} == {"sent"}
