"""Staff look up what patients are asked: in which words, under which licence, scored how, with
which rules."""

import hashlib
import re
from html import unescape

import pytest

from proms.db.session import connect
from tests.clinic import Clinic
from tests.desk import Desk
from tests.filling_in import begun
from tests.phone import Phone, squeezed, website
from tests.wordings import filled_in, install, invented, make_pack

# Pages that only read content know no engine: one is enough.
ODD = "Hoe  ging het <b>vandaag</b> & “gisteren”?\u00a0"


@pytest.fixture
def clinic(sqlite_database_url, stand_ins):
    database = connect(sqlite_database_url)
    yield Clinic(database, stand_ins)
    database.engine.dispose()


@pytest.fixture
def app(clinic, sqlite_database_url):
    """The website of a demo: our labels stand in for what is licensed."""
    with website(sqlite_database_url, demo=True) as running:
        yield running


@pytest.fixture
def packs(tmp_path):
    """A site's shelf with nothing on it."""
    (tmp_path / "packs").mkdir()
    return tmp_path / "packs"


@pytest.fixture
def analyst_of_a_site(clinic, sqlite_database_url, packs):
    """The analyst where the website is no demo and looks at the shelf."""
    with website(sqlite_database_url, packs=packs) as running:
        yield Desk(running, clinic, clinic.kim)


@pytest.fixture
def kim(clinic, app):
    """The analyst, who reads Dutch."""
    return Desk(app, clinic, clinic.kim)


@pytest.fixture
def anna(clinic):
    """Enrolled on a Monday: her first check is open."""
    clinic.today("2026-01-05", "09:00")
    patient = clinic.enrols("Anna Bakker")
    clinic.today("2026-01-05", "10:46")
    return patient


def fields_of(html):
    """The question with its answers."""
    return html[html.index("<fieldset") : html.index("</fieldset>")]


def puts_on_the_shelf(packs):
    """A licensed Dutch wording of the QLQ-C30: invented words, and one text that a page could get
    wrong."""
    table = filled_in(
        packs.parent,
        "qlq-c30",
        text=lambda row, language: ODD if row["items"] == "q1" else invented(row, language),
    )
    install(make_pack(packs.parent / "c30", table, wording="7"), packs)


def test_a_data_manager_sees_what_is_asked_when_of_whom_and_that_the_labels_stand_in(kim):
    page = kim.opens("/staff/").follows("Vragenlijsten")
    assert page.path == "/staff/instruments"
    titles = (
        "kwaliteit van leven",
        "Vragenlijst lever",
        "darm en blaas",
        "gezondheid vandaag",
        "Klachtencheck",
    )
    places = [page.text.index(title) for title in titles]
    assert places == sorted(places)
    assert (
        "qlq-c30 3.0 · 30 vragen, ongeveer 6 minuten iedereen voorbeeldtekst van de demo"
        in page.text
    )
    assert "de primaire tumor zit in de endeldarm, of er is een stoma vastgelegd" in page.text
    assert (
        "12, 24, 36, 52, 78, 104, 130, 156, 182, 208, 234 en 260 weken na de randomisatie"
        in page.text
    )
    assert "28 dagen na de plaatsing van de pomp, arm B" in page.text
    assert "op dag 1, 8, 15 en 22 van elke kuur (Pomp), arm B" in page.text
    assert "onze eigen tekst, geen licentie nodig" in page.text


def test_outside_a_demo_a_licensed_questionnaire_says_that_it_is_not_asked(analyst_of_a_site):
    text = analyst_of_a_site.opens("/staff/instruments").text
    assert (
        text.count("officiële tekst niet geïnstalleerd: buiten een demo wordt dit niet gevraagd")
        == 4
    )
    assert "voorbeeldtekst van de demo" not in text
    assert (
        "staat hier onze eigen voorbeeldtekst"
        in analyst_of_a_site.opens("/staff/instruments/qlq-c30/3.0").text
    )


def test_a_licence_is_told_for_each_language_with_reference_date_and_wording_version(
    analyst_of_a_site, packs
):
    puts_on_the_shelf(packs)
    text = analyst_of_a_site.opens("/staff/instruments").text
    assert (
        "Nederlands officiële tekst, onder licentie EORTC Quality of Life Group, REF-2026-0042, 1 jan 2026. Tekst 7"
        in text
    )
    assert "Engels officiële tekst niet geïnstalleerd" in text
    proof = analyst_of_a_site.opens("/staff/instruments/qlq-c30/3.0?show=proof").text
    assert re.search("Tekst, Nederlands 7 [0-9a-f]{64} ", proof)
    assert "Tekst, Nederlands DEMO" in proof  # a draft may still stand on it


