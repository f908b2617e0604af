"""A cycle whose day 1 is put a day later and back announces its check once; one that moves by a
week says so."""

import pytest
from sqlmodel import col, select

from proms.db.tables import MessageDecision

OWN = "+31201234999"


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05", "08:00")
    anna = clinic.enrols()
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-22")
    return anna


def about_the_check(clinic):
    with clinic.database.reading() as session:
        rows = session.exec(
            select(MessageDecision)
            .where(MessageDecision.event == "HSC-SYST-D1", MessageDecision.number == 1)
            .order_by(col(MessageDecision.id))
        ).all()
    return [(row.decided_at.day, row.purpose, row.verdict) for row in rows]


def test_a_day_later_and_back_again_is_announced_once(clinic, anna):
    clinic.today("2026-01-19", "09:00")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-23")
    clinic.today("2026-01-20", "09:00")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-22")
    for day in (20, 21, 22, 23):
        clinic.today(f"2026-01-{day}", "09:00")
    assert about_the_check(clinic) == [
        (19, "announce", "send"),
        (20, "remind", "send"),
        (21, "remind", "send"),
    ]


def test_a_week_later_is_announced_with_its_new_day(clinic, anna):
    clinic.today("2026-01-19", "09:00")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-29")
    for day in range(20, 30):
        clinic.today(f"2026-01-{day}", "09:00")
    assert about_the_check(clinic) == [
        (19, "announce", "send"),
        (26, "moved", "send"),
        (27, "remind", "send"),
        (28, "remind", "send"),
    ]
    texts = [text for to, text in clinic.phone if to == OWN]
    assert "nieuwe datum" in texts[-3]
    assert "1 februari" in texts[-3]
