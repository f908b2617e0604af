"""The API describes itself, wholly and from its own address."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some

from proms.content import Library
from proms.domain.instrument import Instrument, NotOffered
from proms.domain.person import Role
from proms.web.api.fields import answers_schema
from proms.web.guard import EITHER, OPEN, admits
from tests.phone import website

DESCRIBED = {
    "DELETE /session",
    "POST /session", "GET /assignments", "POST /assignments", "GET /assignments/{assignment_id}",
    "PUT /assignments/{assignment_id}/draft",
    "POST /assignments/{assignment_id}/response", "GET /alerts", "PUT /alerts/{alert_id}/acknowledgement",
    "PUT /alerts/{alert_id}/resolution", "GET /patients", "POST /patients", "GET /patients/{code}",
    "GET /patients/{code}/milestones", "POST /patients/{code}/milestones", "GET /patients/{code}/cycles",
    "GET /patients/{code}/labs", "POST /patients/{code}/labs",
    "GET /patients/{code}/facts", "PUT /patients/{code}/facts/{fact}/{number}",
    "POST /patients/{code}/cycles", "PUT /patients/{code}/components/{component}", "GET /exports/scores",
    "GET /exports/codebook", "GET /fhir/metadata", "GET /fhir/Questionnaire",
    "GET /fhir/Questionnaire/{questionnaire_id}", "GET /fhir/QuestionnaireResponse",
    "GET /fhir/QuestionnaireResponse/{response_id}", "POST /fhir/QuestionnaireResponse",
}  # fmt: skip
A_VALUE = some.one_of(
    some.none(), some.booleans(), some.integers(-1, 8), some.floats(),
    some.sampled_from(["none", "tar", "0", "", "\0"]),
    some.lists(some.sampled_from(["none", "tar", "nose", "x"]), max_size=3),
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with website(f"sqlite:///{tmp_path_factory.mktemp('api')}/unused.db") as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_description_names_every_call_with_its_refusals(client: FlaskClient) -> None:
    paths = client.get("/api/openapi.json").json["paths"]
    calls = {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters"
    }
    assert set(calls) == DESCRIBED
    for name, operation in calls.items():
        needed = {"400", "422", "503"}
        needed |= {"413", "415"} if "requestBody" in operation else set()
        needed |= {"401"} if operation["security"] or name == "POST /session" else set()
        assert needed <= set(operation["responses"]), name
        assert operation["summary"], name


def test_whom_a_call_admits_is_described_as_the_guard_has_it(
    app: Flask, client: FlaskClient
) -> None:
    described = client.get("/api/openapi.json").json["paths"]
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/"):
            continue
        path = re.sub(r"<[^>]*?(\w+)>", r"{\1}", rule.rule)
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        operation, admitted = described[path][method.lower()], admits(app, rule.endpoint)
        if isinstance(admitted, frozenset):
            assert operation["security"] == [{"staff": []}]
            assert set(operation["x-roles"]) == set(admitted)
        elif admitted == EITHER:
            assert operation["security"] == [{"staff": []}, {"patient": []}]
            assert set(operation["x-roles"]) == set(Role)
        else:
            assert operation["security"] == ([] if admitted == OPEN else [{"patient": []}])


def test_the_page_loads_nothing_from_anybody_else(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href|data-url)="([^"]+)"', page.text)
    assert len(loaded) == 5
    for address in loaded:
        assert address.startswith("/")
        assert not address.startswith("//")
        with client.get(address) as served:
            assert served.status_code == 200
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_only_the_page_s_own_files_come_off_the_shelf(client: FlaskClient) -> None:
    for name in ("index.html", "swagger-ui.js", "..%2f__init__.py", "LICENSE"):
        assert client.get(f"/api/docs/{name}").status_code == 404


def test_an_address_that_does_not_exist_is_said_in_json(client: FlaskClient) -> None:
    nowhere, wrong = client.get("/api/v1/nowhere"), client.delete("/api/v1/alerts")
    assert (nowhere.status_code, nowhere.json["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]
    for outside in (client.get("/api/nowhere"), client.post("/api/nowhere", json={})):
        assert (outside.status_code, outside.json["code"]) == (404, "not_found")
    unread = client.post("/api/openapi.json", json={})
    assert (unread.status_code, unread.json["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("code", ["hsc", "qlq-c30"])
@given(found=some.data())
def test_the_described_form_of_answers_is_what_the_instrument_offers(
    code: str, library: Library, found: some.DataObject
) -> None:
    instrument = library.instrument(code)
    item = found.draw(some.sampled_from(instrument.items))
    value = found.draw(A_VALUE)
    fits = not answers_schema(instrument)().validate({item.code: value})
    assert fits or not offered(instrument, item.code, value)
    # The form cannot say that "none" goes with nothing else; the instrument does.
    assert (
        offered(instrument, item.code, value)
        or not fits
        or (isinstance(value, list) and "none" in value)
    )


def offered(instrument: Instrument, item: str, value: object) -> bool:
    try:
        instrument.checked({item: value})  # type: ignore[dict-item]
    except NotOffered:
        return False
    return True
