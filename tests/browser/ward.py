"""A ward with its website running, as its staff meet it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page
from werkzeug.serving import make_server

from proms import clock
from proms.content import Library
from proms.db.session import connect
from proms.db.tables import DemoClock, Patient, Staff
from tests.clinic import PASSWORD, Clinic
from tests.phone import website
from tests.ports import free_port

SMALLEST_TARGET = 43.9
TOO_SMALL = """least => [...document.querySelectorAll('a[href],button,summary,select,.pick label,.tick,textarea,input')]
  .filter(each => {
    const box = each.getBoundingClientRect(), look = getComputedStyle(each)
    if (!box.width || each.type === 'hidden' || each.closest('.skiplink') || each.closest('.pick label,.tick') !== null
      && each.tagName === 'INPUT') return false
    // A link inside a sentence or a list of lines is read, not aimed at.
    if (each.tagName === 'A' && look.display === 'inline') return false
    if (each.closest('.pt,.rows th,.log,.redbar,.lookat')) return box.height < 24
    return box.height < least || box.width < least
  }).map(each => `${each.tagName} ${each.textContent.trim().slice(0, 30)} ${each.getBoundingClientRect().height}`)"""


@dataclass
class Ward:
    """A clinic with its website running, on a Monday morning in March."""

    clinic: Clinic
    address: str

    def logs_in(self, page: Page, staff: Staff) -> Page:
        page.goto(f"{self.address}/staff/login")
        page.get_by_label("Inlognaam").fill(self.clinic.login_of(staff))
        page.get_by_label("Wachtwoord").fill(PASSWORD)
        page.get_by_role("button", name="Inloggen").click()
        return page

    def treated(self, name: str) -> Patient:
        """A patient of the pump arm with cycles given, one of them late, who answered twice."""
        clinic = self.clinic
        clinic.today("2026-01-05")
        patient = clinic.enrols(name)
        clinic.answers(patient)
        clinic.answers(patient, "qlq-c30", q1=3, q2=3, q10=4, q9=3)
        clinic.randomises(patient, "B", "2026-01-05")
        clinic.operates(patient, "2026-01-12")
        clinic.chooses(patient, "pump", "fudr")
        clinic.chooses(patient, "systemic", "folfox")
        clinic.today("2026-02-09")
        clinic.gives_cycle(patient, "pump", 1, "2026-02-09", planned="2026-02-02")
        clinic.gives_cycle(patient, "systemic", 1, "2026-02-09")
        clinic.today("2026-03-09", "10:46")
        return patient


@contextmanager
def running_ward(url: str, library: Library) -> Iterator[Ward]:
    """The clinic with its website, on a database of its own."""
    port = free_port()
    database = connect(url)
    clinic = Clinic(database, library)
    clinic.today("2026-03-09", "10:46")
    with database.writing() as session:
        session.add(DemoClock(id=1, offset_seconds=(clinic.now - clock.now()).total_seconds()))
        session.commit()
    with website(url, address=f"http://127.0.0.1:{port}", demo=True) as app:
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Ward(clinic, f"http://127.0.0.1:{port}")
        server.shutdown()
        thread.join()
        server.server_close()
    database.engine.dispose()


def sideways(page: Page) -> int:
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def small_targets(page: Page) -> list[str]:
    """What can be tapped and is smaller than a thumb needs."""
    return list(page.evaluate(TOO_SMALL, SMALLEST_TARGET))


BROKEN = """() => [...document.querySelectorAll('.cal .ev, .cal th')].flatMap(each => {
  const texts = document.createTreeWalker(each, NodeFilter.SHOW_TEXT), found = []
  while (texts.nextNode()) {
    const text = texts.currentNode
    if (text.parentElement.closest('.vh')) continue
    for (const word of text.data.matchAll(/[^\\s-]+/g)) {
      const range = document.createRange()
      range.setStart(text, word.index)
      range.setEnd(text, word.index + word[0].length)
      const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)))
      if (lines.size > 1) found.push(word[0])
    }
  }
  return found
})"""


def broken_words(page: Page) -> list[str]:
    """The words of the month calendar that break inside."""
    return list(page.evaluate(BROKEN))
