"""What the watch counts, for Prometheus: read from the database at each scrape, so that it is the
clinic's state and not one process's."""

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from proms import clock
from proms.db.queries.watch import watched
from proms.domain.watch import Watch, Watched, troubles
from proms.web import request_context
from proms.web.guard import open_to_all

front = Blueprint("metrics", __name__)
BEARER = "Bearer "


def install(app: Flask) -> None:
    app.register_blueprint(front)


@front.get("/metrics")
@open_to_all
def metrics() -> ResponseReturnValue:
    """Counts and ages, to who knows the token; where no token is set there is no such page."""
    token = request_context.parts().settings.metrics_token
    if token is None:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not given.startswith(BEARER) or not _same(given.removeprefix(BEARER), token):
        return Response("", 401, {"WWW-Authenticate": "Bearer"})
    now = request_context.now()
    with request_context.reading() as session:
        seen = watched(session, now=now)
    registry = CollectorRegistry()
    registry.register(Seen(seen, now=now, real_now=clock.now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.strip().encode(), token.encode())


class Seen(Collector):
    """What was seen, in the words of Prometheus; no label names a site, a person or an address."""

    def __init__(self, seen: Watched, *, now: datetime, real_now: datetime) -> None:
        self.seen, self.now, self.real_now = seen, now, real_now

    def collect(self) -> Iterator[Metric]:
        yield from self._worker()
        yield from self._deliveries()
        yield from self._people()
        wrong = troubles(self.seen, now=self.now, real_now=self.real_now)
        trouble = GaugeMetricFamily(
            "proms_trouble", "1 where it is not as it should be.", None, ["what"]
        )
        for what in Watch:
            trouble.add_metric([what.value], int(what in wrong))
        yield trouble

    def _worker(self) -> Iterator[Metric]:
        yield _age(
            "proms_worker_heartbeat_age_seconds",
            "Since a worker last showed that it lives; absent before the first.",
            self.real_now,
            self.seen.beat_at,
        )
        total = CounterMetricFamily(
            "proms_tick_failures", "Runs of a tick that failed, ever.", labels=["tick"]
        )
        row = GaugeMetricFamily(
            "proms_tick_failures_in_a_row", "Since it last succeeded.", labels=["tick"]
        )
        ages = GaugeMetricFamily(
            "proms_tick_last_success_age_seconds", "Written once a minute.", labels=["tick"]
        )
        for tick in self.seen.ticks:
            total.add_metric([tick.tick], tick.failures_total)
            row.add_metric([tick.tick], tick.failures)
            if tick.succeeded_at:
                ages.add_metric([tick.tick], _seconds(self.real_now - tick.succeeded_at))
        yield from (total, row, ages)
        yield _gauge("proms_set_aside", "Records that wait for a person.", self.seen.set_aside)
        yield _age(
            "proms_set_aside_oldest_age_seconds",
            "Of the record that waits longest; absent where none does.",
            self.now,
            self.seen.set_aside_since,
        )
        yield _gauge(
            "proms_warnings_open",
            "Scores or alerts that came out otherwise than stored, and no operator closed it.",
            self.seen.differences,
        )

    def _deliveries(self) -> Iterator[Metric]:
        lanes = {"staff": self.seen.staff, "patients": self.seen.patients}
        owed = GaugeMetricFamily(
            "proms_deliveries_owed", "Messages that are not settled.", labels=["lane", "state"]
        )
        oldest = GaugeMetricFamily(
            "proms_delivery_oldest_due_age_seconds",
            "Of the due message that waits longest; absent where none does.",
            labels=["lane"],
        )
        expected = GaugeMetricFamily(
            "proms_deliveries_expected",
            "Came due in the day that ended five minutes ago, and was not taken back.",
            labels=["lane"],
        )
        sent = GaugeMetricFamily("proms_deliveries_sent", "Of those expected.", labels=["lane"])
        for name, lane in lanes.items():
            for state in ("due", "sending", "unknown"):
                owed.add_metric([name, state], lane.owed.get(state, 0))
            if lane.oldest_due:
                oldest.add_metric([name], _seconds(self.now - lane.oldest_due))
            expected.add_metric([name], lane.expected)
            sent.add_metric([name], lane.sent)
        yield from (owed, oldest, expected, sent)
        yield _gauge("proms_deliveries_dead", "Given up in the last week.", self.seen.dead)
        yield _gauge(
            "proms_texts_full_sites",
            "Sites whose patients were sent as many texts today as there may be.",
            self.seen.texts_full,
        )
        yield _gauge("proms_texts_held", "That wait there for tomorrow.", self.seen.texts_held)
        yield _gauge(
            "proms_messages_undecided",
            "Questionnaires whose message should have been decided five minutes ago.",
            self.seen.undecided,
        )

    def _people(self) -> Iterator[Metric]:
        yield _gauge(
            "proms_red_alerts_untaken", "Red alerts nobody has taken.", self.seen.red_untaken
        )
        yield _age(
            "proms_red_alert_oldest_age_seconds",
            "Of the red alert that waits longest; absent where none does.",
            self.now,
            self.seen.red_oldest,
        )
        yield _gauge(
            "proms_submissions_last_day", "Answers of the last 24 hours.", self.seen.submissions
        )


def _gauge(name: str, meaning: str, value: int) -> Metric:
    return GaugeMetricFamily(name, meaning, value)


def _age(name: str, meaning: str, now: datetime, since: datetime | None) -> Metric:
    family = GaugeMetricFamily(name, meaning)
    if since:
        family.add_metric([], _seconds(now - since))
    return family


def _seconds(age: timedelta) -> float:
    return max(0.0, age.total_seconds())
