"""Licensed words on a real screen: what Chromium holds of them is what the table holds, to the last
blank."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from proms import clock
from proms.actions.access import make_link
from proms.content import Shelf
from proms.db.session import connect
from tests.browser.house import sideways
from tests.clinic import KEYRING, ZONE, Clinic
from tests.phone import website
from tests.ports import free_port
from tests.wordings import OWN, Row, install, make_pack, rows_of, write_table

# A carriage return, a no-break space, quotes, a tag, a slot of ours, an entity, a soft hyphen,
# blanks at both ends.
TEXT = "  \u00a0'Verzonnen'  \"zin\" <b>{part}</b> {phone} &amp; half\u00adwoord,\r\nnieuwe  regel;\rslot\n "


def text(row: Row, _language: str) -> str:
    return TEXT.replace("{part}", f"{row['part']} {row['option']}")


def shown(part: str, option: str = "") -> str:
    return TEXT.replace("{part}", f"{part} {option}")


@dataclass
class Site:
    address: str
    link: str


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in production, today, with a licensed wording full of traps."""
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    file, packs, url = folder / "trial.db", folder / "packs", f"sqlite:///{folder / 'trial.db'}"
    file.write_bytes(sqlite_template.read_bytes())
    hint = {"part": "hint", "items": "q29", "variant": "", "option": "", "about": ""}
    rows = [row | {"text": text(row, "nl")} for row in [*rows_of("qlq-c30", "nl"), hint]]
    install(make_pack(folder / "c30", write_table(folder / "qlq-c30.nl.csv", rows)), packs)
    clinic = Clinic(connect(url), Shelf(OWN, packs).library())
    clinic.now = clock.now()
    yesterday = (clinic.now.astimezone(ZONE) - timedelta(days=1)).date().isoformat()
    anna = clinic.enrols(consent=yesterday)
    with clinic.database.writing() as session:
        token = make_link(session, KEYRING, patient_id=anna.id, now=clinic.now)
        session.commit()
    with website(url, address=f"http://127.0.0.1:{port}", packs=packs) as app:
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Site(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/q/{token}")
        server.shutdown()
        thread.join()
        server.server_close()
    clinic.database.engine.dispose()


def test_the_text_of_every_part_is_on_the_screen_as_it_was_licensed(site: Site, page: Page):
    page.goto(site.link)
    page.locator("form.start button").click()
    page.locator(".today button").last.click()
    assert page.locator(".about").text_content() == shown("title")
    assert page.locator(".head").text_content() == shown("head")
    assert sideways(page) == 0
    page.goto(f"{page.url.rsplit('/', 1)[0]}/q29")
    assert page.locator(".q-count span").text_content() == shown("short_title")
    assert page.locator(".recall").text_content() == shown("recall")
    assert page.locator("h1").text_content() == shown("item")
    assert page.locator(".hint").text_content() == shown("hint")
    options = page.locator(".opt label")
    assert options.all_text_contents() == [shown("option", str(option)) for option in range(1, 8)]
    assert page.locator("h1").inner_text().count("\n") >= 2  # its lines are the licensor's
    assert sideways(page) == 0
    page.goto(f"{page.url}/skip")
    assert page.locator(".quote").text_content() == shown("item")
