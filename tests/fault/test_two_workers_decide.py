"""Several workers decide at the same moment: each patient gets one message."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from proms.actions.reminders import remind_due
from proms.db.tables import Delivery, MessageDecision, Patient

pytestmark = pytest.mark.both_engines

PATIENTS = 24
WORKERS = 4


def test_F_12_four_workers_decide_at_once_and_each_patient_is_told_once(clinic):
    clinic.today("2026-01-05", "08:00")
    for number in range(PATIENTS):
        clinic.enrols(f"Patient {number}")
    clinic.now = clinic.now.replace(hour=8, minute=5)  # five past nine at the site

    def works(_worker: int) -> None:
        # Few at a time, so that each comes round often; until nothing is left to anybody.
        for _ in range(PATIENTS):
            with clinic.database.writing() as session:
                remind_due(session, clinic.library, now=clinic.now, limit=3)

    with ThreadPoolExecutor(WORKERS) as crew:
        list(crew.map(works, range(WORKERS)))
    with clinic.database.reading() as session:
        decisions = session.exec(select(MessageDecision)).all()
        owed = session.exec(select(Delivery)).all()
    firsts = [row for row in decisions if row.decided_with is None]
    assert Counter(row.patient_id for row in firsts) == Counter(range(1, PATIENTS + 1))
    assert Counter(row.patient_id for row in owed) == Counter(range(1, PATIENTS + 1))
    assert len(decisions) == 2 * PATIENTS


def test_whom_another_worker_has_in_hand_is_left_to_it(clinic):
    if clinic.database.engine.dialect.name == "sqlite":
        return  # whoever writes is alone there
    clinic.today("2026-01-05", "08:00")
    anna = clinic.enrols()
    clinic.now = clinic.now.replace(hour=8, minute=5)
    with clinic.database.writing() as other:
        other.exec(select(Patient).where(Patient.id == anna.id).with_for_update()).one()
        with clinic.database.writing() as session:
            assert remind_due(session, clinic.library, now=clinic.now) == 0
    with clinic.database.writing() as session:
        assert remind_due(session, clinic.library, now=clinic.now) == 2
