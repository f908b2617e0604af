"""Pages with alerts as a nurse's browser sends them: what they showed, and what was typed."""

from proms.db.queries.worklist import unresolved
from proms.db.tables import Patient
from tests.clinic import Clinic

# By endpoint, what is typed of a patient in an example of each call.
FORMS: dict[str, dict[str, str]] = {
    "staff.worklist_as_typed": {"note": "Gebeld."},
    "staff.patient_as_typed": {"note": "Gebeld."},
    "staff.take": {},
    "staff.keep_note": {"outcome": "no_answer"},
    "staff.resolve": {"resolution": "advice", "note": "Gebeld."},
    "staff.show_contact": {},
    "staff.expect": {
        "expect_item": "hsc:ITCH:3",
        "expect_until": "2026-03-09",
        "expect_reason": "known",
    },
}
OF_ALL = {"back": "list", "all-shown": "", "all-resolution": "advice", "all-note": "Gebeld."}


def page_sent(clinic: Clinic, patient: Patient, **fields: str) -> dict[str, str]:
    """The patient's page, with her alerts as they are now."""
    with clinic.database.reading() as session:
        rows = unresolved(session, patient.site_id, patient_id=patient.id)
    shown = " ".join(f"{met.alert.id}:{met.times}" for row in rows for met in row.met)
    named = {f"{patient.code}-{name}": text for name, text in {"shown": shown, **fields}.items()}
    return {"back": "patient", "patient": patient.code, **named}
