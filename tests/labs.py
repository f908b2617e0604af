"""Laboratory values as a page, a system and a file say them."""

from base64 import urlsafe_b64encode
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from proms.actions.audit import staff_actor
from proms.actions.laboratory import record_values
from proms.db.tables import Patient
from proms.domain.laboratory import LabEntry
from tests.clinic import Clinic

DAY = "2026-03-02"
LAB_FORM = {"taken_on": DAY, "value_alp": "88,5", "limit_alp": "120", "reason": ""}
LAB_JSON = {
    "test": "alp",
    "taken_on": DAY,
    "value": 88.5,
    "unit": "U/L",
    "upper_limit": 120,
    "reason": "",
}
NOTHING_HELD = sha256(b"").hexdigest()  # what a preview showed where no value was on record
HEADER = "patient;date;test;value;unit;uln;reason"


def lab_file(*lines: str, delimiter: str = ";") -> bytes:
    return "\n".join([HEADER, *lines, ""]).replace(";", delimiter).encode()


def carried(code: str) -> dict[str, Any]:
    """The fields of a page that carries a file with one value of this patient."""
    file = lab_file(f"{code};{DAY};alp;88.5;U/L;120;")
    return {
        "content": urlsafe_b64encode(file).decode(),
        "reason": "",
        "file_name": "labs.csv",
        "seen": NOTHING_HELD,
    }


LIMITS = {"bilirubin": 20, "alp": 120, "ast": 40, "alt": 40, "ggt": 50}


def measure(clinic: Clinic, patient: Patient, on: str, **values: float) -> None:
    """The nurse enters what was found of these tests."""
    entries = [
        LabEntry(test, date.fromisoformat(on), Decimal(str(value)), Decimal(LIMITS[test]))
        for test, value in values.items()
    ]
    with clinic.database.writing() as session:
        record_values(
            session,
            clinic.library,
            patient_id=patient.id,
            entries=entries,
            reason="",
            by=staff_actor(clinic.els),
            now=clinic.now,
        )
