"""What cannot be kept is said at its field, and what was typed stays there."""

import pytest

from tests.desk import Desk
from tests.filling_in import begun

STRANGE = "Hier staat een teken in dat wij niet kunnen opslaan. Typ het opnieuw."
NOBODY = 2**31


def test_a_note_with_a_character_nobody_sees_stays_in_its_form(clinic, app, anna):
    clinic.answers(anna, JAUND=2)
    desk = Desk(app, clinic, clinic.els).presses("In behandeling nemen")
    desk.presses("Melding afhandelen", resolution="advice", note="Gebeld.\x00 Komt morgen.")
    assert (desk.status, desk.holds("note")) == (422, "Gebeld.\x00 Komt morgen.")
    assert STRANGE in desk.text
    assert clinic.worklist() == [("B1", "red", "acknowledged")]
    desk.presses("Melding afhandelen", resolution="advice", note="Gebeld.\x0bKomt morgen.")
    assert clinic.worklist() == []


def test_a_name_that_is_too_long_or_not_one_line_is_not_kept(clinic, app):
    desk = Desk(app, clinic, clinic.ad).opens("/staff/people")
    for name, sentence in (("x" * 201, "Dit is langer dan 200 tekens."), ("a\x00b", STRANGE)):
        desk.presses(
            "Toevoegen", login="new", name=name, role="analyst", language="nl", password="p" * 12
        )
        assert (desk.status, desk.holds("login")) == (422, "new")
        assert sentence in desk.text


def test_nobody_logs_in_by_what_is_no_name(clinic, app):
    desk = Desk(app, clinic).opens("/staff/login")
    for login in ("els\x00", "x" * 5000):
        desk.presses("Inloggen", login=login, password="a long enough password")
        assert desk.status == 401


def test_a_reason_that_cannot_be_kept_stays_in_its_form(clinic, app, anna):
    desk = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}/calendar")
    address = f"/staff/patients/{anna.code}/history"
    entry = {"form": "milestone", "kind": "withdrawal", "on": "2026-01-05", "revision": "0"}
    for reason, sentence in (("n" * 501, "Dit is langer dan 500 tekens."), ("a\x00b", STRANGE)):
        desk.sends(address, **entry, reason=reason)
        assert (desk.status, desk.holds("reason")) == (422, reason)
        assert sentence in desk.text
    assert clinic.calendar(anna) != []


@pytest.mark.parametrize(
    "path",
    [
        "/receipt/%00",
        f"/form/{NOBODY}",
        f"/form/{NOBODY * 2}/review",
        f"/form/{'9' * 5000}",
        "/form/%D9%A3",
    ],
)
def test_at_an_address_that_nothing_can_have_there_is_nothing(clinic, hand, anna, path):
    assert hand().opens(path).status == 404


def test_staff_find_nothing_there_either(clinic, app, anna):
    desk = Desk(app, clinic, clinic.mo)
    for path in (f"/staff/patients/{anna.code}/responses/{NOBODY}", "/staff/patients/%00"):
        assert desk.opens(path).status == 404
    assert Desk(app, clinic, clinic.ad).sends(f"/staff/people/{NOBODY}/deactivation").status == 404


def test_a_remark_that_cannot_be_kept_is_shown_again_as_it_was_written(clinic, anna, hand):
    phone = begun(hand(), clinic)
    while phone.offers("Volgende") and "remark" not in phone.path.lower():
        boxes = [each for each in phone.page.things if each.attributes.get("for") == "a1"]
        phone.answers(*[each.words for each in boxes])
    remark = "n" * 2001
    phone.writes(remark).taps("Volgende")
    assert (phone.status, remark in phone.answer.text) == (422, True)
    assert "Dit is te lang" in phone.text
    phone.writes("Moe.\x0bEn misselijk.").taps("Volgende")
    assert "En misselijk." in phone.text
