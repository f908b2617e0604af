"""The name at the head of a site's messages: known to its patients, and telling nobody else what
they are about (T-03, T-20, R-27)."""

import random

import pytest

from proms.content import load
from proms.domain.reminder.links import EXAMPLE_TOKEN, TOKEN_LENGTH, TOKEN_SIGNS, draw_token
from proms.domain.reminder.revealing import Revealing, plain_letters
from proms.domain.reminder.sender import (
    SENTENCES,
    SenderFault,
    first_fitting,
    name_without_hospital,
    sender_fault,
)
from proms.settings import HOME

WORDS = load(HOME).revealing("pump-it")


def fault(name, longest=32):
    unfit = sender_fault(name, longest, WORDS)
    if unfit is None:
        return None
    assert SENTENCES[unfit.fault] % unfit.slots  # every slot of its sentence is named
    return unfit.fault


@pytest.mark.parametrize(
    "name",
    ["OLVG", "Erasmus MC", "St. Antonius", "Team Voorbeeld", "Máxima", "HMC (Den Haag)", "UMC-G"],
)
def test_a_hospital_is_known_by_its_name(name):
    assert fault(name.replace("á", "a")) is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("MC", SenderFault.SHORT),
        ("12345", SenderFault.NO_LETTER),
        ("Zuiderziekenhuis België", SenderFault.STRANGE_TO_SMS),
        ("Team “Zuid”", SenderFault.STRANGE_TO_SMS),
        ("Máxima", SenderFault.STRANGE_TO_SMS),
        ("olvg.nl", SenderFault.ADDRESS),
        ("St.Antonius", SenderFault.ADDRESS),
        ("zorg@olvg", SenderFault.ADDRESS),
        ("http://olvg", SenderFault.ADDRESS),
        ("OLVG: vragen", SenderFault.CHARACTER),
        ("OLVG\nBetaal nu", SenderFault.CHARACTER),
        ("Win €100", SenderFault.CHARACTER),
        ("Erasmus MC Kankerinstituut", SenderFault.REVEALS),
        ("Antoni van Leeuwenhoek", SenderFault.REVEALS),
        ("ANTONI VAN LEEUWENHOEK", SenderFault.REVEALS),
        ("Prinses Maxima", SenderFault.REVEALS),
        ("PUMP-IT", SenderFault.REVEALS),
        ("Team Oncologie", SenderFault.REVEALS),
        ("Leverpoli", SenderFault.REVEALS),
        ("Poli lever", SenderFault.REVEALS),
        ("Studieteam", SenderFault.REVEALS),
        ("Folinic acid poli", SenderFault.REVEALS),
    ],
)
def test_r27_a_name_that_says_too_much_or_cannot_be_sent_is_refused_with_its_reason(name, wrong):
    assert fault(name) == wrong


def test_a_name_for_which_there_is_no_room_is_refused_with_how_much_there_is():
    assert fault("Streekziekenhuis", longest=16) is None
    unfit = sender_fault("Streekziekenhuis", 15, WORDS)
    assert (unfit.fault, unfit.slots) == (SenderFault.LONG, {"longest": 15})


def test_a_site_that_chose_no_name_is_called_by_what_is_particular_about_its_own():
    assert name_without_hospital("Ziekenhuis Gelderse Vallei") == "Gelderse Vallei"
    assert name_without_hospital("Streekziekenhuis") == "Streekziekenhuis"
    assert first_fitting(("Antoni van Leeuwenhoek", "AVZ"), 20, WORDS) == "AVZ"
    assert first_fitting(("1", "2"), 20, WORDS) == ""


def test_a_word_is_found_as_a_reader_would_see_it_and_not_within_another():
    words = Revealing(("lever", "*kanker*"), ("pin",))
    assert words.reveals("Uw LÉVER.") == "lever"
    assert words.reveals("leverancier") is None
    assert words.reveals("het kankercentrum") == "kankercentrum"
    assert words.asks("uw PIN?") == "pin"
    assert words.asks("spinnen") is None
    assert Revealing().reveals("kanker") is None
    assert plain_letters("Vóór-Été 3x") == "voor ete 3x"


def test_t01_a_link_holds_128_random_bits_or_more_and_no_sign_at_which_an_address_may_end():
    assert len(set(TOKEN_SIGNS)) ** TOKEN_LENGTH >= 2**128
    assert TOKEN_SIGNS.isalnum()
    assert TOKEN_SIGNS.isascii()
    assert len(EXAMPLE_TOKEN) == TOKEN_LENGTH
    dice = random.Random(1)
    drawn = {draw_token(dice.choice) for _ in range(1000)}
    assert {len(token) for token in drawn} == {TOKEN_LENGTH}
    assert set("".join(drawn)) == set(TOKEN_SIGNS)
