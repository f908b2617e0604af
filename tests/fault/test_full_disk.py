"""/health on a database that reads and does not write: a full disk, and one to read only."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, text

from proms.db.tables import Heartbeat
from proms.settings import HOME as HOUSE
from proms.web.health import WRITES_EVERY
from tests.clinic import Clinic
from tests.phone import HOME, website

pytestmark = pytest.mark.both_engines

# The size of a file that this process may write is the room that is left: past it the system
# refuses, as it does on a full disk.
ASKING = """
import json, os, resource, sys
from datetime import timedelta
import time_machine
from proms import clock
from proms.db.session import connect
from tests.phone import HOME, website
url, file = sys.argv[1], sys.argv[2]
began = clock.now()
def ask(app, seconds):
    with time_machine.travel(began + timedelta(seconds=seconds), tick=False):
        answer = app.test_client().get("/health", base_url=HOME)
    return [answer.status_code, answer.json["database"]]
def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
with website(url) as app:
    said = [ask(app, 0)]
    room(os.path.getsize(file + "-wal"))
    said.append(ask(app, 10))
    room(resource.RLIM_INFINITY)
    said.append(ask(app, 20))
print(json.dumps(said))
"""


def test_on_a_full_disk_the_database_is_not_well_and_is_again_once_there_is_room(
    sqlite_database_url: str,
):
    file = sqlite_database_url.removeprefix("sqlite:///")
    ended = subprocess.run(
        [sys.executable, "-c", ASKING, sqlite_database_url, file],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    said = [database for _, database in json.loads(ended.stdout)]
    assert said == ["ok", "takes no writes", "ok"]


def test_a_database_to_read_only_is_not_well(postgres_database_url: str):
    with website(postgres_database_url) as app:
        client = app.test_client()
        engine = app.extensions["parts"].database.engine
        name = engine.url.database
        with engine.connect() as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(
                text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
            )
        engine.dispose()
        answer = client.get("/health", base_url=HOME)
    assert (answer.status_code, answer.json["database"]) == (503, "takes no writes")


def test_who_asks_often_makes_the_database_write_once_in_a_while(clinic: Clinic, database_url: str):
    with website(database_url) as app:
        commits: list[object] = []
        event.listen(app.extensions["parts"].database.engine, "commit", commits.append)
        for step in range(50):
            with time_machine.travel(clinic.now + step * timedelta(seconds=0.2), tick=False):
                assert app.test_client().get("/health", base_url=HOME).json["database"] == "ok"
        assert len(commits) == 2
    with clinic.database.reading() as session:
        assert session.get_one(Heartbeat, "web").beat_at >= clinic.now + WRITES_EVERY


def test_a_beat_of_the_web_is_no_sign_of_a_worker(clinic: Clinic, database_url: str):
    with website(database_url) as app, time_machine.travel(clinic.now, tick=False):
        client = app.test_client()
        for _ in range(2):
            answer = client.get("/health", base_url=HOME)
    assert answer.json["worker"] == "never started"
