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
from proms.content import Library
from proms.db.append_only import append_missing
from proms.db.queries.scores import Scoring, scored_ids, scorings_after, scorings_near
from proms.db.session import Database
from proms.db.tables import Score, ScoreCheck
from proms.domain.score import SCORING_VERSION, Difference, Warned, differences, score_many
from proms.domain.score import ScaleScore as Scored
from proms.refusal import Refusal

BATCH = 200  # responses a transaction: while one is written, patients who submit wait
NIGHT_BEGINS = timedelta(hours=1)  # UTC: two or three o'clock in the Netherlands
PLACES, NEIGHBOURS = 20, 10  # a night's sample
NEVER_SCORED = ""
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
        for each in batch:
            if each.id not in new:
                raise InstrumentNotHeld(
                    f"response {each.id} answers {each.instrument} {each.instrument_version}, which is not installed"
                )
        if not dry_run:
            _keep(database, batch, new, by=by, now=now)
        for each in batch:
            yield from _differing(each, new[each.id])
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
    sample = [each for each in _sample(session, dice) if SCORING_VERSION in each.scores]
    new = _worked_out(library, sample)
    wrong = [
        each.id
        for each in sample
        for _ in differences(each.scores[SCORING_VERSION], new.get(each.id, {}))
    ]
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


def _sample(session: Session, dice: Random) -> list[Scoring]:
    ends = scored_ids(session)
    if ends is None:
        return []
    # From a little before the first on, so that it is as likely as any other.
    first, last = ends[0] - NEIGHBOURS + 1, ends[1]
    return scorings_near(session, [dice.randint(first, last) for _ in range(PLACES)], NEIGHBOURS)


def _worked_out(library: Library, batch: list[Scoring]) -> dict[int, Scales]:
    """The current scores of the responses by id; one whose instrument is not held is left out."""
    groups: dict[tuple[str, str], list[Scoring]] = defaultdict(list)
    for each in batch:
        if each.instrument_version in library.instruments.get(each.instrument, {}):
            groups[each.instrument, each.instrument_version].append(each)
    new: dict[int, Scales] = {}
    for (code, version), group in groups.items():
        scored = score_many(library.instrument(code, version), [each.answers for each in group])
        new |= {
            each.id: {score.scale: score for score in scores}
            for each, scores in zip(group, scored, strict=True)
        }
    return new


def _keep(
    database: Database, batch: list[Scoring], new: Mapping[int, Scales], *, by: Actor, now: datetime
) -> None:
    """One transaction: what is missing under the current version, and the warning if something
    there is not right."""
    rows = [row for each in batch for row in _missing(each, new[each.id])]
    wrong = [
        each.id
        for each in batch
        if SCORING_VERSION in each.scores
        for _ in differences(each.scores[SCORING_VERSION], new[each.id])
    ]
    if not rows and not wrong:
        return
    with database.writing() as session:
        if kept := append_missing(session, Score, rows):
            _note(
                session,
                "scores.rescored",
                by=by,
                now=now,
                first=batch[0].id,
                last=batch[-1].id,
                scores=kept,
            )
        warn(session, Warned.SCORES_DIFFER, responses=wrong, by=by, now=now)
        session.commit()


def _missing(scoring: Scoring, new: Scales) -> Iterator[dict[str, object]]:
    held = scoring.scores.get(SCORING_VERSION, {})
    for score in new.values():
        if score.scale not in held:
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
    before = [version for version in scoring.scores if version != SCORING_VERSION][-1:]
    held = [SCORING_VERSION] if SCORING_VERSION in scoring.scores else []
    for version in [*before, *held] or [NEVER_SCORED]:
        for each in differences(scoring.scores.get(version, {}), new):
            yield Rescored(scoring.id, version, each)


def _note(session: Session, verb: str, *, by: Actor, now: datetime, **counts: Any) -> None:
    subject = Subject("score", None)
    record(session, verb, subject, by=by, now=now, scoring_version=SCORING_VERSION, **counts)
