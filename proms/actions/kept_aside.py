"""Answers that come after the assignment was answered: kept for the site to see, and checked by the
rules."""

from sqlmodel import select

from proms.actions.breaches import follow_up
from proms.actions.drafts import Sitting
from proms.actions.evaluations import asked_of_her, evaluate_answers
from proms.db.tables import KeptAside
from proms.domain.instrument import Instrument
from proms.domain.response import Document, answers_of, digest, missing_of, whole


def keep_aside(sitting: Sitting, instrument: Instrument, document: Document, *, key: str) -> None:
    """Store answers that came after those that count, and let the rules look at them; the same key
    is kept once."""
    session, assignment = sitting.session, sitting.assignment
    same = select(KeptAside.id).where(
        KeptAside.assignment_id == assignment.id, KeptAside.idempotency_key == key
    )
    if session.exec(same).first():
        return
    answers = answers_of(document)
    evaluated = evaluate_answers(sitting, instrument, answers)
    aside = KeptAside(
        assignment_id=assignment.id,
        patient_id=sitting.patient.id,
        idempotency_key=key,
        document=whole(document, asked_of_her(instrument, evaluated, answers), instrument),
        digest=digest(answers, missing_of(document)),
        received_at=sitting.now,
    )
    session.add(aside)
    session.flush()
    follow_up(sitting, evaluated, {"kept_aside_id": aside.id})
    sitting.note("response.kept_aside", "kept_aside", aside.id)
    session.commit()
