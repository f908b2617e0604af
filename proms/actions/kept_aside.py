"""Answers that come after the assignment was answered: kept for the site to see, and checked by the
rules."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlmodel import or_, select

from proms.actions.breaches import follow_up
from proms.actions.drafts import Sitting
from proms.actions.evaluations import Evaluated, asked_of_her, evaluate_answers
from proms.db.tables import KeptAside
from proms.domain.alert.rule import Evidence
from proms.domain.instrument import Instrument
from proms.domain.response import Document, Mode, answers_of, digest, missing_of, whole


def keep_aside(
    sitting: Sitting,
    instrument: Instrument,
    document: Document,
    *,
    key: str,
    mode: Mode | None = None,
    told: Mapping[str, Evidence] = MappingProxyType({}),
    beside: Document | None = None,
) -> Evaluated:
    """Store answers that do not count beside those that do, and let the rules look at them; the
    same key, and the same answers, are kept once. Gives what the rules make of them. The caller
    commits.

    `mode` is how they were given where staff typed them in, `told` what the rules were told by the
    answers that count. Where they stand `beside` those, the rules look at both: what was only not
    reached here is no answer missing.
    """
    session, assignment = sitting.session, sitting.assignment
    answers = answers_of(document)
    fingerprint = digest(answers, missing_of(document))
    same = select(KeptAside.id).where(
        KeptAside.assignment_id == assignment.id,
        or_(KeptAside.idempotency_key == key, KeptAside.digest == fingerprint),
    )
    evaluated = evaluate_answers(sitting, instrument, {**answers_of(beside or {}), **answers})
    if session.exec(same).first():
        return evaluated
    aside = KeptAside(
        assignment_id=assignment.id,
        patient_id=sitting.patient.id,
        idempotency_key=key,
        document=whole(document, asked_of_her(instrument, evaluated, answers), instrument),
        digest=fingerprint,
        received_at=sitting.now,
        mode=mode,
        entered_by=sitting.by.staff_id if mode else None,
        source_on=sitting.source_on if mode else None,
    )
    session.add(aside)
    session.flush()
    follow_up(sitting, evaluated, {"kept_aside_id": aside.id}, told)
    sitting.note("response.kept_aside", "kept_aside", aside.id)
    return evaluated
