"""A patient reports something between two checks that the protocol asks."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.actions.audit import patient_actor
from proms.actions.refusals import NotFound
from proms.actions.unscheduled import start_extra
from proms.db.tables import Assignment, Patient, Response
from proms.domain.person import PatientStatus
from tests.caller import Callers
from tests.filling_in import calm, link, well


def extra(clinic, patient, event="HSC-PRN"):
    with clinic.database.writing() as session:
        mine = session.get_one(Patient, patient.id)
        return start_extra(
            session,
            clinic.library,
            patient=mine,
            event=event,
            language="nl",
            by=patient_actor(mine.id),
            now=clinic.now,
        )


def own(clinic, patient):
    with clinic.database.reading() as session:
        rows = session.exec(
            select(Assignment).where(Assignment.event == "HSC-PRN").order_by(col(Assignment.number))
        ).all()
    return [(row.number, row.state) for row in rows]


@pytest.fixture
def between(clinic, anna):
    """Anna has answered her baseline check; the next one is a while off."""
    clinic.answers(anna, "hsc")
    clinic.randomises(anna, arm="A", on="2026-01-05")
    clinic.today("2026-01-20", "14:00")
    return anna


def test_she_begins_one_on_her_phone_and_it_is_read_like_any_other(clinic, between, hand):
    phone = hand().opens(link(clinic)).taps("Start")
    assert "Wilt u tussendoor iets doorgeven?" in phone.text
    phone.taps("Extra: Klachtencheck")
    calm(phone).answers("Ja").taps("Verder")
    well(phone).taps("Verstuur mijn antwoorden")
    assert phone.path.startswith("/receipt/")
    assert own(clinic, between) == [(1, "answered")]
    assert ("B1", "red", "open") in clinic.worklist()


def test_while_one_is_open_that_one_opens(clinic, anna, hand):
    baseline = clinic.asked(anna)
    assert extra(clinic, anna).id == baseline.id
    phone = hand().opens(link(clinic)).taps("Start")
    assert not phone.offers("Extra:")


def test_twice_begun_is_one_and_after_sending_the_next_is_number_two(clinic, between):
    first = extra(clinic, between)
    clinic.now += timedelta(minutes=1)
    assert extra(clinic, between).id == first.id
    clinic.answers(between, assignment=first, key="one")
    clinic.now += timedelta(hours=1)
    assert extra(clinic, between).id != first.id
    assert own(clinic, between) == [(1, "answered"), (2, "started")]


def test_one_that_was_left_is_never_missed_and_no_message_is_about_it(clinic, between):
    extra(clinic, between)
    said = len(clinic.phone)
    clinic.today("2026-01-21", "09:00")
    clinic.today("2026-01-22", "09:00")
    clinic.today("2026-02-20", "09:00")
    assert own(clinic, between) == [(1, "cancelled")]
    assert len(clinic.phone) == said


def test_sent_the_next_day_it_is_not_late(clinic, between):
    mine = extra(clinic, between)
    clinic.today("2026-01-21", "08:00")
    clinic.answers(between, assignment=mine)
    with clinic.database.reading() as session:
        assert (
            session.exec(select(Response.late).where(Response.assignment_id == mine.id)).one()
            is False
        )


def test_no_plan_takes_it_back(clinic, between):
    extra(clinic, between)
    clinic.chooses(between, "systemic", "capox")
    clinic.plans_cycle(between, "systemic", 1, "2026-01-26")
    assert own(clinic, between) == [(1, "started")]


def test_nothing_but_what_the_protocol_leaves_to_her_can_be_begun(clinic, between):
    with pytest.raises(NotFound):
        extra(clinic, between, event="HSC-BASE")


def test_who_has_withdrawn_begins_nothing(clinic, between, hand):
    phone = hand().opens(link(clinic)).taps("Start")
    clinic.withdraws(between, "2026-01-20")
    with clinic.database.reading() as session:
        assert session.get_one(Patient, between.id).status == PatientStatus.WITHDRAWN
    phone.taps("Extra: Klachtencheck")
    assert own(clinic, between) == []


def test_a_device_begins_one_as_well_and_gets_the_questions(clinic, between, app):
    device = Callers(app, clinic).patient(between)
    begun = device.post("/assignments", {"event": "HSC-PRN"})
    assert (begun.status_code, begun.json["state"], begun.json["items"][0]["code"]) == (
        201,
        "started",
        "ALARM",
    )
    assert device.post("/assignments", {"event": "HSC-PRN"}).json["id"] == begun.json["id"]
    assert device.post("/assignments", {"event": "HSC-BASE"}).status_code == 404
    assert device.post("/assignments", {}).status_code == 422
