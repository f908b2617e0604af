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
RULES = LIBRARY.rules(HSC)
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


class Table:
    """A report as the table of rules speaks of it, and what fired so far: rule -> level."""

    def __init__(self, answers, facts, earlier):
        self.answers, self.facts, self.fired = answers, facts, {}
        self.prev, self.base = earlier
        self.days = facts.get("days_since_pump_surgery")
        self.pump = facts.get("pump") is True
        high = 4 if facts["fever_limit"] == "38.5" else 3
        self.fever = self.a("TEMP") >= high or self.a("CHILL") == 1

    def a(self, code):
        return self.answers.get(code, -1)

    def ticked(self, code, *options, of=None):
        ticks = (self.answers if of is None else of).get(code, ())
        return any(option in ticks for option in options)

    def up(self, code, by, since):
        both = code in self.answers and code in since
        return both and self.answers[code] - since[code] >= by

    def put(self, rule, level, holds):
        if holds:
            self.fired[rule] = level


def by_the_table(answers, facts, earlier):
    """Which rules fire by the trial's table, each written as it stands there: rule -> level."""
    table = Table(answers, facts, earlier)
    for part in (_bile_and_fever, _gut_and_intake, _pump_and_the_rest):
        part(table)
    return table.fired


def _bile_and_fever(t):
    t.put("B1", "red", t.a("JAUND") == 2)
    t.put("B2", "red", t.a("URINE") == 2 and t.a("STOOL") == 2)
    perhaps = t.a("JAUND") == 1 or t.a("URINE") == 2 or t.a("STOOL") == 2
    t.put("B3", "amber", perhaps and not {"B1", "B2"} & t.fired.keys())
    t.put("B4", "amber", t.a("ITCH") >= 3 or (t.a("ITCH") >= 2 and t.up("ITCH", 2, t.prev)))
    early = t.a("URINE") >= 1 and t.a("STOOL") >= 1 and "B2" not in t.fired
    itchy = t.a("ITCH") >= 2 and (t.a("URINE") >= 1 or t.a("STOOL") >= 1)
    t.put("B5", "amber", early or itchy)
    bile = t.a("RUQP") >= 2 or t.a("JAUND") >= 1 or t.a("URINE") == 2 or t.a("STOOL") == 2
    t.put("C1", "red", t.fever and bile)
    t.put("F1", "red", t.fever and t.facts.get("dose_in_28_days") is True)
    t.put("F2", "red", t.fever and t.pump and t.days is not None and t.days <= 42)
    any_fever = t.a("TEMP") >= 3 or t.a("CHILL") == 1
    t.put("F3", "amber", any_fever and not {"C1", "F1", "F2"} & t.fired.keys())
    t.put("F4", "amber", t.a("TEMP") == 2)


def _gut_and_intake(t):
    red_now, red_before = t.ticked("BLEED", "redpoo"), t.ticked("BLEED", "redpoo", of=t.base)
    t.put("G1", "red", t.ticked("BLEED", "tar", "vomblood") or (red_now and not red_before))
    t.put("G3", "amber", red_now and red_before)
    t.put("G2", "amber", t.a("STOM") >= 3 or (t.a("STOM") >= 2 and t.prev.get("STOM", -1) >= 2))
    t.put("P1", "red", t.ticked("ALARM", "belly") or t.a("RUQP") == 4)
    t.put("P2", "amber", t.a("RUQP") >= 3 or (t.a("RUQP") >= 2 and t.up("RUQP", 2, t.prev)))
    t.put("D1", "red", t.a("DIAR") == 3)
    t.put("D2", "amber", t.a("DIAR") == 2)
    no_folfiri = t.facts.get("folfiri_in_14_days") is not True
    new = t.a("DIAR") >= 1 and t.base.get("DIAR") == 0
    t.put(
        "D3",
        "amber",
        new and t.facts["arm"] == "B" and t.facts.get("infusion") is True and no_folfiri,
    )
    t.put("V1", "red", t.a("VOM") == 3)
    t.put("V2", "amber", t.a("VOM") == 2 or t.a("NAUS") >= 3)
    loses = t.a("VOM") >= 2 or t.a("DIAR") >= 2
    t.put("I1", "red", t.a("INTAKE") == 4 or (t.a("INTAKE") >= 3 and loses))
    t.put("I2", "amber", t.a("INTAKE") == 3)


def _pump_and_the_rest(t):
    inflamed = t.ticked("SITE", "red", "warm", "swell")
    t.put("W1", "red", t.pump and (t.ticked("SITE", "fluid", "open") or (inflamed and t.fever)))
    sore = t.ticked("SITE", "pain") and t.days is not None and t.days > 14
    t.put("W2", "amber", t.pump and "W1" not in t.fired and (inflamed or sore))
    t.put("W3", "amber", t.pump and t.a("POS") == 2)
    t.put("W4", "info", t.pump and t.a("POS") == 1)
    t.put("N1", "amber", t.a("NERVE") >= 3)
    t.put("N2", "info", t.a("NERVE") == 2 or t.up("NERVE", 2, t.base))
    t.put("H1", "amber", t.a("HANDFOOT") == 3)
    t.put("O1", "amber", t.a("MOUTH") == 3)
    t.put("O2", "red", t.a("MOUTH") == 4)
    t.put("E1", "red", t.ticked("ALARM", "breath", "confused", "faint"))
    t.put("E2", "red", t.ticked("ALARM", "leg"))
    thin = t.facts.get("bevacizumab") is True or t.facts.get("anticoagulant") is True
    t.put("X1", "red" if thin else "amber", t.ticked("BLEED", "nose"))
    t.put("T1", "amber", t.a("TIRED") == 4 or t.up("TIRED", 3, t.base))
    named = {
        "ITCH": {"B4", "B5"},
        "RUQP": {"C1", "P1", "P2"},
        "STOM": {"G2"},
        "NAUS": {"V2"},
        "TIRED": {"T1"},
    }
    worse = any(
        t.up(code, 2, t.prev) and not rules & t.fired.keys() for code, rules in named.items()
    )
    level = t.a("TIRED") == 3 or t.a("HANDFOOT") == 2 or t.a("MOUTH") == 2
    t.put("T2", "info", level or worse)
    safety = ("JAUND", "TEMP", "CHILL", "BLEED", "ALARM")
    t.put("Q1", "amber", any(code not in t.answers for code in safety))
