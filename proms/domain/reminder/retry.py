"""When a message that surely did not leave is tried again, and when a provider that fails is left
alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from proms.domain.reminder.limits import OutboxLimits

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
MOST_DOUBLINGS = 10  # long past the longest wait, and no number grows without end
FIRST_PROBE = timedelta(seconds=30)
LONGEST_PROBE = timedelta(minutes=5)

Draw = Callable[[float, float], float]  # a random number between two, as `Random.uniform`


def retry_wait(
    attempts: int,
    draw: Draw,
    *,
    longest: timedelta = LONGEST_WAIT,
    retry_after: int | None = None,
) -> timedelta:
    """Up to twice as long after each attempt, at random in between (full jitter), so that many do
    not come back at once; never sooner than the seconds the provider asked for."""
    ceiling = min(FIRST_WAIT * int(2 ** min(attempts, MOST_DOUBLINGS)), longest)
    if retry_after is None:
        return timedelta(seconds=draw(0, ceiling.total_seconds()))
    # The wait that was asked for is the same for all: what comes after it is spread a little.
    return timedelta(seconds=retry_after + draw(0, FIRST_WAIT.total_seconds()))


@dataclass(frozen=True)
class Trouble:
    """How often in a row a channel's provider failed; from `open_since` on only a probe is sent, at
    `probe_at`."""

    failures: int = 0
    open_since: datetime | None = None
    probe_at: datetime | None = None

    def blocks(self, now: datetime) -> bool:
        """Whether nothing may be tried now."""
        return self.probe_at is not None and now < self.probe_at

    @property
    def is_open(self) -> bool:
        return self.open_since is not None


def after_failure(trouble: Trouble, now: datetime, limits: OutboxLimits) -> Trouble:
    """One more failure of the provider; enough of them in a row open the channel."""
    failures = trouble.failures + 1
    if failures < limits.failures:
        return replace(trouble, failures=failures)
    doublings = min(failures - limits.failures, MOST_DOUBLINGS)
    wait = min(FIRST_PROBE * int(2**doublings), LONGEST_PROBE)
    return Trouble(failures, trouble.open_since or now, now + wait)
