"""The page of a link has its style sheet in it: only what it needs, and no other may be added."""

import base64
import hashlib
import re

import time_machine

from proms.web.style_sheets import names_on, rules_for
from tests.filling_in import newer_link
from tests.phone import HOME

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
ASKED_FOR = re.compile(r'<(?:link rel="stylesheet"|script)\b')


def test_the_page_of_a_link_asks_for_no_sheet_and_its_policy_knows_the_one_in_it(clinic, app):
    path = newer_link(clinic, clinic.enrols(), clinic.now)
    with time_machine.travel(clinic.now, tick=False):
        page = app.test_client().get(path, base_url=HOME)
    (rules,) = STYLE.findall(page.text)
    assert not ASKED_FOR.search(page.text)
    assert 1000 < len(rules) < 8000
    known = base64.b64encode(hashlib.sha256(rules.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{known}';" in policy
    assert "unsafe" not in policy


def test_every_other_page_has_one_sheet_that_is_kept(clinic, app):
    for path in ("/q/unknown", "/link"):
        page = app.test_client().get(path, base_url=HOME)
        assert STYLE.findall(page.text) == []
        assert "style-src 'self';" in page.headers["Content-Security-Policy"]


def test_a_rule_is_kept_where_something_on_the_page_may_be_meant():
    page = '<body class="p"><p id="a" class="lead wide">a<svg><path d="M0"/></svg></p></body>'
    kept = {
        "p": True,
        "h1,p": True,
        "h1": False,
        ".lead": True,
        ".p .lead+.wide": True,
        ".p .card": False,
        "#a": True,
        "#b": False,
        "p:not(.card)": True,
        ".wide:is(.a,.b)": True,
        "svg [d]": True,
        "svg [open]": False,
        "*,*::before": True,
        "p:hover::first-letter": True,
        "ul::marker": False,
        "p[class=lead]": True,
    }
    names = names_on(page)
    for selector, wanted in kept.items():
        assert bool(rules_for(f"{selector}{{a:b}}", names)) is wanted, selector
    assert rules_for("h1,.lead{a:b}", names) == ".lead{a:b}"
    assert rules_for("@media (x){h1{a:b}p{c:d}}", names) == "@media (x){p{c:d}}"
    assert rules_for("@media (x){h1{a:b}}", names) == ""
    assert rules_for(":root{--a:b;--c:d}p{e:var(--c)}", names) == ":root{--c:d}p{e:var(--c)}"
