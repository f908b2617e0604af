"""`make bench-phone`: what a patient waits for with a slow network and a slow processor, from her
link to the receipt, with and without a script; beside a page written by hand that has all its
questions in view, and beside SurveyJS."""

import statistics
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from playwright.sync_api import Browser, Page, sync_playwright

from bench import survey_js
from proms.content import Library, load
from proms.settings import HOME
from tests.browser import chromium
from tests.browser.conftest import FLAGS
from tests.browser.house import House, running_house
from tests.conftest import open_clinic, upgrade

ROUNDS = 5
SLOWER = 4  # times, of the processor
LATENCY_MS, BYTES_A_SECOND = 150, 1.6e6 / 8
SCREEN = (390, 844)
QUESTIONS = 30
CHECK = 19  # questions of a symptom check that calls for none
PEERS = Path(__file__).with_name("peers") / "node_modules"
UNREAD_MS = 800  # a tap sooner after a page than 700 counts for nothing
NEXT = """async () => {
  const box = document.querySelector("#asked input");
  if (box) box.checked = true;
  const before = location.href;
  const began = performance.now();
  document.querySelector("#answering .btn-1").click();
  while (location.href === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


class Slow:
    """A page on a phone that is slow in all ways, and what it took from the network."""

    def __init__(self, browser: Browser, *, script: bool = True) -> None:
        width, height = SCREEN
        viewport = {"width": width, "height": height}
        self.context = browser.new_context(
            viewport=viewport, locale="nl-NL", java_script_enabled=script
        )
        self.page = self.context.new_page()
        self.bytes = self.requests = 0
        wire = self.context.new_cdp_session(self.page)
        wire.send("Network.enable")
        wire.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": BYTES_A_SECOND,
                "uploadThroughput": BYTES_A_SECOND,
            },
        )
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        wire.on("Network.loadingFinished", self._count)

    def _count(self, event: dict[str, float]) -> None:
        if event["encodedDataLength"]:
            self.bytes += int(event["encodedDataLength"])
            self.requests += 1

    def opens(self, address: str) -> float:
        """Until the page is there, in milliseconds."""
        began = perf_counter()
        self.page.goto(address, wait_until="domcontentloaded")
        return (perf_counter() - began) * 1000


def by_hand(environ: object, start_response: Callable[..., object]) -> Iterable[bytes]:
    """The least that such a page can be: no style, no script, one form."""
    option = "<label><input type=radio name=q{0} value={1}>{1}</label>"
    boxes = "".join(option.format("{0}", each) for each in range(4))
    body = "".join(f"<p>Question {each}</p>{boxes.format(each)}" for each in range(QUESTIONS))
    start_response("200 OK", [("Content-Type", "text/html")])
    return [f"<!doctype html><title>By hand</title><form method=post>{body}</form>".encode()]


def to_the_first_question(page: Page) -> float:
    """From the tap on Start, in milliseconds, without the moments in which a page takes no tap."""
    taken = press(page, "form.start button")
    for button in (".today button", ".btn-1"):
        if not page.locator("#answering").count():
            taken += press(page, button)
    return taken


def press(page: Page, button: str) -> float:
    """Until the page that it leads to is there."""
    page.wait_for_timeout(UNREAD_MS)
    began = perf_counter()
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.locator(button).first.dispatch_event("click")
    return (perf_counter() - began) * 1000


def one_round(browser: Browser, house: House) -> dict[str, float]:
    """Every figure once, one after the other."""
    measured: dict[str, float] = {}
    slow = Slow(browser)
    measured["by hand, ms"] = slow.opens(f"{house.address}/by-hand/")
    slow.context.close()
    return measured | ours(browser, house) | without_script(browser, house) | theirs(browser, house)


def ours(browser: Browser, house: House) -> dict[str, float]:
    measured: dict[str, float] = {}
    slow, link = Slow(browser), house.link(house.enrols_for_the_check())
    measured["link page, ms"] = slow.opens(link)
    slow.page.wait_for_load_state("networkidle")
    measured |= {"link page, bytes": slow.bytes, "link page, requests": slow.requests}
    measured["tap on Start to the first question, ms"] = to_the_first_question(slow.page)
    slow.page.locator("#answering[data-taken]").wait_for()
    turns = []
    while not slow.page.locator("#asked textarea").count():
        turns.append(slow.page.evaluate(NEXT))
    measured["each further question, ms"] = statistics.median(turns)
    to_check = press(slow.page, "#answering .btn-1")
    sending = press(slow.page, "form.acts .btn-1")
    measured["from the last question to the receipt, ms"] = to_check + sending
    measured["whole check from the first question, ms"] = sum(turns) + to_check + sending
    measured |= {"whole check, bytes": slow.bytes, "whole check, requests": slow.requests}
    slow.context.close()
    return measured


def without_script(browser: Browser, house: House) -> dict[str, float]:
    """The same by plain pages, a question each."""
    slow = Slow(browser, script=False)
    slow.opens(house.link(house.enrols_for_the_check()))
    to_the_first_question(slow.page)
    turns = []
    while not slow.page.locator("#asked textarea").count():
        slow.page.locator("#asked input").first.evaluate("box => { box.checked = true; }")
        turns.append(press(slow.page, "#answering .btn-1"))
    last = press(slow.page, "#answering .btn-1") + press(slow.page, "form.acts .btn-1")
    slow.context.close()
    return {
        "without a script: each further question, ms": statistics.median(turns),
        "without a script: whole check, ms": sum(turns) + last,
        "without a script: whole check, bytes": slow.bytes,
        "without a script: whole check, requests": slow.requests,
    }


def theirs(browser: Browser, house: House) -> dict[str, float]:
    """As many questions in SurveyJS."""
    slow = Slow(browser)
    began = perf_counter()
    slow.opens(f"{house.address}/surveyjs/")
    slow.page.locator(survey_js.ASKED).first.wait_for(state="attached")
    first = (perf_counter() - began) * 1000
    turns, sending = survey_js.to_the_end(slow.page, CHECK)
    slow.context.close()
    return {
        "SurveyJS: link to the first question, ms": first,
        "SurveyJS: each further question, ms": statistics.median(turns),
        "SurveyJS: whole check from the first question, ms": sum(turns) + sending,
        "SurveyJS: whole check, bytes": slow.bytes,
        "SurveyJS: whole check, requests": slow.requests,
    }


def main() -> None:
    binary = chromium.find()
    if binary is None:
        sys.exit(chromium.MISSING)
    library: Library = load(HOME, stand_ins=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{Path(folder, 'trial.db')}"
        upgrade(url)
        open_clinic(url, library)
        browser = playwright.chromium.launch(executable_path=binary, args=[*FLAGS, "--no-sandbox"])
        beside = {"/by-hand": by_hand, "/surveyjs": survey_js.served(PEERS, CHECK)}
        with running_house(url, library, beside=beside) as house:
            one_round(browser, house)  # the server has read its templates then
            rounds = [one_round(browser, house) for _ in range(ROUNDS)]
        browser.close()
    for name in rounds[0]:
        print(f"{name:<52}{statistics.median(each[name] for each in rounds):>10,.0f}")


if __name__ == "__main__":
    main()
