"""How breaches become alerts, and when one is only what was expected: small pure functions, each
case by itself."""

import pytest

from proms.content import load
from proms.domain.alert import Breach, Urgency
from proms.domain.alert.expectation import EXPECTED, as_expected, may_be_expected
from proms.domain.alert.record import Join, Raise, UnresolvedAlert, fold
from proms.settings import HOME

LIBRARY = load(HOME)
HSC = LIBRARY.instrument("hsc")
RULES = LIBRARY.rules(HSC)
RED, AMBER, INFO = Urgency.RED, Urgency.AMBER, Urgency.INFO


def breach(rule, urgency, **evidence):
    return Breach(rule, urgency, tuple(evidence.items()))


@pytest.mark.parametrize(
    ("stands", "comes", "becomes", "restarts"),
    [
        (AMBER, AMBER, AMBER, False),
        (INFO, AMBER, AMBER, True),
        (AMBER, INFO, AMBER, False),
        (RED, AMBER, RED, False),
        (AMBER, RED, RED, True),
        (RED, RED, RED, True),
    ],
)
def test_a_repeat_joins_and_a_worse_or_red_one_starts_again(stands, comes, becomes, restarts):
    again = breach("X1", comes, BLEED=("nose",))
    assert fold([again], {"X1": UnresolvedAlert(7, stands)}) == [Join(7, again, becomes, restarts)]


def test_another_rule_is_another_alert():
    new = breach("B1", RED, JAUND=2)
    assert fold([new], {"X1": UnresolvedAlert(7, RED)}) == [Raise(new)]


@pytest.mark.parametrize(
    ("evidence", "restarts"), [({"JAUND": 2}, False), ({"JAUND": 2, "URINE": 2}, True)]
)
def test_what_the_same_form_said_before_it_was_sent_is_no_news(evidence, restarts):
    sent = breach("B1", RED, **evidence)
    told = {"B1": (("JAUND", 2),)}
    (step,) = fold([sent], {"B1": UnresolvedAlert(7, RED)}, told)
    assert step.restart is restarts


def judged(rule_id, urgency, answers, **levels):
    rule = RULES.rule(rule_id)
    shown = {code: answers[code] for code in rule.shows if code in answers}
    return as_expected(breach(rule_id, urgency, **shown), rule, HSC, answers, levels)


@pytest.mark.parametrize(
    ("rule", "answers", "levels", "expected"),
    [
        ("B4", {"ITCH": 3}, {"ITCH": 3}, True),
        ("B4", {"ITCH": 4}, {"ITCH": 3}, False),
        ("B4", {"ITCH": 3}, {"NAUS": 3}, False),
        ("V2", {"NAUS": 3, "VOM": 0}, {"NAUS": 3}, True),
        ("V2", {"NAUS": 3, "VOM": 1}, {"NAUS": 3}, False),
        ("V2", {"NAUS": 3, "VOM": 1}, {"NAUS": 3, "VOM": 1}, True),
        ("W2", {"SITE": ("red",)}, {"SITE": 1}, False),
        ("W2", {"SITE": ("none",)}, {"ITCH": 1}, False),
        ("Q1", {}, {"ITCH": 4}, False),
        ("B4", {"ITCH": 3}, {}, False),
    ],
)
def test_an_amber_breach_is_expected_where_all_it_reports_is(rule, answers, levels, expected):
    found = judged(rule, AMBER, answers, **levels)
    assert (found.urgency, EXPECTED in found.tags) == ((INFO, True) if expected else (AMBER, False))


def test_a_red_breach_is_never_expected():
    found = judged("I1", RED, {"INTAKE": 4}, INTAKE=4)
    assert (found.urgency, found.tags) == (RED, ())


def test_no_level_can_be_expected_of_safety_of_ticks_or_of_what_some_are_asked():
    can = {code for code, item in HSC.by_code.items() if may_be_expected(item)}
    assert can == {
        "URINE",
        "STOOL",
        "ITCH",
        "RUQP",
        "STOM",
        "NAUS",
        "VOM",
        "DIAR",
        "INTAKE",
        "TIRED",
        "NERVE",
        "MOUTH",
        "HANDFOOT",
    }
