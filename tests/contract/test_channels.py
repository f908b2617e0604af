"""A channel says accepted, refused for good, refused for now, or unknown: real clients, servers on
the loopback."""

import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from proms.channels import Accepted, Refused, Unknown
from proms.channels.email import Email
from proms.channels.inbox import Inbox
from proms.channels.sms import Sms
from proms.clock import now
from proms.domain.reminder.mail_page import mail_page
from proms.domain.reminder.text import Text
from tests import certificate, mail_server, twilio_server
from tests.certificate import Certificate
from tests.mail_server import MailServer
from tests.ports import free_port
from tests.twilio_server import ACCOUNT, TOKEN, Answer, TwilioServer, refusal

NUMBER, SENDER = "+31201234567", "+31209876543"
MOBILE = "+491713920001"
CALLBACK = "https://proms.example.org/hooks/twilio"
NOT_NOW = Refused("unreachable", for_good=False)
PATIENT, HASTY = 20.0, 1.0  # seconds; hasty where somebody is going to be silent


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with twilio_server.running() as server:
        yield server


def sms(base_url: str, token: str = TOKEN, timeout: float = PATIENT) -> Sms:
    return Sms.connect(
        ACCOUNT, token, sender=SENDER, callback=CALLBACK, base_url=base_url, timeout=timeout
    )


