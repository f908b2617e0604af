"""A site says who is on duty: by a file or on the page; what does not hold together is refused, and
patients are told the site's own working days."""

import pytest
import time_machine
from click.testing import CliRunner
from sqlmodel import col, select

from proms.cli import main
from proms.db.tables import AuditEntry, SiteRoster, StaffIdentity
from proms.domain.person import Role
from tests.clinic import MOBILE
from tests.desk import Desk
from tests.filling_in import begun, well

ROSTER = """\
timezone: Europe/Amsterdam
staffed: {mon: "08:00-17:00", tue: "08:00-17:00", wed: "08:00-17:00", thu: "08:00-17:00", fri: "08:00-16:00"}
holidays: [2027-03-26, 2027-03-29, 2027-05-05, 2027-05-06]
on_duty:
  - {from: 2027-01-01, who: [els]}
on_call: [els]
"""


@pytest.fixture
def records(installation, clinic, tmp_path):
    """`records(roster)` is the operator's command on a file."""
    clinic.today("2027-03-22", "09:00")

    def command(roster=ROSTER, *options):
        path = tmp_path / "roster.yaml"
        path.write_text(roster)
        with time_machine.travel(clinic.now, tick=False):
            return CliRunner().invoke(main, ["site", "roster", "AMS", str(path), *options])

    return command


def versions(clinic):
    with clinic.database.reading() as session:
        return session.exec(select(SiteRoster).order_by(col(SiteRoster.version))).all()


def test_a_file_becomes_the_site_s_roster_with_people_by_their_ids(clinic, records):
    done = records(ROSTER, "--reason", "board")
    assert done.output == "AMS: the roster is recorded, version 1.\n"
    assert records().exit_code == 2  # the same again
    assert "version 2" in records(ROSTER.replace("on_call: [els]", "on_call: []")).output
    first, second = versions(clinic)
    assert first.document["on_duty"][0]["who"] == [str(clinic.els.id)]
    assert first.document["on_call"] == [str(clinic.els.id)]
    assert first.document["limits"] == {"next_after": 30, "on_call_after": 60, "again_after": 30}
    assert second.document["on_call"] == []
    with clinic.database.reading() as session:
        entries = session.exec(
            select(AuditEntry).where(AuditEntry.verb == "site.roster_recorded")
        ).all()
    assert [(entry.actor, entry.reason) for entry in entries] == [
        ("operator", "board"),
        ("operator", ""),
    ]
    assert "els" not in str(entries[0].detail)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("on_call: [els]", "on_call: [pam]", "Pam has no mobile number; who is on call needs one."),
        (
            "on_call: [els]",
            "on_call: [mo]",
            "Mo may not take alerts: only who has the role of nurse",
        ),
        ("who: [els]", "who: [els, mo]", "Mo may not take alerts: only who has the role of nurse"),
        ("who: [els]", "who: [kim]", "Kim may not take alerts: only who has the role of nurse"),
        ("who: [els]", "who: [nobody]", "Nobody at this site logs in as nobody."),
        ("Europe/Amsterdam", "Europe/London", "time zone Europe/London"),
        ("from: 2027-01-01", "from: 2027-04-01", "Nobody is on duty on 2027-03-23"),
        ("from: 2027-01-01", "from: 2027-01-01, until: 2027-03-19", "Nobody is on duty on 2027"),
        ('mon: "08:00-17:00"', 'mon: "08:00-"', "roster.yaml:2: '08:00-' is not a day's hours"),
    ],
)
def test_what_does_not_hold_together_is_refused(clinic, records, old, new, sentence):
    clinic.employs("pam", Role.NURSE, email="pam@example.org")
    refused = records(ROSTER.replace(old, new).replace("2027-03-26", "2027-03-22"))
    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert versions(clinic) == []


def test_a_nurse_who_has_lost_her_number_is_not_put_on_duty(clinic, records):
    with clinic.database.writing() as session:
        session.get_one(StaffIdentity, clinic.els.id).phone = None
        session.commit()
    refused = records(ROSTER.replace("on_call: [els]", "on_call: []"))
    assert "Els has no mobile number and no e-mail address." in refused.stderr


def test_the_page_offers_whoever_may_take_an_alert_and_nobody_else(clinic, app, records):
    records()
    pam = clinic.employs("pam", Role.COORDINATOR, phone=MOBILE)
    mo = Desk(app, clinic, clinic.mo).opens("/staff/roster")
    sheet = next(each for each in mo.page.sheets if "who_1_1" in each.offered)
    assert sheet.offered["who_1_1"] == ["", str(clinic.els.id)]
    called = [name for name in sheet.offered if name.startswith("call_")]
    assert called == [f"call_{clinic.els.id}"]
    mo.sends("/staff/roster", **{**sheet.held, "reason": "zomer", "who_1_2": str(pam.id)})
    assert (mo.status, len(versions(clinic))) == (422, 1)
    assert "Kies een van deze." in mo.text


def test_the_page_shows_the_week_ahead_to_nurses_and_the_form_to_whom_it_is_theirs(
    clinic, app, records
):
    els, mo = Desk(app, clinic, clinic.els), Desk(app, clinic, clinic.mo)
    els.opens("/staff/").follows("Dienst")
    assert "nog geen rooster: elke verpleegkundige krijgt bericht" in els.text
    assert not els.offers("Opslaan")
    records()
    els.opens("/staff/roster")
    assert "maandag 22 maart 08:00-17:00 Els" in els.text
    assert "vrijdag 26 maart feestdag wie oproepbaar is" in els.text
    assert "zaterdag 27 maart niet bezet wie oproepbaar is" in els.text
    assert "Oproepbaar buiten de bezette uren: Els." in els.text
    assert mo.opens("/staff/roster").offers("Opslaan")
    assert Desk(app, clinic, clinic.kim).opens("/staff/roster").status == 403
    assert els.sends("/staff/roster").status == 403


