"""A website on the test's database, and who calls its API."""

from collections.abc import Iterator

import pytest
from flask import Flask

from proms.db.tables import Patient
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.phone import website


@pytest.fixture
def app(clinic: Clinic, database_url: str) -> Iterator[Flask]:
    with website(database_url) as running:
        yield running


@pytest.fixture
def callers(app: Flask, clinic: Clinic) -> Callers:
    return Callers(app, clinic)


@pytest.fixture
def phone(callers: Callers, anna: Patient) -> Caller:
    """The device on which the link of the test's own Anna was opened."""
    return callers.patient(anna)
