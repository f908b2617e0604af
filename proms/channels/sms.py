"""SMS through Twilio's own client; its exceptions become outcomes here and nobody else knows the
vendor."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import urlsplit

from requests import RequestException
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from proms.channels.outcome import Accepted, Outcome, Refused, Unknown
from proms.channels.twilio_hooks import report_of
from proms.domain.reminder.doubt import SentMessage
from proms.domain.reminder.reports import Report

TIMEOUT_SECONDS = 10.0
LONGEST_RETRY_AFTER = 3600
LONGEST_NUMBER = 9  # digits; int() of very many takes time
LONGEST_SID = 64  # what the delivery's row can hold
SERVICE = re.compile(r"MG[0-9a-f]{32}")  # the id of a messaging service
MOST_LISTED = 200  # messages to one number since one was tried; more prove nothing
# No byte of the message can have left when one of these is behind the failure.
BEFORE_SENDING = (NewConnectionError, ConnectTimeoutError, SSLCertVerificationError)
# What reading an answer that is not Twilio's raises inside its client.
GARBLED = (ValueError, TypeError, AttributeError)


# Whoever is asked what was sent to a number has that number in the address, which these write down.
TALKATIVE = ("twilio", "urllib3")


class TooMany(Exception):
    """Twilio asks to send less; carries the seconds it named, if any."""

    def __init__(self, retry_after: int | None) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class TwilioDoor(TwilioHttpClient):
    """Twilio's transport, with our time limit, its Retry-After kept, and a host of our own when one
    is set."""

    def __init__(self, *, base_url: str | None, timeout: float) -> None:
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        super().__init__(timeout=timeout)
        self.base_url = base_url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self.base_url:
            host = urlsplit(self.base_url)
            url = urlsplit(url)._replace(scheme=host.scheme, netloc=host.netloc).geturl()
        response = super().request(method, url, *args, **kwargs)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise TooMany(_seconds(response.headers))
        return response


@dataclass(frozen=True)
class Sms:
    """One sender's way to phones; Twilio reports the later fate of a message to `callback`/ref."""

    create: Callable[..., Any]
    listing: Callable[..., Any]
    message: Callable[[str], Any]
    sender: str
    callback: str

    @classmethod
    def connect(
        cls,
        account: str,
        token: str,
        *,
        sender: str,
        callback: str,
        base_url: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> "Sms":
        """A channel for one Twilio account; `base_url` names another host that speaks its
        protocol."""
        client = Client(account, token, http_client=TwilioDoor(base_url=base_url, timeout=timeout))
        messages = client.messages
        return cls(messages.create, messages.list, messages.get, sender, callback)

    def send(self, address: str, text: str, *, ref: str, subject: str = "") -> Outcome:
        """Hand over one message; a phone has no subject line."""
        where = f"{self.callback}/{ref}"
        try:
            sent = self.create(to=address, body=text, status_callback=where, **self._sender)
        except TooMany as busy:
            return Refused("429", for_good=False, retry_after=busy.retry_after)
        except (TwilioRestException, TwilioServiceException) as error:
            return _error_outcome(error.status, error.code)
        except RequestException as error:
            return _broken_outcome(error)
        except GARBLED:
            return Unknown("garbled")
        if isinstance(sent.sid, str) and 0 < len(sent.sid) <= LONGEST_SID:
            return Accepted(sent.sid)
        return Unknown("garbled")

    def became_of(self, sid: str) -> Report | None:
        """What Twilio says today of a message that it took; None where it does not say."""
        try:
            found = self.message(sid).fetch()
        except (TooMany, TwilioException, RequestException, *GARBLED):
            return None
        return report_of(
            {
                "MessageSid": sid,
                "MessageStatus": str(found.status),
                "ErrorCode": str(found.error_code or ""),
            }
        )

    @property
    def _sender(self) -> dict[str, str]:
        """A messaging service has a field of its own at Twilio."""
        name = "messaging_service_sid" if SERVICE.fullmatch(self.sender) else "from_"
        return {name: self.sender}

    def sent_to(self, address: str, since: datetime) -> list[SentMessage] | None:
        """What Twilio has sent to a number since then; None where it does not say."""
        try:
            # Its client writes a "Z" behind the hours of any time zone.
            listed = self.listing(
                to=address, date_sent_after=since.astimezone(UTC), limit=MOST_LISTED
            )
        except (TooMany, TwilioException, RequestException, *GARBLED):
            return None
        if len(listed) >= MOST_LISTED:
            return None
        outbound = [each for each in listed if str(each.direction).startswith("outbound")]
        sent = [SentMessage(each.sid, each.date_sent or each.date_created) for each in outbound]
        # A time that does not read comes as a text.
        return sent if all(isinstance(message.at, datetime) for message in sent) else None


def _error_outcome(status: object, code: object) -> Outcome:
    """What an error answer means: Twilio's own code with status 400 is about this message, anything
    else about us."""
    if not isinstance(status, int) or status not in range(400, 500):
        return Unknown("server_error")
    # The server gave up waiting, perhaps after it had read enough.
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return Unknown("server_error")
    if not isinstance(code, int):
        return Refused(str(status), for_good=False)
    # Twilio's client puts the status in place of a code that the answer does not have.
    about_message = status == HTTPStatus.BAD_REQUEST and code != status
    return Refused(str(code), for_good=about_message)


def _broken_outcome(error: RequestException) -> Outcome:
    """What a broken exchange means: refused if it broke before anything was sent, else unknown."""
    cause: BaseException | None = error
    # requests and urllib3 wrap one exception in another; what happened first is the innermost.
    while cause:
        if isinstance(cause, BEFORE_SENDING):
            return Refused("unreachable", for_good=False)
        cause = cause.__cause__ or cause.__context__
    return Unknown("interrupted")


def _seconds(headers: Any) -> int | None:
    """Retry-After in whole seconds, at most an hour; a date or nonsense counts as none."""
    if not headers:
        return None
    text = str(headers.get("Retry-After", "")).strip()
    if not text.isdecimal() or len(text) > LONGEST_NUMBER:
        return None
    return min(int(text), LONGEST_RETRY_AFTER)
