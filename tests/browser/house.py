"""A clinic with its website running, and every page a patient can meet there."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from wsgiref.types import WSGIApplication

from playwright.sync_api import Error, Locator, Page
from sqlmodel import select
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from proms import clock
from proms.actions.access import make_link
from proms.content import Library
from proms.db.session import connect
from proms.db.tables import DemoClock, Patient, Response
from proms.web.patient.arrival import ARRIVAL
from tests.browser.wire import Wire
from tests.clinic import KEYRING, Clinic
from tests.phone import website
from tests.ports import free_port

SOON = timedelta(seconds=10)
PATIENCE_MS = ARRIVAL // timedelta(milliseconds=1)  # a tap that comes sooner counts for nothing


@dataclass
class House:
    """A clinic with its website running, at quarter to eleven on a Monday in January."""

    clinic: Clinic
    address: str
    wire: Wire

    def enrols(self, **facts: object) -> Patient:
        """A new patient, and with her a new first check."""
        return self.clinic.enrols(**facts)

    def enrols_for_the_check(self, **facts: object) -> Patient:
        """A new patient with her check alone open, as all but always."""
        patient = self.enrols(**facts)
        for instrument in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
            self.clinic.answers(patient, instrument)
        return patient

    def link(self, patient: Patient) -> str:
        with self.clinic.database.writing() as session:
            token = make_link(session, KEYRING, patient_id=patient.id, now=self.clinic.now)
            session.commit()
        return f"{self.address}/q/{token}"

    def responses(self, patient: Patient) -> list[Response]:
        with self.clinic.database.reading() as session:
            return list(session.exec(select(Response).where(Response.patient_id == patient.id)))


@contextmanager
def running_house(
    url: str, library: Library, *, beside: Mapping[str, WSGIApplication] | None = None
) -> Iterator[House]:
    """The clinic with its website, on a database of its own; `beside` it stand other pages, by
    their path."""
    port = free_port()
    database = connect(url)
    clinic = Clinic(database, library)
    clinic.today("2026-01-05", "10:46")
    with database.writing() as session:
        session.add(DemoClock(id=1, offset_seconds=(clinic.now - clock.now()).total_seconds()))
        session.commit()
    with website(url, address=f"http://127.0.0.1:{port}", demo=True) as app:
        wire = Wire(DispatcherMiddleware(app, beside))
        server = make_server("127.0.0.1", port, wire, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield House(clinic, f"http://127.0.0.1:{port}", wire)
        server.shutdown()
        thread.join()
        server.server_close()
    database.engine.dispose()


def every_page(page: Page, house: House, patient: Patient) -> Iterator[str]:
    """Every kind of page a patient can meet, one after the other."""
    for path in ("/", "/link", "/q/unknown", "/nowhere", "/demo/inbox?still=1"):
        page.goto(f"{house.address}{path}")
        yield path
    page.goto(house.link(patient))
    yield "start"
    press(page.locator("form.start button"))
    yield "today"
    yield from asking_for_a_pause(page, house)
    for path in ("/earlier", "/pin/new"):
        page.goto(f"{house.address}{path}")
        yield path
    page.goto(f"{house.address}/today")
    press(page.locator(".today button").last)
    yield "a stand-in label with its introduction"
    page.goto(f"{house.address}/today")
    press(page.locator(".today button").first)
    yield "the first question with its introduction"
    form = page.url.rsplit("/", 1)[0]
    yield from filling_in(page, form)
    press(page.locator(".btn-1"))
    yield "call after sending"
    page.goto(f"{house.address}/today")
    yield "today after a red answer"
    page.goto(f"{form}/JAUND")
    yield "already answered"
    receipt = house.clinic.answers(patient, "qlq-c30")
    page.goto(f"{house.address}/receipt/{receipt.code}")
    yield "receipt"
    house.clinic.withdraws(patient, "2026-01-05")
    page.goto(f"{house.address}/today")
    yield "over"


def asking_for_a_pause(page: Page, house: House) -> Iterator[str]:
    """A rest from messages: asked for, looked at, on her page, and ended."""
    page.goto(f"{house.address}/pause")
    yield "pause"
    page.wait_for_timeout(PATIENCE_MS)
    press(page.locator(".days .btn-1"))
    yield "pause without days"
    page.locator("#first").fill("2026-01-12")
    page.locator("#until").fill("2026-01-30")
    page.wait_for_timeout(PATIENCE_MS)
    press(page.locator(".days .btn-1"))
    yield "pause looked at"
    page.wait_for_timeout(PATIENCE_MS)
    press(page.locator("#days .btn-1"))
    yield "today with a pause"
    page.goto(f"{house.address}/pause")
    yield "pause once more"
    page.wait_for_timeout(PATIENCE_MS)
    press(page.locator(".resting .btn-2"))


def filling_in(page: Page, form: str) -> Iterator[str]:
    """Every kind of question, the pages between them, and the page to check the answers on."""
    for item in ("JAUND", "BLEED", "REMARK", "JAUND/skip", "ITCH/skip"):
        page.goto(f"{form}/{item}")
        yield item
    page.goto(f"{form}/BLEED")
    page.locator("#a1").check()
    page.locator("#a2").check()
    page.locator(".btn-1").click()
    page.locator("#wrong").wait_for()
    yield "none together with another"
    page.goto(f"{form}/JAUND")
    page.locator("#a3").check()
    press(page.locator(".btn-1"))
    yield "call before sending"
    press(page.locator(".two button").last)
    yield "cannot call"
    page.goto(f"{form}/URINE")
    while not page.url.endswith("/review"):
        if page.locator(".opt").count():
            page.locator(".opt input").first.check()
        press(page.locator(".btn-1"))
    yield "review"


def press(button: Locator) -> None:
    """Press a button and be on the page it leads to: whoever looks sooner still sees the page
    before."""
    with button.page.expect_navigation():
        button.click()


def until(page: Page, said: str, arg: object = None) -> None:
    """Wait until the page says so, asked anew each time: what the driver leaves in a page to wait
    there may not run, for our pages let no text become a script, nor does it outlive the page."""
    end = time.monotonic() + SOON.total_seconds()
    while time.monotonic() < end:
        with suppress(Error):  # between one page and the next
            if page.evaluate(said, arg):
                return
        page.wait_for_timeout(20)
    raise AssertionError(f"not within {SOON}: {said}")


def at_another_address(page: Page, before: str) -> None:
    """Wait until it has gone on from there."""
    until(page, "before => location.href !== before", before)


def bottom(found: Locator) -> float:
    """Where it ends, in pixels from the top of the page."""
    box = found.bounding_box()
    assert box
    return float(box["y"] + box["height"])


def sideways(page: Page) -> int:
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def broken_words(page: Page) -> list[str]:
    """The words of headings that go on in the next line."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("h1, h2")].flatMap(heading => {
              const broken = [], texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
              for (let text = texts.nextNode(); text; text = texts.nextNode()) {
                for (const word of text.data.matchAll(/\\S+/g)) {
                  const range = document.createRange();
                  range.setStart(text, word.index);
                  range.setEnd(text, word.index + word[0].length);
                  const tops = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
                  if (tops.size > 1) broken.push(word[0]);
                }
              }
              return broken;
            })"""
        )
    )


def small_targets(page: Page) -> list[str]:
    """What can be tapped, is no link inside a sentence but one that calls, and is smaller than 44
    pixels."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("a[href], button, summary, textarea, .opt")].filter(each => {
              const box = each.getBoundingClientRect();
              const inSentence = each.matches("a:not([href^='tel:'])") && getComputedStyle(each).display === "inline";
              const hidden = each.classList.contains("skiplink") || !box.width;
              return !hidden && !inSentence && (box.height < 43.9 || box.width < 43.9);
            }).map(each => each.outerHTML.slice(0, 80))"""
        )
    )
