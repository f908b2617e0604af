"""A fact about a person is named once, in the domain: what asks or shows it is made from that."""

import pytest

from proms.content.facts import PERSONAL as IN_CONTENT
from proms.db.tables import Patient
from proms.domain.person import PERSONAL_FACTS
from proms.web.api.patients import PatientIn, PatientOut
from proms.web.staff.labels.facts import PERSONAL as IN_WORDS


def test_every_fact_has_its_words_and_no_other_has_any():
    assert tuple(IN_WORDS) == PERSONAL_FACTS
    assert set(IN_CONTENT) == {"sex", *PERSONAL_FACTS}


@pytest.mark.parametrize("fact", PERSONAL_FACTS)
def test_a_fact_is_a_column_that_is_no_until_it_is_known(fact):
    column = Patient.__table__.c[fact]
    assert not column.nullable
    assert column.default.arg is False


@pytest.mark.parametrize("fact", PERSONAL_FACTS)
def test_the_api_takes_and_gives_every_fact(fact):
    assert PatientIn().fields[fact].load_default is False
    assert fact in PatientOut().fields
