"""A phone judges a report exactly as the server does: the written-out cases and 10,000 drawn
ones."""

from proms.domain.alert import evaluate, rules_for_device
from proms.settings import HOME
from tests.reports import CASES, RULES, drawn, earlier_of, report_of

STATIC = HOME / "proms" / "web" / "static"
RUN = """async ([conditions, rules, data, calls]) => {
  const asModule = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const loaded = await import(asModule(rules.replace("./conditions.js", asModule(conditions))));
  return calls.map((known) => loaded.breaches(data, known).map((each) => [each.rule, each.urgency]));
}"""
DRAWN = 10_000


def on_the_phone(page, calls):
    """What the phone's own module makes of each of these reports."""
    modules = [
        (STATIC / name).read_text(encoding="utf-8") for name in ("conditions.js", "rules.js")
    ]
    return page.evaluate(RUN, [*modules, rules_for_device(RULES), calls])


def on_the_server(answers, facts, earlier):
    breaches = evaluate(RULES, answers, facts=facts, earlier=earlier)
    return [[breach.rule, breach.urgency.value] for breach in breaches]


def test_the_written_out_cases_and_ten_thousand_drawn_ones_are_judged_alike(visit) -> None:
    reports = [
        (report_of(case, "answers"), case.get("facts", {}), earlier_of(case)) for case in CASES
    ]
    reports += [drawn(seed) for seed in range(DRAWN)]
    told = on_the_phone(
        visit(),
        [
            {
                "answers": answers,
                "facts": facts,
                "previous": earlier.previous,
                "baseline": earlier.baseline,
            }
            for answers, facts, earlier in reports
        ],
    )
    assert told == [on_the_server(*report) for report in reports]
