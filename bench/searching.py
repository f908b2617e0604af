"""Finding a patient among those of one site, whose names and numbers are sealed, against opening
them all for every search."""

from collections.abc import Iterator
from datetime import date
from random import Random
from time import perf_counter

from sqlalchemy import insert, text
from sqlmodel import Session

from bench.crowd import KEYRING, NOW, engines
from bench.timing import Figure, taking_turns
from proms.actions.audit import OPERATOR
from proms.actions.people import NewSite, add_site
from proms.db.identity_index import IdentityIndex
from proms.db.migrate import upgrade
from proms.db.session import Database, connect
from proms.db.tables import Contact, Identity, Patient
from proms.demo.people import number, person
from proms.domain.person import ContactKind

TYPED = "wit, bert"


def figures(patients: int, times: int) -> Iterator[Figure]:
    """A search among a tenth of so many patients, and among all, on each engine."""
    with engines() as ways:
        for engine, address in ways.items():
            for held in (max(1, patients // 10), patients):
                yield _figure(engine, address(), held, times)


def _figure(engine: str, address: str, held: int, times: int) -> Figure:
    upgrade(address)
    database = connect(address)
    with database.writing() as session:
        new = NewSite("B", "Bench", "020 123 45 67", "020 123 45 68")
        site_id = add_site(session, new, by=OPERATOR, now=NOW).id
        _invent(session, site_id, held)
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))
    index = IdentityIndex()

    def searches(index: IdentityIndex) -> None:
        with database.reading() as session:
            index.find(session, KEYRING, site_id, TYPED)

    searches(index)
    seconds = taking_turns(
        {"ours": lambda: searches(index), "peer": lambda: searches(IdentityIndex())},
        times,
        clock=perf_counter,
    )
    _close(database)
    what = f"a patient found, {engine}, {held:,} at the site"
    ratio = seconds["peer"] / seconds["ours"]
    return Figure(what, 1, seconds["ours"], "all opened", ratio, "under 50,000 us")


def _close(database: Database) -> None:
    database.engine.dispose()


def _invent(session: Session, site_id: int, count: int) -> None:
    """So many invented people, each sealed as an enrolment seals her."""
    random = Random("search")
    patients, identities, contacts = [], [], []
    for index in range(1, count + 1):
        new = person(random, index, date(2026, 1, 5))
        patients.append(
            {
                "id": index,
                "code": f"{index:X}",
                "site_id": site_id,
                "birth_year": new.birth_year,
                "sex": new.sex,
                "language": new.language,
                "status": "active",
                "protocol": "pump-it",
                "protocol_version": 1,
                "revision": 0,
                "enrolled_at": NOW,
                "stoma": False,
                "rectal_primary": False,
                "primary_in_situ": False,
                "anticoagulant": False,
            }
        )
        sealed = {
            column: KEYRING.seal(text, place=f"identity.{index}.{column}")
            for column, text in (("name", new.name), ("hospital_number", new.hospital_number))
        }
        identities.append({"patient_id": index, **sealed})
        address = KEYRING.seal(number(index), place=f"contact.{index}.address")
        contacts.append(
            {
                "id": index,
                "patient_id": index,
                "kind": ContactKind.SMS,
                "address": address,
                "consented_on": new.consent,
                "active": True,
            }
        )
    for table, rows in ((Patient, patients), (Identity, identities), (Contact, contacts)):
        session.connection().execute(insert(table), rows)
    session.commit()
