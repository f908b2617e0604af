"""A study code is drawn so that a slip names nobody else; one drawn under earlier rules stays valid
wherever a code is written."""

import pytest
from sqlmodel import select, update

from proms.actions.history_import import ImportFile, preview_import
from proms.content.history_table import read_table
from proms.db.tables import Patient
from tests.caller import Callers
from tests.clinic import KEYRING
from tests.desk import Desk

# Five characters in any order, among them what spreadsheets take for numbers and for a date.
EARLIER = ["96E35", "544E3", "2JUN3", "K7M2Q", "ABCDE", "22222"]


def test_a_code_that_is_one_character_off_somebody_elses_is_not_given_away(clinic):
    drawn = iter("K7N2R5X8K7N2R5X6K7N2R5C6")
    anna = clinic.enrols("Anna", draw=lambda _: next(drawn))
    bea = clinic.enrols("Bea", draw=lambda _: next(drawn))
    assert (anna.code, bea.code) == ("K7N2R5X8", "K7N2R5C6")


@pytest.mark.parametrize("code", [*EARLIER, "K7N2R5X8"])
def test_a_code_of_any_time_is_valid_wherever_it_is_written(clinic, app, code):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna", hospital_number="1234567")
    ben = clinic.enrols("Ben", hospital_number="7654321")
    with clinic.database.writing() as session:
        session.exec(update(Patient).where(Patient.id == anna.id).values(code=code))
        session.commit()
    typed = f" {code.lower()} "

    desk = Desk(app, clinic, clinic.mo)
    assert desk.opens(f"/staff/patients/{code}").title.startswith(code)
    assert desk.opens(f"/staff/patients/{code.lower()}/calendar").status == 200
    found = desk.opens("/staff/patients").presses("Zoek", find=typed)
    assert code in found.text
    assert ben.code not in found.text

    caller = Callers(app, clinic).staff(clinic.mo)
    assert caller.get(f"/patients/{code}").json["code"] == code
    assert caller.get(f"/patients/{code.lower()}/cycles").status_code == 200
    bundle = caller.get(f"/fhir/QuestionnaireResponse?patient={code}")
    assert (bundle.status_code, bundle.json["total"]) == (200, 0)

    file = f"patient,what,kind,arm,date\n{typed},milestone,randomisation,A,2026-01-05\n"
    with clinic.database.reading() as session:
        sheet = ImportFile(read_table(file.encode()), clinic.site.id)
        seen = preview_import(session, clinic.library, KEYRING, sheet, now=clinic.now)
        assert session.exec(select(Patient.code).where(Patient.id == anna.id)).one() == code
    assert [(effect.patient.code, len(effect.steps)) for effect in seen.news] == [(code, 1)]
