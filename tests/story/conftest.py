"""A website on the story's database, browsers to visit it with, and a patient who has something to fill in."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from proms.db.tables import Patient
from tests.clinic import Clinic
from tests.phone import Phone, website


@pytest.fixture
def app(clinic: Clinic, database_url: str) -> Iterator[Flask]:
    with website(database_url) as running:
        yield running


@pytest.fixture
def hand(app: Flask, clinic: Clinic) -> Callable[[], Phone]:
    """`hand()` is a new browser at the story's moment."""
    return lambda: Phone(app, clinic.now)


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    """Enrolled on a Monday: her first check and her first questionnaire are open."""
    clinic.today("2026-01-05", "09:00")
    patient = clinic.enrols("Anna Bakker")
    clinic.today("2026-01-05", "10:46")
    return patient
