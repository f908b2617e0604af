"""A coordinator over HTTP: enrols, records what happened after seeing what it moves, and lands on
the calendar."""

from datetime import date

import pytest
from sqlmodel import col, select

from proms.db.tables import AuditEntry, CycleVersion, Identity, MilestoneVersion, Patient
from proms.domain.schedule.history_entry import MilestoneRecorded
from tests.desk import Desk

WHO = {
    "name": "Anna Bakker",
    "hospital_number": "1234567",
    "birth_year": "1961",
    "sex": "female",
    "stoma": "1",
    "language": "nl",
    "contact_kind": "sms",
    "address": "+49 171 39200 12",
    "consent": "2026-01-05",
}


@pytest.fixture
def mo(clinic, app):
    clinic.today("2026-01-05")
    return Desk(app, clinic, clinic.mo)


@pytest.fixture
def anna(clinic, mo):
    return clinic.enrols("Anna")


def records(desk, patient, form, *, reason="", **typed):
    """Open a form beside the calendar, look at what it would do, and save it."""
    desk.opens(f"/staff/patients/{patient.code}/calendar?form={form}" + _prefilled(typed))
    desk.presses(
        "Toon wat er verandert",
        **{k: v for k, v in typed.items() if k not in ("component", "number")},
    )
    assert "Voordat u opslaat" in desk.text, desk.text
    return desk.presses("Opslaan", reason=reason)


def comes_back(clinic, desk, day):
    """Another day: she logs in again."""
    clinic.today(day)
    return desk.logs_in(clinic.mo)


def _prefilled(typed):
    return "".join(f"&{name}={typed[name]}" for name in ("component", "number") if name in typed)


def test_an_enrolment_with_a_field_that_does_not_read_comes_back_as_typed_with_a_sentence_at_the_field(
    mo,
):
    mo.opens("/staff/patients").follows("Patiënt inschrijven")
    assert mo.presses("Inschrijven").status == 422
    assert mo.text.count("Vul dit veld in.") >= 4
    assert mo.text.count("Kies een van deze.") >= 3
    mo.presses("Inschrijven", **WHO | {"address": "12", "birth_year": "2020"})
    assert mo.status == 422
    assert "Schrijf het geboortejaar in vier cijfers. Patiënten zijn 18 jaar of ouder." in mo.text
    mo.presses("Inschrijven", birth_year="1961")
    assert "Dit telefoonnummer heeft te weinig of te veel cijfers." in mo.text
    assert (mo.holds("name"), mo.holds("stoma"), mo.holds("sex")) == ("Anna Bakker", "1", "female")
    mo.presses("Inschrijven", address="+49 171 39200 12", consent="2026-02-01")
    assert "De toestemming kan niet in de toekomst liggen." in mo.text


def test_an_enrolled_patient_has_a_code_a_sealed_name_and_a_calendar(clinic, mo):
    mo.opens("/staff/patients/new").presses("Inschrijven", **WHO)
    with clinic.database.reading() as session:
        patient = session.exec(select(Patient)).one()
        sealed = session.exec(select(Identity.name)).one()
    assert mo.path == f"/staff/patients/{patient.code}/calendar"
    assert f"Ingeschreven. De studiecode is {patient.code}." in mo.text
    assert "Bakker" not in sealed
    assert patient.stoma
    assert "QOL-BASE" in mo.text
    assert "HSC-BASE" in mo.text


def test_randomisation_pump_surgery_and_a_first_cycle_fill_the_calendar(clinic, mo, anna):
    records(mo, anna, "milestone", kind="randomisation", on="2026-01-05", arm="B")
    assert "Pomp met systemische therapie" in mo.text
    comes_back(clinic, mo, "2026-02-02")
    records(mo, anna, "milestone", kind="pump_surgery", on="2026-01-12")
    records(mo, anna, "regimen", regimen="fudr")
    records(
        mo,
        anna,
        "given",
        component="pump",
        number="1",
        day_1="2026-02-02",
        planned="2026-02-02",
        dose="80",
    )
    assert "FUDR 1, 80%" in mo.text
    assert "FUDR 2 gepland" in mo.text
    assert ("HSC-FUDR-D8", 1, "2026-02-09", "planned") in clinic.calendar(anna)
    with clinic.database.reading() as session:
        cycle = session.exec(select(CycleVersion)).one()
    assert (cycle.drugs, cycle.dose_percent, cycle.status) == (["floxuridine"], 80, "given")


