"""A website on the test's database, and who calls its API."""

from collections.abc import Iterator

import pytest
from flask import Flask

from proms.db.tables import Patient
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.engine_by_day import left_to_the_night
from tests.phone import website


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By day a walk over all routes is made on one of the engines; by night on the other."""
    for item in items:
        if item.get_closest_marker("one_engine") and left_to_the_night(item):
            item.add_marker(pytest.mark.nightly)


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
