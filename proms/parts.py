"""The parts of a running installation, made once a process: settings, database, content, keys,
channels."""

import os
from dataclasses import dataclass, field

from proms import clock, logs
from proms import settings as environment
from proms.actions.letters import Channel, Post
from proms.actions.senders import address_fault
from proms.content import Library, Shelf, load
from proms.content.catalogues import catalogue
from proms.db.identity_index import IdentityIndex
from proms.db.inbox import keep_message
from proms.db.keyring import Keyring
from proms.db.session import Database, connect
from proms.domain.person import ContactKind, Language
from proms.domain.reminder import Revealing
from proms.settings import Settings, Unsafe

SIDE_BY_SIDE = 10  # messages that wait for their provider at once


@dataclass(frozen=True)
class Parts:
    """Everything an edge needs, made once a process."""

    settings: Settings
    database: Database
    shelf: Shelf
    keyring: Keyring
    identities: IdentityIndex = field(default_factory=IdentityIndex)

    @property
    def library(self) -> Library:
        """The content as it is now, with the wordings that are installed."""
        return self.shelf.library()

    @property
    def post(self) -> Post:
        # A demo's inbox answers at once; a provider is waited for by several at a time.
        at_once = 1 if self.settings.demo else SIDE_BY_SIDE
        return Post(
            channels(self),
            self.keyring,
            self.settings.public_url,
            side_by_side=at_once,
            limits=self.settings.outbox,
            countries=self.settings.sms_countries,
            revealing=self.library.revealing(self.settings.protocol),
        )


def parts(settings: Settings | None = None, library: Library | None = None) -> Parts:
    """The parts for these settings; raises Unsafe or UnsoundContent rather than start wrongly."""
    logs.configure()
    for language in Language:
        catalogue(language)
    settings = settings or environment.from_environment(os.environ)
    content = shelf(settings, library)
    refuse_address(settings, content.library().revealing(settings.protocol))
    return Parts(
        settings=settings,
        database=connect(settings.database_url),
        shelf=content,
        keyring=Keyring(settings.identity_keys, settings.secret),
    )


def refuse_address(settings: Settings, revealing: Revealing) -> None:
    """Raises Unsafe for a public address with which a message would not be one SMS, or would tell
    whoever sees it what it is about."""
    if fault := address_fault(settings.public_url, revealing):
        raise Unsafe(f"PROMS_PUBLIC_URL cannot be in a message: {fault}")


def shelf(settings: Settings, own: Library | None = None) -> Shelf:
    """Our content, and beside it what is licensed to this installation; a demo shows our own
    labels, come what may."""
    library = own or load(settings.content, stand_ins=settings.demo)
    return Shelf(library, None if settings.demo else settings.packs)


def channels(made: Parts) -> dict[str, Channel]:
    """The channel for each kind of contact: the demo's phone, or what the settings name."""
    # Only a worker sends: a web process never loads the vendors' libraries.
    from proms.channels.email import Email
    from proms.channels.inbox import Inbox
    from proms.channels.sms import Sms

    if made.settings.demo:
        return {kind: Inbox(keep_message(made.database, kind, clock.now)) for kind in ContactKind}
    by_kind: dict[str, Channel] = {}
    if twilio := made.settings.twilio:
        callback = f"{made.settings.public_url}/hooks/twilio"
        by_kind[ContactKind.SMS] = Sms.connect(
            twilio.account,
            twilio.token,
            sender=twilio.sender,
            callback=callback,
            base_url=twilio.base_url,
        )
    if mail := made.settings.mail:
        by_kind[ContactKind.EMAIL] = Email(
            mail.host,
            mail.port,
            mail.sender,
            user=mail.user,
            password=mail.password,
            ca_file=mail.ca_file,
        )
    return by_kind
