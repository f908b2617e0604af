"""What a page is made of goes out small, and may be kept for as long as it is what its address
says."""

import gzip
import re

import pytest

from proms.settings import HOME as ROOT
from proms.web.assets import MERGED, folder, merged_modules, merged_sheets, served
from tests.phone import HOME

GZIP = {"Accept-Encoding": "gzip, br"}


def test_a_patients_page_asks_for_one_style_sheet(app):
    page = app.test_client().get("/link", base_url=HOME).text
    assert len(re.findall(r'rel="stylesheet"', page)) == 1


def test_a_page_goes_out_compressed_to_who_takes_that_and_to_nobody_else(app):
    client = app.test_client()
    plain = client.get("/link", base_url=HOME)
    small = client.get("/link", base_url=HOME, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < 0.6 * len(plain.data)
    assert int(small.headers["Content-Length"]) == len(small.data)
    refused = client.get("/link", base_url=HOME, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
    for answer in (plain, small, refused):
        assert "Accept-Encoding" in answer.vary


def test_the_length_of_a_page_does_not_tell_what_stands_in_it(app):
    client = app.test_client()
    lengths = {len(client.get("/link", base_url=HOME, headers=GZIP).data) for _ in range(20)}
    assert len(lengths) > 5


@pytest.mark.parametrize("name", ["phone.css", "red.js", "mark.svg", "staff.css"])
def test_a_static_file_is_kept_for_good_under_its_fingerprint_alone(app, name):
    client = app.test_client()
    with app.app_context():
        current = served(folder(), name)
    for headers in ({}, GZIP):
        kept = client.get(f"/static/{name}?v={current.fingerprint}", base_url=HOME, headers=headers)
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        other = client.get(f"/static/{name}?v=0123456789", base_url=HOME, headers=headers)
        assert other.headers["Cache-Control"] == "no-cache"
        etag = {"If-None-Match": kept.headers["ETag"], **headers}
        assert client.get(f"/static/{name}", base_url=HOME, headers=etag).status_code == 304
    assert gzip.decompress(kept.data) == current.body


@pytest.mark.parametrize("name", ["..%2faccess.py", "nothing.css", "../access.py", "%2e%2e/x.css"])
def test_nothing_but_the_folder_is_served(app, name):
    assert app.test_client().get(f"/static/{name}", base_url=HOME).status_code == 404


def test_a_merged_sheet_says_what_its_parts_say():
    parts = ["/* why */\n:root{\n  --a:1px;\n}\n", "a{b:c}\n/* two\nlines */\nd{e:f}\n"]
    assert merged_sheets(parts).replace("\n", "") == ":root{--a:1px;}a{b:c}d{e:f}"


def test_the_modules_of_a_phone_fit_in_one():
    """No name stands for two things in it, nothing is imported that is not there before, and no
    text runs over the end of its line."""
    named: list[str] = []
    seen: list[str] = []
    for name in MERGED["phone.js"]:
        text = (ROOT / "proms" / "web" / "static" / name).read_text()
        for imported, module in re.findall(r"^import {(.*?)} from \"\./(.*?)\";$", text, re.M):
            assert module in seen, (name, module)
            assert " as " not in imported, name
        top = r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)"
        named += re.findall(top, text, re.M)
        seen.append(name)
        assert all(line.count("`") % 2 == 0 for line in text.splitlines()), name
    assert len(set(named)) == len(named), sorted(each for each in named if named.count(each) > 1)


def test_what_is_said_to_readers_alone_does_not_go_out():
    merged = merged_modules(
        [
            "/* why\n   so */\n\nexport const a = 1;\n",
            'import { a } from "./a.js";\n// why\n  b(a);\n',
        ]
    )
    assert merged == "const a = 1;\nb(a);\n"
