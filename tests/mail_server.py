"""A mail server on the loopback: STARTTLS and a log-in before anything else, and faults on
request."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ports import free_port

USER, PASSWORD = "proms", "a password for mail"


@dataclass
class MailServer:
    """What it was sent, and what it says instead of 250 at each step (`MAIL`, `RCPT`, `DATA`,
    `QUIT`)."""

    port: int = 0
    says: dict[str, str] = field(default_factory=dict)
    silent_after: str = ""
    hangs_up_after: str = ""
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    log_ins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.log_ins.append(given.login.decode())
        return AuthResult(
            success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()),
            handled=False,
        )

    async def handle_MAIL(  # noqa: PLR0917  (aiosmtpd calls it so)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: PLR0917  (aiosmtpd calls it so)
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        answer = self.says.get("RCPT", "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        await self._fail("DATA", server)
        return self.says.get("DATA", "250 OK")

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:
        await self._fail("QUIT", server)
        return self.says.get("QUIT", "221 Bye")

    async def _fail(self, step: str, server: SMTP) -> None:
        if self.hangs_up_after == step:
            server.transport.abort()
        if self.silent_after == step:
            await asyncio.sleep(3600)


@contextmanager
def running(context: ssl.SSLContext | None, port: int = 0) -> Iterator[MailServer]:
    """A mail server, at some port or at this one; without a context it offers no encryption."""
    mail = MailServer(port=port or free_port())
    options = (
        {"tls_context": context, "require_starttls": True, "auth_required": True} if context else {}
    )
    controller = Controller(
        mail,
        hostname="127.0.0.1",
        port=mail.port,
        server_hostname="localhost",
        authenticator=mail.authenticate,
        **options,
    )
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()
