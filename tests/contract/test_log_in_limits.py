"""A wrong password costs whoever guesses time, and nobody else: no patient who saves, no nurse at
her own door."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from flask import Flask
from sqlalchemy import event, text
from sqlmodel import col, func, select

from proms.actions import passwords
from proms.actions.access import log_in
from proms.actions.attempts import OF_ACCOUNT, OF_ADDRESS, OWN, Origin
from proms.actions.refusals import TooBusy, TooManyAttempts, WrongPassword
from proms.db.tables import AuditEntry, FailedLogins
from proms.domain.person import Role
from tests.caller import Callers
from tests.clinic import PASSWORD, Clinic
from tests.desk import Desk
from tests.phone import website
from tests.quick_passwords import SHIPPED

pytestmark = pytest.mark.both_engines

WARD, HOME_OF_ELS, ATTACKER = "198.51.100.7", "203.0.113.9", "192.0.2.66"


@pytest.fixture
def app(clinic: Clinic, database_url: str) -> Iterator[Flask]:
    clinic.today("2026-01-05", "09:00")
    with website(database_url) as running:
        yield running


def desk_at(app: Flask, clinic: Clinic, address: str) -> Desk:
    desk = Desk(app, clinic)
    desk.client.environ_base["REMOTE_ADDR"] = address
    return desk.opens("/staff/login")


def tries(desk: Desk, login: str = "els", password: str = "no password of hers") -> int:
    desk.presses("Inloggen", login=login, password=password)
    return desk.status


def later(clinic: Clinic, seconds: int) -> None:
    clinic.now = clinic.now.fromtimestamp(clinic.now.timestamp() + seconds, clinic.now.tzinfo)


def test_an_outsider_waits_longer_after_each_guess_and_the_nurse_logs_in_all_the_while(
    app: Flask, clinic: Clinic
):
    ward = desk_at(app, clinic, WARD)
    assert tries(ward, password=PASSWORD) == 200
    ward.presses("Uitloggen")

    attacker = desk_at(app, clinic, ATTACKER)
    for _ in range(OF_ACCOUNT.free):
        assert tries(attacker) == 401
    assert tries(attacker) == 429
    assert attacker.answer.headers["Retry-After"] == "15"
    assert (
        "Er is te vaak een verkeerd wachtwoord gegeven. Probeer het over 15 seconden opnieuw."
        in (attacker.text)
    )
    assert attacker.holds("login") == "els"
    assert tries(attacker, password=PASSWORD) == 429  # not even the right one

    later(clinic, 16)
    assert tries(attacker) == 401
    assert tries(attacker) == 429
    assert attacker.answer.headers["Retry-After"] == "30"

    # At the ward's computer, and from the ward's address, she has an allowance of her own.
    assert tries(ward, password=PASSWORD) == 200
    elsewhere = desk_at(app, clinic, WARD)
    assert tries(elsewhere, password=PASSWORD) == 200
    carried = desk_at(app, clinic, HOME_OF_ELS)
    for cookie in ward.client._cookies.values():  # the laptop is taken home
        if cookie.key.endswith("device"):
            carried.client.set_cookie(
                cookie.key, cookie.value, domain="proms.example.org", secure=True
            )
    assert tries(carried, password=PASSWORD) == 200


def test_another_process_and_the_api_count_the_same_attempts(
    app: Flask, clinic: Clinic, database_url: str
):
    attacker = desk_at(app, clinic, ATTACKER)
    for _ in range(OF_ACCOUNT.free):
        tries(attacker)
    with website(database_url) as other:
        assert tries(desk_at(other, clinic, "192.0.2.67")) == 429
        answer = Callers(other, clinic).nobody.post(
            "/session", {"login": "els", "password": "still no password"}
        )
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "15"
    assert answer.json["code"] == "too_many_attempts"


def test_one_address_that_tries_one_name_after_the_other_waits_too(app: Flask, clinic: Clinic):
    attacker = desk_at(app, clinic, ATTACKER)
    statuses = [tries(attacker, login=f"name-{n}") for n in range(OF_ADDRESS.free + 1)]
    assert statuses == [401] * OF_ADDRESS.free + [429]
    assert tries(desk_at(app, clinic, HOME_OF_ELS), password=PASSWORD) == 200


def test_her_own_device_has_waits_too_and_the_right_password_ends_them(app: Flask, clinic: Clinic):
    ward = desk_at(app, clinic, WARD)
    tries(ward, password=PASSWORD)
    ward.presses("Uitloggen")
    assert [tries(ward) for _ in range(OWN.free + 1)] == [401] * OWN.free + [429]
    assert ward.answer.headers["Retry-After"] == "5"
    later(clinic, 6)
    assert tries(ward, password=PASSWORD) == 200
    ward.presses("Uitloggen")
    assert tries(ward) == 401


def test_a_wait_in_minutes_is_said_in_minutes_and_ends_growing(app: Flask, clinic: Clinic):
    attacker = desk_at(app, clinic, ATTACKER)
    for _ in range(OF_ACCOUNT.free + 12):
        tries(attacker)
        later(clinic, int(OF_ACCOUNT.longest.total_seconds()))
    tries(attacker)
    assert tries(attacker) == 429
    assert "Probeer het over 15 minuten opnieuw." in attacker.text
    later(clinic, 3 * 24 * 3600)
    assert tries(attacker) == 401  # forgotten, so that it begins anew
    with clinic.database.reading() as session:
        assert set(session.exec(select(FailedLogins.failures)).all()) == {1}


def test_a_refused_log_in_is_on_record_with_account_and_network_but_no_name_typed(
    app: Flask, clinic: Clinic
):
    attacker = desk_at(app, clinic, ATTACKER)
    tries(attacker)
    tries(attacker, login="my-secret-password")
    with clinic.database.reading() as session:
        known, unknown = session.exec(
            select(AuditEntry)
            .where(AuditEntry.verb == "staff.login_refused")
            .order_by(col(AuditEntry.id))
        ).all()
    assert (known.subject_id, known.site_id) == (clinic.els.id, clinic.site.id)
    assert known.detail == {"account": "known", "origin": "192.0.2.0/24", "been_there": False}
    assert (unknown.subject_id, unknown.detail["account"]) == (None, "unknown")
    with clinic.database.engine.connect() as connection:
        for table in ("audit_entry", "failed_logins", "login"):
            said = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert "secret" not in said
            assert ATTACKER not in said


@pytest.mark.parametrize(
    ("address", "counted", "network"),
    [
        ("192.0.2.66", "192.0.2.66", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("a socket", "a socket", ""),
    ],
)
def test_what_of_an_address_is_counted_and_what_is_kept(address: str, counted: str, network: str):
    assert (Origin(address).counted_as, Origin(address).network) == (counted, network)


@pytest.fixture
def slow_work(clinic: Clinic, app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every password that argon2 looks at, whether anybody was inside a transaction that
    writes."""
    writing: list[object] = []
    seen: list[bool] = []

    def began(connection):
        if connection.get_execution_options().get("write"):
            writing.append(connection)

    def ended(_connection):
        writing.clear()

    for engine in (clinic.database.engine, app.extensions["parts"].database.engine):
        event.listen(engine, "begin", began)
        event.listen(engine, "commit", ended)
        event.listen(engine, "rollback", ended)

    class Watched(passwords.PasswordHasher):
        def hash(self, *given, **named):
            seen.append(bool(writing))
            return super().hash(*given, **named)

        def verify(self, *given):
            seen.append(bool(writing))
            return super().verify(*given)

    monkeypatch.setattr(passwords, "hasher", Watched())
    return seen


