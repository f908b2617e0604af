"""A link opens what is due and nothing else: for bots, for strangers, for the next reader of the
same phone."""

import gzip
import logging
import re
from datetime import timedelta

from sqlmodel import select

from proms.actions.access import make_link, revoke_links
from proms.db.tables import AuditEntry, PatientVisit
from proms.domain.alert.record import Resolution
from proms.domain.schedule.history_entry import MilestoneRecorded
from proms.web.guard import PATIENT, admits
from tests.clinic import KEYRING
from tests.filling_in import DAY_AND_NIGHT, STUDY_TEAM, begun, calm, link, newer_link, well
from tests.phone import HOME


def test_T_03_the_link_on_another_browser_shows_no_answer_of_the_first(clinic, anna, hand):
    first = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen").answers("Gewoon")
    other = hand().opens(link(clinic)).taps("Start")
    assert "U bent bij vraag" not in other.text
    other.taps("Begin Klachtencheck")
    assert "nog niet verstuurd" not in other.text
    assert "Vraag 1 van 17" in other.text
    other.now += timedelta(minutes=1)
    calm(other)
    assert (other.title, other.chosen) == ("Is uw huid of uw oogwit geler dan normaal?", [])
    other.answers("Nee")
    assert first.opens("/today").text.count("U bent bij vraag") == 1  # each has its own draft


def test_T_02_looking_at_a_link_changes_nothing_and_uses_nothing_up(clinic, anna, hand):
    bot = hand()
    with clinic.database.reading() as session:
        before = len(session.exec(select(AuditEntry)).all())
    for _ in range(10):
        assert bot.opens(link(clinic)).status == 200
        assert bot.opens(link(clinic), method="HEAD").status == 200
    with clinic.database.reading() as session:
        assert session.exec(select(PatientVisit)).all() == []
        assert len(session.exec(select(AuditEntry)).all()) == before
    assert hand().opens(link(clinic)).taps("Start").path == "/today"


def test_T_01_unknown_revoked_and_expired_links_get_one_and_the_same_page(clinic, anna, hand):
    expired = link(clinic)
    with clinic.database.writing() as session:
        revoked = "/q/" + make_link(session, KEYRING, patient_id=anna.id, now=clinic.now)
        session.flush()
        revoke_links(session, anna.id, now=clinic.now)
        session.commit()
    phone = hand()
    gone = phone.opens(revoked).answer
    phone.now += timedelta(days=36)
    answers = [
        gone,
        phone.opens(expired).answer,
        phone.opens("/q/AAAAAAAAAAAAAAAAAAAAAAAAAAA").answer,
    ]
    assert {each.status_code for each in answers} == {404}
    assert len({each.data for each in answers}) == 1
    assert DAY_AND_NIGHT in phone.text
    assert phone.opens(expired, method="POST").status == 400  # a tap needs the page it stands on


def test_T_01_the_token_is_in_no_later_address_no_log_and_no_database(
    clinic, anna, hand, caplog, database_url
):
    caplog.set_level(logging.DEBUG)
    path = link(clinic)
    token = path.removeprefix("/q/")
    phone = well(begun(hand(), clinic)).taps("Verstuur mijn antwoorden")
    assert [each for each in phone.addresses if token in each] == [
        path,
        path,
    ]  # opened, then the tap itself
    assert phone.answer.headers["Referrer-Policy"] == "no-referrer"
    assert token not in caplog.text
    assert token not in phone.answer.text
    if database_url.startswith("sqlite"):
        file = database_url.removeprefix("sqlite:///")
        for each in (file, f"{file}-wal"):
            with open(each, "rb") as raw:
                assert token.encode() not in raw.read()


def test_who_has_withdrawn_reads_that_she_takes_no_further_part_and_whom_she_can_call(
    clinic, anna, hand
):
    old = link(clinic)
    phone = begun(hand(), clinic)
    asked = phone.path
    clinic.withdraws(anna, "2026-01-05")
    for path in ("/today", asked, "/", "/link"):
        assert phone.opens(path).title == "U doet niet meer mee", path
    other = hand().opens(old)
    assert (other.status, other.title) == (410, "U doet niet meer mee")
    assert "U krijgt geen vragen en geen berichten meer. U hoeft niets te doen." in other.text
    assert "Open uw nieuwste link" not in other.text
    assert STUDY_TEAM in other.text
    assert DAY_AND_NIGHT in other.text
    assert "Anna" not in other.text
    assert other.taps("English").title == "You no longer take part"
    other.now += timedelta(days=400)  # she finds an old message
    assert other.opens(old).title == "You no longer take part"


