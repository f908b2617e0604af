"""A real browser for the journeys; whatever it asks for outside this machine fails the test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from proms.content import Library
from tests.browser import chromium
from tests.browser.house import House, running_house
from tests.browser.ward import Ward, running_ward

PHONE, DESK = (360, 740), (1280, 800)
# Each language and each screen; every night, each of the one with each of the other.
READERS = [
    pytest.param("nl", PHONE, id="nl-phone"),
    pytest.param("en", DESK, id="en-desk"),
    pytest.param("nl", DESK, id="nl-desk", marks=pytest.mark.nightly),
    pytest.param("en", PHONE, id="en-phone", marks=pytest.mark.nightly),
]
PATIENCE_MS = 10_000
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Even a request that no page event shows cannot leave.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
HERE = {"127.0.0.1", "localhost"}
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests; it ends with the file, because its event loop would be in
    the way of others."""
    binary = chromium.find()
    if binary is None:
        pytest.fail(chromium.MISSING, pytrace=False)
    flags = FLAGS if os.geteuid() else [*FLAGS, "--no-sandbox"]  # Chromium has no sandbox for root
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=binary, args=flags)
        yield started
        started.close()


@pytest.fixture(scope="module")
def first_morning(sqlite_clinic_template: Path, sqlite_folder: Path) -> str:
    """The database of a clinic on its first morning, for a file of tests."""
    file = Path(mkdtemp(prefix="clinic-", dir=sqlite_folder), "trial.db")
    file.write_bytes(sqlite_clinic_template.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
def house(first_morning: str, stand_ins: Library) -> Iterator[House]:
    """That clinic with its website, as patients meet it."""
    with running_house(first_morning, stand_ins) as house:
        yield house


@pytest.fixture(scope="module")
def ward(first_morning: str, stand_ins: Library) -> Iterator[Ward]:
    """That clinic with its website, as staff meet it."""
    with running_ward(first_morning, stand_ins) as ward:
        yield ward


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """`visit(PHONE, locale="nl-NL", javascript=False)` is a page on a device of its own."""
    devices, asked = [], []

    def make(
        viewport: tuple[int, int] = PHONE, *, locale: str = "nl-NL", javascript: bool = True
    ) -> Page:
        width, height = viewport
        device = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Europe/Amsterdam",
            java_script_enabled=javascript,
        )
        device.set_default_timeout(PATIENCE_MS)
        device.on("request", lambda request: asked.append(request.url))
        devices.append(device)
        return device.new_page()

    yield make
    for device in devices:
        device.close()
    outside = [
        url
        for url in asked
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname not in HERE
    ]
    assert outside == []


@pytest.fixture(params=[PHONE, DESK], ids=["360x740", "1280x800"])
def page(visit: Visit, request: pytest.FixtureRequest) -> Page:
    """A Dutch visitor's page, once on a phone and once on a desk."""
    return visit(request.param)
