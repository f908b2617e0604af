"""A website on the story's database, browsers to visit it with, a patient with something to fill
in, and commands."""

import base64
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from proms.db.tables import Patient
from tests.clinic import KEYRING, Clinic
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


@pytest.fixture
def installation(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands act on the story's database."""
    key = base64.b64encode(KEYRING.keys["k1"]).decode()
    named = {
        "DATABASE_URL": database_url,
        "PROMS_SECRET": KEYRING.secret,
        "PROMS_IDENTITY_KEYS": f"k1:{key}",
        "PROMS_PUBLIC_URL": "https://proms.example.org",
        "PROMS_SMTP_HOST": "127.0.0.1",
        "PROMS_SMTP_SENDER": "trial@example.org",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