def test_her_own_language_is_spoken_also_then(clinic, hand):
    clinic.today("2026-01-05", "09:00")
    patient = clinic.enrols("Bert", language="en")
    clinic.works()
    path = link(clinic)
    clinic.withdraws(patient, "2026-01-05")
    assert hand().opens(path).title == "You no longer take part"


def test_after_a_death_the_family_reads_nothing_of_taking_part_or_feeling_unwell(
    clinic, anna, hand
):
    phone = begun(hand(), clinic)
    clinic.dies(anna, "2026-01-05")
    for at in (phone.opens("/today"), hand().opens(link(clinic))):
        assert at.title == "Er komen geen vragen meer"
        assert "U hoeft niets te doen." in at.text
        assert "niet meer mee" not in at.text
        assert "Voelt u zich" not in at.text


def test_T_01_only_a_link_that_was_hers_leads_there(clinic, anna, hand):
    """What was never a link looks as it always did, also after somebody withdrew."""
    before = hand().opens("/q/AAAAAAAAAAAAAAAAAAAAAA").answer
    clinic.withdraws(anna, "2026-01-05")
    after = hand().opens("/q/AAAAAAAAAAAAAAAAAAAAAA").answer
    assert (after.status_code, after.data) == (before.status_code, before.data)
    assert before.status_code == 404


def test_a_withdrawal_that_was_a_mistake_leaves_no_door_shut_for_good(clinic, anna, hand):
    clinic.withdraws(anna, "2026-01-05")
    old = link(clinic)
    clinic.records(anna, MilestoneRecorded("withdrawal", None), reason="of another patient")
    assert hand().opens(old).title == "Open uw nieuwste link"  # as any link that was revoked
    assert hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start").path == "/today"


def test_without_a_link_the_patients_pages_stay_shut(clinic, anna, hand, app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("patient.")]
    for rule in rules:
        if "GET" in rule.methods and admits(app, rule.endpoint) == PATIENT:
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            assert hand().opens(path).title == "Open uw nieuwste link", rule


def test_one_patient_never_sees_the_form_or_the_receipt_of_another(clinic, anna, hand):
    phone = begun(hand(), clinic)
    form = phone.path
    receipt = well(phone).taps("Verstuur mijn antwoorden").path
    clinic.enrols("Bert")
    clinic.works()
    other = hand().opens(link(clinic)).taps("Start")
    assert other.opens(form).status == 404
    assert other.opens(receipt).status == 404
    assert other.opens("/receipt/nothing").status == 404


def test_after_sending_the_way_back_shows_no_answer(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    pages = [path for path in phone.addresses if path.startswith("/form/")]
    phone.taps("Verstuur mijn antwoorden")
    for path in pages:
        phone.opens(path)
        assert phone.path.startswith("/receipt/"), path  # sent already
        assert DAY_AND_NIGHT in phone.text
        assert phone.chosen == []


def test_a_receipt_says_for_a_day_or_until_a_nurse_has_it_what_to_do_and_then_that_it_arrived(
    clinic, anna, hand
):
    phone = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen")
    receipt = well(phone).taps("Verstuur mijn antwoorden").path
    phone.now += timedelta(hours=25)
    phone.opens(receipt)
    assert phone.title == "Bel nu het ziekenhuis"
    clinic.resolves(anna, Resolution.ADVICE)
    phone.opens(receipt)
    assert phone.title == "Dank u wel"
    assert "dinsdag 6 januari" not in phone.text
    assert "maandag 5 januari om 10.46 uur" in phone.text
    assert "gal" not in phone.text.split()
    assert not phone.opens("/today").offers("Wat u nu moet doen")


def test_the_way_back_from_a_language_never_leads_to_another_site(clinic, hand):
    for bad in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "evil",
        "/%09/evil.example",
    ):
        phone = hand()
        phone.opens("/language/en?back=" + bad)
        assert phone.addresses[-1] == "/", bad
    assert hand().opens("/language/xx").status == 404


def test_no_page_weighs_more_than_25_kilobytes(clinic, anna, hand):
    phone = well(begun(hand(), clinic).answers("Ja").taps("Verder met de vragen"))
    pages = [path for path in dict.fromkeys(phone.addresses) if not path.startswith("/q/")]
    receipt = phone.taps("Verstuur mijn antwoorden").path
    for path in [*pages, receipt, "/", "/today"]:
        phone.opens(path)
        sheets = re.findall(r'href="(/static/[^"]+)"', phone.answer.text)
        parts = [
            phone.answer.data,
            *(phone.client.get(each, base_url=HOME, buffered=True).data for each in sheets),
        ]
        assert sum(len(gzip.compress(each)) for each in parts) < 25 * 1024, path
