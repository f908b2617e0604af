"""Work stored scores out again: all of them under the current scoring version, or every night a
sample to check."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, ClassVar

from sqlmodel import Session

from proms.actions.audit import WORKER, Actor, Subject, record
from proms.actions.operator_warnings import warn
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.content import Library
from proms.db.append_only import append_missing
from proms.db.queries.scores import Scoring, scored_ids, scorings_after, scorings_near
from proms.db.queries.set_aside import to_try_again
from proms.db.session import Database
from proms.db.tables import Score, ScoreCheck
from proms.domain.score import SCORING_VERSION, Difference, Warned, differences, score_many
from proms.domain.score import ScaleScore as Scored
from proms.domain.tick import TickName, Tries
from proms.refusal import Refusal

BATCH = 200  # responses a transaction: while one is written, patients who submit wait
NIGHT_BEGINS = timedelta(hours=1)  # UTC: two or three o'clock in the Netherlands
PLACES, NEIGHBOURS = 20, 10  # a night's sample
NEVER_SCORED = ""
ONCE = Tries(most=1)  # chance may not come back to it: a person hears at once
Scales = Mapping[str, Scored]


class InstrumentNotHeld(Refusal):
    """There are answers to an instrument, in a version, that the content does not hold."""

    code: ClassVar[str] = "instrument_not_held"


@dataclass(frozen=True)
class Rescored:
    """A score of a response that is not what was stored, under which version (empty: the response
    had no score)."""

    response_id: int
    version: str
    difference: Difference


def rescore(
    database: Database, library: Library, *, by: Actor, now: datetime, dry_run: bool = False
) -> Iterator[Rescored]:
    """Store the scores of every response version under the current scoring version, and tell each
    that differs.

    Old values stay. What is stored under the current version already is compared and never written:
    where it differs, the operator is warned. Nothing remembers how far a run came: every run, also
    after one that broke off, looks at everything, tells everything, and writes what is missing.
    """
    last = 0
    while batch := _next(database, last):
        new = _worked_out(library, batch)
        # Before anything of the batch is written: a run stops at the first that cannot be scored.
        _refuse_missing_instrument(batch, new)
        if not dry_run:
            _keep(database, batch, new, by=by, now=now)
        for scoring in batch:
            yield from _differing(scoring, new[scoring.id])
        last = batch[-1].id


def check_scores(session: Session, library: Library, *, dice: Random, now: datetime) -> int:
    """Once a night: work a sample of the stored scores out again, and warn the operator of each
    that is not the same.

    Returns how many responses were looked at. What is not stored under the current version is left
    to a rescoring: only the current version can still be worked out.
    """
    # The row makes the night this worker's alone: another one waits for the commit, and finds it
    # taken.
    if not append_missing(session, ScoreCheck, [{"night": night_of(now), "checked_at": now}]):
        return 0
    sample = [
        scoring for scoring in _sample(session, dice, now) if SCORING_VERSION in scoring.scores
    ]
    wrong_ones: dict[int, list[int]] = {}  # one id for each scale that is wrong

    def work_out(some: list[Scoring]) -> None:
        wrong_ones[some[0].id] = _wrong(some, _worked_out(library, some))

    units = [Unit(scoring.id, scoring, patient_id=scoring.patient_id) for scoring in sample]
    each_apart(session, units, work_out, Attempt(TickName.CHECK, now, ONCE))
    wrong = [id for ids in wrong_ones.values() for id in ids]
    _note(
        session, "scores.checked", by=WORKER, now=now, responses=len(sample), differing=len(wrong)
    )
    warn(session, Warned.SCORES_DIFFER, responses=wrong, by=WORKER, now=now)
    session.commit()
    return len(sample)


def night_of(now: datetime) -> date:
    """The night whose check is due; one that was missed is made up for by day."""
    return (now - NIGHT_BEGINS).date()


def _next(database: Database, last: int) -> list[Scoring]:
    with database.reading() as session:
        return scorings_after(session, last, BATCH)


def _sample(session: Session, dice: Random, now: datetime) -> list[Scoring]:
    """Some by chance, and those that somebody asked to have tried again."""
    ends = scored_ids(session)
    if ends is None:
        return []
    # A place stands for the responses that follow it; from a little before the first on, so that
    # the first is as likely as any other.
    first, last = ends[0] - NEIGHBOURS + 1, ends[1]
    places = [dice.randint(first, last) for _ in range(PLACES)]
    again = to_try_again(session, TickName.CHECK, now)
    return scorings_near(session, places, NEIGHBOURS, also=again)


def _worked_out(library: Library, batch: list[Scoring]) -> dict[int, Scales]:
    """The current scores of the responses by id; one whose instrument is not held is left out."""
    # Together, because a scorer works on all the answers to one instrument at once.
    groups: dict[tuple[str, str], list[Scoring]] = defaultdict(list)
    for scoring in batch:
        if scoring.instrument_version in library.instruments.get(scoring.instrument, {}):
            groups[scoring.instrument, scoring.instrument_version].append(scoring)
    new: dict[int, Scales] = {}
    for (code, version), group in groups.items():
        answers = [scoring.answers for scoring in group]
        scored = score_many(library.instrument(code, version), answers)
        for scoring, scores in zip(group, scored, strict=True):
            new[scoring.id] = {score.scale: score for score in scores}
    return new


def _refuse_missing_instrument(batch: list[Scoring], new: Mapping[int, Scales]) -> None:
    for scoring in batch:
        if scoring.id not in new:
            instrument = f"{scoring.instrument} {scoring.instrument_version}"
            raise InstrumentNotHeld(
                f"response {scoring.id} answers {instrument}, which is not installed"
            )


def _wrong(batch: list[Scoring], new: Mapping[int, Scales]) -> list[int]:
    """The responses whose scores under the current version are not what comes out now: one id for
    each scale."""
    wrong: list[int] = []
    for scoring in batch:
        stored = scoring.scores.get(SCORING_VERSION)
        if stored is not None:
            differing = differences(stored, new.get(scoring.id, {}))
            wrong += [scoring.id] * len(differing)
    return wrong


def _keep(
    database: Database, batch: list[Scoring], new: Mapping[int, Scales], *, by: Actor, now: datetime
) -> None:
    """One transaction: what is missing under the current version, and the warning if something
    there is not right."""
    rows: list[dict[str, object]] = []
    for scoring in batch:
        rows += _missing(scoring, new[scoring.id])
    wrong = _wrong(batch, new)
    if not rows and not wrong:
        return
    with database.writing() as session:
        # Another run, or a patient who submits, may have written some of them since they were read.
        kept = append_missing(session, Score, rows)
        if kept:
            ids = {"first": batch[0].id, "last": batch[-1].id}
            _note(session, "scores.rescored", by=by, now=now, **ids, scores=kept)
        warn(session, Warned.SCORES_DIFFER, responses=wrong, by=by, now=now)
        session.commit()


def _missing(scoring: Scoring, new: Scales) -> Iterator[dict[str, object]]:
    """The rows of the scales that are not stored under the current version."""
    stored = scoring.scores.get(SCORING_VERSION, {})
    for score in new.values():
        if score.scale not in stored:
            yield {
                "response_id": scoring.id,
                "scale": score.scale,
                "scoring_version": SCORING_VERSION,
                "value": score.value,
                "answered": score.answered,
            }


def _differing(scoring: Scoring, new: Scales) -> Iterator[Rescored]:
    """What differs from the version before, and from what is stored under the current one
    already."""
    versions = [version for version in scoring.scores if version != SCORING_VERSION][-1:]
    if SCORING_VERSION in scoring.scores:
        versions.append(SCORING_VERSION)
    for version in versions or [NEVER_SCORED]:
        for difference in differences(scoring.scores.get(version, {}), new):
            yield Rescored(scoring.id, version, difference)


def _note(session: Session, verb: str, *, by: Actor, now: datetime, **counts: Any) -> None:
    subject = Subject("score", None)
    record(session, verb, subject, by=by, now=now, scoring_version=SCORING_VERSION, **counts)
