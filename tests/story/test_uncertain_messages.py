"""A provider that refuses for now, says nothing, or was being told when the worker died: the nurse
may hear twice; the patient does at most once, flagged, where the provider could not be asked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from sqlmodel import col, select

from proms.actions.letters import Post
from proms.channels import Accepted, Refused
from proms.channels.outcome import Unknown
from proms.db.tables import AuditEntry, Delivery
from proms.domain.person import ContactKind
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.doubt import SentMessage
from proms.jobs.ticks import run_all
from tests.clinic import ZONE, At
from tests.two_ways import lost

USUAL = OutboxLimits()


class Longest(Random):
    """Draws the longest wait each time."""

    def uniform(self, a, b):
        return b


@dataclass
class Provider:
    """A channel that answers as it is told, and cannot be asked."""

    outcome: object = field(default_factory=lambda: Accepted("SM1"))
    sent: list[str] = field(default_factory=list)

    def send(self, address, text, *, ref, subject, **_mail):
        self.sent.append(text)
        return self.outcome

    @property
    def to_nurses(self):
        return [text for text in self.sent if "/staff/" in text]

    @property
    def to_patients(self):
        return [text for text in self.sent if "/q/" in text]


@dataclass
class Asked(Provider):
    """One that says what it sent: a list, or None where it does not say."""

    lists: list[SentMessage] | None = field(default_factory=list)
    asked: int = 0

    def sent_to(self, address, since):
        self.asked += 1
        return self.lists and [message for message in self.lists if message.at >= since]


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def works(clinic, provider):
    """The worker's ticks so much later, with this provider."""

    def later(through=provider, limits=USUAL, **ago):
        clinic.now += timedelta(**ago)
        channels = dict.fromkeys(ContactKind, through)
        address = "https://proms.example.org"
        post = Post(channels, clinic.keyring, address, limits=limits, dice=Longest())
        run_all(
            At(clinic.database, clinic.look, post, "pump-it", False, clinic.seen, at=clinic.now)
        )

    later.clinic = clinic
    return later


@pytest.fixture
def anna(clinic):
    """Her symptom check alone is open, and there is one message to send about it."""
    clinic.today("2026-01-05", "08:30")
    return asked_one_check(clinic, "Anna")


def asked_one_check(clinic, name):
    patient = clinic.enrols(name)
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(patient, questionnaire)
    return patient


def somebody_reports_red(clinic):
    clinic.answers(asked_one_check(clinic, "Bea"), JAUND=2)


def deliveries(clinic, kind):
    with clinic.database.reading() as session:
        return session.exec(
            select(Delivery).where(Delivery.kind == kind).order_by(col(Delivery.id))
        ).all()


def test_where_the_provider_does_not_answer_the_nurse_hears_again_and_the_patient_does_not(
    clinic, anna, provider, works
):
    provider.outcome = Unknown("interrupted")
    somebody_reports_red(clinic)
    works(minutes=30)
    heard = len(provider.to_nurses)
    assert (heard > 0, len(provider.to_patients)) == (True, 1)
    works(minutes=4)
    assert len(provider.to_nurses) == 2 * heard
    assert len(provider.to_patients) == 1
    assert [row.state for row in deliveries(clinic, "reminder")] == ["unknown"]


@pytest.mark.parametrize(("kind", "texts"), [("staff_notice", 2), ("reminder", 1)])
def test_what_a_worker_died_over_goes_again_to_the_nurse_and_not_to_the_patient(
    anna, provider, works, kind, texts
):
    clinic = works.clinic
    somebody_reports_red(clinic)
    works(minutes=31)
    with clinic.database.writing() as session:
        wanted = select(Delivery).where(Delivery.kind == kind)
        row = session.exec(wanted.order_by(col(Delivery.id).desc())).first()
        # As it stands when a worker is killed between the first byte and the answer.
        row.state, row.attempted_at = "sending", clinic.now
        row.leased_until, row.settled_at = clinic.now + timedelta(minutes=5), None
        session.commit()
        delivery_id = row.id
    before = len(provider.to_nurses if kind == "staff_notice" else provider.to_patients)
    asked = Asked(lists=None)
    works(asked, minutes=6)
    after = before + len(asked.to_nurses if kind == "staff_notice" else asked.to_patients)
    with clinic.database.reading() as session:
        state = session.get_one(Delivery, delivery_id).state
    assert state == ("sent" if kind == "staff_notice" else "unknown")
    assert after - before == texts - 1


def the_reminder(clinic):
    (row,) = deliveries(clinic, "reminder")
    return row


