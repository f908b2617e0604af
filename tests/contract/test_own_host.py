"""Whose host a request claims to be for never comes back: not in a redirect, not in a page."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from proms.factory import create_app
from proms.settings import Settings
from tests.clinic import KEYRING, Clinic
from tests.desk import Desk
from tests.phone import content
from tests.wordings import licensed_packs

FORGED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil.example",
    "X-Forwarded-Server": "evil.example",
    "Forwarded": "host=evil.example",
    "X-Original-Host": "evil.example",
}


@pytest.fixture(params=[0, 1], ids=["no proxy", "one proxy"])
def app(request: pytest.FixtureRequest, clinic: Clinic, database_url: str) -> Iterator[Flask]:
    settings = Settings(
        database_url,
        KEYRING.secret,
        KEYRING.keys,
        "https://proms.example.org",
        proxies=request.param,
        packs=licensed_packs(),
    )
    running = create_app(settings, content(demo=False))
    running.config["WTF_CSRF_ENABLED"] = False
    yield running
    running.extensions["parts"].database.engine.dispose()


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("/staff", "/staff/"),
        ("/staff?x=1", "/staff/?x=1"),
        ("//staff//people", "/staff/people"),
        ("/staff//login", "/staff/login"),
    ],
)
def test_an_address_that_is_put_right_stays_on_this_site(app: Flask, asked: str, sent: str):
    # As it stands on the wire: a test client takes what follows two slashes for a host.
    path, _, query = asked.partition("?")
    environ = {"PATH_INFO": path, "QUERY_STRING": query}
    answer = app.test_client().get("/", environ_overrides=environ, headers=FORGED)
    assert answer.status_code == 308
    assert answer.headers["Location"] == sent


def test_no_route_answers_with_a_forged_host(app: Flask, clinic: Clinic):
    told = []
    for client in (app.test_client(), Desk(app, clinic, clinic.mo).client):
        for rule in app.url_map.iter_rules():
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                told += _told(client, method, _filled(rule.rule))
    assert told == []


def _told(client: FlaskClient, method: str, path: str) -> list[tuple[str, str]]:
    answer = client.open(path, method=method, headers=FORGED)
    said = f"{answer.headers}\n{answer.text if answer.is_json or answer.mimetype == 'text/html' else ''}"
    return [(method, path)] if "evil" in said else []


def _filled(rule: str) -> str:
    path = rule
    while "<" in path:
        before, _, rest = path.partition("<")
        path = before + "1" + rest.partition(">")[2]
    return path
