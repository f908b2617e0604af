"""The checks at a start that the database and the content go together."""

from proms.db.migrate import is_behind
from proms.db.queries.protocols_in_use import protocols_in_use
from proms.parts import Parts
from proms.settings import Unsafe


def refuse_misfits(installation: Parts) -> None:
    """Raises Unsafe where the database was not migrated, or patients take part under a version of a
    protocol that is gone: no page of theirs could be shown, and nothing be decided for them."""
    if is_behind(installation.database):
        raise Unsafe("The database lacks a migration of this version: run `proms migrate` first.")
    with installation.database.reading() as session:
        used = protocols_in_use(session)
    held = installation.library.protocols
    lost = sorted(f"{code} {number}" for code, number in used if number not in held.get(code, {}))
    if lost:
        raise Unsafe(
            f"Patients take part under {', '.join(lost)}, which protocols/ does not hold. "
            "Put the file back: a version that was used stays."
        )