def test_f02_a_message_that_the_provider_has_is_sent_and_takes_its_name(clinic, anna, works):
    provider = Asked(Unknown("interrupted"))
    works(provider, minutes=31)
    earlier = SentMessage("SM0", clinic.now - timedelta(minutes=3))
    hers = SentMessage("SM7", clinic.now + timedelta(seconds=2))
    later = SentMessage("SM9", clinic.now + timedelta(minutes=6))
    provider.lists = [later, hers, earlier]
    works(provider, minutes=4)
    assert provider.asked == 0
    works(provider, minutes=1)
    row = the_reminder(clinic)
    assert (row.state, row.sid, row.resent_at) == ("sent", "SM7", None)
    works(provider, minutes=60)
    assert len(provider.to_patients) == 1


def test_f02_a_message_that_the_provider_surely_has_not_is_sent_without_a_flag(clinic, anna, works):
    provider = Asked(Unknown("interrupted"))
    works(provider, minutes=31)
    provider.outcome = Accepted("SM2")
    works(provider, minutes=5)
    assert len(provider.to_patients) == 1  # it may still stand in a queue
    works(provider, minutes=5)
    row = the_reminder(clinic)
    assert (row.state, row.sid, row.resent_at) == ("sent", "SM2", None)
    assert len(provider.to_patients) == 2


def test_f02_where_the_provider_cannot_say_within_half_an_hour_she_is_sent_one_more_flagged(
    clinic, anna, works
):
    provider = Asked(Unknown("interrupted"), lists=None)
    works(provider, minutes=31)
    for _ in range(5):
        works(provider, minutes=5)
    assert len(provider.to_patients) == 1
    works(provider, minutes=5)
    assert len(provider.to_patients) == 2
    assert the_reminder(clinic).resent_at == clinic.now
    with clinic.database.reading() as session:
        resent = select(AuditEntry).where(AuditEntry.verb == "message.resent")
        assert [entry.patient_id for entry in session.exec(resent)] == [anna.id]
    assert lost(clinic) == ()  # somebody is still at it
    for _ in range(24):
        works(provider, minutes=5)
    assert len(provider.to_patients) == 2  # never a second
    assert the_reminder(clinic).state == "unknown"
    assert lost(clinic) == (anna.code,)


def test_a_mail_server_cannot_be_asked_so_a_letter_in_doubt_goes_once_more_after_the_wait(
    clinic, anna, provider, works
):
    provider.outcome = Unknown("interrupted")
    works(minutes=31)
    provider.outcome = Accepted("proms-1")
    works(minutes=4)
    assert len(provider.to_patients) == 1
    works(minutes=1)
    row = the_reminder(clinic)
    assert (row.state, row.resent_at) == ("sent", clinic.now)
    assert len(provider.to_patients) == 2


def test_a_message_in_doubt_is_not_sent_again_at_night(clinic, anna, provider, works):
    provider.outcome = Unknown("interrupted")
    clinic.now = datetime.combine(clinic.now.date(), time(20, 58), ZONE).astimezone(UTC)
    works()
    works(minutes=5)  # the wait is over at three past nine
    assert len(provider.to_patients) == 1
    works(hours=10, minutes=57)
    row = the_reminder(clinic)
    assert (row.state, row.resent_at is not None) == ("unknown", True)
    assert len(provider.to_patients) == 2  # at eight in the morning


def test_a_message_in_doubt_is_not_sent_again_once_it_is_answered(clinic, anna, provider, works):
    provider.outcome = Unknown("interrupted")
    works(minutes=31)
    clinic.answers(anna)
    works(minutes=6)
    assert len(provider.to_patients) == 1
    assert the_reminder(clinic).state == "cancelled"


def test_of_two_in_doubt_to_one_number_of_which_one_left_neither_is_lost_and_both_are_flagged(
    clinic, works
):
    clinic.today("2026-01-05", "08:30")
    for name in ("Anna", "Bea"):  # they share a telephone
        clinic.enrols(name)
    provider = Asked(Unknown("interrupted"))
    works(provider, minutes=31)
    provider.lists = [SentMessage("SM7", clinic.now)]  # whose it is nobody can say
    provider.outcome = Accepted("SM8")
    for _ in range(5):
        works(provider, minutes=5)
    assert len(provider.to_patients) == 2
    works(provider, minutes=5)
    assert len(provider.to_patients) == 4
    assert [row.resent_at for row in deliveries(clinic, "reminder")] == [clinic.now] * 2


def test_of_two_messages_in_doubt_to_one_number_none_takes_the_others_name(clinic, works):
    clinic.today("2026-01-05", "08:30")
    for name in ("Anna", "Bea"):  # they share a telephone
        clinic.enrols(name)
    provider = Asked(Unknown("interrupted"))
    works(provider, minutes=31)
    provider.lists = [SentMessage(f"SM{n}", clinic.now) for n in range(len(provider.to_patients))]
    provider.outcome = Accepted("SM99")
    works(provider, minutes=5)
    works(provider, minutes=5)
    rows = deliveries(clinic, "reminder")
    assert len(rows) == 2
    assert sorted(row.sid for row in rows) == [message.sid for message in provider.lists]