@contextmanager
def mute_server() -> Iterator[int]:
    """A port where somebody picks up and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_messaging_service_is_named_as_one(twilio):
    service = "MG" + "0f" * 16
    through = Sms.connect(
        ACCOUNT, TOKEN, sender=service, callback=CALLBACK, base_url=twilio.url, timeout=PATIENT
    )
    assert isinstance(through.send(NUMBER, "hello", ref="7"), Accepted)
    assert twilio.received[0]["MessagingServiceSid"] == service
    assert "From" not in twilio.received[0]


@pytest.mark.parametrize(
    "code", [21211, 21610, 21614], ids=["no such number", "opted out", "landline"]
)
def test_a_number_that_twilio_will_never_reach_is_refused_for_good(twilio, code):
    twilio.answer = refusal(400, code)
    assert sms(twilio.url).send(NUMBER, "hello", ref="7") == Refused(str(code), for_good=True)


@pytest.mark.parametrize(
    ("named", "seconds"),
    [("7", 7), ("86400", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("", None)],
)
def test_when_twilio_asks_to_send_less_it_is_asked_again_after_the_time_it_names(
    twilio, named, seconds
):
    twilio.answer = Answer(429, refusal(429, 20429).body, (("Retry-After", named),))
    assert sms(twilio.url).send(NUMBER, "hello", ref="7") == Refused(
        "429", for_good=False, retry_after=seconds
    )


def test_our_own_wrong_password_is_never_held_against_a_number(twilio):
    assert sms(twilio.url, token="e" * 32).send(NUMBER, "hello", ref="7") == Refused(
        "20003", for_good=False
    )


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_a_refusal_that_bears_no_code_of_twilios_is_not_for_good(twilio, status):
    twilio.answer = Answer(status, "<html>a proxy speaks</html>")
    assert sms(twilio.url).send(NUMBER, "hello", ref="7") == Refused(str(status), for_good=False)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(silent=True),
        Answer(hang_up=True),
        Answer(500, "oops"),
        refusal(503, 20503),
        Answer(408),
        Answer(302),
    ],
    ids=["silence", "hangs up", "500", "503", "408", "302"],
)
def test_when_the_message_may_have_left_the_outcome_is_unknown(twilio, answer):
    twilio.answer = answer
    assert isinstance(
        sms(twilio.url, timeout=HASTY if answer.silent else PATIENT).send(NUMBER, "hello", ref="7"),
        Unknown,
    )
    assert len(twilio.received) == 1


@pytest.mark.parametrize(
    "body", ["", "not json", "[]", "null", '"SM1"', "{}", '{"sid": 5}', f'{{"sid": "{"S" * 65}"}}']
)
def test_an_acceptance_that_cannot_be_read_is_unknown(twilio, body):
    twilio.answer = Answer(201, body)
    assert isinstance(sms(twilio.url).send(NUMBER, "hello", ref="7"), Unknown)


def test_a_twilio_that_cannot_be_reached_may_be_tried_again():
    assert sms(f"http://127.0.0.1:{free_port()}").send(NUMBER, "hello", ref="7") == NOT_NOW
    assert sms("http://twilio.invalid").send(NUMBER, "hello", ref="7") == NOT_NOW


def test_a_stranger_who_calls_himself_twilio_is_sent_nothing(tmp_path):
    context, heard = certificate.make(tmp_path).server_context(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def pick_up() -> None:
            line, _ = listener.accept()
            try:
                with context.wrap_socket(line, server_side=True) as secure:
                    heard.append(secure.recv(1))
            except OSError:
                line.close()

        stranger = threading.Thread(target=pick_up)
        stranger.start()
        outcome = sms(f"https://127.0.0.1:{listener.getsockname()[1]}").send(
            NUMBER, "hello", ref="7"
        )
        stranger.join()
    assert outcome == NOT_NOW
    assert not any(heard)


def test_an_accepted_sms_carries_its_text_and_names_its_delivery_in_the_callback(twilio):
    outcome = sms(twilio.url).send(
        NUMBER, "Uw vragenlijst staat klaar: één link", ref="7", subject="not on a phone"
    )
    assert outcome == Accepted("SM" + "0" * 31 + "1")
    assert twilio.received == [
        {
            "To": NUMBER,
            "From": SENDER,
            "Body": "Uw vragenlijst staat klaar: één link",
            "StatusCallback": f"{CALLBACK}/7",
        }
    ]


@pytest.mark.parametrize(
    "answer",
    [Answer(hang_up=True, taken=True), Answer(500, "oops", taken=True), Answer(taken=True)],
    ids=["hangs up", "500", "says nothing that reads"],
)
@pytest.mark.parametrize("redacts", [False, True])
def test_f05_a_message_that_twilio_took_though_it_did_not_say_so_is_found_by_number_and_time(
    twilio, answer, redacts
):
    began = now()
    twilio.answer, twilio.redacts = answer, redacts
    assert isinstance(sms(twilio.url).send(NUMBER, "hello", ref="7"), Unknown)
    twilio.answer = None
    sms(twilio.url).send(MOBILE, "to another number", ref="8")
    (found,) = sms(twilio.url).sent_to(NUMBER, began - timedelta(minutes=2))
    assert found.sid == twilio.taken[0]["sid"]
    assert abs(found.at - began) < timedelta(minutes=1)
    assert sms(twilio.url).sent_to(NUMBER, began + timedelta(minutes=2)) == []


def test_a_moment_in_any_time_zone_is_asked_about_in_universal_time(twilio):
    sms(twilio.url).sent_to(NUMBER, datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Amsterdam")))
    assert twilio.asked[0]["DateSent>"] == "2026-07-01T07:00:00Z"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(hang_up=True),
        Answer(silent=True),
        refusal(503, 20503),
        refusal(401, 20003),
        Answer(429),
        Answer(200, "not json"),
        Answer(200, '{"messages": 5}'),
        Answer(200, '{"messages": [{"sid": "SM1", "direction": "outbound-api", "to": "+31"}]}'),
    ],
    ids=["hangs up", "silence", "503", "401", "429", "text", "no list", "no time"],
)
def test_where_twilios_list_does_not_read_nothing_is_proved_by_it(twilio, answer):
    twilio.listing = answer
    channel = sms(twilio.url, timeout=HASTY if answer.silent else PATIENT)
    assert channel.sent_to(NUMBER, now()) is None


def test_what_came_in_from_a_number_is_not_taken_for_what_was_sent_to_it(twilio):
    sms(twilio.url).send(NUMBER, "hello", ref="7")
    twilio.taken[0]["direction"] = "inbound"
    assert sms(twilio.url).sent_to(NUMBER, now() - timedelta(minutes=2)) == []


def test_no_number_and_no_text_reaches_the_log(twilio, caplog):
    caplog.set_level(logging.DEBUG)
    sms(twilio.url).send(NUMBER, "a private text", ref="7")
    sms(twilio.url).sent_to(NUMBER, now() - timedelta(minutes=2))
    twilio.answer = refusal(400, 21211)
    sms(twilio.url).send(NUMBER, "a private text", ref="8")
    assert "private" not in caplog.text
    assert NUMBER[1:] not in caplog.text
    assert TOKEN not in caplog.text


MAILBOX, FROM = "anna@example.org", "Studie <proms@example.org>"


@pytest.fixture
def certified(tmp_path: Path) -> Certificate:
    return certificate.make(tmp_path)


@pytest.fixture
def mail(certified: Certificate) -> Iterator[MailServer]:
    with mail_server.running(certified.server_context()) as server:
        yield server


def email(
    port: int,
    trusts: Certificate | None,
    password: str = mail_server.PASSWORD,
    timeout: float = PATIENT,
) -> Email:
    ca_file = trusts.ca_file if trusts else None
    return Email(
        "127.0.0.1",
        port,
        sender=FROM,
        user=mail_server.USER,
        password=password,
        ca_file=ca_file,
        timeout=timeout,
    )


def write(channel: Email, address: str = MAILBOX) -> object:
    return channel.send(address, "Uw vragenlijst staat klaar.", ref="7", subject="Één vragenlijst")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@example.org\nBcc: x@example.org",
        "a@example.org, b@example.org",
        "änna@example.org",
    ],
)
def test_what_is_not_one_plain_address_is_refused_for_good(mail, certified, address):
    assert write(email(mail.port, certified), address) == Refused("bad_address", for_good=True)
    assert mail.letters == []


def test_a_mail_server_whose_certificate_is_not_trusted_hears_no_password_and_no_letter(mail):
    assert write(email(mail.port, None)) == Refused("certificate", for_good=False)
    assert (mail.log_ins, mail.letters) == ([], [])


def test_a_certificate_for_another_host_is_not_trusted(tmp_path):
    other = certificate.make(tmp_path, "mail.example.org")
    with mail_server.running(other.server_context()) as mail:
        assert write(email(mail.port, other)) == Refused("certificate", for_good=False)
        assert (mail.log_ins, mail.letters) == ([], [])


def test_nothing_is_sent_in_the_clear():
    with mail_server.running(None) as mail:
        assert write(email(mail.port, None)) == Refused("unsupported", for_good=False)
        assert (mail.log_ins, mail.letters) == ([], [])


def test_a_wrong_mail_password_is_never_held_against_a_mailbox(mail, certified):
    assert write(email(mail.port, certified, password="wrong")) == Refused("535", for_good=False)


@pytest.mark.parametrize(
    ("step", "says", "for_good"),
    [
        ("RCPT", "550 no such mailbox", True),
        ("RCPT", "450 try later", False),
        ("MAIL", "550 who are you", False),
        ("DATA", "554 not this text", True),
        ("DATA", "452 full for now", False),
    ],
)
def test_a_mailbox_that_does_not_exist_is_refused_for_good_and_a_busy_server_for_now(
    mail, certified, step, says, for_good
):
    mail.says[step] = says
    assert write(email(mail.port, certified)) == Refused(
        says[:3], for_good=for_good, this_address=step == "RCPT"
    )


@pytest.mark.parametrize("fault", ["silent_after", "hangs_up_after"])
def test_a_letter_given_to_a_server_that_then_falls_silent_is_unknown(mail, certified, fault):
    setattr(mail, fault, "DATA")
    assert isinstance(write(email(mail.port, certified, timeout=HASTY)), Unknown)
    assert len(mail.letters) == 1


@pytest.mark.parametrize("fault", ["silent_after", "hangs_up_after"])
def test_a_letter_that_was_taken_stays_taken_however_the_goodbye_goes(mail, certified, fault):
    setattr(mail, fault, "QUIT")
    assert write(email(mail.port, certified, timeout=HASTY)) == Accepted("proms-7")


def test_a_mail_server_that_cannot_be_reached_may_be_tried_again(certified):
    assert write(email(free_port(), certified)) == NOT_NOW
    with mute_server() as port:
        assert write(email(port, certified, timeout=HASTY)) == NOT_NOW


def test_an_accepted_letter_is_encrypted_signed_in_for_and_readable(mail, certified):
    assert write(email(mail.port, certified)) == Accepted("proms-7")
    (letter,) = mail.letters
    assert (mail.recipients, mail.encrypted, mail.log_ins) == (
        [MAILBOX],
        [True],
        [mail_server.USER],
    )
    assert (letter["Subject"], letter["From"], letter["To"]) == ("Één vragenlijst", FROM, MAILBOX)
    assert letter["Message-ID"] == "<proms-7@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().strip() == "Uw vragenlijst staat klaar."


def test_the_inbox_keeps_what_a_phone_would_show():
    kept = []
    inbox = Inbox(lambda address, text, ref: kept.append((address, text, ref)))
    assert inbox.send(NUMBER, "hello", ref="7", subject="") == Accepted("inbox-7")
    assert kept == [(NUMBER, "hello", "7")]


def test_a_channel_never_shows_its_password():
    assert mail_server.PASSWORD not in repr(email(25, None))
    assert TOKEN not in repr(sms("http://127.0.0.1:9"))


def test_an_e_mail_has_the_same_words_as_text_and_as_a_page_and_fetches_nothing(mail, certified):
    text = Text(
        "Uw vragen staan klaar",
        "Maas & Waal: Uw vragen staan klaar. Invullen kan tot en met dinsdag 1 december: "
        "https://proms.example.org/q/k7Qm2xVn8RtB4wZs9LpC3d",
    )
    page = mail_page(text, "nl")
    sent = email(mail.port, certified).send(
        "anna@example.org", text.body, ref="7", subject=text.subject, html=page, may_stop=True
    )
    assert isinstance(sent, Accepted)
    (letter,) = mail.letters
    assert letter.get_content_type() == "multipart/alternative"
    plain, html = letter.iter_parts()  # of several a program shows the last that it can
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().strip() == text.body
    shown = html.get_content()
    assert '<html lang="nl">' in shown
    assert "<p>Maas &amp; Waal: Uw vragen staan klaar. Invullen kan tot en met dinsdag" in shown
    assert re.findall('href="([^"]+)"', shown) == [text.body.split()[-1]]
    assert not re.search(r"<img|<link|<script|src=|url\(|@import", shown)
    assert letter["List-Unsubscribe"] == "<mailto:proms@example.org?subject=STOP%207>"
    assert letter["List-Unsubscribe-Post"] is None


def test_a_nurses_notice_offers_no_way_to_unsubscribe_and_a_code_no_button(mail, certified):
    text = Text("Proefbericht", "OLVG: Dit is een proefbericht. Uw code: 4821")
    page = mail_page(text, "nl")
    assert "<a " not in page
    assert "Uw code: 4821</p>" in page
    email(mail.port, certified).send("els@example.org", text.body, ref="8", subject="x", html=page)
    (letter,) = mail.letters
    assert letter["List-Unsubscribe"] is None
