"""Whatever happens in whatever order, to several patients at once: what the trial relies on holds
after every step."""

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from sqlmodel import select

from proms.actions.next_messages import pause_of
from proms.actions.schedule import offered_in
from proms.db.migrate import upgrade
from proms.db.queries.history import checked, held_of, history_of
from proms.db.session import connect
from proms.db.tables import (
    Alert,
    Assignment,
    Delivery,
    Evaluation,
    MessageDecision,
    Patient,
    Response,
)
from proms.domain.alert import evaluate
from proms.domain.response import answers_of
from proms.domain.schedule import AssignmentState, revise
from tests.clinic import ZONE, Clinic
from tests.courses import LIBRARY, Course

PLANNED, WAITING, STARTED = (
    AssignmentState.PLANNED,
    AssignmentState.WAITING,
    AssignmentState.STARTED,
)
ANSWERED, MISSED, CANCELLED = (
    AssignmentState.ANSWERED,
    AssignmentState.MISSED,
    AssignmentState.CANCELLED,
)
# What may become of an assignment; an extra check that was begun and left is cancelled.
MAY_BECOME = {
    WAITING: {WAITING, PLANNED, CANCELLED, STARTED, ANSWERED, MISSED},
    PLANNED: {PLANNED, WAITING, STARTED, ANSWERED, MISSED, CANCELLED},
    STARTED: {STARTED, ANSWERED, MISSED, CANCELLED},
    ANSWERED: {ANSWERED},
    MISSED: {MISSED},
    CANCELLED: {CANCELLED, PLANNED, WAITING, STARTED, ANSWERED, MISSED},
}
PLAN = LIBRARY.protocol("pump-it").messages
# Shrinking a course of real transactions takes longer than reading it.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


class Trial(Course):
    """A course of events with what must hold after each; the numbers are those of the trial's
    invariants."""

    @invariant()
    def what_was_started_answered_or_missed_is_never_touched(self) -> None:
        for row in self.assignments():
            now = (AssignmentState(row.state), row.opens, row.due, row.closes, row.protocol_version)
            before = self.seen.get(row.id)
            if before:
                assert now[0] in MAY_BECOME[before[0]], (row.event, before[0], now[0])
                if before[0].fixed:
                    assert now[1:] == before[1:], (row.event, before, now)
            self.seen[row.id] = now

    @invariant()
    def i1_every_acknowledged_submission_is_there_once_and_unchanged(self) -> None:
        held = self.all_of(Response)
        assert {row.receipt: row.digest for row in held} == self.receipts
        answered = [row.id for row in self.assignments() if row.state == ANSWERED]
        assert sorted(row.assignment_id for row in held) == sorted(answered)

    @invariant()
    def i2_i3_the_alerts_are_what_the_rules_make_of_the_answers(self) -> None:
        responses = {row.id: row for row in self.all_of(Response)}
        alerting: dict[int, set[str]] = {}
        for row in self.all_of(Evaluation):
            response = responses[row.response_id]
            rules = LIBRARY.rule_set_named(row.rule_set)
            again = evaluate(rules, answers_of(response.document), facts=row.facts)
            assert [each.rule for each in again] == [each["rule"] for each in row.breaches]
            alerting.setdefault(response.patient_id, set()).update(each.rule for each in again)
        stored: dict[int, set[str]] = {}
        for alert in self.all_of(Alert):
            stored.setdefault(alert.patient_id, set()).add(alert.rule)
        assert stored == {patient: rules for patient, rules in alerting.items() if rules}

    @invariant()
    def i4_no_day_has_two_messages_about_her_packs_and_no_step_leaves_twice(self) -> None:
        sent = [row for row in self.all_of(Delivery) if row.patient_id and row.state == "sent"]
        days = Counter((row.patient_id, row.settled_at.astimezone(ZONE).date()) for row in sent)
        assert not days or max(days.values()) == 1
        hours = {row.settled_at.astimezone(ZONE).time() for row in sent}
        assert all(PLAN.earliest <= hour < PLAN.latest for hour in hours)
        steps = Counter(
            (pack(row), row.step, row.opens)
            for row in self.decided({each.decision_id for each in sent})
        )
        assert not steps or max(steps.values()) == 1

    def everybody_knows(self) -> None:
        """No open pack is left without a message, unless one about another left on the same day."""
        now = self.clinic.now
        if not PLAN.at <= now.astimezone(ZONE).time() < PLAN.latest:
            return
        if any(each.replan_on and each.replan_on <= self.day for each in self.everybody()):
            self.clinic.works()  # a minute later
        left = [row for row in self.all_of(Delivery) if row.patient_id and row.state == "sent"]
        had_one = {
            row.patient_id for row in left if row.settled_at.astimezone(ZONE).date() == self.day
        }
        told = self.decided({row.decision_id for row in left})
        for patient in self.everybody():
            pause = pause_of(patient)
            paused = pause and pause.holds(self.day)
            unreachable = patient.id in self.wrong and not self.second.get(patient.id)
            if patient.id in (had_one | self.ended.keys()) or unreachable or paused:
                continue
            for row in self.open_now(patient.id):
                if row.event == "HSC-PRN" or row.closes_at <= now:
                    continue
                # A later message, whose link opens all, stands for one that did not arrive.
                later = patient.id in self.reported and any(
                    each.patient_id == patient.id and each.settled_at >= row.opens_at
                    for each in left
                )
                assert later or any(
                    pack(each) == pack(row)
                    and abs(each.opens - row.opens).days <= PLAN.announce_again
                    for each in told
                ), (row.event, row.number, row.opens, now)

    def decided(self, first: set[int]) -> list[MessageDecision]:
        """The decisions that these messages carry."""
        return [
            row for row in self.all_of(MessageDecision) if (row.decided_with or row.id) in first
        ]

    @invariant()
    def i5_nothing_is_asked_or_sent_once_she_has_left(self) -> None:
        for patient, left in self.ended.items():
            asked = [row for row in self.assignments() if row.patient_id == patient]
            assert not [row.event for row in asked if row.state in (PLANNED, WAITING)]
            decided = select(MessageDecision).where(
                MessageDecision.patient_id == patient, MessageDecision.verdict == "send"
            )
            assert all(row.decided_at <= left for row in self.rows(decided))

    @invariant()
    def planning_again_changes_nothing_that_the_worker_has_not_still_to_do(self) -> None:
        with self.database.reading() as session:
            for patient in session.exec(select(Patient)):
                if patient.replan_on and patient.replan_on <= self.day:
                    continue
                held = held_of(session, patient, ZONE)
                history = history_of(session, patient, checked=checked(held.values()))
                protocol = LIBRARY.protocol(patient.protocol, patient.protocol_version)
                offered = offered_in(LIBRARY, patient, protocol)
                assert not revise(offered, history, held, self.day)

    @invariant()
    def what_is_asked_follows_what_is_so_on_the_day_it_is_due(self) -> None:
        begun = {pack(row) for row in self.assignments() if row.state in (STARTED, ANSWERED)}
        with self.database.reading() as session:
            for patient in session.exec(select(Patient)):
                history = history_of(session, patient)
                assert history.facts_on(self.day)["stoma"] == patient.stoma
                for row in self.assignments():
                    mine = row.patient_id == patient.id and row.instrument == "qlq-cr29"
                    if mine and row.state == PLANNED and row.closes >= self.day:
                        asked = history.facts_on(row.due)
                        assert asked["stoma"] or asked["rectal_primary"] or pack(row) in begun

    @invariant()
    def no_two_windows_of_a_series_overlap(self) -> None:
        protocol = LIBRARY.protocol("pump-it")
        series = {each.code: each.series for each in protocol.events}
        lanes: dict[tuple[object, ...], list[tuple[date, date]]] = {}
        rows = self.assignments()
        begun = {pack(row) for row in rows if row.state in (STARTED, ANSWERED)}
        for row in rows:
            # The rest of a pack that was begun keeps its place, whatever comes beside it.
            if row.state == PLANNED and row.event in series and pack(row) not in begun:
                lane = (row.patient_id, row.protocol_version, series[row.event], row.instrument)
                lanes.setdefault(lane, []).append((row.opens, row.closes))
        for lane, windows in lanes.items():
            for first, second in pairwise(sorted(windows)):
                assert first[1] < second[0], (lane, first, second)


