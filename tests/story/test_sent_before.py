"""What is sent is what the page showed, and what was sent before is not sent again: two tabs of one
phone, and the button that goes back."""

from sqlmodel import select

from proms.db.tables import AlertOccurrence, KeptAside
from proms.domain.response import answers_of
from tests.filling_in import begun, stored, well

SEND = "Verstuur mijn antwoorden"


def another_tab(hand, phone):
    """One more page of the same browser."""
    tab = hand()
    tab.client = phone.client
    return tab.opens(phone.path)


def occurrences(clinic):
    with clinic.database.reading() as session:
        return len(session.exec(select(AlertOccurrence)).all())


def kept_aside(clinic):
    with clinic.database.reading() as session:
        return len(session.exec(select(KeptAside)).all())


def test_what_changed_on_another_page_is_shown_before_it_is_sent(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    assert "Misselijk Nee" in phone.text
    another_tab(hand, phone).taps("Wijzig vraag 10:").answers("Licht")
    phone.taps(SEND)
    assert phone.status == 409
    assert phone.title == "Kijk uw antwoorden na"
    assert "Uw antwoorden zijn veranderd. Dit is nu anders:" in phone.text
    assert "Misselijk Licht" in phone.text
    assert stored(clinic) == []
    assert phone.taps(SEND).path.startswith("/receipt/")
    assert answers_of(stored(clinic)[0].document)["NAUS"] == 1


def test_a_question_that_came_in_between_is_asked_before_it_is_sent(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    another_tab(hand, phone).taps("Wijzig vraag 2:").answers("Ja")
    phone.taps(SEND)
    assert stored(clinic) == []
    assert phone.title.startswith("Is uw huid of uw oogwit nu nog")


def test_a_page_that_does_not_say_what_it_showed_is_shown_again(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    method, path, fields = phone.sending(SEND)
    phone.sends((method, path, [each for each in fields if each[0] != "shown"]))
    assert (phone.title, stored(clinic)) == ("Kijk uw antwoorden na", [])


def test_the_same_answers_from_a_second_tab_are_one_submission(clinic, anna, hand):
    phone = begun(hand(), clinic).answers("Ja").taps("Verder met de vragen")
    tab = another_tab(hand, well(phone))
    first = phone.taps(SEND).path
    assert phone.title == "Bel nu het ziekenhuis"
    met = occurrences(clinic)
    assert met
    assert tab.taps(SEND).path == first
    assert tab.title == "Bel nu het ziekenhuis"
    assert (len(stored(clinic)), kept_aside(clinic), occurrences(clinic)) == (1, 0, met)


def test_going_back_to_any_page_of_what_was_sent_leads_to_the_receipt(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    form = phone.path.removesuffix("/review")
    receipt = phone.taps(SEND).path
    for page in ("", "/review", "/JAUND", "/JAUND/skip", "/call"):
        assert phone.opens(form + page).path == receipt
        assert "Uw antwoorden zijn aangekomen: vandaag om 10.46 uur." in phone.text
        assert "eerder verstuurd" not in phone.text


def test_a_change_after_sending_is_told_not_to_be_saved(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    tab = another_tab(hand, phone).taps("Wijzig vraag 10:")
    phone.taps(SEND)
    tab.answers("Licht")
    assert tab.title == "Dank u wel"
    assert "Wat u nu aantikte, is niet bewaard." in tab.text
    assert answers_of(stored(clinic)[0].document)["NAUS"] == 0


def test_a_tab_that_showed_other_answers_than_were_sent_says_so(clinic, anna, hand):
    phone = well(begun(hand(), clinic))
    tab = another_tab(hand, phone).taps("Wijzig vraag 10:").answers("Licht")
    tab.taps(SEND)
    phone.taps(SEND)
    assert "De antwoorden op dit scherm waren anders. Ze zijn niet verstuurd." in phone.text
    assert (len(stored(clinic)), kept_aside(clinic)) == (1, 0)
