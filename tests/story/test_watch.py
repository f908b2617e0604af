"""The watch: a tick that fails and a record that waits are seen by the front door, the figures and
everybody at the site; an outside switch hears that all is well, and only then."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import col, select

from proms import clock
from proms.actions.audit import WORKER
from proms.actions.letters import Post
from proms.actions.operator_warnings import warn
from proms.actions.tick_states import keep_ticks, note_done
from proms.channels.outside import Switch
from proms.db.tables import Contact, Delivery, Heartbeat, SetAside, TickState
from proms.domain.person import Role
from proms.domain.score import Warned
from proms.domain.tick import USUAL
from proms.domain.watch import STUCK_AFTER
from proms.jobs.ticks import Work, ping, run, run_all
from tests.clinic import MOBILE, At, Clinic
from tests.desk import Desk, stranger
from tests.phone import HOME
from tests.poisons import GONE, decided, none_missing

TOKEN = "m" * 16 + "0123456789abcdef"


def fails(work: Work) -> int:
    raise ValueError("Anna Bakker, 06 12345678")


def works(work: Work) -> int:
    return 0


def worker(clinic: Clinic, switch: Switch | None = None) -> At:
    post = Post({}, clinic.keyring, "https://proms.example.org")
    return At(
        clinic.database,
        clinic.look,
        post,
        "pump-it",
        False,
        clinic.seen,
        switch=switch,
        at=clinic.now,
    )


def beats(clinic: Clinic, at: datetime) -> None:
    with clinic.database.writing() as session:
        session.merge(Heartbeat(process="worker", beat_at=at))
        session.commit()


def health(app, now, path="/health"):
    with time_machine.travel(now, tick=False):
        answer = app.test_client().get(path, base_url=HOME)
    return answer.status_code, answer.json


@pytest.fixture
def minutes(clinic: Clinic):
    """`minutes(2, tick)` runs a tick of this name so many minutes into the story, in real time."""
    began = clinic.now

    def later(number: int, tick, name: str = "remind") -> datetime:
        at = began + timedelta(minutes=number)
        with time_machine.travel(at, tick=False):
            run(name, tick, worker(clinic))
            beats(clinic, at)
        return at

    return later


def test_a_tick_that_fails_is_counted_and_named_until_it_succeeds(clinic, app, minutes, capfd):
    minutes(0, works)
    assert health(app, minutes(1, fails))[0] == 200  # once may be chance
    status, said = health(app, minutes(3, fails))
    assert (status, said["status"], said["ticks"]) == (503, "unwell", "failing")
    assert said["worker"] == "ok"  # it beats all the same
    since = (clinic.now + timedelta(minutes=1)).isoformat(timespec="seconds")
    assert said["failing"] == [{"tick": "remind", "failures": 2, "since": since}]
    assert "Anna" not in str(said) + capfd.readouterr().err
    clinic.now += timedelta(minutes=3)
    mo = Desk(app, clinic, clinic.mo).opens("/staff/patients")
    assert "Een deel van het automatische werk mislukt bij alle ziekenhuizen." in mo.text
    assert health(app, minutes(4, works)) == (
        200,
        {"status": "ok", "web": "ok", "database": "ok", "worker": "ok"},
    )
    with clinic.database.reading() as session:
        state = session.get_one(TickState, "remind")
        assert (state.failures, state.failures_total, state.error) == (0, 2, None)


def test_a_tick_that_stands_still_is_named_too_unless_this_installation_has_it_no_more(
    clinic, app, minutes
):
    minutes(0, works, "notify")
    late = int((STUCK_AFTER + timedelta(minutes=1)).total_seconds() // 60)
    at = minutes(late, works, "remind")
    status, said = health(app, at)
    assert status == 503
    assert [tick["tick"] for tick in said["failing"]] == ["notify"]
    with clinic.database.writing() as session:
        keep_ticks(session, ["remind"])
    assert health(app, at + timedelta(seconds=5))[0] == 200


def test_with_the_database_away_a_failing_tick_stops_no_worker(clinic, monkeypatch):
    away = replace(worker(clinic), database=None)
    run("remind", fails, away)  # raises nothing


def test_what_was_set_aside_is_on_every_page_and_is_tried_again_from_its_own(clinic, app):
    clinic.today("2026-01-05", "08:00")
    decided(clinic)
    for _ in range(USUAL.most):
        clinic.now += USUAL.longest_wait
        clinic.works()
    beats(clinic, clinic.now)
    status, said = health(app, clinic.now)
    assert (status, said["status"], said["set_aside"]) == (200, "degraded", "waiting")
    mo, kim, ad = (Desk(app, clinic, who) for who in (clinic.mo, clinic.kim, clinic.ad))
    says = "1 ding kon niet vanzelf worden gedaan."
    assert says in mo.opens("/staff/roster").text
    assert says in ad.opens("/staff/people").text
    assert says in kim.opens("/staff/data").text
    mo.follows("Bekijk wat er wacht")
    assert "Beslissen over berichten aan een patiënt" in mo.text
    assert "KeyError" in mo.text
    assert ad.opens("/staff/set-aside").text.count("één patiënt") == 1  # he sees no codes
    none_missing(clinic)
    mo.presses("Probeer opnieuw")
    clinic.works()
    assert "Hier wacht niets." in mo.opens("/staff/set-aside").text
    assert says not in mo.text


def test_another_site_neither_sees_nor_tries_again_what_this_one_set_aside(clinic, app):
    with clinic.database.writing() as session:
        row = SetAside(
            tick="remind",
            subject_id=1,
            site_id=clinic.site.id,
            error="KeyError",
            tries=5,
            since=clinic.now,
            tried_at=clinic.now,
        )
        session.add(row)
        session.commit()
    other = Desk(app, clinic, stranger(clinic, Role.COORDINATOR))
    assert "Hier wacht niets." in other.opens("/staff/set-aside").text
    assert other.sends(f"/staff/set-aside/{row.id}/again").status == 404


def test_an_address_that_does_not_open_is_a_task_for_the_site_and_breaks_no_page(clinic, app):
    clinic.today("2026-01-05", "08:30")
    anna = clinic.enrols("Anna")
    with clinic.database.writing() as session:
        hers = session.exec(select(Contact).where(Contact.patient_id == anna.id)).one()
        hers.address = GONE
        session.commit()
    clinic.today("2026-01-05", "09:30")
    mo = Desk(app, clinic, clinic.mo)
    mo.opens("/staff/patients")
    assert "Het nummer of adres van 1 patiënt is niet te lezen" in mo.text
    mo.follows(anna.code)
    assert mo.status == 200
    assert "Dit nummer of adres is niet te lezen: voer het opnieuw in." in mo.text
    assert anna.code in mo.opens("/staff/patients").presses("Zoek", find="Anna").text


def scraped(app, now, token: str | None = TOKEN):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with time_machine.travel(now, tick=False):
        return app.test_client().get("/metrics", base_url=HOME, headers=headers)


@pytest.fixture
def measured(app):
    """A site that has chosen a token for its figures."""
    parts = app.extensions["parts"]
    app.extensions["parts"] = replace(parts, settings=replace(parts.settings, metrics_token=TOKEN))
    yield app
    app.extensions["parts"] = parts


def figures(answer) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_are_for_who_knows_the_token_and_for_nobody_where_none_is_set(clinic, app):
    assert scraped(app, clinic.now).status_code == 404


def test_a_wrong_token_gets_no_figures(clinic, measured):
    for token in (None, "", "wrong", TOKEN[:-1], TOKEN + "0", "é"):
        assert scraped(measured, clinic.now, token).status_code == 401


def test_the_figures_say_what_is_owed_what_fails_and_who_waits(clinic, measured, minutes):
    clinic.today("2026-01-05", "08:30")
    anna, _ = clinic.enrols("Anna"), clinic.enrols("Bea")
    clinic.answers(anna, JAUND=2)
    with clinic.database.writing() as session:
        hers = select(Contact).where(Contact.patient_id == anna.id)
        session.exec(hers).one().address = GONE
        session.commit()
    clinic.today("2026-01-05", "09:30")
    minutes(90, fails)
    clinic.now += timedelta(minutes=40)
    beats(clinic, clinic.now)
    with clinic.database.writing() as session:
        note_done(session, tick="deliver", seconds=10, now=clinic.now)
    answer = scraped(measured, clinic.now)
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    said = figures(answer)
    assert said["proms_worker_heartbeat_age_seconds",] == 0
    assert said["proms_deliveries_owed", "patients", "due"] == 0
    assert said["proms_deliveries_dead",] >= 1
    assert said["proms_deliveries_expected", "patients"] >= 2
    assert said["proms_deliveries_sent", "patients"] < said["proms_deliveries_expected", "patients"]
    assert said["proms_tick_failures_total", "remind"] == 1
    assert said["proms_tick_last_success_age_seconds", "deliver"] == 0
    assert said["proms_red_alerts_untaken",] == 1
    assert said["proms_red_alert_oldest_age_seconds",] > 3600
    assert said["proms_submissions_last_day",] == 1
    assert said["proms_trouble", "dead"] == 1
    assert said["proms_trouble", "worker"] == 0
    for told in (anna.code, clinic.site.code, clinic.site.name, MOBILE, TOKEN):
        assert told not in answer.text


def test_a_notice_that_waits_too_long_is_unwell_and_a_late_reminder_degraded(clinic, app):
    clinic.today("2026-01-05", "09:30")
    anna = clinic.enrols("Anna")
    clinic.answers(anna, JAUND=2)
    beats(clinic, clinic.now)
    with clinic.database.writing() as session:
        notice = session.exec(select(Delivery).where(col(Delivery.alert_id).is_not(None))).first()
        notice.attempts, notice.due_at = 3, clinic.now + timedelta(seconds=30)
        session.commit()
    soon = clinic.now + timedelta(seconds=61)
    beats(clinic, soon)
    status, said = health(app, soon)
    assert (status, said["notices"]) == (503, "late")
    figures = health(app, soon + timedelta(seconds=6), "/health/figures")[1]
    assert figures["lanes"]["staff"]["oldest_due_seconds"] == 67


@dataclass
class Listener:
    """The dead-man's address: what it heard, and whether it answers at once, or not at all."""

    url: str = ""
    heard: list[str] = field(default_factory=list)
    silent: bool = False
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listener.heard.append(self.path)
            if listener.silent:
                listener.over.wait(30)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        listener.url = f"http://127.0.0.1:{server.server_port}/ping/secret"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield listener
        listener.over.set()
        server.shutdown()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