def test_a_coordinator_changes_the_roster_on_the_page(clinic, app, records):
    records()
    mo = Desk(app, clinic, clinic.mo).opens("/staff/roster")
    assert mo.holds("fri_closes") == "16:00"
    assert mo.holds("holiday_2027-03-26") == "1"
    assert mo.holds("own_days") == "2027-05-05"  # which is no public holiday in this year
    kind = {"reason": "zomer", f"call_{clinic.els.id}": "", "no_on_call": "1"}
    mo.presses("Opslaan", fri_closes="15:30", own_days="2027-05-05\n2027-12-31", **kind)
    assert "Het rooster is opgeslagen en geldt vanaf nu." in mo.text
    assert "koos geen oproeplijst" in mo.text
    latest = versions(clinic)[-1]
    assert (latest.recorded_by, latest.reason) == (clinic.mo.id, "zomer")
    assert latest.document["staffed"]["fri"] == "08:00-15:30"
    assert latest.document["holidays"] == [
        "2027-03-26",
        "2027-03-29",
        "2027-05-05",
        "2027-05-06",
        "2027-12-31",
    ]


def test_a_first_roster_begins_with_office_hours_and_the_country_s_holidays(clinic, app):
    clinic.today("2027-03-22", "09:00")
    ad = Desk(app, clinic, clinic.ad).opens("/staff/roster")
    assert "Goede vrijdag" in ad.text
    ad.presses("Opslaan", reason="start", who_1_1=str(clinic.els.id))
    assert ad.status == 422
    assert "Vink aan wie oproepbaar is, of dat u geen oproeplijst kiest." in ad.text
    ad.presses("Opslaan", no_on_call="1")
    assert ad.status == 200, ad.text
    (first,) = versions(clinic)
    assert first.document["staffed"]["mon"] == "08:00-17:00"
    assert "2027-03-26" in first.document["holidays"]
    assert "2027-05-05" not in first.document["holidays"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"mon_closes": ""}, "Geef voor elke bezette dag een begin en een eind"),
        ({"mon_closes": "07:00"}, "De uren van een dag eindigen na het begin."),
        ({"until_1": "2026-12-31"}, "Een rij eindigt op de dag waarop zij begint, of later."),
        ({"until_1": "2027-03-23", "from_2": "2027-03-25", "who_2_1": "1"}, "2027-03-24"),
        ({"from_1": ""}, "Geef bij elke rij de dag vanaf wanneer zij geldt."),
        ({"who_1_1": ""}, "Geef aan wie dienst heeft."),
        ({"who_1_2": "1"}, "Iemand staat twee keer in één rij."),
        ({"own_days": "pasen"}, "Schrijf elke dag op een eigen regel"),
        ({"next_after": "0"}, "1 tot en met 1440"),
        ({"reason": " "}, "Vul dit veld in."),
    ],
)
def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(
    clinic, app, records, typed, sentence
):
    records()
    mo = Desk(app, clinic, clinic.mo).opens("/staff/roster")
    mo.presses("Opslaan", **{"reason": "zomer", "tue_opens": "07:30", **typed})
    assert (mo.status, len(versions(clinic))) == (422, 1)
    assert sentence in mo.text
    assert mo.holds("tue_opens") == "07:30"
    mo.switches("en")
    assert mo.holds("tue_opens") == "07:30"


def test_who_has_lost_her_access_is_named_on_the_page(clinic, app, records):
    clinic.employs("ria", Role.NURSE, phone=MOBILE)
    records(ROSTER.replace("who: [els]", "who: [els, ria]"))
    ad = Desk(app, clinic, clinic.ad).opens("/staff/roster")
    assert "zonder bericht" not in ad.text
    ad.opens("/staff/people/5/deactivation").presses("Trek toegang in")
    assert "maar zonder bericht van een rode melding: Ria." in ad.opens("/staff/roster").text


@pytest.mark.parametrize(
    ("closed", "says"),
    [
        ("[2027-03-29]", ("2027-03-25", None)),  # this hospital works on Good Friday
        ("[2027-03-26, 2027-03-29]", ("2027-03-25", "dinsdag 30 maart")),
        ("[2027-05-06]", ("2027-05-04", None)),
        ("[2027-05-05, 2027-05-06]", ("2027-05-04", "vrijdag 7 mei")),
        (None, ("2027-03-25", "dinsdag 30 maart")),  # no roster: the country's holidays
        (None, ("2027-05-04", None)),
    ],
)
def test_an_amber_answer_names_the_day_that_the_site_s_own_list_gives(
    clinic, records, hand, closed, says
):
    evening, called = says
    if closed:
        lines = ROSTER.replace("[2027-03-26, 2027-03-29, 2027-05-05, 2027-05-06]", closed)
        assert records(lines).exit_code == 0
    clinic.today(evening, "09:00")
    clinic.enrols()
    clinic.today(evening, "20:00")
    phone = begun(hand(), clinic).taps("Volgende").taps("Vraag overslaan")
    well(phone).taps("Verstuur mijn antwoorden")
    assert "Wij bellen u binnen 1 werkdag." in phone.text
    if called is None:
        assert "kan zijn dat wij pas" not in phone.text
    else:
        assert f"Het kan zijn dat wij pas op {called} bellen." in phone.text
