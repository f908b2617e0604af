"""Hospital and trial numbers: the same number however it was typed."""

import pytest

from proms.domain.patient_number import plain, without_zeros


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0070001", " 0070001 "),
        ("0070001", "0070 001"),
        ("0070001", "007-0001"),
        ("0070001", "007\u20130001"),
        ("0070001", "007\u22120001"),
        ("0070001", "007\u00a00001"),
        ("0070001", "007\u200b0001"),
        ("nki-12", "NKI 12"),
        ("0070001", "００７０００１"),
    ],
)
def test_case_blanks_and_hyphens_make_no_other_number(one, other):
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"), [("0070001", "70001"), ("NKI-0012", "nki 12"), ("000", "0")]
)
def test_leading_zeros_may_make_another_number(one, other):
    assert plain(one) != plain(other)
    assert without_zeros(one) == without_zeros(other)


@pytest.mark.parametrize(("one", "other"), [("70001", "700010"), ("100", "1"), ("1203", "123")])
def test_a_zero_that_counts_stays(one, other):
    assert without_zeros(one) != without_zeros(other)