def test_a_licensed_text_reaches_the_page_byte_for_byte_and_never_as_markup(
    analyst_of_a_site, packs
):
    puts_on_the_shelf(packs)
    for address in ("/staff/instruments/qlq-c30/3.0", "/staff/instruments/qlq-c30/3.0/nl/q1"):
        html = analyst_of_a_site.opens(address).answer.text
        assert f">{ODD}<" in unescape(html)
        assert "<b>vandaag</b>" not in html


def test_a_nurse_reads_every_question_in_both_languages_with_when_it_is_asked(clinic, app):
    els = Desk(app, clinic, clinic.els).opens("/staff/instruments/hsc/0.3")
    assert "Wat was uw hoogste temperatuur? Gemeten: lager dan 38,0 graden" in els.text
    assert "What was your highest temperature? Measured: below 38.0 degrees" in els.text
    assert "Alleen gevraagd als: er zit een pomp" in els.text
    assert "Alleen gevraagd als: CAPOX wordt gegeven" in els.text
    assert (
        "Alleen gevraagd als: FUDR, CAPOX, FOLFOX, FOLFIRI of FOLFOXIRI wordt gegeven" in els.text
    )
    assert "Alleen gevraagd als: de antwoorden tot nu toe betekenen “nu bellen”" in els.text
    assert "Dit wordt niet meteen gelezen. Is het dringend? Bel dan." in els.text
    assert els.text.count("Veiligheidsvraag") == 5
    only_english = els.opens("/staff/instruments/hsc/0.3?in=en").text
    assert "What was your highest temperature?" in only_english
    assert "Wat was uw hoogste temperatuur?" not in only_english


def test_both_wordings_of_a_question_stand_side_by_side_with_the_case_each_is_for(kim):
    text = kim.opens("/staff/instruments/qlq-cr29/2.1").text
    assert (
        "Zo luidt de vraag als: vraag 48 (stoma aanwezig) is “1 ja”, of (vraag 48 (stoma aanwezig) is niet beantwoord,"
        " en er is een stoma vastgelegd) · CDISC EOR06491" in text
    )
    assert "a zakje: winden b winden" in text
    assert "a bag: wind leaks b wind leaks" in text
    assert "Alleen gevraagd als: de patiënt is een vrouw" in text


def test_an_analyst_reads_how_a_scale_is_made_what_it_means_and_when_it_matters(kim):
    text = kim.opens("/staff/instruments/qlq-c30/3.0?show=scales").text
    assert (
        "Lichamelijk functioneren PF2 · CDISC EOR0132 Gemiddelde van de antwoorden op de vragen 1 tot en met 5, omgezet"
        " naar 0 tot 100 en omgekeerd; geen score bij minder dan 3 van de 5 antwoorden. 0 tot 100, hoger is"
        " beter onder 83" in text
    )
    assert (
        "Het antwoord op vraag 8, omgezet naar 0 tot 100. 0 tot 100, hoger is slechter boven 17"
        in text
    )
    assert "waarvan FA, NV, PA, DY, SL, AP, CO en DI tellen als 100 min de score" in text
    assert "Gepubliceerd in: Giesinger et al., J Clin Epidemiol 2020;118:1-8" in text
    assert (
        kim.opens("/staff/instruments/qlq-cr29/2.1?show=scales").text.count("Niet bevestigd.") == 2
    )


def test_a_value_set_is_a_table_to_check_against_its_paper(kim):
    text = kim.opens("/staff/instruments/eq-5d-5l/1.0?show=scales").text
    assert "-0,446 tot 1, hoger is beter" in text
    assert "Begin met 1,000." in text
    assert "één keer 0,047 als een antwoord boven niveau 1 ligt" in text
    assert "AD somber of bang 0,000 0,070 0,145 0,356 0,421" in text
    assert "Versteegh et al., Value Health 2016;19:343-52" in text


