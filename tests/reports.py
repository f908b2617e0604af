"""Reports of the symptom check: written-out cases, drawn ones, and the trial's table of rules told
a second time in plain Python, so that the content has something to be held against."""

from random import Random

import yaml

from proms.content import load
from proms.domain.alert import EarlierReports
from proms.domain.instrument import ItemKind
from proms.settings import HOME

LIBRARY = load(HOME)
HSC = LIBRARY.instrument("hsc")
RULES = LIBRARY.rule_sets["hsc"]["0.3"]
CASES = yaml.safe_load(
    (HOME / "tests" / "golden" / "hsc_rules_0_3.yaml").read_text(encoding="utf-8")
)
ONLY_IF = ("SITE", "POS", "MOUTH", "HANDFOOT", "NOW", "CONTACT")
WELL = {
    item.code: (item.none,) if item.none else item.options[0]
    for item in HSC.items
    if item.options and item.code not in ONLY_IF
}
YES_OR_NO = (
    "pump",
    "infusion",
    "dose_in_28_days",
    "folfiri_in_14_days",
    "bevacizumab",
    "anticoagulant",
)


def report_of(case, which):
    """The answers of one of a case's reports; none where the case says that there is none."""
    said = case.get(which, {})
    if said == "none":
        return {}
    answers = {
        code: tuple(value) if isinstance(value, list) else value for code, value in said.items()
    }
    well = WELL
    if which == "answers":
        well = {code: value for code, value in WELL.items() if code not in case.get("missing", ())}
    return {**well, **answers}


def earlier_of(case):
    return EarlierReports(report_of(case, "previous"), report_of(case, "baseline"))


def drawn(seed):
    """A report with what was reported before it and what is known, any of it missing at times."""
    random = Random(seed)
    facts = {fact: random.choice((True, False)) for fact in YES_OR_NO if random.random() < 0.9}
    facts["arm"] = random.choice("AB")
    facts["fever_limit"] = random.choice(("38.0", "38.0", "38.5"))
    if random.random() < 0.8:
        facts["days_since_pump_surgery"] = random.choice((0, 14, 15, 42, 43, 300))
    reports = [_drawn_answers(random) if random.random() < 0.85 else {} for _ in range(2)]
    return _drawn_answers(random), facts, EarlierReports(*reports)


def _drawn_answers(random):
    # Of some reports most is well, so that one rule alone has its say.
    well = random.choice((0.2, 0.6, 0.9))
    answers = {}
    for item in HSC.items:
        if item.kind is ItemKind.TEXT or random.random() < 0.08:
            continue
        if item.kind is ItemKind.MULTIPLE:
            ticks = [option for option in item.options if option != item.none]
            some = tuple(tick for tick in ticks if random.random() > max(well, 0.7))
            answers[item.code] = some or (item.none,)
        else:
            worse = random.choice(item.options)
            answers[item.code] = item.options[0] if random.random() < well else worse
    return answers


