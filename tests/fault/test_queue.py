"""A queue of messages that a real worker works off: how fast, and what of it leaves once a patient
takes no further part."""

import time
from itertools import repeat

import pytest
from sqlmodel import col, select

from proms.db.tables import Contact, Delivery
from tests.clinic import Clinic
from tests.fault.test_notices import clinic, enrols, twilio, waits_for, worker
from tests.owed_links import owe_links
from tests.twilio_server import TwilioServer

__all__ = ["clinic", "twilio"]  # fixtures

A_LINE = 10  # messages that wait for their provider at once
IN_FLIGHT = 0.5  # seconds in which a message that was handed over before is heard of


def queues(clinic: Clinic, patient: int, count: int) -> list[str]:
    """So many messages to a patient are due; their names at the provider."""
    now = clinic.now
    with clinic.database.writing() as session:
        contact = session.exec(select(Contact.id).where(Contact.patient_id == patient)).one()
        until = now.replace(year=now.year + 1)
        rows = owe_links(session, patient, repeat(contact), count, due=now, until=until)
        session.commit()
        return [str(row.id) for row in rows]


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("patients", "each"), [(5, 40), pytest.param(20, 50, marks=pytest.mark.nightly)]
)
def test_f24_of_a_queue_nothing_leaves_once_a_withdrawal_or_a_death_is_recorded(
    database_url: str, clinic: Clinic, twilio: TwilioServer, patients: int, each: int
) -> None:
    everybody = [enrols(clinic, f"Anna {number}") for number in range(patients)]
    queued = {patient.id: queues(clinic, patient.id, each) for patient in everybody}
    twilio.takes = 0.2
    ended: dict[int, float] = {}
    with worker(database_url, twilio):
        assert waits_for(lambda: len(twilio.received) >= A_LINE, 60)
        for patient in everybody:
            leaves = clinic.dies if patient.id % 2 else clinic.withdraws
            leaves(patient, f"{clinic.now.date()}")
            ended[patient.id] = time.monotonic()
        assert waits_for(lambda: not on_its_way(clinic), 60)
    heard = sum(len(set(names) & twilio.heard_at.keys()) for names in queued.values())
    print(f"of {patients * each} queued {heard} had left")
    assert heard < patients * each
    for patient, names in queued.items():
        late = [name for name in names if twilio.heard_at.get(name, 0) > ended[patient] + IN_FLIGHT]
        assert late == []


def on_its_way(clinic: Clinic) -> list[int]:
    with clinic.database.reading() as session:
        states = col(Delivery.state).in_(("due", "sending"))
        return list(session.exec(select(Delivery.id).where(states)))


@pytest.mark.parametrize(
    ("count", "seconds"), [(40, 0.3), pytest.param(100, 1.0, marks=pytest.mark.nightly)]
)
def test_a_hundred_messages_to_a_provider_that_takes_a_second_leave_ten_at_a_time(
    database_url: str, clinic: Clinic, twilio: TwilioServer, count: int, seconds: float
) -> None:
    names = queues(clinic, enrols(clinic, "Anna").id, count)
    twilio.takes = seconds
    with worker(database_url, twilio):
        assert waits_for(lambda: not on_its_way(clinic), 120)
    heard = sorted(twilio.heard_at[name] for name in names)
    at_once = max(sum(at <= other < at + seconds for other in heard) for at in heard)
    took = heard[-1] - heard[0] + seconds
    print(f"{count} messages left in {took:.1f} s, {at_once} at a time")
    assert at_once == A_LINE
    assert count < 100 or took < 15
