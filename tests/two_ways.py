"""A patient with two ways, a worker that comes by at a moment, and what left by which way."""

from dataclasses import dataclass, field
from datetime import date

from sqlmodel import col, select

from proms.actions.asked_messages import send_link
from proms.actions.audit import staff_actor
from proms.actions.callbacks import note_report
from proms.actions.inbound import Inbound, take_text
from proms.actions.letters import Post
from proms.actions.second_ways import end_second_way, give_second_way
from proms.channels import Accepted, Refused
from proms.db.queries.red_bar import red_bar
from proms.db.tables import Delivery, MessageDecision, Patient
from proms.domain.person import ContactKind
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.reports import Report
from proms.domain.served import Served
from proms.jobs.ticks import run_all
from tests.clinic import KEYRING, At, instant

NOBODYS = Refused("21211", for_good=True)
NUMBER, ADDRESS = "+31201234999", "anna@example.org"


@dataclass
class Line:
    """A channel that says the same of every message, and what left by it: to whom and when."""

    clinic: object
    outcome: object = None
    left: list[tuple[str, str]] = field(default_factory=list)

    def send(self, address, text, *, ref, subject, **_mail):
        if self.outcome is None and "/q/" in text:
            self.left.append((address, f"{self.clinic.now:%d %H:%M}"))
        return self.outcome or Accepted(f"{address} {ref}")


@dataclass
class Worker:
    """A clinic with both channels, and a worker that comes by when it is told to."""

    clinic: object
    sms: Line
    email: Line

    def at(self, day, at):
        """The worker at a moment of January."""
        self.clinic.now = instant(f"2026-01-{day:02}", at)
        self.works()

    def works(self):
        channels = {ContactKind.SMS: self.sms, ContactKind.EMAIL: self.email}
        post = Post(
            {kind: line for kind, line in channels.items() if line},
            KEYRING,
            "https://proms.example.org",
        )
        clinic = self.clinic
        run_all(
            At(clinic.database, clinic.look, post, "pump-it", False, clinic.seen, at=clinic.now)
        )


def enrolled(clinic):
    """One message a morning: her questionnaires are answered, her check is not; a second way."""
    clinic.now = instant("2026-01-05", "08:30")
    patient = clinic.enrols("Anna Bakker")
    clinic.works()
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(patient, questionnaire)
    gives(clinic, patient)
    return patient


def gives(clinic, patient, address=ADDRESS, kind=ContactKind.EMAIL, served=tuple(ContactKind)):
    with clinic.database.writing() as session:
        give_second_way(
            session,
            clinic.library,
            KEYRING,
            patient=session.get_one(Patient, patient.id),
            kind=kind,
            address=address,
            use_anyway=True,
            consented_on=date(2026, 1, 5),
            by=staff_actor(clinic.mo),
            now=clinic.now,
            served=Served(frozenset(served)),
        )


def ends(clinic, patient):
    with clinic.database.writing() as session:
        held = session.get_one(Patient, patient.id)
        end_second_way(session, patient=held, by=staff_actor(clinic.mo), now=clinic.now)


def corrects(clinic, patient, address="020 12 34 888", kind=ContactKind.SMS):
    clinic.corrects_contact(patient.id, address, kind)


def asks_for_link(clinic, patient):
    with clinic.database.writing() as session:
        held = session.get_one(Patient, patient.id)
        send_link(session, patient=held, by=staff_actor(clinic.els), now=clinic.now)


def texts(clinic, words, number=NUMBER):
    with clinic.database.writing() as session:
        text = Inbound(f"SM{words}", number, words)
        take_text(session, clinic.library, KEYRING, text, limits=OutboxLimits(), now=clinic.now)


def rows(clinic):
    """Every message to a patient: by which channel, how it ended."""
    with clinic.database.reading() as session:
        return list(
            session.exec(
                select(Delivery)
                .where(col(Delivery.patient_id).is_not(None))
                .order_by(col(Delivery.id))
            )
        )


def ended(clinic):
    return [(row.channel, row.state) for row in rows(clinic)]


def reports(clinic, said, which=-1, code=None):
    """What Twilio says of one of the texts that left."""
    row = [each for each in rows(clinic) if each.channel == "sms"][which]
    with clinic.database.writing() as session:
        note_report(
            session,
            row.id,
            Report(row.sid, said, code),
            channel="sms",
            limits=OutboxLimits(),
            now=clinic.now,
        )


def held(clinic):
    with clinic.database.reading() as session:
        wanted = select(MessageDecision).where(MessageDecision.event == "HSC-BASE")
        found = session.exec(wanted.order_by(col(MessageDecision.id)))
        return [(row.step, row.reason) for row in found]


def lost(clinic):
    with clinic.database.reading() as session:
        return red_bar(session, KEYRING, clinic.site.id, now=clinic.now, real_now=clinic.now).lost