def test_no_password_is_looked_at_inside_a_transaction_that_writes(
    app: Flask, clinic: Clinic, slow_work: list[bool]
):
    ward = desk_at(app, clinic, WARD)
    tries(ward)
    tries(ward, login="nobody")
    tries(ward, password=PASSWORD)
    callers = Callers(app, clinic)
    callers.nobody.post("/session", {"login": "els", "password": "no password of hers"})
    callers.staff(clinic.els)
    ad = Desk(app, clinic, clinic.ad)
    ad.presses(
        "Toevoegen",
        name="Ria",
        login="ria",
        role="nurse",
        language="nl",
        phone="06 12345609",
        password="a first password",
    )
    ad.opens(f"/staff/people/{clinic.els.id}").follows("Een ander wachtwoord")
    ad.presses("Wachtwoord instellen", password="another password")
    clinic.employs("jo", Role.COORDINATOR)
    assert len(slow_work) == 9
    assert not any(slow_work)


def test_who_has_to_wait_or_has_no_link_is_told_while_somebody_else_holds_the_lock(
    app: Flask, clinic: Clinic
):
    attacker = desk_at(app, clinic, ATTACKER)
    for _ in range(OF_ACCOUNT.free):
        tries(attacker)
    patient = app.test_client()
    with clinic.database.writing() as session:
        session.add(AuditEntry(at=clinic.now, actor="worker", verb="x", subject="x"))
        session.flush()  # the lock is held from here on
        assert tries(attacker) == 429
        callers = Callers(app, clinic)
        assert callers.nobody.post("/session", {"link": "of-nobody"}).status_code == 404
        assert patient.get("/q/of-nobody").status_code == 404


def test_what_the_product_hashes_costs_what_the_rfc_advises_and_so_does_a_name_of_nobody():
    of_somebody = SHIPPED.hasher.hash(PASSWORD)
    assert extract_parameters(of_somebody) == RFC_9106_LOW_MEMORY
    assert extract_parameters(SHIPPED.nobody) == RFC_9106_LOW_MEMORY


def test_a_process_looks_at_one_strangers_password_at_a_time_and_sends_the_third_away(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
):
    clinic.today("2026-01-05", "09:00")
    log_in(
        clinic.database,
        clinic.keyring,
        login="els",
        password=PASSWORD,
        origin=Origin(WARD),
        now=clinic.now,
    )
    lock, running, most = Lock(), 0, 0

    class Watched(passwords.PasswordHasher):
        def verify(self, *given):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            try:
                return super().verify(*given)
            finally:
                with lock:
                    running -= 1

    monkeypatch.setattr(passwords, "hasher", Watched())
    monkeypatch.setattr(passwords, "NOBODY", SHIPPED.nobody)  # slow, so that they meet

    def guess(number: int) -> str:
        try:
            log_in(
                clinic.database,
                clinic.keyring,
                login=f"nobody-{number}",
                password="a guess",
                origin=Origin(f"192.0.2.{number}"),
                now=clinic.now,
            )
        except (WrongPassword, TooBusy, TooManyAttempts) as refusal:
            return type(refusal).__name__
        return "in"

    with ThreadPoolExecutor(10) as crowd:
        ended = list(crowd.map(guess, range(10)))
    assert most == 1
    assert ended.count("TooBusy") >= 1
    assert "in" not in ended
    with clinic.database.reading() as session:
        written = session.exec(
            select(func.count())
            .select_from(AuditEntry)
            .where(AuditEntry.verb == "staff.login_refused")
        ).one()
    assert written == ended.count("WrongPassword")  # who was sent away has cost no write
