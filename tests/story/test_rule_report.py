"""How the rules did: per site and month, in figures a trial can report, and every report that met a
rule."""

import csv
import io

from click.testing import CliRunner

from proms.cli import main
from proms.domain.alert.record import Resolution
from tests.desk import Desk


def printed(*words):
    result = CliRunner().invoke(main, ["alerts", *words])
    assert (result.exit_code, result.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(result.stdout)))


def in_march(clinic):
    """Three patients: itch that is dealt with after 30 minutes, itch in which nothing was needed
    after 90, jaundice that is open."""
    clinic.today("2026-03-02", "10:00")
    anna, bea, carla = (clinic.enrols(name) for name in ("Anna", "Bea", "Carla"))
    clinic.answers(anna, ITCH=3)
    clinic.answers(bea, ITCH=4)
    clinic.answers(carla, JAUND=2)
    clinic.today("2026-03-02", "10:30")
    clinic.resolves(anna, Resolution.ADVICE)
    clinic.today("2026-03-02", "11:30")
    clinic.resolves(bea, Resolution.NONE_NEEDED)
    return anna


def test_the_figures_of_a_month_are_those_of_its_alerts(clinic, installation):
    in_march(clinic)
    assert printed("report", "AMS", "2026-03") == [
        {
            "rule": "B1",
            "fired": "1",
            "alerts": "1",
            "closed": "0",
            "acted_on": "0",
            "median_minutes": "",
            "without_action": "",
        },
        {
            "rule": "B4",
            "fired": "2",
            "alerts": "2",
            "closed": "2",
            "acted_on": "1",
            "median_minutes": "60",
            "without_action": "50.0",
        },
    ]
    assert printed("report", "AMS", "2026-02") == []


def test_an_alert_belongs_to_the_month_in_which_it_was_raised_at_the_site(clinic, installation):
    clinic.today("2026-01-31", "23:30")  # 22:30 in UTC
    anna, bea = clinic.enrols("Anna"), clinic.enrols("Bea")
    clinic.answers(anna, JAUND=2)
    clinic.today("2026-02-01", "00:30")  # 23:30 of 31 January in UTC
    clinic.answers(bea, JAUND=2)
    assert [len(printed("report", "AMS", month)) for month in ("2026-01", "2026-02")] == [1, 1]
    assert printed("report", "AMS", "2026-02")[0]["fired"] == "1"


def test_the_log_names_every_report_that_met_a_rule(clinic, installation):
    anna = in_march(clinic)
    first, *others = printed("log")
    assert (first["patient"], first["level"], first["rules"], first["policy"]) == (
        anna.code,
        "amber",
        "B4",
        "on",
    )
    assert len(others) == 2


def test_a_site_or_month_that_is_none_is_refused_in_a_line(installation):
    for words in (("XXX", "2026-03"), ("AMS", "March")):
        result = CliRunner().invoke(main, ["alerts", "report", *words])
        assert result.exit_code == 2


def test_the_page_shows_them_month_by_month(clinic, app):
    in_march(clinic)
    desk = Desk(app, clinic, clinic.els).opens("/staff/rules")
    assert "maart 2026" in desk.text
    assert "B4 jeuk: mogelijk van de galwegen" in desk.text
    assert "60 minuten" in desk.text
    assert "50" in desk.text
    assert "De maand erna" not in desk.text
    assert "In deze maand ging geen regel op." in desk.opens("/staff/rules?month=2026-02").text
    assert desk.opens("/staff/rules?month=2027-01").status == 404
    assert desk.opens("/staff/rules?month=soon").status == 404
