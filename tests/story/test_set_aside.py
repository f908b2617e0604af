"""A record that cannot be dealt with stops none of the others, in any tick: it is tried a few times
and set aside, with whose it is and since when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from proms.actions.audit import staff_actor
from proms.actions.letters import Post
from proms.actions.refusals import NotFound
from proms.actions.set_aside import try_again
from proms.channels.outcome import Unknown
from proms.db.queries.warnings import open_warnings
from proms.db.tables import (
    AuditEntry,
    Delivery,
    Evaluation,
    Patient,
    Response,
    SetAside,
    SiteRoster,
)
from proms.domain.person import ContactKind
from proms.domain.reminder.doubt import SentMessage
from proms.domain.score import Warned
from proms.domain.tick import USUAL, TickName
from proms.jobs.ticks import run_all
from tests.clinic import At, Clinic
from tests.poisons import (
    PATIENTS,
    POISONS,
    WRONG,
    Poison,
    decided,
    delivered,
    followed,
    none_missing,
    notified,
    patients,
)


def waiting(clinic: Clinic, tick: TickName) -> list[SetAside]:
    with clinic.database.reading() as session:
        return list(session.exec(select(SetAside).where(SetAside.tick == tick)))


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.tick.value)
def test_f22_one_record_that_raises_is_set_aside_and_the_others_are_dealt_with_in_the_same_tick(
    clinic: Clinic, poison: Poison
):
    clinic.today("2026-01-05", "08:00")
    done, wrong = poison.works(clinic)
    assert wrong not in done
    assert len(done) >= PATIENTS - 1
    [held] = waiting(clinic, poison.tick)
    since = held.since
    assert (held.subject_id, held.tries) == (wrong, 1)
    assert held.site_id is not None
    for _ in range(USUAL.most):
        clinic.now += USUAL.longest_wait
        clinic.works()
    [held] = waiting(clinic, poison.tick)
    assert (held.tries, held.retry_at, held.since) == (USUAL.most, None, since)
    assert held.error
    assert "poison" not in held.error
    with clinic.database.reading() as session:
        aside = select(AuditEntry).where(AuditEntry.verb == "row.set_aside")
        entries = [one for one in session.exec(aside) if one.detail["tick"] == poison.tick]
        assert [one.site_id for one in entries] == [held.site_id]


@pytest.mark.parametrize("works", [notified, delivered], ids=["notify", "deliver"])
def test_f22_an_address_that_does_not_open_ends_its_own_message_and_the_others_leave(
    clinic: Clinic, works: Callable[[Clinic], tuple[set[int], int]]
):
    clinic.today("2026-01-05", "08:00")
    done, wrong = works(clinic)
    assert wrong not in done
    assert len(done) >= PATIENTS - 1
    with clinic.database.reading() as session:
        dead = session.exec(select(Delivery).where(Delivery.state == "dead")).all()
    assert {message.error for message in dead} == {"unreadable"}


def test_f22_what_is_audited_and_cannot_be_is_set_aside_and_the_others_are_audited(clinic: Clinic):
    clinic.today("2026-01-05", "09:30")
    hers = patients(clinic)
    for patient in hers:
        clinic.answers(patient, JAUND=2)
    with clinic.database.writing() as session:
        responses = session.exec(select(Response).order_by(col(Response.id))).all()
        sound = session.exec(select(Evaluation)).first()
        session.add(
            Evaluation(response_id=responses[WRONG].id, rule_set="gone", evaluated_at=clinic.now)
        )
        # One whose rule was met and is not in it: the auditor says so, whatever lies beside it.
        session.add(
            Evaluation(
                response_id=responses[-1].id,
                rule_set=sound.rule_set,
                breaches=[],
                evaluated_at=clinic.now,
            )
        )
        session.commit()
    clinic.seen.audited, clinic.seen.next_round = 0, None
    clinic.works()
    with clinic.database.reading() as session:
        [warning] = open_warnings(session, Warned.ALERTS_DIFFER)
    assert warning.responses == [responses[-1].id]
    [held] = waiting(clinic, TickName.AUDIT)
    assert held.patient_id == hers[WRONG].id
    assert held.site_id == clinic.site.id


def test_f22_a_score_that_cannot_be_worked_out_again_is_set_aside_at_once(clinic: Clinic):
    clinic.today("2026-01-05", "09:30")
    anna, bea = clinic.enrols("Anna"), clinic.enrols("Bea")
    clinic.answers(anna, "qlq-c30")
    clinic.answers(bea, "qlq-c30")
    with clinic.database.writing() as session:
        first = session.exec(select(Response).order_by(col(Response.id))).first()
        session.execute(text("DROP TRIGGER response_no_update" + (
            "" if session.get_bind().dialect.name == "sqlite" else " ON response")))  # fmt: skip
        first.document = {"q1": 5}
        session.add(first)
        session.commit()
    clinic.today("2026-01-06", "04:00")
    [held] = waiting(clinic, TickName.CHECK)
    assert (held.subject_id, held.patient_id, held.retry_at) == (first.id, anna.id, None)


def test_what_was_set_aside_is_dealt_with_once_its_cause_is_gone_and_somebody_asks(clinic: Clinic):
    clinic.today("2026-01-05", "08:00")
    _, wrong = decided(clinic)
    for _ in range(USUAL.most):
        clinic.now += USUAL.longest_wait
        clinic.works()
    none_missing(clinic)
    clinic.now += timedelta(minutes=1)
    clinic.works()
    [held] = waiting(clinic, TickName.REMIND)  # it waits for a person
    with clinic.database.writing() as session:
        with pytest.raises(NotFound):
            try_again(
                session, set_aside_id=held.id, site_id=99, by=staff_actor(clinic.mo), now=clinic.now
            )
        try_again(
            session,
            set_aside_id=held.id,
            site_id=clinic.site.id,
            by=staff_actor(clinic.mo),
            now=clinic.now,
        )
    clinic.works()
    assert waiting(clinic, TickName.REMIND) == []
    with clinic.database.reading() as session:
        assert session.exec(select(Delivery).where(Delivery.patient_id == wrong)).first()


def test_who_raised_when_a_new_protocol_was_followed_is_moved_once_that_works(clinic: Clinic):
    clinic.today("2026-01-05", "08:00")
    _, wrong = followed(clinic)
    none_with = text("UPDATE patient SET protocol_version = 1 WHERE id = :id")
    with clinic.database.writing() as session:
        session.execute(none_with, {"id": wrong})
        session.commit()
    clinic.now += timedelta(minutes=1)
    clinic.works()
    with clinic.database.reading() as session:
        assert session.get_one(Patient, wrong).protocol_version == 2
    assert waiting(clinic, TickName.FOLLOW) == []


def test_a_damaged_roster_tells_every_nurse_of_a_red_alert(clinic: Clinic):
    clinic.today("2026-01-05", "09:30")
    with clinic.database.writing() as session:
        session.add(
            SiteRoster(
                site_id=clinic.site.id,
                version=1,
                document={"damaged": True},
                reason="",
                recorded_at=clinic.now,
            )
        )
        session.commit()
    clinic.answers(clinic.enrols("Anna"), JAUND=2)
    clinic.works()
    assert any("/staff/" in words for _, words in clinic.phone)


@dataclass
class Forgetful:
    """A provider that is asked what it sent, and of whose answer about one number nothing can be
    made."""

    asked: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> str | None:
        """The third number that it is asked about."""
        return next(iter(list(dict.fromkeys(self.asked))[WRONG:]), None)

    def send(self, address: str, text: str, *, ref: str, subject: str, **_mail: object) -> Unknown:
        return Unknown("silent")

    def sent_to(self, address: str, since: datetime) -> list[SentMessage]:
        self.asked.append(address)
        if address == self.wrong:
            raise ValueError("not a list")
        return []


def test_f22_a_message_in_doubt_that_cannot_be_looked_for_holds_up_no_other(clinic: Clinic):
    clinic.today("2026-01-05", "08:00")
    for number in range(PATIENTS):
        clinic.enrols(f"Patient {number}", address=f"020 12 34 9{number}9")
    provider = Forgetful()
    post = Post(dict.fromkeys(ContactKind, provider), clinic.keyring, "https://proms.example.org")
    for later in (timedelta(hours=1, minutes=30), timedelta(minutes=6)):
        clinic.now += later
        run_all(
            At(clinic.database, clinic.look, post, "pump-it", False, clinic.seen, at=clinic.now)
        )
    assert len(set(provider.asked)) == PATIENTS
    [held] = waiting(clinic, TickName.ASK)
    assert (held.tries, held.site_id, held.error) == (1, clinic.site.id, "ValueError")
