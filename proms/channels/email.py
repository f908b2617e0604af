"""E-mail over SMTP: always encrypted, and the server's certificate is always checked."""

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from proms.channels.outcome import Accepted, Outcome, Refused, Unknown

TIMEOUT_SECONDS = 10.0
# The first digit of a reply says what came of a command (RFC 5321, 4.2.1).
TAKEN = range(200, 300)
FOR_NOW = range(400, 500)
FOR_GOOD = range(500, 600)


@dataclass(frozen=True)
class Email:
    """One sender's way to mailboxes; without `ca_file` the machine's own certificate authorities
    are trusted."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    timeout: float = TIMEOUT_SECONDS

    def send(
        self,
        address: str,
        text: str,
        *,
        ref: str,
        subject: str = "",
        html: str = "",
        may_stop: bool = False,
    ) -> Outcome:
        """Hand over one message, as text and as the page `html` if there is one; the same `ref`
        makes the same Message-ID, so that a resend can be recognised. Who `may_stop` is offered to
        write that she wants no more."""
        try:
            letter = self._letter(address, text, ref, subject)
            if html:
                letter.add_alternative(html, subtype="html")
            if may_stop:
                # By a letter that a person reads: no click, and no program that follows links,
                # silences a patient.
                letter["List-Unsubscribe"] = f"<mailto:{self._from}?subject=STOP%20{ref}>"
        except ValueError:
            return Refused("bad_address", for_good=True)
        try:
            return self._hand_over(address, letter.as_bytes(), ref)
        except smtplib.SMTPResponseException as error:
            return Refused(str(error.smtp_code), for_good=False)
        except ssl.SSLError:
            return Refused("certificate", for_good=False)
        except (smtplib.SMTPNotSupportedError, UnicodeError):
            return Refused("unsupported", for_good=False)
        except OSError:
            return Refused("unreachable", for_good=False)

    @property
    def _from(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def _domain(self) -> str:
        return self._from.rpartition("@")[2]

    def _letter(self, address: str, text: str, ref: str, subject: str) -> EmailMessage:
        if parseaddr(address)[1] != address or not address.isascii() or "@" not in address:
            raise ValueError("not one plain address")
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = address
        message["Subject"] = subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<proms-{ref}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps out-of-office answers away
        message.set_content(text)
        return message

    def _hand_over(self, address: str, letter: bytes, ref: str) -> Outcome:
        trusted = ssl.create_default_context(cafile=self.ca_file)
        # The name we greet with is the sender's domain: asking for the machine's own can wait long
        # for a name server.
        server = smtplib.SMTP(
            self.host, self.port, local_hostname=self._domain, timeout=self.timeout
        )
        with closing(server) as smtp:
            smtp.starttls(context=trusted)
            if self.user:
                smtp.login(self.user, self.password or "")
            outcome = _post(smtp, self._from, address, letter, ref)
            with suppress(OSError):  # what was decided stays decided, however the goodbye goes
                smtp.quit()
            return outcome


def _post(smtp: smtplib.SMTP, sender: str, address: str, letter: bytes, ref: str) -> Outcome:
    code, _ = smtp.mail(sender)
    if code not in TAKEN:
        return Refused(str(code), for_good=False)  # about us, not about this address
    code, _ = smtp.rcpt(address)
    if code not in TAKEN:
        return Refused(str(code), for_good=code in FOR_GOOD, this_address=True)
    try:
        code, _ = smtp.data(letter)
    except smtplib.SMTPDataError as refusal:
        code = refusal.smtp_code
    except OSError:
        # The letter may have been read to its end before the line broke.
        return Unknown("interrupted")
    if code in FOR_NOW or code in FOR_GOOD:
        return Refused(str(code), for_good=code in FOR_GOOD)
    if code in TAKEN:
        return Accepted(f"proms-{ref}")
    return Unknown("garbled")
