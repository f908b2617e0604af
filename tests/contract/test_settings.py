"""A missing or weak setting, or unsound content, stops the start with one clear line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proms.actions.letters import Post
from proms.content import Library
from proms.db.session import connect
from proms.db.tables import Patient
from proms.jobs.pulse import build
from proms.jobs.ticks import Work
from proms.settings import HOME, Unsafe, from_environment
from tests.clinic import KEYRING, Clinic

SOUND = {
    "DATABASE_URL": "sqlite:////tmp/never-opened.db",
    "PROMS_SECRET": "0123456789abcdefghijklmnopqrstuvwxyz",
    "PROMS_IDENTITY_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "PROMS_PUBLIC_URL": "https://proms.example.org",
    "PROMS_TWILIO_ACCOUNT": "AC0",
    "PROMS_TWILIO_TOKEN": "token",
    "PROMS_TWILIO_SENDER": "proms",
}


def test_sound_settings_start():
    settings = from_environment(SOUND)
    assert settings.secure
    assert "0123456789" not in repr(settings)  # a secret never reaches a log by way of a repr


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"PROMS_SECRET": ""}, "PROMS_SECRET"),
        ({"PROMS_SECRET": "short"}, "PROMS_SECRET is too weak"),
        ({"PROMS_SECRET": "a" * 40}, "PROMS_SECRET is too weak"),
        ({"PROMS_IDENTITY_KEYS": ""}, "PROMS_IDENTITY_KEYS"),
        ({"PROMS_IDENTITY_KEYS": "k1:c2hvcnQ="}, "32 bytes"),
        ({"PROMS_PUBLIC_URL": ""}, "PROMS_PUBLIC_URL"),
        ({"PROMS_PUBLIC_URL": "http://proms.example.org"}, "https"),
        ({"PROMS_TWILIO_ACCOUNT": ""}, "No message could leave"),
        ({"PROMS_TWILIO_TOKEN": ""}, "PROMS_TWILIO_TOKEN"),
        ({"PROMS_TWILIO_SENDER": "ziekenhuis-ams"}, "PROMS_TWILIO_SENDER must be"),
        ({"PROMS_TWILIO_SENDER": "Zoë"}, "PROMS_TWILIO_SENDER must be"),
        ({"PROMS_TWILIO_SENDER": "12345"}, "PROMS_TWILIO_SENDER must be"),
        ({"PROMS_TWILIO_SENDER": "+0612345678"}, "PROMS_TWILIO_SENDER must be"),
        ({"PROMS_TWILIO_SENDER": "MG" + "0f" * 17}, "PROMS_TWILIO_SENDER must be"),
        ({"PROMS_SMTP_HOST": "mail.example.org"}, "PROMS_SMTP_SENDER"),
        ({"FLASK_DEBUG": "1"}, "debug"),
        ({"PROMS_DEMO": "1"}, "The demo sends nothing"),
        ({"PROMS_PROXIES": "two"}, "PROMS_PROXIES"),
        ({"PROMS_ASK_AFTER_MINUTES": "soon"}, "PROMS_ASK_AFTER_MINUTES must be a whole number"),
        ({"PROMS_ASK_AFTER_MINUTES": "0"}, "PROMS_ASK_AFTER_MINUTES must be a number from 1 to"),
        ({"PROMS_ASK_AFTER_MINUTES": "30"}, "PROMS_RESEND_AFTER_MINUTES must be more than"),
        ({"PROMS_RESEND_AFTER_MINUTES": "1441"}, "PROMS_RESEND_AFTER_MINUTES must be a number"),
        ({"PROMS_BREAKER_FAILURES": "0"}, "PROMS_BREAKER_FAILURES must be a number from 1 to 1000"),
        ({"PROMS_PAUSE_AFTER_UNDELIVERED": "11"}, "PROMS_PAUSE_AFTER_UNDELIVERED must be"),
        ({"PROMS_SMS_ANSWERS_PER_HOUR": "-1"}, "PROMS_SMS_ANSWERS_PER_HOUR must be"),
        ({"PROMS_TEXTS_A_DAY": "0"}, "PROMS_TEXTS_A_DAY must be a number from 1 to 100000"),
        ({"PROMS_SMS_COUNTRIES": "31"}, "PROMS_SMS_COUNTRIES must be codes"),
        ({"PROMS_SMS_COUNTRIES": "+31,NL"}, "PROMS_SMS_COUNTRIES must be codes"),
        ({"PROMS_SMS_COUNTRIES": "+999"}, "PROMS_SMS_COUNTRIES must be codes"),
        ({"PROMS_REPORT_AFTER_HOURS": "0"}, "PROMS_REPORT_AFTER_HOURS must be a number from 1 to"),
        ({"PROMS_METRICS_TOKEN": "short"}, "PROMS_METRICS_TOKEN is too weak"),
        (
            {"PROMS_ALIVE_URL": "http://alive.example.org/x"},
            "PROMS_ALIVE_URL must begin with https",
        ),
        ({"PROMS_ALIVE_URL": "https://alive.example.org/x?y=1"}, "PROMS_ALIVE_URL"),
        ({"PROMS_ROW_TRIES": "0"}, "PROMS_ROW_TRIES must be between 1 and 50"),
        ({"PROMS_PACKS": "no/such/folder"}, "PROMS_PACKS names a folder that is not there"),
    ],
)
def test_t22_an_unsafe_setting_is_named(change, says):
    with pytest.raises(Unsafe, match=says):
        from_environment({**SOUND, **change})


@pytest.mark.parametrize("sender", ["+31970102030", "MG" + "0f" * 16, "PROMS", "St J & M-1", "MG1"])
def test_a_number_a_messaging_service_and_a_short_name_may_send(sender):
    twilio = from_environment({**SOUND, "PROMS_TWILIO_SENDER": sender}).twilio
    assert twilio
    assert twilio.sender == sender


@pytest.mark.parametrize(
    ("said", "countries"),
    [("", {"+31"}), (" +31 , +32 ", {"+31", "+32"}), ("+49", {"+49"})],
)
def test_texts_go_to_the_countries_that_are_named_and_else_to_dutch_numbers(said, countries):
    assert from_environment({**SOUND, "PROMS_SMS_COUNTRIES": said}).sms_countries == countries


def proms(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "proms.cli", *words]
    return subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", **env}, capture_output=True, text=True, cwd=HOME
    )


def test_the_server_says_in_one_line_what_is_missing():
    ended = proms("serve")
    assert ended.returncode == 2
    assert ended.stderr == "proms: DATABASE_URL is not set.\n"


def test_a_wrong_content_file_stops_the_start_with_its_line(tmp_path: Path):
    folder = tmp_path / "instruments" / "hsc" / "0.1"
    folder.mkdir(parents=True)
    (folder / "instrument.yaml").write_text("code: hsc\nversion: no\n")
    ended = proms("worker", **SOUND, PROMS_CONTENT=str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr.startswith(
        "proms: instruments/hsc/0.1/instrument.yaml:2: no would be read as true or false"
    )
    assert ended.stderr.count("\n") == 1


def test_an_unsound_licensed_wording_stops_the_start_with_its_line(tmp_path: Path):
    (tmp_path / "packs" / "c30").mkdir(parents=True)
    (tmp_path / "packs" / "c30" / "manifest.yaml").write_text("pack: 1\nwording: no\n")
    ended = proms("worker", **SOUND, PROMS_PACKS=str(tmp_path / "packs"))
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert ended.stderr.startswith(
        "proms: packs/c30/manifest.yaml:2: no would be read as true or false"
    )


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_start_is_refused_where_the_protocol_of_a_patient_is_gone(
    command: str, sqlite_clinic_template: Path, tmp_path: Path, library: Library
):
    url = f"sqlite:///{shutil.copy(sqlite_clinic_template, tmp_path / 'clinic.db')}"
    database = connect(url)
    patient = Clinic(database, library).enrols()
    with database.writing() as session:
        session.get_one(Patient, patient.id).protocol_version = 7
        session.commit()
    database.engine.dispose()
    ended = proms(command, **{**SOUND, "DATABASE_URL": url})
    assert (ended.returncode, ended.stderr) == (
        2,
        "proms: Patients take part under pump-it 7, which protocols/ does not hold. "
        "Put the file back: a version that was used stays.\n",
    )


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_start_is_refused_before_the_migrations(command: str, tmp_path: Path):
    ended = proms(command, **{**SOUND, "DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"})
    assert (ended.returncode, ended.stderr) == (
        2,
        "proms: The database lacks a migration of this version: run `proms migrate` first.\n",
    )


def test_a_site_without_a_day_and_night_number_cannot_be_opened(sqlite_database_url: str):
    env = {**SOUND, "DATABASE_URL": sqlite_database_url}
    refused = proms("site", "add", "AMS", "--name", "Voorbeeld", "--phone", " ", **env)
    assert refused.returncode == 2
    assert "answered day and night" in refused.stderr
    for nobodys, sentence in (
        ("call us", "has no letters"),
        ("020 123456", "no such telephone number"),
        ("020 1234567; 020 7654321", "Write one telephone number"),
        ("0900 8418", "not one that everybody can call"),
        ("112", "too few or too many digits"),
    ):
        unreadable = proms("site", "add", "AMS", "--name", "Voorbeeld", "--phone", nobodys, **env)
        assert unreadable.returncode == 2
        assert sentence in unreadable.stderr
    assert (
        proms(
            "site", "add", "AMS", "--name", "Voorbeeld", "--phone", "020 123 45 67", **env
        ).returncode
        == 0
    )
    twice = proms("site", "add", "AMS", "--name", "Voorbeeld", "--phone", "020 123 45 67", **env)
    assert (twice.returncode, twice.stderr) == (
        2,
        "proms: A site with the code AMS exists already.\n",
    )


def test_the_first_administrator_is_made_at_the_command_line(sqlite_database_url: str):
    env = {**SOUND, "DATABASE_URL": sqlite_database_url}
    assert (
        proms(
            "site", "add", "AMS", "--name", "Voorbeeld", "--phone", "020 123 45 67", **env
        ).returncode
        == 0
    )
    words = ("staff", "add", "ad", "--site", "AMS", "--name", "Ad")
    weak = proms(*words, "--password", "short", **env)
    assert weak.returncode == 2
    assert "at least 12 characters" in weak.stderr
    made = proms(*words, "--password", "a long enough password", **env)
    assert (made.returncode, made.stdout) == (0, "ad may log in as administrator.\n")
    elsewhere = proms(
        "staff",
        "add",
        "x1",
        "--site",
        "ROT",
        "--name",
        "X",
        "--password",
        "a long enough one",
        **env,
    )
    assert elsewhere.stderr == "proms: There is no site with the code ROT.\n"


def test_f12_no_web_process_has_a_scheduler_and_a_late_tick_runs_once(
    clinic: Clinic, database_url: str
):
    script = (
        "import sys, app;print([each for each in ('apscheduler', 'twilio') if each in sys.modules])"
    )
    env = {"PATH": "/usr/bin:/bin", **SOUND, "DATABASE_URL": database_url}
    told = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, cwd=HOME
    )
    assert told.stdout == "[]\n", told.stderr
    scheduler = build(
        Work(clinic.database, lambda: clinic.library, Post({}, KEYRING, ""), "x", False)
    )
    scheduler.start(paused=True)
    jobs = scheduler.get_jobs()
    scheduler.shutdown(wait=False)
    assert {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in jobs} == {
        (True, 1, None)
    }
    assert {type(job.trigger).__name__ for job in jobs} == {"IntervalTrigger"}
