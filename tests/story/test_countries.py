"""Texts go to the countries of the list alone, Dutch numbers where none is named: another number is
refused wherever it is typed, and one that is there already is held, shown and not lost (T-17)."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from proms.actions.countries import follow_countries
from proms.actions.inbound import Inbound, take_text
from proms.actions.letters import Post
from proms.cli import main
from proms.cli.opened import opened
from proms.cli.worker import follow_settings
from proms.db.tables import AuditEntry, ChannelPause, Delivery, MessageDecision
from proms.domain.reminder import OutboxLimits
from proms.jobs.ticks import run_all
from tests.caller import Callers
from tests.clinic import KEYRING, MOBILE, At
from tests.desk import Desk
from tests.phone import website
from tests.two_ways import Line, gives

DUTCH, BELGIAN = "06 12 34 56 78", "+32 470 12 34 56"
ONLY_DUTCH = "Sms’en gaan alleen naar nummers die beginnen met: +31."
WHY = "naar het land van dit nummer gaan geen sms’en"
HOME, BOTH = frozenset({"+31"}), frozenset({"+31", "+49"})


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


@pytest.fixture
def texts_go_to(app, monkeypatch):
    """`texts_go_to("+31")`: the list of the installation."""
    made = app.extensions["parts"]

    def name(*countries):
        settings = replace(made.settings, sms_countries=frozenset(countries))
        monkeypatch.setitem(app.extensions, "parts", replace(made, settings=settings))

    return name


@pytest.fixture
def greta(clinic):
    """She has a German number, which was taken when the list had it."""
    clinic.today("2026-01-05", "08:30")
    return clinic.enrols("Greta", address=MOBILE, use_anyway=False)


def works(clinic, countries=HOME):
    """The worker of an installation with this list; what left, and to whom."""
    by_phone, by_mail = Line(clinic), Line(clinic)
    channels = {"sms": by_phone, "email": by_mail}
    post = Post(channels, KEYRING, "https://proms.example.org", countries=countries)
    tools = At(clinic.database, clinic.look, post, clinic.protocol, False, clinic.seen, clinic.now)
    run_all(replace(tools, at=clinic.now))
    return [to for to, _ in (*by_phone.left, *by_mail.left)]


def begins(clinic, countries):
    """The worker is started with this list: how many numbers are held, how many let go."""
    with clinic.database.writing() as session:
        return follow_countries(session, clinic.library, KEYRING, countries, now=clinic.now)


def decided(clinic):
    with clinic.database.reading() as session:
        rows = session.exec(select(MessageDecision).order_by(col(MessageDecision.id)))
        return [(row.verdict, row.reason) for row in rows if row.decided_with is None]


def at(clinic, hour, minute=0):
    clinic.now = clinic.now.replace(hour=hour - 1, minute=minute)  # by the clock of the site


def enrolment(address):
    return {
        "name": "Bert",
        "hospital_number": "1",
        "birth_year": "1961",
        "sex": "male",
        "language": "nl",
        "consent": "2026-01-05",
        "contact_kind": "sms",
        "address": address,
    }


@pytest.mark.parametrize("countries", [("+31",), ("+31", "+32")])
def test_at_enrolment_the_page_says_which_numbers_may_be_given_and_keeps_what_was_typed(
    clinic, app, texts_go_to, countries
):
    clinic.today("2026-01-05", "10:00")
    texts_go_to(*countries)
    mo = Desk(app, clinic, clinic.mo).opens("/staff/patients/new")
    mo.presses("Inschrijven", **enrolment(MOBILE))
    assert mo.status == 422
    assert f"beginnen met: {', '.join(countries)}." in mo.text
    assert mo.holds("address") == MOBILE
    mo.presses("Inschrijven", address=BELGIAN)
    assert mo.status == (422 if countries == ("+31",) else 200)


def test_a_correction_and_a_second_way_are_refused_as_well(clinic, app, texts_go_to):
    clinic.today("2026-01-05", "10:00")
    anna = clinic.enrols("Anna", contact_kind="email", address="anna@example.org")
    texts_go_to("+31")
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}")
    mo.presses("Opslaan", contact_kind="sms", address=BELGIAN, consented_on="2026-01-05")
    assert (mo.status, ONLY_DUTCH in mo.text) == (422, True)
    mo.opens(f"/staff/patients/{anna.code}/second-way")
    mo.presses("Opslaan", address=BELGIAN, consented_on="2026-01-05")
    assert (mo.status, ONLY_DUTCH in mo.text) == (422, True)
    mo.presses("Opslaan", address=DUTCH)
    assert mo.status == 200


def test_the_number_of_a_member_of_staff_too_unless_it_stays(clinic, app, texts_go_to):
    texts_go_to("+31")
    ad = Desk(app, clinic, clinic.ad).opens("/staff/people")
    new = {"login": "nel", "name": "Nel", "role": "nurse", "language": "nl"}
    ad.presses("Toevoegen", **new, password="a long enough password", phone=BELGIAN)
    assert (ad.status, ONLY_DUTCH in ad.text) == (422, True)
    ad.opens(f"/staff/people/{clinic.els.id}").presses("Toon wat", phone=BELGIAN)
    assert (ad.status, ONLY_DUTCH in ad.text) == (422, True)
    ad.opens(f"/staff/people/{clinic.els.id}").presses("Toon wat", language="en")
    assert ad.status == 200


def test_the_api_and_the_command_line_say_it_in_english(clinic, app, texts_go_to, installation):
    clinic.today("2026-01-05", "10:00")
    texts_go_to("+31")
    body = {**enrolment(BELGIAN), "birth_year": 1961}
    refused = Callers(app, clinic).staff(clinic.mo).post("/patients", body)
    assert refused.status_code == 422
    assert "Text messages go only to numbers that begin with: +31." in refused.text
    words = ["staff", "add", "nel", "--site", "AMS", "--name", "Nel", "--role", "nurse"]
    words += ["--phone", BELGIAN, "--password", "a long enough password"]
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 2
    assert "only to numbers that begin with: +31." in ended.stderr


def test_a_number_that_the_list_leaves_out_is_held_from_the_start_and_shown(clinic, app, greta):
    assert begins(clinic, HOME) == (1, 0)
    assert begins(clinic, HOME) == (0, 0)  # once
    at(clinic, 9)
    assert works(clinic) == []
    assert decided(clinic) == [("hold", "country")]
    els = Desk(app, clinic, clinic.els)
    assert f"{greta.code} , sms: {WHY}" in els.opens("/staff/").text
    own = els.opens(f"/staff/patients/{greta.code}").text
    assert WHY in own
    assert f"Niet verstuurd: {WHY}" in own


def test_what_was_held_leaves_when_the_list_has_the_country_again(clinic, greta):
    begins(clinic, HOME)
    at(clinic, 9)
    works(clinic)
    at(clinic, 11)
    assert begins(clinic, BOTH) == (0, 1)
    assert works(clinic, BOTH) == ["+491713920001"]
    with clinic.database.reading() as session:
        verbs = session.exec(select(AuditEntry.verb).where(AuditEntry.patient_id == greta.id))
        assert [verb for verb in verbs if verb.startswith("channel.")] == [
            "channel.paused",
            "channel.resumed",
        ]


def test_what_was_held_leaves_when_the_number_is_corrected(clinic, greta):
    begins(clinic, HOME)
    at(clinic, 9)
    works(clinic)
    at(clinic, 11)
    clinic.corrects_contact(greta.id, DUTCH)
    assert works(clinic) == ["+31612345678"]


def test_at_the_send_nothing_leaves_for_another_country_whatever_was_decided(clinic, greta):
    clinic.decides("2026-01-05", "09:00")
    assert works(clinic) == []
    with clinic.database.reading() as session:
        row = session.exec(select(Delivery)).one()
        assert (row.state, row.error, row.attempts) == ("cancelled", "channel_paused", 0)
        assert session.exec(select(ChannelPause.why)).all() == ["country"]
    at(clinic, 11)
    begins(clinic, BOTH)
    assert works(clinic, BOTH) == ["+491713920001"]


def test_it_goes_by_her_second_way_meanwhile(clinic, greta):
    gives(clinic, greta)
    clinic.decides("2026-01-05", "09:00")
    assert works(clinic) == ["anna@example.org"]
    clinic.now = clinic.now.replace(day=6)
    assert works(clinic) == ["anna@example.org"]


def test_that_she_wants_no_messages_outlasts_the_list(clinic, greta):
    begins(clinic, HOME)
    with clinic.database.writing() as session:
        stop = Inbound("SM1", "+491713920001", "STOP")
        take_text(session, clinic.library, KEYRING, stop, limits=OutboxLimits(), now=clinic.now)
    assert begins(clinic, BOTH) == (0, 0)
    at(clinic, 9)
    assert works(clinic, BOTH) == []


def test_an_urgent_notice_goes_to_a_nurse_wherever_her_number_is(clinic):
    clinic.today("2026-01-05", "09:00")
    clinic.answers(clinic.enrols("Anna"), JAUND=2)
    by_phone = Line(clinic)
    post = Post({"sms": by_phone}, KEYRING, "https://proms.example.org", countries=HOME)
    tools = At(clinic.database, clinic.look, post, clinic.protocol, False, clinic.seen, clinic.now)
    run_all(replace(tools, at=clinic.now))
    with clinic.database.reading() as session:
        notice = session.exec(select(Delivery).where(col(Delivery.staff_id).is_not(None))).one()
        assert (notice.staff_id, notice.state) == (clinic.els.id, "sent")


def test_a_text_from_elsewhere_is_put_before_the_nurse_and_not_answered(clinic, greta):
    def says(number):
        with clinic.database.writing() as session:
            text = Inbound(f"SM{number}", number, "Ik heb koorts")
            return take_text(
                session, clinic.library, KEYRING, text, limits=OutboxLimits(), now=clinic.now
            )

    assert says("+491713920001") is None
    assert says("+4915112345678") is None
    assert says("12345") is None
    assert says("+31612345678")
    assert [rule for rule, *_ in clinic.worklist()] == ["texted"]


def test_a_worker_says_at_its_start_how_many_it_holds(
    clinic, greta, installation, monkeypatch, capsys
):
    def starts():
        with opened() as own:
            follow_settings(own, now=clinic.now)
        return capsys.readouterr().err

    assert "go to +31 (PROMS_SMS_COUNTRIES): 1 more numbers are held" in starts()
    monkeypatch.setenv("PROMS_SMS_COUNTRIES", "+31,+49")
    assert "0 more numbers are held, 1 are not any more" in starts()
    assert starts() == ""
