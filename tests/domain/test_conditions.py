"""What conditions mean: each case of the golden file, which the phone's interpreter is held to as
well."""

import pytest
import yaml

from proms.content import load
from proms.content.conditions import MayAsk, read_condition
from proms.content.source import Node, read
from proms.domain.instrument import ConditionContext, as_content, holds
from proms.settings import HOME

GOLDEN = HOME / "tests" / "golden" / "conditions.yaml"
NODES = list(read(GOLDEN))
CASES = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
LIBRARY = load(HOME)
ITEMS = LIBRARY.instrument("hsc").by_code | LIBRARY.instrument("qlq-cr29").by_code


def condition(case_node: Node):
    return read_condition(case_node["when"], MayAsk(ITEMS, None, ("B1", "B2", "B3")))


def answers(case, report):
    return {
        item: tuple(value) if isinstance(value, list) else value
        for item, value in case.get(report, {}).items()
    }


@pytest.mark.parametrize(
    ("case", "node"), list(zip(CASES, NODES, strict=True)), ids=[case["name"] for case in CASES]
)
def test_a_condition_means_what_the_golden_case_says(case, node):
    context = ConditionContext(
        answers=answers(case, "answers"),
        facts=case.get("facts", {}),
        previous=answers(case, "previous"),
        baseline=answers(case, "baseline"),
        fired=frozenset(case.get("fired", ())),
    )
    assert holds(condition(node), context) is case["holds"]


@pytest.mark.parametrize("node", NODES, ids=[case["name"] for case in CASES])
def test_a_condition_is_told_to_a_device_as_it_was_written(node):
    written = yaml.safe_dump(as_content(condition(node)))
    again = yaml.safe_load(written)
    plain = node["when"].plain()
    assert again == (
        {"not": {**plain, "missing": True}} if plain.get("missing") is False else plain
    )
