"""What a page is made of goes out small, and may be kept for as long as it is what its address
says."""

import gzip
import re

import brotli
import pytest

from proms.settings import HOME as ROOT
from proms.web.assets import MERGED, folder, merged_modules, served
from proms.web.compression import MOST_NOISE, QUICK, SMALL, by_brotli, by_gzip
from proms.web.style_sheets import merged_sheets
from tests.phone import HOME

GZIP, BOTH = {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "gzip, deflate, br"}
SET_BY_SCRIPT = {"--at"}  # where on a scale its number is
UNPACKED = {"gzip": gzip.decompress, "br": brotli.decompress}


def test_a_patients_page_asks_for_one_style_sheet(app):
    page = app.test_client().get("/link", base_url=HOME).text
    assert len(re.findall(r'rel="stylesheet"', page)) == 1


@pytest.mark.parametrize(("headers", "packing"), [(GZIP, "gzip"), (BOTH, "br")])
def test_a_page_goes_out_compressed_to_who_takes_that_and_to_nobody_else(app, headers, packing):
    client = app.test_client()
    plain = client.get("/link", base_url=HOME)
    small = client.get("/link", base_url=HOME, headers=headers)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == packing
    assert UNPACKED[packing](small.data) == plain.data
    assert len(small.data) < 0.6 * len(plain.data)
    assert int(small.headers["Content-Length"]) == len(small.data)
    no = {"Accept-Encoding": "gzip;q=0, br;q=0"}
    refused = client.get("/link", base_url=HOME, headers=no)
    assert "Content-Encoding" not in refused.headers
    for answer in (plain, small, refused):
        assert "Accept-Encoding" in answer.vary


@pytest.mark.parametrize("headers", [GZIP, BOTH], ids=["gzip", "br"])
def test_the_length_of_a_page_does_not_tell_what_stands_in_it(app, headers):
    client = app.test_client()
    lengths = {len(client.get("/link", base_url=HOME, headers=headers).data) for _ in range(20)}
    assert len(lengths) > 5


@pytest.mark.parametrize("body", [b"", b"a", b"<p>Anna</p>" * 3000], ids=["none", "one", "many"])
def test_noise_of_any_length_changes_nothing_of_what_is_read(body):
    for length in range(MOST_NOISE):
        noise = "f" * length
        assert gzip.decompress(by_gzip(body, noise)) == body
        for quality in (QUICK, SMALL):
            assert brotli.decompress(by_brotli(body, noise, quality)) == body


@pytest.mark.parametrize("name", ["phone.css", "red.js", "mark.svg", "staff.css"])
def test_a_static_file_is_kept_for_good_under_its_fingerprint_alone(app, name):
    client = app.test_client()
    with app.app_context():
        current = served(folder(), name)
    for headers in ({}, GZIP, BOTH):
        kept = client.get(f"/static/{name}?v={current.fingerprint}", base_url=HOME, headers=headers)
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        other = client.get(f"/static/{name}?v=0123456789", base_url=HOME, headers=headers)
        assert other.headers["Cache-Control"] == "no-cache"
        etag = {"If-None-Match": kept.headers["ETag"], **headers}
        assert client.get(f"/static/{name}", base_url=HOME, headers=etag).status_code == 304
        packing = kept.headers.get("Content-Encoding")
        assert UNPACKED.get(packing, bytes)(kept.data) == current.body


@pytest.mark.parametrize("name", ["..%2faccess.py", "nothing.css", "../access.py", "%2e%2e/x.css"])
def test_nothing_but_the_folder_is_served(app, name):
    assert app.test_client().get(f"/static/{name}", base_url=HOME).status_code == 404


def test_a_merged_sheet_says_what_its_parts_say_but_for_tokens_that_nobody_reads():
    parts = [
        "/* why */\n:root{\n  --a:1px; --b:var(--c); --c:2px;\n  --d:var(--a)\n}\n",
        "a{b:var(--d)}\n/* two\nlines */\nd{e:f}\n",
    ]
    merged = merged_sheets(parts).replace("\n", "")
    assert merged == ":root{--a:1px; --d:var(--a)}a{b:var(--d)}d{e:f}"


PHONE_SHEETS = MERGED["phone.css"]
BESIDE = ("home.css", "scale.css", "demo.css", "paper.css")


def test_no_page_with_the_sheet_of_a_phone_reads_a_token_that_it_lacks(app):
    """What is added to it reads them too."""
    with app.app_context():
        sheet = served(folder(), "phone.css").body.decode()
    set_there = set(re.findall(r"(--[\w-]+)\s*:", sheet))
    for name in (*PHONE_SHEETS, *BESIDE):
        text = (ROOT / "proms" / "web" / "static" / name).read_text()
        read = set(re.findall(r"var\((--[\w-]+)", text))
        assert name == "tokens.css" or read - SET_BY_SCRIPT <= set_there, (name, read)


def test_what_a_browser_asks_for_at_every_page_only_names_the_worker_that_is_kept(app):
    client = app.test_client()
    asked = client.get("/sw.js", base_url=HOME, headers=BOTH)
    assert asked.mimetype == "text/javascript"
    assert len(asked.data) < 100
    address = re.fullmatch(r'importScripts\("(.*)"\);', asked.text)[1]
    kept = client.get(address, base_url=HOME)
    assert "immutable" in kept.headers["Cache-Control"]
    assert 'addEventListener("fetch"' in kept.text


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
    assert merged == "const a=1;b(a);"


def test_blanks_go_where_a_sign_needs_none_and_stay_in_texts():
    merged = merged_modules(
        ['const a = (b, c) => {\n  return b ? `${ c } d` : "e ( f )";\n};\nlet g = a(1, 2);\n']
    )
    assert merged == 'const a=(b,c)=>{return b?`${ c } d`:"e ( f )";};let g=a(1,2);'


def test_what_is_said_at_the_end_of_a_line_does_not_go_out_nor_take_the_next_line_along():
    merged = merged_modules(['if (a) {\n  b("c // d"); // e\n}\nlet f = `//${g}`; // h\nf();\n'])
    assert merged == 'if(a){b("c // d");}let f=`//${g}`;f();'


def test_no_pattern_of_a_script_holds_a_blank_a_quote_or_two_slashes():
    """What takes blanks out of a script knows texts, and no patterns; and what is said at the end
    of a line has no text in it."""
    begins = re.compile(r"[(,=:?&|]\s*/((?![/*])(?:\\.|[^/\\\n])+)/[gimsuy]*\s*[.,;)]")
    static = ROOT / "proms" / "web" / "static"
    scripts = [(static / name).read_text() for name in {*MERGED["phone.js"], "sw.js", "scale.js"}]
    patterns = [pattern for text in scripts for pattern in begins.findall(text)]
    assert len(patterns) > 5
    assert [each for each in patterns if re.search(r"[\s\"`]|//", f"/{each}/")] == []
    asides = [aside for text in scripts for aside in re.findall(r"; (//.*)", text)]
    assert len(asides) > 5
    assert [each for each in asides if re.search(r"[\"`]", each)] == []
