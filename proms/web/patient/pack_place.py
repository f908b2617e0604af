"""Where a list stands among those of one sitting, so that home, form and receipt count alike."""

from dataclasses import dataclass

from proms.actions.drafts import Sitting
from proms.actions.evaluations import patient_facts
from proms.db.queries.today import Pack, PackAssignment, pack_of
from proms.domain.instrument import LEVEL, Facts
from proms.domain.response import MissingReason, missing_of
from proms.web.patient.questionnaire import OpenQuestionnaire


@dataclass(frozen=True)
class PackPlace:
    """Which list of how many, with the questions of those before it and of those after it."""

    list: int
    lists: int
    before: int
    after: int


def place_of(sitting: Sitting, sheet: OpenQuestionnaire) -> PackPlace | None:
    """The place of this list in its sitting; None where it is the only one."""
    protocol = sitting.library.protocol(sitting.patient.protocol, sitting.patient.protocol_version)
    pack = pack_of(sitting.session, sitting.assignment, protocol.instrument_order)
    facts = {fact: value for fact, value in sheet.evaluated.facts.items() if fact != LEVEL}
    return place_in(pack, sitting, facts)


def place_in(pack: Pack, sitting: Sitting, facts: Facts | None = None) -> PackPlace | None:
    """The place of the assignment in front of her among those of its pack that were answered or
    may be; None where it is the only one."""
    if facts is None:
        facts = patient_facts(sitting)
    lists = [row for row in pack.rows if row.response or row.open_at(sitting.now)]
    if len(lists) == 1:
        return None
    counts = [_questions(row, sitting, facts) for row in lists]
    place = [row.assignment.id for row in lists].index(sitting.assignment.id)
    return PackPlace(place + 1, len(lists), sum(counts[:place]), sum(counts[place + 1 :]))


def _questions(row: PackAssignment, sitting: Sitting, facts: Facts) -> int:
    """How many questions of a list were asked, or would be as things stand."""
    if row.response:
        reasons = missing_of(row.response.document)
        return sum(
            reasons.get(item) is not MissingReason.NOT_ASKED for item in row.response.document
        )
    version = row.draft.instrument_version if row.draft else None
    return len(sitting.library.instrument(row.assignment.instrument, version).asked(facts))
