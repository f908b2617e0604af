"""What an administrator changes of the people of her site: each act shows what it does, asks once,
and leaves one entry; a site is never without a nurse or an administrator."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlmodel import col, select

from proms.actions.audit import OPERATOR
from proms.actions.people import NewStaff, add_staff
from proms.actions.refusals import Incomplete, LastOfRole
from proms.actions.staff_changes import deactivate_staff
from proms.cli import main
from proms.db.queries.people import Member, member
from proms.db.tables import Alert, AuditEntry, Staff
from proms.domain.person import Role
from tests.clinic import MOBILE, PASSWORD, Clinic
from tests.desk import Desk, stranger

OTHER_MOBILE = "+49 171 39200 02"


@pytest.fixture
def ad(clinic: Clinic, app: Flask) -> Desk:
    return Desk(app, clinic, clinic.ad)


@pytest.fixture
def ria(clinic: Clinic) -> Staff:
    return clinic.employs("ria", Role.NURSE, phone=OTHER_MOBILE)


def known(clinic: Clinic, staff: Staff) -> Member:
    with clinic.database.reading() as session:
        return member(session, clinic.keyring, session.get_one(Staff, staff.id))


def acts(clinic: Clinic, staff: Staff) -> list[tuple[str, dict[str, object]]]:
    """What was done about a person since she was added, as on record; her log-ins are not."""
    with clinic.database.reading() as session:
        entries = session.exec(
            select(AuditEntry)
            .where(
                AuditEntry.subject == "staff",
                AuditEntry.subject_id == staff.id,
                col(AuditEntry.verb).not_in(
                    ("staff.added", "staff.logged_in", "staff.login_refused")
                ),
            )
            .order_by(col(AuditEntry.id))
        ).all()
    return [(entry.verb, entry.detail) for entry in entries]


def holders(clinic: Clinic) -> set[int | None]:
    with clinic.database.reading() as session:
        return set(session.exec(select(Alert.acknowledged_by)).all())


def test_a_person_is_found_on_the_page_of_people_and_nothing_happens_before_she_is_asked(
    clinic, ad, ria
):
    ad.opens("/staff/people").follows("Wijzig: Ria")
    assert ad.path == f"/staff/people/{ria.id}"
    ad.follows("Trek toegang in")
    assert "Wat er gebeurt" in ad.text
    assert "Dringende berichten gaan niet meer naar deze persoon." in ad.text
    assert known(clinic, ria).active
    assert acts(clinic, ria) == []
    ad.presses("Trek toegang in")
    assert "Ria kan niet meer inloggen." in ad.text
    assert not known(clinic, ria).active
    assert acts(clinic, ria) == [("staff.deactivated", {})]


def test_access_that_was_taken_away_can_be_given_back(clinic, app, ad, ria):
    ad.opens(f"/staff/people/{ria.id}/deactivation").presses("Trek toegang in")
    refused = Desk(app, clinic).opens("/staff/login")
    refused.presses("Inloggen", login="ria", password=PASSWORD)
    assert refused.status == 401
    ad.opens(f"/staff/people/{ria.id}").follows("Weer toegang geven")
    assert "Deze persoon kan weer inloggen" in ad.text
    ad.presses("Weer toegang geven")
    assert "Ria kan weer inloggen." in ad.text
    assert Desk(app, clinic, ria).path == "/staff/"
    assert [verb for verb, _ in acts(clinic, ria)] == ["staff.deactivated", "staff.reactivated"]


def test_role_language_and_addresses_change_in_one_act(clinic, ad, ria):
    ad.opens(f"/staff/people/{ria.id}")
    assert (ad.holds("role"), ad.holds("language")) == ("nurse", "nl")
    ad.presses(
        "Toon wat er verandert", role="coordinator", language="en", phone="", email="r@example.org"
    )
    for sentence in (
        "De rol wordt Studiecoördinator; het was Verpleegkundige.",
        "De taal wordt Engels.",
        "Het telefoonnummer wordt geen.",
        "Het e-mailadres wordt r@example.org.",
        "Dringende berichten gaan niet meer naar deze persoon.",
    ):
        assert sentence in ad.text
    assert known(clinic, ria).role == "nurse"
    ad.presses("Wijzig")
    assert "Ria is gewijzigd." in ad.text
    now = known(clinic, ria)
    assert (now.role, now.language, now.phone, now.email) == (
        "coordinator",
        "en",
        None,
        "r@example.org",
    )
    assert acts(clinic, ria) == [
        (
            "staff.changed",
            {"changed": ["role", "language", "phone", "email"], "role": "coordinator"},
        )
    ]


def test_what_is_the_same_is_no_act(clinic, ad, ria):
    ad.opens(f"/staff/people/{ria.id}").presses("Toon wat er verandert")
    assert "Er is niets veranderd." in ad.text
    assert acts(clinic, ria) == []


def test_another_password_ends_her_sessions_and_is_typed_once(clinic, app, ad, ria):
    nurse = Desk(app, clinic, ria)
    ad.opens(f"/staff/people/{ria.id}").follows("Een ander wachtwoord")
    assert ad.presses("Wachtwoord instellen", password="short").status == 422
    assert "Een wachtwoord heeft minstens 12 tekens." in ad.text
    assert ad.holds("password") == ""
    assert nurse.opens("/staff/").path == "/staff/"
    ad.presses("Wachtwoord instellen", password="quite another one")
    assert "Ria heeft een ander wachtwoord." in ad.text
    assert nurse.opens("/staff/").path == "/staff/login"
    nurse.presses("Inloggen", login="ria", password=PASSWORD)
    assert nurse.status == 401
    nurse.presses("Inloggen", login="ria", password="quite another one")
    assert nurse.path == "/staff/"
    assert acts(clinic, ria) == [("staff.password_reset", {})]


def test_taking_away_access_ends_every_session(clinic, app, ad, ria):
    desks = [Desk(app, clinic, ria), Desk(app, clinic, ria)]
    ad.opens(f"/staff/people/{ria.id}/deactivation").presses("Trek toegang in")
    assert [desk.opens("/staff/").path for desk in desks] == ["/staff/login"] * 2


@pytest.mark.parametrize(
    "unreachable", [{"phone": ""}, {"phone": "020 1234567", "use_anyway": "1"}]
)
def test_a_nurse_can_be_reached(clinic, app, ad, ria, unreachable):
    sentence = "Een verpleegkundige heeft een mobiel nummer of een e-mailadres nodig: dringende"
    typed = {"role": "nurse", "language": "nl", "email": "", **unreachable}
    ad.opens("/staff/people").sends(
        "/staff/people", name="New", login="new", password="a first password", **typed
    )
    assert ad.status == 422
    assert sentence in ad.text
    ad.opens(f"/staff/people/{ria.id}").sends(f"/staff/people/{ria.id}/change", **typed)
    assert ad.status == 422
    assert sentence in ad.text
    assert known(clinic, ria).phone == "+491713920002"
    # By e-mail she can.
    ad.sends(f"/staff/people/{ria.id}/change", **typed | {"email": "r@example.org"})
    assert ad.status == 200
    assert "Wat er gebeurt" in ad.text


def test_who_becomes_a_nurse_can_be_reached_and_who_returns_as_one_too(clinic, ad):
    ad.opens(f"/staff/people/{clinic.kim.id}").presses("Toon wat er verandert", role="nurse")
    assert ad.status == 422
    ad.presses("Toon wat er verandert", phone=MOBILE).presses("Wijzig")
    assert known(clinic, clinic.kim).role == "nurse"


def test_the_last_nurse_stays_a_nurse(clinic, ad):
    els = clinic.els
    sentence = "Dit is de laatste verpleegkundige van dit ziekenhuis."
    ad.opens(f"/staff/people/{els.id}").follows("Trek toegang in")
    assert ad.status == 409
    assert sentence in ad.text
    assert not ad.offers("Trek toegang in")
    ad.opens(f"/staff/people/{els.id}").sends(f"/staff/people/{els.id}/deactivation")
    assert ad.status == 409
    ad.opens(f"/staff/people/{els.id}").presses("Toon wat er verandert", role="analyst")
    assert ad.status == 409
    assert sentence in ad.text
    assert (known(clinic, els).active, known(clinic, els).role) == (True, "nurse")
    assert acts(clinic, els) == []


def test_a_nurse_without_access_or_of_another_hospital_is_no_other_nurse(clinic, ad, ria):
    stranger(clinic, Role.NURSE)
    ad.opens(f"/staff/people/{ria.id}/deactivation").presses("Trek toegang in")
    assert ad.opens(f"/staff/people/{clinic.els.id}/deactivation").status == 409


def test_the_last_administrator_stays_and_nobody_takes_away_her_own_access(clinic, app, ad):
    me = f"/staff/people/{clinic.ad.id}"
    for act in (f"{me}/deactivation", f"{me}/change"):
        ad.opens(me).sends(act, role="analyst", language="nl")
        assert ad.status == 409
        assert "U kunt uw eigen toegang of rol niet intrekken." in ad.text
    other = clinic.employs("ann", Role.ADMINISTRATOR)
    ad.opens(f"/staff/people/{other.id}/deactivation").presses("Trek toegang in")
    with clinic.database.writing() as session, pytest.raises(LastOfRole):
        deactivate_staff(
            session, staff_id=clinic.ad.id, site_id=clinic.site.id, by=OPERATOR, now=clinic.now
        )
    assert known(clinic, clinic.ad).active


def test_an_administrator_changes_her_own_language(clinic, ad):
    ad.opens(f"/staff/people/{clinic.ad.id}").presses("Toon wat er verandert", language="en")
    ad.presses("Wijzig")
    assert known(clinic, clinic.ad).language == "en"


@pytest.mark.parametrize("act", ["deactivation", "change"])
def test_a_nurse_who_has_taken_alerts_hands_them_over_in_the_same_act(clinic, app, ad, ria, act):
    clinic.answers(clinic.enrols("Anna"), JAUND=2)
    bert = clinic.enrols("Bert")
    clinic.answers(bert, JAUND=2)
    clinic.acknowledges(bert, by=ria)
    assert holders(clinic) == {None, ria.id}
    if act == "deactivation":
        ad.opens(f"/staff/people/{ria.id}/deactivation")
        button = "Trek toegang in"
    else:
        ad.opens(f"/staff/people/{ria.id}").presses("Toon wat er verandert", role="analyst")
        button = "Wijzig"
    assert "Deze persoon heeft meldingen van 1 patiënt in behandeling" in ad.text
    assert ad.presses(button).status == 422
    assert "Kies wie de meldingen overneemt." in ad.text
    assert known(clinic, ria).role == "nurse"
    assert acts(clinic, ria) == []
    # Neither herself, nor somebody who is no nurse.
    path = f"/staff/people/{ria.id}/{act}"
    fields = {"role": "analyst", "language": "nl", "phone": OTHER_MOBILE, "confirmed": "1"}
    for nobody in (ria, clinic.kim, stranger(clinic, Role.NURSE)):
        assert ad.sends(path, **fields, colleague=str(nobody.id)).status == 422
    ad.presses(button, colleague=str(clinic.els.id))
    assert ad.path == "/staff/people"
    assert holders(clinic) == {None, clinic.els.id}
    ((verb, detail),) = acts(clinic, ria)
    assert verb == ("staff.deactivated" if act == "deactivation" else "staff.changed")
    assert detail["handed_to"] == clinic.els.id
    assert detail["alerts"]
    assert "Van mij 1" in Desk(app, clinic, clinic.els).text


def test_another_language_changes_nothing_but_the_words(clinic, ad, ria):
    typed = {"role": "analyst", "language": "en", "phone": OTHER_MOBILE, "to_language": "en"}
    ad.opens(f"/staff/people/{ria.id}").sends(f"/staff/people/{ria.id}/change", **typed)
    assert "Role, language and addresses" in ad.text
    assert ad.holds("role") == "analyst"
    ad.sends(f"/staff/people/{ria.id}/change", **typed, confirmed="1")
    assert "The role becomes Analyst; it was Nurse." in ad.text
    ad.sends(f"/staff/people/{ria.id}/deactivation", to_language="en")
    assert "Urgent notices no longer go to this person." in ad.text
    assert acts(clinic, ria) == []
    assert known(clinic, ria).active


def test_another_hospitals_people_are_as_absent_as_none(clinic, ad):
    far = stranger(clinic, Role.NURSE)
    for path in ("", "/deactivation", "/reactivation", "/password"):
        assert ad.opens(f"/staff/people/{far.id}{path}").status == 404
    for path in ("/change", "/deactivation", "/reactivation", "/password"):
        ad.opens("/staff/people").sends(
            f"/staff/people/{far.id}{path}", role="nurse", language="nl", password="x" * 12
        )
        assert ad.status == 404


@pytest.mark.both_engines
def test_of_two_nurses_who_lose_access_at_once_one_stays(clinic, ria):
    both = Barrier(2)

    def leaves(staff: Staff) -> bool:
        both.wait()
        try:
            with clinic.database.writing() as session:
                deactivate_staff(
                    session, staff_id=staff.id, site_id=clinic.site.id, by=OPERATOR, now=clinic.now
                )
        except LastOfRole:
            return False
        return True

    with ThreadPoolExecutor(max_workers=2) as administrators:
        assert sorted(administrators.map(leaves, (clinic.els, ria))) == [False, True]


def test_a_nurse_is_made_reachable_at_the_command_line_too(clinic):
    new = NewStaff("new", "New", Role.NURSE, PASSWORD)
    with clinic.database.writing() as session, pytest.raises(Incomplete):
        add_staff(session, clinic.keyring, new, site_id=clinic.site.id, by=OPERATOR, now=clinic.now)


def resets(login: str, typed: str) -> Result:
    return CliRunner().invoke(main, ["staff", "reset-password", login], input=typed)


def test_the_operator_gives_another_password_to_an_administrator_who_forgot_hers(
    clinic, app, ad, installation
):
    told = resets("AD ", "quite another one\n")
    assert (told.exit_code, told.stdout, told.stderr) == (
        0,
        "ad may log in with the new password.\n",
        "",
    )
    assert ad.opens("/staff/").path == "/staff/login"  # where she was logged in, she is not
    ad.presses("Inloggen", login="ad", password=PASSWORD)
    assert ad.status == 401
    ad.presses("Inloggen", login="ad", password="quite another one")
    assert ad.path == "/staff/people"
    with clinic.database.reading() as session:
        reset = select(AuditEntry).where(AuditEntry.verb == "staff.password_reset")
        (entry,) = session.exec(reset).all()
    assert (entry.actor, entry.subject_id, entry.site_id, entry.detail) == (
        "operator",
        clinic.ad.id,
        clinic.site.id,
        {},
    )


def test_a_password_is_never_an_argument_and_a_bad_one_or_a_name_of_nobody_changes_nothing(
    clinic, ria, installation
):
    for words, typed, sentence in (
        (["ria"], "short\n", "proms: A password has at least 12 characters.\n"),
        (["ria"], "", "proms: A password has at least 12 characters.\n"),
        (["nobody"], "quite another one\n", "proms: Nobody logs in as nobody.\n"),
    ):
        told = CliRunner().invoke(main, ["staff", "reset-password", *words], input=typed)
        assert (told.exit_code, told.stdout, told.stderr) == (2, "", sentence)
    words = ["staff", "reset-password", "ria", "--password", "quite another one"]
    assert "No such option" in CliRunner().invoke(main, words).stderr
    assert acts(clinic, ria) == []


def test_another_password_gives_no_access_back(clinic, ria, installation):
    with clinic.database.writing() as session:
        deactivate_staff(
            session, staff_id=ria.id, site_id=clinic.site.id, by=OPERATOR, now=clinic.now
        )
    told = resets("ria", "quite another one\n")
    assert told.exit_code == 0
    assert told.stdout == (
        "ria has a new password, but no access: an administrator gives that back.\n"
    )
