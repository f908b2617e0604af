"""Whoever got a message that is for somebody else says so: nothing more is sent there, and the
links that were sent there let nobody in."""

from datetime import datetime

from sqlmodel import Session

from proms.actions.access import link_patient, revoke_links
from proms.actions.audit import Subject, patient_actor, record
from proms.actions.channel_pauses import stop_contact
from proms.actions.ways import ways_of
from proms.db.keyring import Keyring
from proms.domain.reminder import PauseReason


def say_not_hers(session: Session, keyring: Keyring, *, token: str, now: datetime) -> None:
    """Stop every message of this link's patient until her site has put the number right: which of
    her numbers the message went to is not known. What she began stays.

    Raises LinkUnknown.
    """
    _link, patient = link_patient(session, keyring, token, now)
    by = patient_actor(patient.id)
    ways = ways_of(session, [patient.id]).get(patient.id)
    for contact in (ways.first, ways.second) if ways else ():
        if contact:
            stop_contact(session, contact, by=by, now=now, why=PauseReason.NOT_HERS)
    revoke_links(session, patient.id, now=now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "link.not_hers", subject, by=by, now=now)
    session.commit()
