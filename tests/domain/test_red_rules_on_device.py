"""What a phone holds of the rules finds every red answer, and says nothing of the patient's record
or of what she reported before."""

import pytest

from proms.domain.alert import (
    EarlierReports,
    Urgency,
    evaluate,
    red_rules,
    rules_for_device,
)
from tests.reports import CASES, RULES, drawn, earlier_of, report_of

DRAWN = 5_000


def red(rule_set, answers, facts, earlier):
    breaches = evaluate(rule_set, answers, facts=facts, earlier=earlier)
    return [breach.rule for breach in breaches if breach.urgency is Urgency.RED]


def on_device(answers, facts, earlier):
    """What the phone finds, that knows neither facts nor earlier reports."""
    return red(red_rules(RULES, facts, earlier), answers, {}, EarlierReports())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_written_out_case_is_as_red_as_on_the_server(case):
    report = report_of(case, "answers"), case.get("facts", {}), earlier_of(case)
    assert on_device(*report) == red(RULES, *report)


def test_five_thousand_drawn_reports_are_as_red_as_on_the_server():
    seen = set()
    for seed in range(DRAWN):
        answers, facts, earlier = drawn(seed)
        found = red(RULES, answers, facts, earlier)
        assert on_device(answers, facts, earlier) == found, seed
        seen.update(found)
    assert len(seen) == sum(Urgency.RED in rule.urgencies for rule in RULES.rules)


def test_no_fact_and_no_earlier_answer_leaves_the_hospital():
    for seed in range(200):
        _, facts, earlier = drawn(seed)
        for rule in rules_for_device(red_rules(RULES, facts, earlier)):
            assert not names_in(rule["when"]) & {"fact", "previous", "baseline", "rises", "since"}
            assert "raised" not in rule


def names_in(content):
    if isinstance(content, list):
        return {name for part in content for name in names_in(part)}
    if isinstance(content, dict):
        return set(content) | {name for part in content.values() for name in names_in(part)}
    return set()


def test_what_can_never_be_red_for_her_is_left_out():
    nothing = red_rules(RULES, {}, EarlierReports())
    assert {"F1", "F2", "T1"} & {rule.id for rule in nothing.rules} == set()
    treated = red_rules(RULES, {"on_treatment": True, "anticoagulant": True}, EarlierReports())
    assert {"F1", "X1"} <= {rule.id for rule in treated.rules}