def test_a_delay_shows_beforehand_which_checks_move_and_saves_exactly_that(clinic, mo, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.plans_cycle(anna, "systemic", 2, "2026-01-19")
    before = clinic.calendar(anna)
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=planned&component=systemic&number=2")
    mo.presses("Toon wat er verandert", planned="2026-01-26")
    assert "FOLFOX 2 is gepland op 26 jan 2026." in mo.text
    assert "Antwoorden veranderen niet." in mo.text
    assert "FOLFOX 3 2 feb 2026 9 feb 2026" in mo.text
    assert "Klachtencheck Systemische therapie, kuur 2, dag 1 19 jan 2026" in mo.text
    assert clinic.calendar(anna) == before
    mo.presses("Opslaan")
    assert "Opgeslagen. FOLFOX 2 is gepland op 26 jan 2026." in mo.text
    assert ("HSC-SYST-D1", 2, "2026-01-26", "planned") in clinic.calendar(anna)
    with clinic.database.reading() as session:
        assert session.exec(select(AuditEntry.verb)).all().count("history.cyclerecorded") == 3


def test_a_cycle_that_is_late_is_marked_and_a_skipped_one_needs_a_reason(clinic, mo, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "capox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.plans_cycle(anna, "systemic", 2, "2026-01-26")
    comes_back(clinic, mo, "2026-01-29")
    mo.opens(f"/staff/patients/{anna.code}/calendar")
    assert "CAPOX 2, uitgesteld sinds 26 jan 2026" in mo.text
    mo.follows("Overgeslagen").presses("Toon wat er verandert")
    assert mo.status == 422
    assert "Vul dit veld in." in mo.text
    mo.presses("Toon wat er verandert", why="bloedwaarden").presses("Opslaan")
    assert "CAPOX 2 is overgeslagen." in mo.text
    with clinic.database.reading() as session:
        assert (
            session.exec(
                select(CycleVersion)
                .where(CycleVersion.number == 2)
                .order_by(col(CycleVersion.version).desc())
            )
            .first()
            .reason
        )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            {"form": "milestone", "kind": "randomisation", "on": "2025-12-01", "arm": "A"},
            "is vóór",
        ),
        (
            {"form": "milestone", "kind": "randomisation", "on": "morgen", "arm": "A"},
            "Deze datum klopt niet.",
        ),
        ({"form": "milestone", "kind": "randomisation", "on": "2026-01-05"}, "Kies een van deze."),
        (
            {"form": "milestone", "kind": "randomisation", "on": "2030-01-05", "arm": "A"},
            "ligt te ver vooruit",
        ),
        ({"form": "milestone", "kind": "death", "on": "2026-01-06"}, "6 jan 2026 moet nog komen."),
        ({"form": "pause", "until": "2026-01-04"}, "Een pauze eindigt vandaag of later."),
    ],
)
def test_what_cannot_be_is_refused_at_the_form_and_nothing_is_saved(
    clinic, mo, anna, typed, sentence
):
    mo.opens(f"/staff/patients/{anna.code}/calendar?form={typed['form']}").presses(
        "Toon wat er verandert", **typed
    )
    assert mo.status == 422
    assert sentence in mo.text
    assert all(mo.holds(name) == value for name, value in typed.items() if name == "on")
    with clinic.database.reading() as session:
        assert session.get_one(Patient, anna.id).revision == 0


