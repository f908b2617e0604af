"""A phone judges a report exactly as the server does: the written-out cases and 10,000 drawn
ones."""

from proms.content import Library
from proms.domain.alert import (
    Urgency,
    evaluate,
    items_for_device,
    judge,
    red_rules,
    rules_for_device,
)
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


JUDGED = RUN.replace(
    "loaded.breaches(data, known).map((each) => [each.rule, each.urgency])",
    "told(loaded.judged(known.items, known.rules, known.answers))",
).replace(
    "const loaded",
    """const told = (found) => [
         found.shown.map((each) => [each.code, each.variant]), found.red.map((each) => each.rule)];
       const loaded""",
)
FORMS = 2_000


def test_a_phone_asks_and_tells_to_call_as_the_server_does_in_the_middle_of_a_form(
    visit, library: Library
) -> None:
    """What is known of her is settled, and an answer to what is not asked counts for nothing."""
    instrument = library.instrument("hsc")
    calls, wanted = [], []
    for seed in range(FORMS):
        answers, facts, earlier = drawn(seed)
        rules = red_rules(RULES, facts, earlier)
        items = items_for_device(instrument, facts, {"level"})
        calls.append({"items": items, "rules": rules_for_device(rules), "answers": answers})
        breaches, level, _given = judge(RULES, instrument, answers, facts, earlier=earlier)
        known = {**facts, "level": level.value} if level else facts
        asked = [[each.code, each.variant] for each in instrument.asked(known, answers)]
        red = [each.rule for each in breaches if each.urgency is Urgency.RED]
        wanted.append([asked, red])
    modules = [
        (STATIC / name).read_text(encoding="utf-8") for name in ("conditions.js", "rules.js")
    ]
    told = visit().evaluate(JUDGED, [*modules, None, calls])
    assert told == wanted
    assert any(red for _asked, red in wanted)
    assert any(["NOW", None] in asked for asked, _red in wanted)