def test_a_nurse_reads_a_rule_in_words_and_what_the_patient_reads(clinic, app):
    text = Desk(app, clinic, clinic.els).opens("/staff/instruments/hsc/0.3?show=rules").text
    assert (
        "I1 Gevaar van uitdroging Minstens één hiervan is waar: Eten en drinken is “Bijna niets” Dit is allemaal"
        " waar: Eten en drinken is “Veel minder dan de helft” of hoger Minstens één hiervan is waar: Overgeven"
        " is “3 tot en met 5 keer” of hoger Dunne ontlasting is “4 tot en met 6 keer vaker” of hoger"
        in text
    )
    assert "Dit ziet elke patiënt meteen Bel nu het ziekenhuis: 020 123 4567" in text
    assert "De patiënt ziet ook Koorts tijdens deze behandeling kan gevaarlijk zijn." in text
    assert (
        "Met de opmerking “denk aan doorstroming buiten de lever” als: de patiënt zit in arm B"
        in text
    )
    assert "Het kan zijn dat wij pas op (de volgende werkdag) bellen." in text


def test_the_same_in_english(kim):
    kim.opens("/language/en?back=/staff/instruments")
    assert "sample text of the demo" in kim.text
    assert (
        "F1 Fever or shaking chill during treatment"
        in kim.opens("/staff/instruments/hsc/0.3?show=rules").text
    )
    assert (
        "day 8 of each cycle (Systemic therapy)"
        in kim.opens("/staff/instruments/hsc/0.3?show=moments").text
    )


def test_an_inspector_copies_the_fingerprint_of_exactly_what_the_library_holds(kim, stand_ins):
    text = kim.opens("/staff/instruments/hsc/0.3?show=proof").text
    held = (
        stand_ins.instrument("hsc"),
        stand_ins.wording("hsc", "nl"),
        stand_ins.rules(stand_ins.instrument("hsc")),
    )
    for digest in [each.digest for each in held]:
        assert len(digest) == len(hashlib.sha256().hexdigest())
        assert digest in text
    assert "736534008" in kim.opens("/staff/instruments/eq-5d-5l/1.0?show=scales").text
    assert (
        "heten in een export demo-c30"
        in kim.opens("/staff/instruments/qlq-c30/3.0?show=proof").text
    )


ABSENT = (
    "nothing/1.0",
    "hsc/9.9",
    "hsc/0.3?show=scales",
    "qlq-c30/3.0?show=rules",
    "hsc/0.3?show=nothing",
    "hsc/0.3/nl/NOTHING",
    "hsc/0.3/fr/TEMP",
    "hsc/9.9/nl/TEMP",
)


def test_what_is_not_there_is_said_on_the_houses_own_page(kim):
    for address in ABSENT:
        page = kim.opens(f"/staff/instruments/{address}")
        assert page.status == 404, address
        assert "Wij kunnen deze pagina niet vinden." in page.text
        assert page.offers("Naar mijn eerste pagina")


def test_a_question_on_the_phone_is_the_patients_own_page_but_for_what_would_be_kept(
    clinic, app, anna
):
    phone = begun(Phone(app, clinic.now), clinic)
    while phone.title != "Wat was uw hoogste temperatuur?":
        phone.answers(
            *[each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        )
    page = Desk(app, clinic, clinic.kim).opens("/staff/instruments/hsc/0.3/nl/TEMP")
    assert fields_of(page.answer.text) == fields_of(phone.answer.text)
    assert "Er wordt niets bewaard." in page.text
    assert 'method="post"' not in page.answer.text


def test_the_phone_speaks_the_patients_language_whatever_the_reader_speaks(kim):
    page = kim.opens("/staff/instruments/qlq-cr29/2.1/en/q49?variant=stoma")
    assert '<html lang="en">' in page.answer.text
    assert "bag: wind leaks" in page.text
    assert page.offers("Next")
    assert (
        "bag: stool leaks" in page.follows("Next").text
    )  # the variant goes with her from question to question
    assert "wind leaks" in page.opens("/staff/instruments/qlq-cr29/2.1/en/q49").text
    assert squeezed(page.follows("Nederlands").text).count("winden") == 1


def test_the_last_question_leads_back_to_the_overview(kim):
    page = kim.opens("/staff/instruments/eq-5d-5l/1.0/nl/VAS").follows("Volgende")
    assert page.path == "/staff/instruments/eq-5d-5l/1.0"
