"""The demo's phone: where messages land when nothing may leave."""

from collections.abc import Callable
from datetime import datetime

from proms.db.queries.demo_time import offset
from proms.db.session import Database
from proms.db.tables import InboxMessage


def keep_message(
    database: Database, kind: str, clock: Callable[[], datetime]
) -> Callable[[str, str, str], None]:
    """A store for one channel's messages, which stamps what arrives: it stands for a telephone,
    which has a clock."""

    def keep(address: str, text: str, ref: str) -> None:
        with database.writing() as session:
            session.add(
                InboxMessage(
                    channel=kind,
                    address=address,
                    text=text,
                    ref=ref,
                    sent_at=clock() + offset(session),
                )
            )
            session.commit()

    return keep
