"""A level that is expected of one of a patient's symptoms, for tests that need one."""

from datetime import timedelta

from proms.actions.expected_levels import Expectation, expect_level
from proms.db.tables import Patient
from tests.clinic import Clinic


def known_symptom(clinic: Clinic, patient: Patient) -> int:
    """Her nurse expects itch for a week; returns what that is recorded as."""
    until = clinic.now.date() + timedelta(days=7)
    with clinic.database.writing() as session:
        return expect_level(
            session,
            clinic.library,
            patient_id=patient.id,
            expectation=Expectation("hsc", "ITCH", 3, until, "bekend"),
            by=clinic.els,
            now=clinic.now,
        ).id