def test_what_is_odd_is_saved_only_with_a_reason(clinic, mo, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    comes_back(clinic, mo, "2026-01-12")
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=given&component=systemic&number=2")
    mo.presses("Toon wat er verandert", day_1="2026-01-12")
    assert "Klopt dit? FOLFOX 2 begint 7 dagen na kuur 1: ruim voordat die klaar is." in mo.text
    assert mo.presses("Opslaan").status == 422
    assert "Geef in een paar woorden de reden." in mo.text
    mo.presses("Opslaan", reason="volgens dr. Van Rijn")
    assert "FOLFOX 2 is gegeven op 12 jan 2026." in mo.text
    with clinic.database.reading() as session:
        assert "volgens dr. Van Rijn" in session.exec(select(AuditEntry.reason)).all()


def test_a_preview_that_somebody_overtook_is_not_saved_but_shown_anew(clinic, mo, anna):
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=milestone")
    mo.presses("Toon wat er verandert", kind="randomisation", on="2026-01-05", arm="A")
    clinic.withdraws(anna, "2026-01-05")
    mo.presses("Opslaan")
    assert mo.status == 409
    assert "Iemand heeft net gegevens van deze patiënt veranderd." in mo.text
    assert "10.00 uur , Mo Terugtrekking op 5 jan 2026." in mo.text
    assert "12 weken na de randomisatie Komt erbij 30 mrt 2026 blijft" in mo.text
    mo.presses("Opslaan")
    assert "Opgeslagen. Randomisatie op 5 jan 2026." in mo.text


def test_a_colleagues_save_that_makes_it_impossible_is_named(clinic, mo, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    comes_back(clinic, mo, "2026-01-07")
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=given&component=systemic&number=1")
    mo.presses("Toon wat er verandert", day_1="2026-01-07")
    clinic.withdraws(anna, "2026-01-06")
    mo.presses("Opslaan")
    assert mo.status == 422
    assert "FOLFOX 1 op 7 jan 2026 is na Terugtrekking op 6 jan 2026." in mo.text
    assert (
        "Een collega heeft na uw controle iets opgeslagen: Terugtrekking op 6 jan 2026." in mo.text
    )


@pytest.mark.parametrize("kind", ["withdrawal", "death"])
def test_a_dose_from_before_she_left_is_recorded_on_the_page(clinic, mo, anna, kind):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.records(anna, MilestoneRecorded(kind, date(2026, 1, 5)))
    comes_back(clinic, mo, "2026-01-12").opens(f"/staff/patients/{anna.code}/calendar")
    assert "Wat er tot die dag gebeurde, kan nog worden vastgelegd." in mo.text
    assert not mo.offers("Berichten pauzeren")
    mo.follows("FOLFOX 1 is gegeven").presses("Toon wat er verandert", day_1="2026-01-05")
    mo.presses("Opslaan")
    assert "FOLFOX 1 is gegeven op 5 jan 2026." in mo.text
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=given&component=systemic&number=2")
    mo.presses("Toon wat er verandert", day_1="2026-01-06")
    assert mo.status == 422
    assert "FOLFOX 2 op 6 jan 2026 is na" in mo.text


def test_a_panel_recorded_after_one_was_taken_back_overwrites_no_other(clinic, mo, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    comes_back(clinic, mo, "2026-06-01")
    for day in ("2026-03-02", "2026-04-06"):
        records(mo, anna, "milestone", kind="panel", on=day)
    clinic.records(anna, MilestoneRecorded("panel", None, number=1), reason="was another patient's")
    records(mo, anna, "milestone", kind="panel", on="2026-05-11")
    with clinic.database.reading() as session:
        kept = session.exec(
            select(MilestoneVersion)
            .where(MilestoneVersion.kind == "panel")
            .order_by(col(MilestoneVersion.number))
        )
        assert [(row.number, row.version, str(row.on)) for row in kept if row.on] == [
            (1, 1, "2026-03-02"),
            (2, 1, "2026-04-06"),
            (3, 1, "2026-05-11"),
        ]


def test_a_correction_needs_a_reason_and_keeps_the_old_version(clinic, mo, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    mo.opens(f"/staff/patients/{anna.code}/calendar").follows("Verbeter: Randomisatie")
    assert mo.holds("on") == "2026-01-05"
    mo.presses("Toon wat er verandert", on="2026-01-06", arm="A")
    assert mo.presses("Opslaan").status == 422
    mo.presses("Opslaan", reason="verkeerd overgenomen")
    assert "Opgeslagen. Randomisatie op 6 jan 2026." in mo.text
    with clinic.database.reading() as session:
        kept = session.exec(
            select(MilestoneVersion)
            .where(MilestoneVersion.kind == "randomisation")
            .order_by(col(MilestoneVersion.version))
        )
        assert [(row.on.isoformat(), row.reason) for row in kept] == [
            ("2026-01-05", None),
            ("2026-01-06", "verkeerd overgenomen"),
        ]


def test_a_withdrawal_closes_everything_and_a_link_is_no_longer_sent(clinic, mo, anna):
    records(mo, anna, "milestone", kind="withdrawal", on="2026-01-05")
    assert "Heeft zich teruggetrokken" in mo.opens(f"/staff/patients/{anna.code}").text
    assert clinic.calendar(anna) == []
    mo.sends(f"/staff/patients/{anna.code}/link")
    assert "Niet verstuurd: deze patiënt doet niet meer mee." in mo.text
    assert not mo.opens(f"/staff/patients/{anna.code}/calendar").offers("Berichten pauzeren")
    records(mo, anna, "milestone", kind="death", on="2026-01-05")
    assert "Is overleden" in mo.opens(f"/staff/patients/{anna.code}/calendar").text
    assert "Wat er tot die dag gebeurde, kan nog worden vastgelegd." in mo.text


@pytest.mark.parametrize(
    ("kind", "told"), [("withdrawal", True), ("death", False), ("progression", False)]
)
def test_before_a_withdrawal_is_saved_the_coordinator_reads_what_she_can_say(
    clinic, mo, anna, kind, told
):
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=milestone")
    mo.presses("Toon wat er verandert", kind=kind, on="2026-01-05")
    assert "Voordat u opslaat" in mo.text
    assert ("U hoeft niet te zeggen waarom." in mo.text) is told
    assert ("Bent u ziek of bezorgd? Bel het ziekenhuis." in mo.text) is told


def test_a_pause_is_looked_at_saved_and_ended(clinic, mo, anna):
    records(mo, anna, "pause", until="2026-01-12")
    assert "De berichten staan op pauze tot en met maandag 12 januari." in mo.text
    records(mo, anna, "pause", resume="1")
    assert "De berichten staan op pauze" not in mo.text
    assert "Opgeslagen. Vanaf nu gaan er weer berichten uit." in mo.text


def test_a_stopped_component_hands_over_and_shows_its_last_dose(clinic, mo, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    comes_back(clinic, mo, "2026-01-19")
    records(mo, anna, "stop", component="systemic", last_dose="2026-01-07")
    assert "Systemische therapie: FOLFOX, laatste dosis 7 jan 2026" in mo.text
    assert ("HSC-AFTER-SYST", 1, "2026-02-04", "planned") in clinic.calendar(anna)


def test_a_nurse_reads_the_calendar_and_can_record_nothing(clinic, app, mo, anna):
    nurse = Desk(app, clinic, clinic.els).opens(
        f"/staff/patients/{anna.code}/calendar?form=milestone"
    )
    assert nurse.status == 200
    assert not nurse.offers("Toon wat er verandert")
    for way in ("preview", "history"):
        nurse.opens("/staff/patients")
        assert nurse.sends(f"/staff/patients/{anna.code}/{way}", form="milestone").status == 403


def test_every_page_speaks_the_language_that_was_chosen(mo, anna):
    mo.opens(f"/staff/patients/{anna.code}/calendar").follows("EN")
    assert mo.path == f"/staff/patients/{anna.code}/calendar"
    assert "What happened?" in mo.text
    assert "Symptom check" in mo.text
    assert "Klachtencheck" not in mo.text


def test_the_audit_trail_calls_each_thing_that_happened_by_the_name_it_always_had(clinic, anna):
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "capox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.stops(anna, "systemic", "2026-01-05")
    with clinic.database.reading() as session:
        wanted = (
            select(AuditEntry.verb)
            .where(col(AuditEntry.verb).startswith("history."))
            .order_by(col(AuditEntry.id))
        )
        assert session.exec(wanted).all()[-4:] == [
            "history.milestonerecorded",
            "history.regimenchosen",
            "history.cyclerecorded",
            "history.componentstopped",
        ]
