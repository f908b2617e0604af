"""The regimen belongs on the cycle: what was given before a switch keeps its name, drugs and
length."""

from proms.domain.schedule import (
    Cycle,
    CycleStatus,
    History,
    objections,
    schedule_component,
    treatment_facts,
)
from proms.domain.schedule.history_entry import (
    CycleRecorded,
    RegimenChosen,
    history_with,
    overturns,
)
from tests.domain.calendars import TRIAL, day, due, treated

DRUGS = {
    "folfox": ("folinic_acid", "fluorouracil", "oxaliplatin"),
    "folfiri": ("folinic_acid", "fluorouracil", "irinotecan"),
    "capox": ("capecitabine", "oxaliplatin"),
}


def gives(history, number, on, drugs=(), *, regimen=None, today=None):
    """A systemic cycle is recorded on its own day, unless said otherwise."""
    cycle = Cycle(
        "systemic", number, day(on), day(on), CycleStatus.GIVEN, tuple(drugs), regimen=regimen
    )
    return history_with(history, CycleRecorded(cycle), day(today or on))


def switches(history, regimen, on):
    return history_with(history, RegimenChosen("systemic", regimen), day(on))


def begun_with(regimen, arm="A"):
    return switches(treated(arm), regimen, "2026-01-12")


def test_a_switch_leaves_what_was_given_before_as_it_was_and_asks_no_doubt():
    history = begun_with("folfox")
    for number, on in enumerate(["2026-02-02", "2026-02-16"], start=1):
        history = gives(history, number, on, DRUGS["folfox"])
    switched = switches(history, "folfiri", "2026-02-25")
    assert objections(TRIAL, switched, day("2026-02-25")) == ()
    switched = gives(switched, 3, "2026-03-02", DRUGS["folfiri"])
    assert objections(TRIAL, switched, day("2026-03-02")) == ()
    assert [switched.regimen_of(cycle) for cycle in switched.cycles_of("systemic")] == [
        "folfox",
        "folfox",
        "folfiri",
    ]


def test_a_switch_overturns_nothing_but_a_stop():
    history = gives(begun_with("folfox"), 1, "2026-02-02")
    today = day("2026-02-25")
    assert not overturns(history, RegimenChosen("systemic", "folfiri"), today, frozenset())
    stopped = History(
        history.arm,
        history.milestones,
        history.components,
        history.cycles,
        {"systemic": day("2026-02-20")},
    )
    assert overturns(stopped, RegimenChosen("systemic", "folfiri"), today, frozenset())


def test_a_drug_that_does_not_belong_is_named_with_its_cycle_and_that_cycles_regimen():
    history = gives(begun_with("folfox"), 1, "2026-02-02", DRUGS["folfox"])
    history = switches(history, "folfiri", "2026-02-10")
    odd = gives(history, 2, "2026-02-16", DRUGS["folfox"])
    (objection,) = objections(TRIAL, odd, day("2026-02-16"))
    assert str(objection) == "systemic cycle 2: oxaliplatin is not part of FOLFIRI in arm A"


def test_a_cycle_given_before_the_switch_and_recorded_after_it_says_its_own_regimen():
    history = switches(begun_with("folfox"), "folfiri", "2026-02-25")
    late = gives(history, 1, "2026-02-02", DRUGS["folfox"], regimen="folfox", today="2026-02-26")
    assert objections(TRIAL, late, day("2026-02-26")) == ()
    (first,) = late.cycles
    assert late.regimen_of(first) == "folfox"


def test_a_correction_keeps_the_regimen_and_a_cycle_that_was_not_given_after_all_loses_it():
    history = switches(gives(begun_with("folfox"), 1, "2026-02-02"), "folfiri", "2026-02-10")
    corrected = gives(history, 1, "2026-02-03", today="2026-02-11")
    assert [corrected.regimen_of(cycle) for cycle in corrected.cycles] == ["folfox"]
    not_given = Cycle("systemic", 1, day("2026-02-16"))
    planned = history_with(corrected, CycleRecorded(not_given), day("2026-02-11"))
    assert [planned.regimen_of(cycle) for cycle in planned.cycles] == ["folfiri"]


def test_the_length_of_a_cycle_is_that_of_its_own_regimen():
    history = gives(begun_with("capox"), 1, "2026-02-02", DRUGS["capox"])
    switched = switches(history, "folfox", "2026-02-16")
    schedule = schedule_component(TRIAL, switched, "systemic", day("2026-02-16"))
    starts = [str(cycle.starts) for cycle in schedule.cycles]
    assert starts == ["2026-02-02", "2026-02-23", "2026-03-09"]
    assert [cycle.regimen for cycle in schedule.cycles] == ["capox", "folfox", "folfox"]
    checks = due(switched, "2026-02-16", "HSC-SYST")
    assert checks["HSC-SYST-D15 1"] == "2026-02-16"
    assert "HSC-SYST-D15 2" not in checks
    assert objections(TRIAL, gives(switched, 2, "2026-02-23"), day("2026-02-23")) == ()
    early = gives(switched, 2, "2026-02-17")
    assert [each.code for each in objections(TRIAL, early, day("2026-02-17"))] == ["cycles_overlap"]


def test_two_weeks_after_folfox_capox_may_begin():
    history = gives(begun_with("folfox"), 1, "2026-02-02")
    switched = gives(switches(history, "capox", "2026-02-10"), 2, "2026-02-16")
    assert objections(TRIAL, switched, day("2026-02-16")) == ()


def test_a_regimen_of_another_arm_or_component_is_refused_on_the_cycle_too():
    history = begun_with("folfox", "B")
    of_another_arm = gives(history, 1, "2026-02-02", regimen="capox")
    assert [each.code for each in objections(TRIAL, of_another_arm, day("2026-02-02"))] == [
        "regimen_not_in_arm"
    ]
    of_the_pump = gives(history, 1, "2026-02-02", regimen="fudr")
    assert [each.code for each in objections(TRIAL, of_the_pump, day("2026-02-02"))] == [
        "unknown_word"
    ]


def test_she_gets_the_drugs_of_the_cycle_she_is_in_until_the_next_ones_day():
    history = gives(begun_with("capox"), 1, "2026-02-02")
    switched = switches(history, "folfiri", "2026-02-10")
    in_the_cycle = treatment_facts(TRIAL, switched, day("2026-02-12"))
    assert (in_the_cycle["capecitabine"], in_the_cycle["irinotecan"]) == (True, False)
    assert in_the_cycle["hsc.HANDFOOT"] is True
    # The next cycle is late: it may have been given already, and nobody has said so.
    late = treatment_facts(TRIAL, switched, day("2026-02-25"))
    assert (late["capecitabine"], late["irinotecan"]) == (True, True)
    given = gives(switched, 2, "2026-02-23")
    after = treatment_facts(TRIAL, given, day("2026-02-25"))
    assert (after["capecitabine"], after["irinotecan"]) == (False, True)
    assert after["hsc.HANDFOOT"] is False