def by_the_table(answers, facts, earlier):  # noqa: PLR0915  (a table is as long as it is)
    """Which rules fire by the trial's table, each written as it stands there: rule -> level."""
    fired = {}

    def a(code):
        return answers.get(code, -1)

    def ticked(code, *options, of=answers):
        return any(option in of.get(code, ()) for option in options)

    def up(code, by, since):
        return code in answers and code in since and answers[code] - since[code] >= by

    def put(rule, level, holds):
        if holds:
            fired[rule] = level

    prev, base = earlier
    days = facts.get("days_since_pump_surgery")
    pump = facts.get("pump") is True
    high = 4 if facts["fever_limit"] == "38.5" else 3
    fever = a("TEMP") >= high or a("CHILL") == 1
    infusion = facts.get("infusion") is True
    put("B1", "red", a("JAUND") == 2)
    put("B2", "red", a("URINE") == 2 and a("STOOL") == 2)
    perhaps = a("JAUND") == 1 or a("URINE") == 2 or a("STOOL") == 2
    put("B3", "amber", perhaps and not {"B1", "B2"} & fired.keys())
    put("B4", "amber", a("ITCH") >= 3 or (a("ITCH") >= 2 and up("ITCH", 2, prev)))
    early = a("URINE") >= 1 and a("STOOL") >= 1 and "B2" not in fired
    itchy = a("ITCH") >= 2 and (a("URINE") >= 1 or a("STOOL") >= 1)
    put("B5", "amber", early or itchy)
    bile = a("RUQP") >= 2 or a("JAUND") >= 1 or a("URINE") == 2 or a("STOOL") == 2
    put("C1", "red", fever and bile)
    put("F1", "red", fever and facts.get("dose_in_28_days") is True)
    put("F2", "red", fever and pump and days is not None and days <= 42)
    any_fever = a("TEMP") >= 3 or a("CHILL") == 1
    put("F3", "amber", any_fever and not {"C1", "F1", "F2"} & fired.keys())
    put("F4", "amber", a("TEMP") == 2)
    red_now, red_before = ticked("BLEED", "redpoo"), ticked("BLEED", "redpoo", of=base)
    put("G1", "red", ticked("BLEED", "tar", "vomblood") or (red_now and not red_before))
    put("G3", "amber", red_now and red_before)
    put("G2", "amber", a("STOM") >= 3 or (a("STOM") >= 2 and prev.get("STOM", -1) >= 2))
    put("P1", "red", ticked("ALARM", "belly") or a("RUQP") == 4)
    put("P2", "amber", a("RUQP") >= 3 or (a("RUQP") >= 2 and up("RUQP", 2, prev)))
    put("D1", "red", a("DIAR") == 3)
    put("D2", "amber", a("DIAR") == 2)
    no_folfiri = facts.get("folfiri_in_14_days") is not True
    new = a("DIAR") >= 1 and base.get("DIAR") == 0
    put("D3", "amber", new and facts["arm"] == "B" and infusion and no_folfiri)
    put("V1", "red", a("VOM") == 3)
    put("V2", "amber", a("VOM") == 2 or a("NAUS") >= 3)
    loses = a("VOM") >= 2 or a("DIAR") >= 2
    put("I1", "red", a("INTAKE") == 4 or (a("INTAKE") >= 3 and loses))
    put("I2", "amber", a("INTAKE") == 3)
    inflamed = ticked("SITE", "red", "warm", "swell")
    put("W1", "red", pump and (ticked("SITE", "fluid", "open") or (inflamed and fever)))
    sore = ticked("SITE", "pain") and days is not None and days > 14
    put("W2", "amber", pump and "W1" not in fired and (inflamed or sore))
    put("W3", "amber", pump and a("POS") == 2)
    put("W4", "info", pump and a("POS") == 1)
    put("N1", "amber", a("NERVE") >= 3)
    put("N2", "info", a("NERVE") == 2 or up("NERVE", 2, base))
    put("H1", "amber", a("HANDFOOT") == 3)
    put("O1", "amber", a("MOUTH") == 3)
    put("O2", "red", a("MOUTH") == 4)
    put("E1", "red", ticked("ALARM", "breath", "confused", "faint"))
    put("E2", "red", ticked("ALARM", "leg"))
    thin = facts.get("bevacizumab") is True or facts.get("anticoagulant") is True
    put("X1", "red" if thin else "amber", ticked("BLEED", "nose"))
    put("T1", "amber", a("TIRED") == 4 or up("TIRED", 3, base))
    named = {
        "ITCH": {"B4", "B5"},
        "RUQP": {"C1", "P1", "P2"},
        "STOM": {"G2"},
        "NAUS": {"V2"},
        "TIRED": {"T1"},
    }
    worse = any(up(code, 2, prev) and not rules & fired.keys() for code, rules in named.items())
    level = a("TIRED") == 3 or a("HANDFOOT") == 2 or a("MOUTH") == 2
    put("T2", "info", level or worse)
    safety = ("JAUND", "TEMP", "CHILL", "BLEED", "ALARM")
    put("Q1", "amber", any(code not in answers for code in safety))
    return fired
