"""Telephone numbers as people write them: those that are right, and those that look like it."""

import pytest

from proms.demo import people as invented
from proms.domain.telephone import (
    NumberFault,
    UnreadableNumber,
    dialled,
    dialled_forms,
    read_number,
)


@pytest.mark.parametrize(
    "written",
    [
        "+31612345678",
        "06 12345678",
        "06-12345678",
        "06-1234 5678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "(06) 12345678",
        "06/12345678",
        "06\u201312345678",
        "06\u00a012345678",
        "0031612345678",
        "0031 6 12345678",
        "+31 (0)6 12345678",
        "+31 (0) 6-1234 5678",
        " 0612345678 ",
    ],
)
def test_a_dutch_mobile_number_in_any_notation_is_one_number(written):
    read = read_number(written)
    assert (read.e164, read.mobile) == ("+31612345678", True)


@pytest.mark.parametrize(
    ("written", "e164", "mobile"),
    [
        ("020 1234567", "+31201234567", False),
        ("020/1234567", "+31201234567", False),
        ("088-1234567", "+31881234567", False),
        ("0800 1234567", "+318001234567", False),
        ("+32 470 12 34 56", "+32470123456", True),
        ("0049 171 3920001", "+491713920001", True),
        ("+1 202-555-0123", "+12025550123", True),  # mobile and landline look alike there
    ],
)
def test_a_landline_and_a_foreign_number_are_told_from_a_mobile_number(written, e164, mobile):
    read = read_number(written)
    assert (read.e164, read.mobile) == (e164, mobile)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("06 1234567", NumberFault.NO_SUCH_NUMBER),
        ("06 123456789", NumberFault.NO_SUCH_NUMBER),
        ("+31 6 0612345678", NumberFault.NO_SUCH_NUMBER),
        ("0470 12 34 56", NumberFault.NO_SUCH_NUMBER),
        ("0900 8418", NumberFault.SPECIAL),
        ("0900 1234567", NumberFault.SPECIAL),
        ("06 6000 0000", NumberFault.SPECIAL),
        ("14 020", NumberFault.SPECIAL),
        ("112", NumberFault.WRONG_LENGTH),
        ("12", NumberFault.WRONG_LENGTH),
        ("06 12345 Jan", NumberFault.LETTERS),
        ("06 12345678 Jan", NumberFault.LETTERS),
        ("0612345678 toestel 3", NumberFault.LETTERS),
        ("call me", NumberFault.LETTERS),
        ("06 12345678; 06 87654321", NumberFault.SEVERAL),
        ("06 12345678;", NumberFault.SEVERAL),
        ("06 12345678, 06 87654321", NumberFault.SEVERAL),
        ("+31612345678,06", NumberFault.SEVERAL),
        ("06 12345678 / 06 87654321", NumberFault.SEVERAL),
        ("0612345678/0201234567", NumberFault.SEVERAL),
        ("06 12345678 06 87654321", NumberFault.WRONG_LENGTH),
        ("0201234567/8", NumberFault.NO_SUCH_NUMBER),
        ("0612345678#3", NumberFault.UNREADABLE),
        ("06 12345678 *", NumberFault.UNREADABLE),
        ("+", NumberFault.UNREADABLE),
        ("", NumberFault.UNREADABLE),
        ("+999 12345678", NumberFault.UNREADABLE),
    ],
)
def test_what_is_not_one_number_of_a_person_is_refused_with_what_is_wrong(written, fault):
    with pytest.raises(UnreadableNumber) as refused:
        read_number(written)
    assert refused.value.fault is fault


def test_the_invented_people_have_numbers_that_could_exist():
    site = invented.SITE
    numbers = [invented.number(index) for index in (0, 1, 305, 4999, 99999)]
    for number in (*numbers, site.phone, site.study_phone):
        assert not read_number(number).mobile
    staff = [new.phone for new in invented.STAFF if new.phone]
    assert staff
    assert all(read_number(number).mobile for number in staff)


@pytest.mark.parametrize(
    "typed",
    [
        "06",
        "0612",
        "06-1234 5",
        "06-1234 5678",
        "+31 6 1234",
        "+31 (0)6 12345678",
        "0031612345678",
        "+31 06 12345678",
        "31612345678",
    ],
)
def test_a_number_is_found_by_its_first_digits_in_any_notation(typed):
    assert any(form.startswith(dialled(typed)) for form in dialled_forms("+31612345678"))


def test_a_text_that_is_no_number_has_no_digits_to_look_for():
    assert dialled("Wit, Bert 06") == ""
