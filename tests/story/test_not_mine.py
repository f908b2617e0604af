"""A message that reached somebody else: one tap and one more stop them, and the site knows."""

from tests.desk import Desk
from tests.filling_in import begun, link


def test_T_04_whoever_is_not_meant_stops_the_messages_and_the_link(clinic, app, anna, hand):
    mine = link(clinic)
    phone = hand().opens(mine).taps("Dit bericht is niet voor mij")
    assert phone.title == "Is dit bericht niet voor u?"
    assert phone.taps("Vorige").title == "Welkom"  # looking, and going back, stops nothing
    assert hand().opens(mine).title == "Welkom"
    phone.taps("Dit bericht is niet voor mij").taps("Stop deze berichten")
    assert phone.title == "Dank u wel. U krijgt geen berichten meer."
    assert hand().opens(mine).status == 404
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}")
    assert "wie het bericht las, zei dat het voor iemand anders is" in mo.text
    sent = len(clinic.phone)
    for day in range(1, 4):
        clinic.today(f"2026-01-{5 + day:02}", "09:00")
    assert len(clinic.phone) == sent


def test_what_she_began_stays(clinic, anna, hand):
    phone = begun(hand(), clinic)
    hand().opens(link(clinic)).taps("Dit bericht is niet voor mij").taps("Stop deze berichten")
    assert phone.opens("/today").path == "/link"  # her own device too, until she has a new link


def test_an_unknown_link_stops_nothing(clinic, anna, hand):
    assert hand().opens("/q/unknown/not-mine").status == 404
