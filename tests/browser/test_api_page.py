"""The API's page as a reader's browser shows it, under the policy that every page has."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.browser.conftest import DESK, Visit
from tests.phone import website
from tests.ports import free_port

VERBS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def address(sqlite_database_url: str) -> Iterator[str]:
    port = free_port()
    with website(sqlite_database_url, address=f"http://127.0.0.1:{port}") as app:
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_page_shows_every_call_and_breaks_no_rule_of_its_own(
    address: str, visit: Visit
) -> None:
    page = visit(DESK, locale="en-GB")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/api/docs")
    told = page.request.get(f"{address}/api/openapi.json").json()["paths"]
    calls = sum(verb in VERBS for path in told.values() for verb in path)
    assert calls > 25
    expect(page.locator(".opblock")).to_have_count(calls)
    page.get_by_text("/api/v1/assignments/{assignment_id}/response").click()
    expect(page.get_by_text("Idempotency-Key").first).to_be_visible()
    assert said == []
