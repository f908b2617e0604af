"""What a patient does on her phone, and what the site finds afterwards."""

import re
from datetime import datetime

from sqlmodel import col, select

from proms.actions.access import make_link
from proms.db.tables import Draft, Patient, Response
from tests.clinic import KEYRING, Clinic
from tests.phone import HOME, Phone

PATH = re.compile(rf"{HOME}(/q/\S+)")
DAY_AND_NIGHT = "020 123 4567"
NOTHING_SUDDEN = "Nee, geen van deze"
STUDY_TEAM = "020 123 4568"


def link(clinic: Clinic) -> str:
    """The path of the link in the latest message."""
    return next(found[1] for _, text in reversed(clinic.phone) if (found := PATH.search(text)))


def begun(phone: Phone, clinic: Clinic) -> Phone:
    """Her link opened, Start pressed, the symptom check opened and nothing sudden reported: she
    stands before the question about yellow skin."""
    first = phone.opens(link(clinic)).taps("Start")
    if first.path == "/today":  # where more is open than the check
        first.taps("Begin Klachtencheck")
    # In older versions that question is the first.
    return calm(first) if first.path.endswith("/ALARM") else first


def calm(phone: Phone) -> Phone:
    """Nothing of what is asked first, because it may threaten life."""
    return phone.answers(NOTHING_SUDDEN)


def well(phone: Phone) -> Phone:
    """Every question from here on answered with its first answer, up to the page to check them
    on."""
    while not phone.path.endswith("/review"):
        boxes = [
            each
            for each in phone.page.things
            if each.tag == "label" and each.attributes["for"] == "a1"
        ]
        phone.answers(*[each.words for each in boxes])
    return phone


def stored(clinic: Clinic) -> list[Response]:
    with clinic.database.reading() as session:
        return list(session.exec(select(Response).order_by(col(Response.id))))


def drafts(clinic: Clinic) -> list[Draft]:
    with clinic.database.reading() as session:
        return list(session.exec(select(Draft)))


def newer_link(clinic: Clinic, patient: Patient, now: datetime) -> str:
    """A newer link, as a later message would carry it."""
    with clinic.database.writing() as session:
        token = make_link(session, KEYRING, patient_id=patient.id, now=now)
        session.commit()
    return f"/q/{token}"
