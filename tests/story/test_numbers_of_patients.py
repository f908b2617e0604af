"""Who is who: a patient has one record, and a number that reaches somebody."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlmodel import col, select

from proms.actions.refusals import Doubtful, NumberTaken
from proms.db.keyring import Keyring
from proms.db.queries.patients import person
from proms.db.queries.people import staff_with_login
from proms.db.tables import AuditEntry, Identity, Patient, PatientNumber
from proms.domain.person import Role
from tests.caller import Callers
from tests.clinic import Clinic
from tests.desk import Desk, stranger

WHO = {
    "name": "Anna Bakker",
    "hospital_number": "0070001",
    "birth_year": "1961",
    "sex": "female",
    "language": "nl",
    "contact_kind": "sms",
    "address": "+49 171 39200 12",
    "consent": "2026-01-05",
}
BODY = WHO | {"birth_year": 1961}
WRONG_NUMBERS = [
    "06 1234567",
    "06 123456789",
    "+31 6 0612345678",
    "0470 12 34 56",
    "0900 8418",
    "06 12345 Jan",
    "06 12345678; 06 87654321",
    "06 12345678, 06 87654321",
    "06 12345678 / 06 87654321",
]
RIGHT_NUMBERS = ["+31 (0)6 12345678", "0031612345678", "06-1234 5678"]


@pytest.fixture
def mo(clinic: Clinic, app: Flask) -> Desk:
    return Desk(app, clinic, clinic.mo)


def address_of(clinic: Clinic, code: str) -> str | None:
    with clinic.database.reading() as session:
        patient = session.exec(select(Patient).where(Patient.code == code)).one()
        return person(session, clinic.keyring, patient).address


def details(clinic: Clinic, verb: str) -> list[dict[str, object]]:
    with clinic.database.reading() as session:
        return list(
            session.exec(
                select(AuditEntry.detail)
                .where(AuditEntry.verb == verb)
                .order_by(col(AuditEntry.id).desc())
            )
        )


@pytest.mark.parametrize("number", WRONG_NUMBERS)
def test_a_number_that_is_nobodys_is_refused_on_the_page_and_by_the_api(clinic, app, mo, number):
    mo.opens("/staff/patients/new").presses("Inschrijven", **WHO | {"address": number})
    assert mo.status == 422
    assert mo.holds("address") == number
    assert "Telefoonnummer of e-mailadres:" in mo.text
    answered = Callers(app, clinic).staff(clinic.mo).post("/patients", BODY | {"address": number})
    assert (answered.status_code, list(answered.json["errors"])) == (422, ["address"])
    assert answered.json["code"] == "incomplete"


@pytest.mark.parametrize("number", RIGHT_NUMBERS)
def test_a_mobile_number_is_taken_in_any_notation(clinic, app, number):
    answered = Callers(app, clinic).staff(clinic.mo).post("/patients", BODY | {"address": number})
    assert answered.status_code == 201
    assert address_of(clinic, answered.json["code"]) == "+31612345678"


def test_a_landline_takes_texts_only_when_a_person_says_so(clinic, mo):
    mo.opens("/staff/patients/new")
    assert "Dit nummer toch gebruiken" not in mo.text
    mo.presses("Inschrijven", **WHO | {"address": "020 1234567"})
    assert mo.status == 422
    assert "Dit is geen mobiel nummer" in mo.text
    mo.presses("Inschrijven", use_anyway="1")
    assert "Ingeschreven." in mo.text
    (detail,) = details(clinic, "patient.enrolled")
    assert detail["confirmed"] == ["use_anyway"]


def test_the_api_says_which_field_confirms_a_landline(clinic, app):
    coordinator = Callers(app, clinic).staff(clinic.mo)
    landline = BODY | {"address": "020 1234567"}
    asked = coordinator.post("/patients", landline)
    assert (asked.status_code, asked.json["code"], asked.json["confirm"]) == (
        422,
        "needs_confirmation",
        "use_anyway",
    )
    assert coordinator.post("/patients", landline | {"use_anyway": True}).status_code == 201


def test_a_new_number_of_a_patient_is_looked_at_as_her_first_one(clinic, mo):
    anna = clinic.enrols("Anna")
    mo.opens(f"/staff/patients/{anna.code}")
    landline = {"contact_kind": "sms", "address": "020 1234567", "consented_on": "2026-01-05"}
    for wrong in WRONG_NUMBERS:
        assert mo.presses("Opslaan", **landline | {"address": wrong}).status == 422
    assert mo.presses("Opslaan", **landline).status == 422
    assert "Dit is geen mobiel nummer" in mo.text
    mo.presses("Opslaan", use_anyway="1")
    assert address_of(clinic, anna.code) == "+31201234567"
    assert details(clinic, "contact.changed") == [{"kind": "sms", "confirmed": ["use_anyway"]}]


@pytest.mark.parametrize("number", [*WRONG_NUMBERS, "020 1234567"])
def test_a_colleagues_number_is_looked_at_as_a_patients(clinic, app, number):
    ad = Desk(app, clinic, clinic.ad)
    ria = {
        "name": "Ria",
        "login": "ria",
        "role": "nurse",
        "language": "nl",
        "password": "a first password",
        "email": "ria@example.org",
    }
    assert ad.presses("Toevoegen", **ria, phone=number).status == 422
    assert "Mobiel nummer:" in ad.text
    with clinic.database.reading() as session:
        assert staff_with_login(session, clinic.keyring, "ria") is None


@pytest.mark.parametrize("day", ["2016-01-05", "1026-01-05"])
def test_a_consent_lies_within_the_years_of_the_trial(clinic, app, mo, day):
    mo.opens("/staff/patients/new").presses("Inschrijven", **WHO | {"consent": day})
    assert mo.status == 422
    assert "buiten de jaren van de studie, 2024 tot en met 2036" in mo.text
    answered = Callers(app, clinic).staff(clinic.mo).post("/patients", BODY | {"consent": day})
    assert (answered.status_code, list(answered.json["errors"])) == (422, ["consent"])


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("2016-01-05", "buiten de jaren van de studie"), ("2026-01-06", "niet in de toekomst")],
)
def test_the_consent_to_a_new_number_does_too(clinic, mo, day, sentence):
    anna = clinic.enrols("Anna")
    mo.opens(f"/staff/patients/{anna.code}")
    mo.presses("Opslaan", contact_kind="sms", address=WHO["address"], consented_on=day)
    assert mo.status == 422
    assert sentence in mo.text


def test_a_milestone_lies_within_the_years_of_the_trial(clinic, mo):
    anna = clinic.enrols("Anna")
    mo.opens(f"/staff/patients/{anna.code}/calendar?form=milestone")
    mo.presses("Toon wat er verandert", kind="randomisation", on="2037-01-05", arm="A")
    assert mo.status == 422
    assert "5 jan 2037 ligt buiten de jaren van de studie" in mo.text


SAME = ["0070001", " 0070001 ", "007 0001", "007-0001", "007\u20130001"]


@pytest.mark.parametrize("field", ["hospital_number", "trial_number"])
@pytest.mark.parametrize("number", SAME)
def test_a_number_of_another_patient_is_refused_with_her_study_code(clinic, app, field, number):
    anna = clinic.enrols("Anna", **{field: "0070001"})
    twice = WHO | {"hospital_number": "55", field: number, "name": "Bert"}
    mo = Desk(app, clinic, clinic.mo).opens("/staff/patients/new").presses("Inschrijven", **twice)
    assert mo.status == 409
    assert f"Patiënt {anna.code} van dit ziekenhuis heeft dit nummer al." in mo.text
    assert (mo.holds("name"), mo.holds(field)) == ("Bert", number)
    body = {**twice, "birth_year": 1961, "other_patient": True}  # no confirmation helps
    answered = Callers(app, clinic).staff(clinic.mo).post("/patients", body)
    assert (answered.status_code, answered.json["code"]) == (409, "number_taken")
    assert anna.code in answered.json["errors"][field][0]
    with clinic.database.reading() as session:
        assert len(session.exec(select(Patient)).all()) == 1


def test_a_trial_number_is_compared_in_any_case(clinic, app):
    clinic.enrols("Anna", trial_number="nki-12")
    answered = (
        Callers(app, clinic).staff(clinic.mo).post("/patients", BODY | {"trial_number": "NKI 12"})
    )
    assert (answered.status_code, answered.json["code"]) == (409, "number_taken")


@pytest.mark.parametrize("number", ["70001", "070001", "00070001"])
def test_a_number_that_differs_by_leading_zeros_is_asked_about(clinic, mo, number):
    anna = clinic.enrols("Anna", hospital_number="0070001")
    mo.opens("/staff/patients/new")
    assert "Dit is een andere patiënt" not in mo.text
    mo.presses("Inschrijven", **WHO | {"hospital_number": number})
    assert mo.status == 422
    assert f"Patiënt {anna.code} van dit ziekenhuis heeft dit nummer met andere" in mo.text
    mo.presses("Inschrijven", other_patient="1")
    assert "Ingeschreven." in mo.text
    assert details(clinic, "patient.enrolled")[0]["confirmed"] == ["other_patient"]


def test_the_api_asks_about_leading_zeros_too(clinic, app):
    anna = clinic.enrols("Anna", hospital_number="70001")
    coordinator = Callers(app, clinic).staff(clinic.mo)
    asked = coordinator.post("/patients", BODY)
    assert (asked.status_code, asked.json["confirm"]) == (422, "other_patient")
    assert anna.code in asked.json["message"]
    assert coordinator.post("/patients", BODY | {"other_patient": True}).status_code == 201


def test_another_hospital_may_have_the_same_number(clinic, app):
    clinic.enrols("Anna", hospital_number=BODY["hospital_number"])
    far = Callers(app, clinic).staff(stranger(clinic, Role.COORDINATOR))
    assert far.post("/patients", BODY).status_code == 201
    with clinic.database.reading() as session:
        words = session.exec(select(PatientNumber)).all()
    assert len({row.exact for row in words}) == len({row.similar for row in words}) == 2


def test_a_number_of_nothing_but_hyphens_is_none(clinic, mo):
    mo.opens("/staff/patients/new").presses("Inschrijven", **WHO | {"hospital_number": " - "})
    assert mo.status == 422
    assert "Ziekenhuisnummer: Vul dit veld in." in mo.text


def test_patients_from_before_the_index_are_found_and_two_of_one_number_stay(clinic):
    anna = clinic.enrols("Anna", hospital_number="12")
    bert = clinic.enrols("Bert", hospital_number="13")
    with clinic.database.writing() as session:
        for row in session.exec(select(PatientNumber)).all():
            session.delete(row)
        # Bert has Anna's number, as it was possible before.
        identity = session.get_one(Identity, bert.id)
        place = f"identity.{bert.id}.hospital_number"
        identity.hospital_number = clinic.keyring.seal("12", place=place)
        session.commit()
    with pytest.raises(NumberTaken) as refused:
        clinic.enrols("Cor", hospital_number="1-2")
    assert refused.value.slots == {"code": anna.code}
    clinic.enrols("Dirk", hospital_number="14")
    with clinic.database.reading() as session:
        rows = session.exec(select(PatientNumber).order_by(col(PatientNumber.patient_id))).all()
    assert [row.exact is None for row in rows] == [False, True, False]
    assert rows[0].similar == rows[1].similar


def test_numbers_are_unique_after_a_change_of_keys(clinic):
    anna = clinic.enrols("Anna", hospital_number="0070001")
    old = clinic.keyring
    clinic.keyring = Keyring({"k2": bytes(32), **old.keys}, old.secret)
    with pytest.raises(NumberTaken) as refused:
        clinic.enrols("Bert", hospital_number="007-0001")
    assert refused.value.slots == {"code": anna.code}
    with pytest.raises(Doubtful):
        clinic.enrols("Bert", hospital_number="70001")
    clinic.enrols("Cor", hospital_number="3")
    with clinic.database.reading() as session:
        assert set(session.exec(select(PatientNumber.key)).all()) == {"k2"}
        assert len(session.exec(select(PatientNumber)).all()) == 2


@pytest.mark.both_engines
def test_of_two_who_enrol_one_number_at_once_one_is_refused(clinic):
    both = Barrier(2)

    def enrols(name: str) -> str:
        both.wait()
        try:
            return clinic.enrols(name, hospital_number="0070001").code
        except NumberTaken as refusal:
            return f"refused for {refusal.slots['code']}"

    with ThreadPoolExecutor(max_workers=2) as desks:
        one, other = sorted(desks.map(enrols, ("Anna", "Anna B.")), key=len)
    assert other == f"refused for {one}"


def test_the_index_tells_no_number(clinic):
    clinic.enrols("Anna", hospital_number="0070001", trial_number="NKI-12")
    with clinic.database.reading() as session:
        rows = session.exec(select(PatientNumber)).all()
    assert {row.kind for row in rows} == {"hospital_number", "trial_number"}
    for row in rows:
        assert len(str(row.exact)) == len(row.similar) == 64
        assert row.exact != row.similar
        assert not any(number in str(row) for number in ("70001", "nki12"))
