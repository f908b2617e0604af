"""Every message, in every language, with the longest values it can have: one SMS, nothing that
tells a stranger what it is about, nothing a swindler would ask (R-27, T-03, T-20, U-27)."""

import inspect
import re
import shutil
from datetime import date, timedelta
from itertools import product

import pytest
from babel.dates import format_date

from proms.actions.people import NewSite, telephone
from proms.actions.senders import address_fault, room_at
from proms.content import check, load
from proms.content.catalogues import catalogue
from proms.demo.people import SITE
from proms.domain.person import Language
from proms.domain.reminder import text as texts
from proms.domain.reminder.longest import LONGEST_PHONE, Facts, every_message, longest_day
from proms.domain.reminder.segments import segments_of, strange_to_gsm
from proms.domain.reminder.sender import first_fitting, name_without_hospital
from proms.domain.reminder.text import Text, from_sender
from proms.domain.telephone import written
from proms.settings import HOME, Unsafe
from tests.contract.test_settings import SOUND, proms

ADDRESS = "https://vragen.ziekenhuisvoorbeeld.nl"
WORDS = load(HOME).revealing("pump-it")
SITES = [NewSite(f"S{n:02}", f"Ziekenhuis {n}", f"020 11{n:05}", "") for n in (1, 40)]
LINK = re.compile(r"https://\S+")


def messages(language, address=ADDRESS, phone=LONGEST_PHONE):
    return every_message(catalogue(language), language, Facts(address, phone))


EVERY = [(language, name) for language in Language for name in messages(language)]


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_u27_each_message_is_one_sms_with_the_longest_name_that_fits_before_it(language, name):
    text = messages(language)[name]
    sender = "W" * room_at(Facts(ADDRESS))
    assert strange_to_gsm(text.body) == ""
    assert segments_of(from_sender(text, sender).body).parts == 1


def test_u27_one_sign_more_and_one_of_them_is_two():
    sender = "W" * (room_at(Facts(ADDRESS)) + 1)
    everything = [text for language in Language for text in messages(language).values()]
    assert max(segments_of(from_sender(text, sender).body).parts for text in everything) == 2


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_r27_each_message_says_nothing_of_health_and_asks_for_nothing(language, name):
    text = messages(language)[name]
    said = f"{text.subject} {LINK.sub('', text.body)}"
    assert WORDS.asks(said) is None
    assert WORDS.reveals(said) is None


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_t20_the_link_is_on_our_own_address_and_ends_the_message(language, name):
    body = messages(language)[name].body
    if name == "test":
        assert LINK.findall(body) == []
        return
    (link,) = LINK.findall(body)
    assert link.startswith(f"{ADDRESS}/")
    assert body.endswith(link)


def test_no_text_is_forgotten():
    makers = {
        name
        for name, made in inspect.getmembers(texts, inspect.isfunction)
        if inspect.signature(made).return_annotation is Text and made is not from_sender
    }
    called = set(re.findall(r"\b(\w+_text)\(", inspect.getsource(every_message)))
    assert makers == called


@pytest.mark.parametrize("language", list(Language))
def test_no_day_is_longer_in_words_than_the_one_they_are_tried_with(language):
    def in_words(day):
        return len(format_date(day, "EEEE d MMMM", locale=language))

    days = (date(2024, 1, 1) + timedelta(days=n) for n in range(12 * 366))
    assert max(map(in_words, days)) == in_words(longest_day(language))


def test_the_longest_name_that_a_site_of_the_demo_can_have_fits():
    for address, site in product((ADDRESS, "http://127.0.0.1:8000"), (SITE, *SITES)):
        names = name_without_hospital(site.name), site.code
        phone = written(telephone("phone", site.phone).e164)
        assert first_fitting(names, room_at(Facts(address, phone)), WORDS) in names


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://vragen.zuiderziekenhuis-voorbeeld.example.nl", "too long"),
        ("https://proms.züid.example.nl", None),
        ("https://proms.zuïd.example.nl", "ordinary SMS alphabet"),
        ("https://pump-it.example.org", '"pump" tells everybody'),
        ("https://kankercentrum.example.org", '"kankercentrum" tells everybody'),
        ("https://proms.example.org", None),
    ],
)
def test_a_public_address_that_no_message_can_carry_is_named(address, says):
    fault = address_fault(address, WORDS)
    assert says in fault if says else fault is None


def test_the_server_does_not_start_with_such_an_address():
    stopped = proms("worker", **{**SOUND, "PROMS_PUBLIC_URL": "https://pump-it.example.org"})
    assert stopped.returncode != 0
    assert "PROMS_PUBLIC_URL cannot be in a message" in stopped.stderr
    assert stopped.stderr.count("\n") == 1
    assert Unsafe.__name__ not in stopped.stderr


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('"*kanker*"', None),
        ('"*Kanker*"', "small letters without accents"),
        ("coördinatie", "small letters without accents"),
        ('"pump-it"', "small letters without accents"),
        ('"*"', "small letters without accents"),
        ("hospice", "stands here twice"),
        ("[]", "here a text is expected"),
    ],
)
def test_a_word_that_would_never_be_found_is_refused_with_its_line(tmp_path, line, says):
    shutil.copytree(HOME / "protocols", tmp_path / "protocols")
    shutil.copytree(HOME / "instruments", tmp_path / "instruments")
    path = tmp_path / "protocols/pump-it/messages/words.yaml"
    old, new = '  - "*kanker*"\n', f"  - {line}\n"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace(old, new), encoding="utf-8")
    faults = check(tmp_path)
    assert [says in fault.reason for fault in faults] == ([True] if says else [])
