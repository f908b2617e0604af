"""What every test may ask for: an empty database of this version's schema, on each engine the
product runs on."""

import gc
import ipaddress
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import pytest
from hypothesis import settings

from proms.content import Library, Shelf, load
from proms.db.migrate import upgrade
from proms.db.session import connect
from proms.settings import HOME
from tests import memory, postgres, statements_kept
from tests.canary import telling_line
from tests.clinic import Clinic
from tests.longest_first import longest_first
from tests.quick_passwords import QUICK
from tests.wordings import licensed_packs

ENGINES = ("sqlite", "postgresql")
# A proxy of the machine must not stand between a test and its server on the loopback.
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]
# The programs that tests start are read once, not each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def refuse_outside(event: str, args: tuple[object, ...]) -> None:
    """Tests have no network: a connection that would leave this machine fails."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise PermissionError(f"tests have no network, yet one connects to {host}")


sys.addaudithook(refuse_outside)
# No timing fails a test: a machine may have other work.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
QUICK.holds()
statements_kept.keep()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """By day a test is made on one of the engines, half of them on each; by night on the other.
    What takes longest begins first.

    One in which several act at once, or which is about the database, says that it is of
    `both_engines` by day too.
    """
    for item in items:
        made_on = getattr(item, "callspec", None) and item.callspec.params.get("database_url")
        if made_on not in ENGINES or item.get_closest_marker("both_engines"):
            continue
        if made_on != ENGINES[crc32(item.nodeid.replace(made_on, "").encode()) % 2]:
            item.add_marker(pytest.mark.nightly)
    yield  # those that were not asked for leave
    processes = getattr(config, "workerinput", {}).get("workercount")
    if processes:
        items[:] = longest_first(items, processes)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that is done is looked through for what its log lines tell of somebody."""
    report = yield
    written = [text for name, text in report.sections if name.endswith(report.when or "")]
    telling = next(filter(None, map(telling_line, written)), None)
    if telling:
        report.outcome = "failed"
        report.longrepr = f"a log line tells of somebody: {telling}"
    return report


def pytest_collection_finish() -> None:
    """What is loaded by now stays, so the collector need not look through it again after every few
    tests: that took a sixth of their time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: postgres.Server) -> str:
    """An empty PostgreSQL database without any schema, for the whole run."""
    return postgres_server.url(postgres_server.create())


@pytest.fixture(scope="session")
def sqlite_folder() -> Iterator[Path]:
    """Where SQLite's files are, for the whole run."""
    with memory.folder("proms-sqlite-") as folder:
        yield folder


@pytest.fixture(scope="session")
def sqlite_template(sqlite_folder: Path) -> Path:
    path = sqlite_folder / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> str:
    name = postgres_server.create()
    upgrade(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_clinic_template(sqlite_template: Path, library: Library) -> Path:
    path = sqlite_template.with_name("clinic.db")
    shutil.copyfile(sqlite_template, path)
    open_clinic(f"sqlite:///{path}", library)
    return path


@pytest.fixture(scope="session")
def postgres_clinic_template(
    postgres_server: postgres.Server, postgres_template: str, library: Library
) -> str:
    name = postgres_server.create(postgres_template)
    open_clinic(postgres_server.url(name), library)
    return name


def open_clinic(url: str, library: Library) -> None:
    """A clinic on its first morning, and nobody connected to its database."""
    database = connect(url)
    Clinic(database, library)
    database.engine.dispose()


def template(request: pytest.FixtureRequest, engine: str) -> object:
    """What a test's database is a copy of: the schema alone, or a clinic where the test tells a
    story of one."""
    held = "clinic_template" if "clinic" in request.fixturenames else "template"
    return request.getfixturevalue(f"{engine}_{held}")


@pytest.fixture
def sqlite_database_url(request: pytest.FixtureRequest, sqlite_folder: Path) -> Iterator[str]:
    """A new SQLite database of this version's schema."""
    with TemporaryDirectory(dir=sqlite_folder) as name:
        path = Path(name, "trial.db")
        shutil.copyfile(template(request, "sqlite"), path)
        yield f"sqlite:///{path}"


@pytest.fixture
def postgres_database_url(
    request: pytest.FixtureRequest, postgres_server: postgres.Server
) -> Iterator[str]:
    """A new PostgreSQL database of this version's schema."""
    name = postgres_server.create(template(request, "postgres"))
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
