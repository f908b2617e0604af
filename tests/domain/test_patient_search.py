"""A patient is found by the first letters of anything she is known by."""

import pytest

from proms.domain.patient_search import finds, search_entry, search_for

RENEE = search_entry(
    code="K7M2Q",
    name="Renée van den Berg-Østergård",
    numbers=["0070001", "NKI-0012"],
    addresses=["+31612345678"],
)
BERT = search_entry(
    code="B3RTA", name="Bert de Wit", numbers=["700"], addresses=["b.wit@example.org"]
)


@pytest.mark.parametrize(
    "typed",
    [
        "renee",
        "RENÉE",
        "rene\u0301e",
        "ren",
        "Berg",
        "van den Berg",
        "vandenberg",
        "Berg, Renée",
        "berg ren",
        "ostergard",
        "Østergård",
        "renéev",
        "k7m",
        "K7M2Q",
        "0070001",
        "70001",
        "7000",
        "00700",
        "007 0001",
        "007-0001",
        "nki-0012",
        "NKI 12",
        "nki12",
        "renee 70001",
        "06 12345678",
        "0612",
        "06-1234 5678",
        "+31 6 12345678",
        "+31 (0)6 1234",
        "0031612345678",
        "31612345678",
        "renee 0612345678",
        "",
        "  ",
    ],
)
def test_renee_is_found_by(typed):
    assert finds(search_for(typed), RENEE)


@pytest.mark.parametrize("typed", ["Wit, Bert", "bert de wit", "wit", "b.wit@ex", "7", "0700"])
def test_bert_is_found_by(typed):
    assert finds(search_for(typed), BERT)


@pytest.mark.parametrize(
    "typed",
    ["enee", "renee bert", "bergen", "0001", "70002", "06 123456789", "12345678", "@", "7m2q", "\n"
     "renee\nbert"],
)  # fmt: skip
def test_renee_is_not_found_by(typed):
    assert not finds(search_for(typed), RENEE)


def test_an_entry_shows_nothing_but_the_name():
    assert "12345678" not in repr(RENEE)
    assert "70001" not in repr(RENEE)
