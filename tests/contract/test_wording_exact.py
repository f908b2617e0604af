"""Licensed words reach the screen byte for byte: table, pack, shelf, library, page and API change
nothing."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from proms.content import Shelf
from proms.content.wording_table import UNSHOWABLE
from proms.db.session import connect
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.filling_in import newer_link
from tests.phone import Phone, website
from tests.wordings import OWN, filled_in, install, make_pack, rows_of

NASTY = " \u00a0'Ja', \"nee\" <b>of</b> {phone} &amp; &lt;\r\n\u2028een;twee,\tdrie\r\u00ad\u200b\ufeff\U0001f600 "
texts = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
    .filter(str.strip)
    .filter(lambda text: not UNSHOWABLE.search(text))
)
Words = dict[tuple[str, str, str], str]


@dataclass
class Site:
    """A patient with the QLQ-C30 before her, where ever newer wordings are installed while the
    website runs."""

    folder: Path
    clinic: Clinic
    phone: Phone
    caller: Caller
    form: str
    api: str
    numbers: Iterator[int]

    def installs(self, texts: list[str]) -> Words:
        """A new wording, its draft opened under it; returns what stands where: (part, item, option)
        -> text."""
        version, number = f"2.{next(self.numbers)}", count()
        table = filled_in(
            self.folder, "qlq-c30", text=lambda row, language: texts[next(number) % len(texts)]
        )
        install(make_pack(self.folder / version, table, wording=version), self.folder / "packs")
        with self.clinic.database.engine.begin() as connection:
            connection.execute(
                sql("UPDATE draft SET wording_version = :version"), {"version": version}
            )
        return {
            (row["part"], item, row["option"]): texts[place % len(texts)]
            for place, row in enumerate(rows_of("qlq-c30", "nl"))
            for item in row["items"].split() or [""]
        }


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("exact")
    file, packs = folder / "trial.db", folder / "packs"
    file.write_bytes(sqlite_template.read_bytes())
    install(make_pack(folder / "first", filled_in(folder, "qlq-c30")), packs)
    clinic = Clinic(connect(f"sqlite:///{file}"), Shelf(OWN, packs).library())
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    assignment = clinic.opens(anna, "qlq-c30")
    with website(f"sqlite:///{file}", packs=packs) as app:
        phone = Phone(app, clinic.now).opens(newer_link(clinic, anna, clinic.now)).taps("Start")
        caller = Callers(app, clinic).patient(anna)
        yield Site(
            folder,
            clinic,
            phone,
            caller,
            f"/form/{assignment.id}",
            f"/assignments/{assignment.id}",
            count(),
        )
    clinic.database.engine.dispose()


def inside(page: str, start: str) -> list[str]:
    """What stands in these elements, with its character references undone and nothing else; not in
    what is only there for a phone to show later."""
    assert "\r" not in page  # a browser would read another character
    page = page.split("<template", 1)[0]
    return [
        html.unescape(found) for found in re.findall(rf"<{start}[^>]*>(.*?)</", page, re.DOTALL)
    ]


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(texts, min_size=1, max_size=8))
@example(texts=[NASTY])
@example(texts=["a\rb", "\n\nc", " d"])
def test_every_text_is_shown_and_told_as_it_stands_in_the_table(site: Site, texts: list[str]):
    words = site.installs(texts)
    options = [words["option", "q29", str(option)] for option in range(1, 8)]
    question = site.phone.opens(f"{site.form}/q29").answer.text
    assert inside(question, "h1") == [words["item", "q29", ""]]
    assert inside(question, 'span class="recall"') == [words["recall", "q29", ""]]
    assert inside(question, "label") == options
    assert inside(question, "span lang") == [words["short_title", "", ""]]
    start = site.phone.opens(site.form).answer.text
    assert inside(start, 'p class="about"') == [words["title", "", ""]]
    assert inside(start, 'p class="head"') == [words["head", "", ""]]
    told = site.caller.get(site.api).json
    assert told["head"] == words["head", "", ""]
    item = next(each for each in told["items"] if each["code"] == "q29")
    assert (item["text"], item["recall"]) == (words["item", "q29", ""], words["recall", "q29", ""])
    assert [each["text"] for each in item["options"]] == options