def at_every_minute(clinic: Clinic, switch: Switch) -> None:
    with time_machine.travel(clinic.now, tick=False):
        ping(worker(clinic, switch))


def test_the_switch_outside_hears_that_all_is_well_and_follows_nowhere(clinic, listener):
    switch = Switch(listener.url)
    beats(clinic, clinic.now)
    at_every_minute(clinic, switch)
    assert listener.heard == ["/ping/secret"]
    assert listener.url not in repr(switch)


@pytest.mark.parametrize("tells", [False, True])
def test_it_hears_nothing_or_a_failure_while_a_tick_fails_or_the_worker_is_silent(
    clinic, listener, minutes, tells
):
    switch = Switch(listener.url, tells)
    failure = ["/ping/secret/fail"] if tells else []
    at_every_minute(clinic, switch)  # nobody beats
    assert listener.heard == failure
    minutes(0, fails)
    clinic.now = minutes(2, fails)
    at_every_minute(clinic, switch)
    assert listener.heard == failure * 2
    clinic.now = minutes(3, works)
    at_every_minute(clinic, switch)
    assert listener.heard == [*failure * 2, "/ping/secret"]


def test_it_hears_nothing_while_a_message_is_past_its_hour_or_an_audit_differs(clinic, listener):
    clinic.today("2026-01-05", "08:30")
    clinic.enrols("Anna")
    clinic.now += timedelta(hours=2)
    beats(clinic, clinic.now)
    switch = Switch(listener.url)
    at_every_minute(clinic, switch)  # her message should have been decided at nine
    assert listener.heard == []
    clinic.works()
    at_every_minute(clinic, switch)
    assert listener.heard == ["/ping/secret"]
    with clinic.database.writing() as session:
        warn(session, Warned.ALERTS_DIFFER, responses=[1], by=WORKER, now=clinic.now)
        session.commit()
    at_every_minute(clinic, switch)
    assert listener.heard == ["/ping/secret"]


def test_an_address_that_hangs_delays_no_tick_and_is_called_once_at_a_time(
    clinic, listener, monkeypatch
):
    monkeypatch.setattr("proms.channels.outside.LONGEST", 0.2)
    monkeypatch.setattr("proms.channels.outside.SECONDS", 30)
    listener.silent = True
    switch = Switch(listener.url)
    beats(clinic, clinic.now)
    began = time.monotonic()
    at_every_minute(clinic, switch)
    at_every_minute(clinic, switch)
    assert time.monotonic() - began < 5
    assert listener.heard == ["/ping/secret"]


def test_an_address_where_nobody_listens_fails_no_tick(clinic):
    beats(clinic, clinic.now)
    at_every_minute(clinic, Switch("http://127.0.0.1:9/"))


def test_what_everybody_calls_is_no_part_of_the_ticks_in_order(clinic, listener):
    run_all(worker(clinic, Switch(listener.url)))
    assert listener.heard == []
    assert clock.now()