def pack(row: Assignment | MessageDecision) -> tuple[int, str, int]:
    return row.patient_id, row.event, row.number


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("machine") / "trial.db"
    upgrade(f"sqlite:///{path}")
    database = connect(f"sqlite:///{path}")
    Clinic(database, LIBRARY)
    database.engine.dispose()
    return path


def runs(template: Path, examples: int) -> None:
    machine = type("Trial", (Trial,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )


def test_a_check_that_was_begun_and_missed_keeps_no_other_away_any_more(opened: Path) -> None:
    """A course that was found by night: its plan stood still, for nothing new was recorded."""
    trial = Trial()
    trial.template = opened
    trial.opens()
    anna = trial.enrols(stoma=False)
    trial.skips(component="pump", patient=anna)
    trial.changes_protocol(ahead=1, everybody=True)
    trial.randomises(arm="B", patient=anna, regimen=1)
    trial.passes(days=1, at="00:20")
    trial.skips(component="pump", patient=anna)
    trial.passes(days=6, at="23:50")
    trial.begins_extra(patient=anna)  # her first check is open: she begins that
    trial.reaches(kind="pump_surgery", patient=anna)
    trial.switches(patient=anna, regimen=1)
    trial.goes_without_a_worker(days=3, at="09:05")
    trial.plans(component="pump", ahead=0, patient=anna)
    trial.passes(days=7, at="06:30")
    trial.planning_again_changes_nothing_that_the_worker_has_not_still_to_do()
    trial.clinic.works()
    [patient] = trial.everybody()
    assert patient.replan_on > trial.day
    trial.planning_again_changes_nothing_that_the_worker_has_not_still_to_do()
    trial.teardown()


def test_what_ended_nowhere_after_her_number_was_mended_goes_to_that_number(opened: Path) -> None:
    """Another one: her text was lost, its letter went to an address that was corrected wrongly
    meanwhile, and her number was right by then."""
    trial = Trial()
    trial.template = opened
    trial.opens()
    anna = trial.enrols(stoma=False)
    trial.goes_without_a_worker(days=3, at="09:05")
    trial.gets_a_second_way(patient=anna, right=True)
    trial.is_not_reached(patient=anna, which=1)
    trial.gets_a_second_way(patient=anna, right=False)
    trial.changes_number(patient=anna, right=True)
    trial.passes(days=6, at="09:05")
    trial.i4_no_day_has_two_messages_about_her_packs_and_no_step_leaves_twice()
    trial.teardown()


def test_sixty_courses_of_events_keep_what_the_trial_relies_on(opened: Path) -> None:
    runs(opened, 60)


@pytest.mark.nightly
def test_five_thousand_courses_of_events_keep_what_the_trial_relies_on(opened: Path) -> None:
    runs(opened, 5000)
