"""The protocol changes while the trial runs: looked at over all patients, followed, and nothing
begun is touched."""

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from sqlmodel import col, select

from proms.actions.audit import OPERATOR
from proms.actions.protocol_versions import Adoption, adopt, preview_version
from proms.actions.refusals import Incomplete, NotFound
from proms.db.tables import Assignment, AuditEntry, Patient
from tests.versions import two_versions


@pytest.fixture
def trial(clinic):
    """A clinic whose content holds both versions."""
    clinic.look = two_versions
    clinic.today("2026-01-05", "09:00")
    return clinic


@cache
def without_capox():
    """Both versions, of which the second no longer knows a regimen."""
    both = two_versions()
    first, second = (both.protocol("pump-it", version) for version in (1, 2))
    kept = {code: each for code, each in second.regimens.items() if code != "capox"}
    return replace(both, protocols={"pump-it": {1: first, 2: replace(second, regimens=kept)}})


def adopts(clinic, *, version=2, on="2026-03-02", everybody=True, reason="panels every nine weeks"):
    with clinic.database.writing() as session:
        wanted = Adoption("pump-it", version, date.fromisoformat(on), everybody, reason)
        adopt(session, clinic.library, wanted, by=OPERATOR, now=clinic.now)


def weeks(clinic, patient):
    """(event, protocol version, state) of the week packs that are not cancelled."""
    with clinic.database.reading() as session:
        rows = session.exec(
            select(Assignment)
            .where(Assignment.patient_id == patient.id, Assignment.instrument == "qlq-c30")
            .where(col(Assignment.event).startswith("QOL-W"), Assignment.state != "cancelled")
            .order_by(col(Assignment.due))
        ).all()
    return [(row.event, row.protocol_version, row.state) for row in rows][:4]


def version_of(clinic, patient):
    with clinic.database.reading() as session:
        return session.get_one(Patient, patient.id).protocol_version


def verbs(clinic, patient):
    with clinic.database.reading() as session:
        return session.exec(
            select(AuditEntry.verb).where(AuditEntry.patient_id == patient.id)
        ).all()


def test_a_version_on_the_shelf_changes_nothing_until_it_is_adopted(trial):
    anna = trial.enrols()
    trial.randomises(anna, "A", "2026-01-05")
    assert version_of(trial, anna) == 1
    assert [event for event, _, _ in weeks(trial, anna)][:2] == ["QOL-W12", "QOL-W24"]


def test_from_its_date_everybody_follows_and_each_questionnaire_says_who_asked_it(trial):
    anna = trial.enrols()
    trial.randomises(anna, "A", "2026-01-05")
    adopts(trial, on="2026-02-02")
    trial.today("2026-02-01", "23:00")
    assert version_of(trial, anna) == 1
    trial.today("2026-02-02", "00:30")
    assert version_of(trial, anna) == 2
    asked = weeks(trial, anna)
    assert asked[:2] == [("QOL-W9", 2, "planned"), ("QOL-W18", 2, "planned")]
    assert "protocol.changed" in verbs(trial, anna)
    later = trial.enrols("Bea", hospital_number="2")
    assert version_of(trial, later) == 2


def test_what_was_started_answered_or_missed_stays_as_it_was(trial):
    anna = trial.enrols()
    trial.randomises(anna, "A", "2026-01-05")
    trial.today("2026-03-20")
    trial.answers(anna, "qlq-c30")
    trial.opens(anna, "qlq-lmc21")
    with trial.database.reading() as session:
        before = session.exec(
            select(Assignment).where(col(Assignment.state).in_(("started", "answered", "missed")))
        ).all()
    adopts(trial, on="2026-03-21")
    trial.today("2026-03-21")
    with trial.database.reading() as session:
        after = [session.get_one(Assignment, row.id) for row in before]
    same = ("state", "opens", "due", "closes", "protocol_version")
    assert [[getattr(row, name) for name in same] for row in after] == [
        [getattr(row, name) for name in same] for row in before
    ]
    assert {row.state for row in after} >= {"started", "answered", "missed"}


def test_for_new_patients_only_the_others_stay_where_they_are(trial):
    anna = trial.enrols()
    adopts(trial, on="2026-02-02", everybody=False)
    trial.today("2026-02-03")
    bea = trial.enrols("Bea", hospital_number="2")
    assert (version_of(trial, anna), version_of(trial, bea)) == (1, 2)


def test_the_preview_tells_of_every_patient_and_changes_nothing(trial):
    anna, bea = trial.enrols(), trial.enrols("Bea", hospital_number="2")
    trial.randomises(anna, "A", "2026-01-05")
    before = weeks(trial, anna)
    with trial.database.reading() as session:
        effects = list(
            preview_version(session, trial.library, protocol="pump-it", version=2, now=trial.now)
        )
    assert [each.patient for each in effects] == [anna.code, bea.code]
    # Three instruments a pack: weeks 9, 18 and 27 are new, 12 and 24 are taken back, 36 opens no
    # earlier than before.
    assert effects[0].changes.counts()["open"] == 9
    assert effects[0].changes.counts()["cancel"] == 6
    assert not effects[1].changes
    assert weeks(trial, anna) == before


def test_a_history_that_does_not_fit_is_named_before_anything_happens(trial):
    anna = trial.enrols()
    trial.randomises(anna, "A", "2026-01-05")
    trial.chooses(anna, "systemic", "capox")
    trial.look = without_capox
    with pytest.raises(
        Incomplete, match=f"1 histories do not fit version 2; patient {anna.code}: capox is not"
    ):
        adopts(trial)


def test_one_who_came_not_to_fit_stays_and_costs_the_others_nothing(trial):
    anna, bea = trial.enrols(), trial.enrols("Bea", hospital_number="2")
    trial.look = without_capox
    adopts(trial, on="2026-02-02")
    trial.randomises(anna, "A", "2026-01-05")
    trial.chooses(anna, "systemic", "capox")
    trial.today("2026-02-02")
    assert (version_of(trial, anna), version_of(trial, bea)) == (1, 2)
    assert "protocol.kept" in verbs(trial, anna)
    trial.today("2026-02-03")
    assert verbs(trial, anna).count("protocol.kept") == 1


def test_who_has_left_keeps_the_version_she_left_under(trial):
    anna = trial.enrols()
    trial.withdraws(anna, "2026-01-05")
    adopts(trial, on="2026-02-02")
    trial.today("2026-02-02")
    assert version_of(trial, anna) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"on": "2026-01-04"}, "has gone by"),
        ({"on": "2126-01-04"}, "is more than 400 days ahead"),
        ({"version": 1}, "is not newer"),
        ({"reason": " "}, "Give the reason"),
    ],
)
def test_an_adoption_that_cannot_be_is_refused_in_one_sentence(trial, wrong, why):
    with pytest.raises(Incomplete, match=why):
        adopts(trial, **wrong)


def test_a_version_that_is_not_there_is_refused(trial):
    with pytest.raises(NotFound, match="no version 3"):
        adopts(trial, version=3)
