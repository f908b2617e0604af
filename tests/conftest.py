"""What every test may ask for: an empty database of this version's schema, on each engine the product runs on."""

import ipaddress
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from proms.content import Library, Shelf, load
from proms.db.migrate import upgrade
from proms.db.session import connect
from proms.settings import HOME
from tests import postgres
from tests.clinic import Clinic
from tests.wordings import licensed_packs

ENGINES = ("sqlite", "postgresql")
# A proxy of the machine must not stand between a test and its server on the loopback.
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]


def refuse_outside(event: str, args: tuple[object, ...]) -> None:
    """Tests have no network: a connection that would leave this machine fails."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise PermissionError(f"tests have no network, yet one connects to {host}")


sys.addaudithook(refuse_outside)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: postgres.Server) -> str:
    """An empty PostgreSQL database without any schema, for the whole run."""
    return postgres_server.url(postgres_server.create())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> str:
    name = postgres_server.create()
    upgrade(postgres_server.url(name))
    return name


@pytest.fixture
def sqlite_database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A new SQLite database of this version's schema."""
    path = tmp_path / "trial.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_database_url(postgres_server: postgres.Server, postgres_template: str) -> Iterator[str]:
    """A new PostgreSQL database of this version's schema."""
    name = postgres_server.create(postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database of this version's schema; a test that asks for it runs once on each engine."""
    wanted = {"sqlite": "sqlite_database_url", "postgresql": "postgres_database_url"}
    return str(request.getfixturevalue(wanted[request.param]))


@pytest.fixture(scope="session")
def library() -> Library:
    """The content with licensed wordings, as a site has it: their words are invented."""
    return Shelf(load(HOME), licensed_packs()).library()


@pytest.fixture(scope="session")
def stand_ins() -> Library:
    """The content as a demo shows it: our labels where a licensed wording would stand."""
    return load(HOME, stand_ins=True)


@pytest.fixture
def clinic(database_url: str, library: Library) -> Iterator[Clinic]:
    """A clinic to tell stories with, once on each engine."""
    database = connect(database_url)
    yield Clinic(database, library)
    database.engine.dispose()
