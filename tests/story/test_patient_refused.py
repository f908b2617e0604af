"""What a form does with a second tap, a second phone, a closed window and answers nobody
offered."""

from datetime import timedelta

from sqlmodel import select

from proms.db.tables import Assignment, KeptAside
from proms.domain.response import answers_of
from tests.filling_in import DAY_AND_NIGHT, begun, drafts, link, stored, well
from tests.phone import Phone


def test_a_second_tap_on_send_gives_the_same_receipt(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    tap = phone.sending("Verstuur mijn antwoorden")
    first, second = phone.sends(tap).path, phone.sends(tap).path
    assert first == second
    assert len(stored(clinic)) == 1


def test_the_same_answers_from_a_second_phone_get_the_receipt_of_the_first(clinic, anna, hand):
    one, two = begun(hand(), clinic), begun(hand(), clinic)
    well(one)
    tap = one.sending("Verstuur mijn antwoorden")
    well(two).taps("Verstuur mijn antwoorden")
    assert two.title == "Dank u wel"
    one.sends(tap)
    assert one.path == two.path
    assert len(stored(clinic)) == 1
    with clinic.database.reading() as session:
        assert session.exec(select(KeptAside)).all() == []


def test_a_closed_a_coming_and_an_unknown_form_say_so_with_the_number(clinic, anna, hand):
    phone = hand().opens(link(clinic)).taps("Start")
    with clinic.database.writing() as session:
        form = session.exec(select(Assignment).where(Assignment.instrument == "hsc")).one()
        form.closes_at = clinic.now - timedelta(minutes=1)
        session.add(form)
        session.commit()
    press = _press(phone, f"/form/{form.id}")
    assert phone.sends(press).status == 409
    assert "Deze vragen zijn gesloten. U hoeft ze niet meer in te vullen." in phone.text
    assert DAY_AND_NIGHT in phone.text
    with clinic.database.writing() as session:
        later = session.get_one(Assignment, form.id)
        later.opens_at = clinic.now + timedelta(minutes=1)
        later.closes_at = clinic.now + timedelta(days=1)
        session.add(later)
        session.commit()
    assert phone.sends(press).status == 409
    assert (
        "Deze vragen zijn nog niet open. U krijgt een bericht als u ze kunt invullen." in phone.text
    )
    assert phone.opens("/form/9999").status == 404
    assert DAY_AND_NIGHT in phone.text


def test_an_answer_the_question_does_not_offer_is_refused_and_nothing_is_stored(clinic, anna, hand):
    phone = begun(hand(), clinic)
    method, path, fields = phone.sending("Volgende")
    assert phone.sends((method, path, [*fields, ("answer", "9")])).status == 422
    assert "Dit antwoord hoort niet bij de vraag." in phone.text
    assert (
        phone.sends((method, path.replace("JAUND", "NOPE"), [*fields, ("answer", "1")])).status
        == 404
    )
    assert (
        phone.sends((method, path.replace("JAUND", "SITE"), [*fields, ("answer", "none")])).status
        == 404
    )
    assert phone.sends((method, path, [("answer", "1")])).status == 400
    assert phone.sends((method, path, [*fields, ("answer", "1" * 70_000)])).status == 413
    assert answers_of(drafts(clinic)[0].document) == {"ALARM": ("none",)}


def test_a_page_cannot_be_sent_before_every_question_was_seen(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    tap = phone.sending("Verstuur mijn antwoorden")
    other = begun(hand(), clinic)
    key = [(name, value) for name, value in tap[2] if name == "key"]
    crossed = [each for each in other.sending("Volgende")[2] if each[0] == "csrf_token"]
    other.sends((tap[0], tap[1], [*crossed, *key]))
    assert other.title == "Is uw huid of uw oogwit geler dan normaal?"
    assert stored(clinic) == []


def test_a_rule_that_crashes_costs_no_answer_and_does_not_reassure(clinic, anna, hand, monkeypatch):
    from proms.actions import evaluations

    def crash(*_args, **_kwargs):
        raise ZeroDivisionError

    phone = begun(hand(), clinic)
    monkeypatch.setattr(evaluations, "judge", crash)
    phone = well(phone.answers("Ja"))
    phone.taps("Verstuur mijn antwoorden")
    assert phone.title == "Dank u wel"
    assert "de computer kon ze niet nakijken" in phone.text
    assert f"Bent u ziek of bezorgd? Bel {DAY_AND_NIGHT}" in phone.text
    assert "verpleegkundige" not in phone.text
    assert clinic.worklist() == [("not_evaluated", "red", "open")]


def _press(phone: Phone, action: str) -> tuple[str, str, list[tuple[str, str]]]:
    """The button on /today that opens this form, to be pressed whatever has become of it."""
    form = next(each.form for each in phone.page.things if each.form and each.form.action == action)
    return "POST", action, list(form.fields)
