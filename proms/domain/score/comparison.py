"""Two scorings of the same answers: which of the stored ones holds, and where they are not exactly
alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from proms.domain.score.scorer import ScaleScore


class Warned(StrEnum):
    """What the computer warns its operator of."""

    # A score stored under the current version is not what that version works out.
    SCORES_DIFFER = "scores_differ"
    # The rules make something else of stored answers than was stored, or an alert is not there.
    ALERTS_DIFFER = "alerts_differ"


class Stored(Protocol):
    """A score as tables hold it."""

    @property
    def scale(self) -> str: ...
    @property
    def scoring_version(self) -> str: ...


S = TypeVar("S", bound=Stored)


@dataclass(frozen=True)
class Difference:
    """A scale that was scored twice and not alike; one of the two is absent where that scoring
    lacks the scale."""

    scale: str
    old: ScaleScore | None
    new: ScaleScore | None


def by_version(scores: Iterable[S]) -> dict[str, dict[str, S]]:
    """The scores of one response by scoring version, the newest version last; of each by scale."""
    versions: dict[str, dict[str, S]] = {}
    for score in scores:
        versions.setdefault(score.scoring_version, {})[score.scale] = score
    return {version: versions[version] for version in sorted(versions, key=_numbered)}


def newest(scores: Iterable[S]) -> dict[str, S]:
    """The scores of one response by scale, in its newest version: what only an older one has does
    not hold any more."""
    return next(reversed(by_version(scores).values()), {})


def differences(old: Mapping[str, ScaleScore], new: Mapping[str, ScaleScore]) -> list[Difference]:
    """The scales whose value or number answered is not exactly the same, in the order of the new
    scoring."""
    found: list[Difference] = []
    for scale in dict.fromkeys((*new, *old)):
        if old.get(scale) != new.get(scale):
            found.append(Difference(scale, old.get(scale), new.get(scale)))
    return found


def _numbered(version: str) -> list[int]:
    """Versions are ordered as numbers, not as texts: 10 is newer than 9."""
    return [int(part) if part.isdigit() else -1 for part in version.split(".")]
