"""The auditor works out again what was evaluated, and finds what is not as it was said or has no
alert; the policy of an arm decides whether and when alerts come."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlmodel import col, select

from proms.actions.alert_audit import audit_alerts
from proms.clock import now
from proms.db.queries.warnings import open_warnings
from proms.db.tables import Alert, AlertOccurrence, Evaluation
from proms.domain.alert_policy import AlertPolicy


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    return clinic.enrols("Anna")


def audited(clinic):
    """What the auditor finds now: looked at and wrong."""
    with clinic.database.writing() as session:
        found = audit_alerts(session, clinic.library, after=0, now=clinic.now)
    return found.looked_at, found.wrong


def warned(clinic):
    with clinic.database.reading() as session:
        return [(row.what, row.responses) for row in open_warnings(session)]


def tampers(clinic, table, changed):
    """Somebody changes a row behind the product's back, past the triggers that refuse it."""
    with clinic.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        else:
            names = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
                {"table": table},
            )
            for (name,) in names.all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(changed))


def test_what_stands_as_it_was_said_is_found_right(clinic, anna):
    asked = clinic.asked(anna)
    clinic.answers(anna, assignment=asked, JAUND=2, NAUS=3)
    with pytest.raises(Exception, match="kept for the hospital"):
        clinic.answers(anna, assignment=asked, key="another", TEMP=4)
    later = clinic.now
    clinic.randomises(anna, "B", "2026-01-05")
    assert audited(clinic) == (2, 0)
    clinic.now = later + timedelta(days=15)
    assert audited(clinic) == (0, 0)
    assert warned(clinic) == []


def test_an_alert_that_is_gone_is_found(clinic, anna):
    clinic.answers(anna, JAUND=2)
    tampers(clinic, "alert_occurrence", "DELETE FROM alert_occurrence")
    assert audited(clinic) == (1, 1)
    ((what, _responses),) = warned(clinic)
    assert what == "alerts_differ"
    # The worker's own round finds the same, within a quarter of an hour, and warns once.
    clinic.seen.next_round = None
    clinic.works()
    assert len(warned(clinic)) == 1


def test_the_worker_begins_a_round_every_five_minutes(clinic, anna):
    clinic.answers(anna, JAUND=2)
    clinic.seen.next_round = None
    clinic.works()
    begins = clinic.seen.next_round
    assert timedelta(minutes=4) < begins - now() < timedelta(minutes=6)
    tampers(clinic, "alert_occurrence", "DELETE FROM alert_occurrence")
    clinic.works()
    assert warned(clinic) == []
    with time_machine.travel(begins + timedelta(seconds=1), tick=False):
        clinic.works()
    assert len(warned(clinic)) == 1


def test_a_breach_that_is_gone_is_found(clinic, anna):
    clinic.answers(anna, JAUND=2)
    tampers(clinic, "evaluation", "UPDATE evaluation SET breaches = '[]'")
    assert audited(clinic) == (1, 1)


@pytest.mark.both_engines
def test_an_answer_that_was_changed_is_found(clinic, anna):
    clinic.answers(anna, ITCH=3)
    with clinic.database.reading() as session:
        row = session.exec(select(Evaluation)).one()
    tampers(
        clinic,
        "response",
        "UPDATE response SET document = replace(CAST(document AS TEXT), "
        "'\"value\": 3', '\"value\": 0')"
        + ("::json" if clinic.database.engine.dialect.name == "postgresql" else ""),
    )
    assert audited(clinic) == (1, 1)
    assert warned(clinic) == [("alerts_differ", [row.response_id])]


# The policy of an arm.


@pytest.fixture
def with_policy(clinic):
    """The clinic under a protocol whose arms have this policy for the symptom check."""
    original = clinic.look()

    def under(policy):
        trial = original.protocol("pump-it")
        arms = {code: replace(arm, alerts_of={"hsc": policy}) for code, arm in trial.arms.items()}
        protocols = {"pump-it": {trial.version: replace(trial, arms=arms)}}
        library = replace(original, protocols=protocols)
        clinic.look = lambda: library
        return clinic

    return under


def on_treatment(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna")
    clinic.first = clinic.asked(anna)
    clinic.randomises(anna, "A", "2026-01-05")
    return anna


def test_where_alerts_are_off_the_rules_still_look_and_no_call_is_promised(with_policy):
    clinic = with_policy(AlertPolicy(on=False))
    anna = on_treatment(clinic)
    receipt = clinic.answers(anna, assignment=clinic.first, ITCH=3)
    assert receipt.advice == ("info",)
    assert clinic.worklist() == []
    with clinic.database.reading() as session:
        evaluation = session.exec(select(Evaluation)).one()
    assert (evaluation.policy, [each["rule"] for each in evaluation.breaches]) == ("off", ["B4"])
    assert audited(clinic) == (1, 0)


def test_she_is_told_to_call_whatever_the_policy(with_policy):
    clinic = with_policy(AlertPolicy(on=False))
    anna = on_treatment(clinic)
    assert clinic.answers(anna, assignment=clinic.first, JAUND=2).advice[0] == "red"


def test_delayed_alerts_come_when_their_time_has_come(with_policy):
    clinic = with_policy(AlertPolicy(after=timedelta(hours=24)))
    anna = on_treatment(clinic)
    clinic.answers(anna, assignment=clinic.first, JAUND=2)
    clinic.today("2026-01-06", "09:59")
    assert clinic.worklist() == []
    assert audited(clinic) == (1, 0)
    clinic.today("2026-01-06", "10:00")
    assert clinic.worklist() == [("B1", "red", "open")]
    with clinic.database.reading() as session:
        occurrence = session.exec(select(AlertOccurrence)).one()
        alert = session.exec(select(Alert)).one()
    assert occurrence.response_id is not None
    assert alert.raised_at == clinic.now
    clinic.today("2026-01-06", "12:00")
    with clinic.database.reading() as session:
        assert (
            len(session.exec(select(AlertOccurrence).order_by(col(AlertOccurrence.id))).all()) == 1
        )