@pytest.mark.parametrize("many", [9, 25])
def test_however_many_are_in_doubt_to_one_number_all_are_settled_once_the_provider_has_them_all(
    clinic, works, many
):
    """A family that shares a telephone, and a worker that died while it sent."""
    clinic.today("2026-01-05", "08:30")
    for number in range(many):
        asked_one_check(clinic, f"Anna {number}")
    # No breaker, so that all of them are tried.
    works(Provider(Unknown("interrupted")), OutboxLimits(failures=1000), minutes=30)
    at = clinic.now
    asked = Asked(lists=[SentMessage(f"SM{number}", at) for number in range(many)])
    works(asked, minutes=5)
    rows = deliveries(clinic, "reminder")
    assert {row.state for row in rows} == {"sent"}
    assert {row.sid for row in rows} == {f"SM{number}" for number in range(many)}
    works(asked, minutes=60)
    assert asked.sent == []


def test_where_one_of_many_is_missing_no_name_is_given_on_a_guess(clinic, works):
    clinic.today("2026-01-05", "08:30")
    for number in range(4):
        asked_one_check(clinic, f"Anna {number}")
    works(Provider(Unknown("interrupted")), minutes=30)
    at = clinic.now
    works(Asked(lists=[SentMessage(f"SM{number}", at) for number in range(3)]), minutes=5)
    assert {row.state for row in deliveries(clinic, "reminder")} == {"unknown"}


def test_what_was_claimed_and_never_tried_goes_to_the_patient_too(clinic, anna, provider, works):
    works(minutes=31)
    with clinic.database.writing() as session:
        row = session.exec(select(Delivery)).one()
        row.state, row.attempted_at, row.settled_at = "sending", None, None
        row.leased_until = clinic.now + timedelta(minutes=5)
        session.commit()
    works(minutes=4)
    assert len(provider.to_patients) == 1  # somebody may still be at it
    works(minutes=2)
    assert len(provider.to_patients) == 2
    assert [row.state for row in deliveries(clinic, "reminder")] == ["sent"]


def test_a_notice_is_not_sent_once_a_nurse_has_the_alert(clinic, anna, provider, works):
    bea = asked_one_check(clinic, "Bea")
    clinic.answers(bea, JAUND=2)
    clinic.acknowledges(bea)
    works(minutes=1)
    assert provider.to_nurses == []
    assert {(row.state, row.error) for row in deliveries(clinic, "staff_notice")} == {
        ("cancelled", "not_wanted")
    }


def test_a_message_that_waits_is_not_sent_once_she_has_answered(clinic, anna, provider, works):
    provider.outcome = Refused("503", for_good=False)
    works(minutes=31)
    provider.outcome = Accepted("SM1")
    provider.sent.clear()
    clinic.answers(anna)
    works(minutes=5)
    assert provider.to_patients == []
    assert [row.state for row in deliveries(clinic, "reminder")] == ["cancelled"]


def test_refused_for_now_is_tried_again_later_and_later_or_when_the_provider_says(
    clinic, anna, provider, works
):
    provider.outcome = Refused("429", for_good=False, retry_after=120)
    works(minutes=31)
    works(seconds=134)
    assert len(provider.to_patients) == 1
    provider.outcome = Refused("503", for_good=False)
    works(seconds=1)
    assert len(provider.to_patients) == 2
    # At most doubled from a quarter of a minute on: after the second attempt a minute.
    works(seconds=59)
    assert len(provider.to_patients) == 2
    works(seconds=1)
    assert len(provider.to_patients) == 3
    provider.outcome = Accepted("SM9")
    works(minutes=5)
    (row,) = deliveries(clinic, "reminder")
    assert (row.state, row.sid) == ("sent", "SM9")


def test_the_first_message_announces_and_later_ones_remind(clinic, anna, provider, works):
    works(minutes=31)
    works(days=1)
    first, second = provider.to_patients
    assert first.startswith("Voorbeeld: Uw vragen staan klaar.")
    assert second.startswith("Voorbeeld: U kunt uw vragen nog invullen")


def test_at_nine_in_the_evening_sharp_nothing_leaves(clinic, anna, provider, works):
    provider.outcome = Refused("503", for_good=False)
    works(minutes=31)
    nine = datetime.combine(clinic.now.date(), time(21), ZONE).astimezone(UTC)
    with clinic.database.writing() as session:
        row = session.exec(select(Delivery)).one()
        row.due_at = nine
        session.commit()
    provider.outcome = Accepted("SM1")
    provider.sent.clear()
    clinic.now = nine
    works()
    assert provider.to_patients == []
    assert [row.state for row in deliveries(clinic, "reminder")] == ["due"]
