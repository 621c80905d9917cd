"""What every test may ask for. Here: PostgreSQL, one server for the whole run, however many processes test."""

import itertools
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from referral.db import Database
from tests import thorough
from tests.api.knocking import Knocker, knocking
from tests.cheap import make_cheap
from tests.databases import drop_database, empty, make_database, make_template
from tests.postgres import NoServerError, Server, start
from tests.roles import build, serving
from tests.world import World, furnish, vault

# The test client's own name for the API; and a suite asks more in a minute than a person. The limits have their tests.
for _name, _value in (("HOSTS", "testserver"), ("READS_PER_MINUTE", "0"), ("WRITES_PER_MINUTE", "0"),
                      ("SIGN_INS_PER_MINUTE", "0"), ("AT_ONCE", "0")):  # fmt: skip
    os.environ.setdefault(f"LODESTAR_{_name}", _value)

make_cheap()  # before any test module makes a password of its own

SERVER = pytest.StashKey[Server]()
NUMBERS = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--write-docs` writes the pages that tests make from real answers, instead of comparing them."""
    parser.addoption("--write-docs", action="store_true", help="write docs/permissions.md from the answers")


def _start(config: pytest.Config) -> Server:
    """The run's own server, started when first asked for. Without one the run fails; it is never skipped."""
    if SERVER not in config.stash:
        try:
            config.stash[SERVER] = start(say=lambda words: _say(config, words))
        except NoServerError as why:
            pytest.exit(str(why), returncode=3)
        _say(config, f"PostgreSQL {config.stash[SERVER].version} started for this run")
    return config.stash[SERVER]


def _say(config: pytest.Config, words: str) -> None:
    with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        reporter = config.pluginmanager.getplugin("terminalreporter")
        reporter.ensure_newline()
        reporter.write_line(words)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In a run of several processes, the first of them starts the server for all."""
    if "not postgres" not in node.config.option.markexpr:
        node.workerinput["pg_url"] = _start(node.config).url


def pytest_unconfigure(config: pytest.Config) -> None:
    """However the run ends, the server goes with it."""
    if SERVER in config.stash:
        config.stash[SERVER].stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What this run tried less often than was promised."""
    terminalreporter.write_line(thorough.said())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a whole run does; mark what needs PostgreSQL, by its fixtures or by its parameter."""
    left_out = [item for item in items if item.get_closest_marker("whole")] if not thorough.WHOLE else []
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        asks = getattr(item, "fixturenames", ())
        params = getattr(getattr(item, "callspec", None), "params", {}).values()
        if "pg_url" in asks or any(isinstance(value, str) and value == "postgresql" for value in params):
            item.add_marker(pytest.mark.postgres)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    """What a test has logged may hold half a character, which no test process can send to another."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(scope="session")
def pg_url(request: pytest.FixtureRequest) -> str:
    """The address of the server's `postgres` database; tests make their own databases beside it."""
    if not hasattr(request.config, "workerinput"):
        return _start(request.config).url
    if "pg_url" not in request.config.workerinput:
        pytest.fail("This run was started with `not postgres`, and yet a test asks for PostgreSQL: mark it.")
    return str(request.config.workerinput["pg_url"])


@pytest.fixture(scope="session")
def pg_template(pg_url: str) -> Callable[[str, Callable[[str], object]], str]:
    """`pg_template(name, build)`: the name of a template that `build(address)` fills, once in the whole run."""
    ready: set[str] = set()

    def template(name: str, build: Callable[[str], object]) -> str:
        if name not in ready:
            make_template(pg_url, name, build)
            ready.add(name)
        return name

    return template


@pytest.fixture
def fresh_pg_database(pg_url: str, worker: str) -> Iterator[Callable[..., str]]:
    """`fresh_pg_database(template)`: the address of a new database, gone when the test ends. Takes 0.2 s."""
    made: list[str] = []

    def fresh(template: str = "template1") -> str:
        made.append(make_database(pg_url, f"{worker}_{next(NUMBERS)}", template))
        return made[-1]

    yield fresh
    for url in made:
        drop_database(url)


@pytest.fixture(scope="session")
def emptied_pg_database(pg_url: str, worker: str) -> Callable[[str], str]:
    """`emptied_pg_database(template)`: one database per worker and template, without a row; takes milliseconds.

    Not for tests that change tables, nor for templates whose own rows matter.
    """
    made: dict[str, str] = {}

    def emptied(template: str) -> str:
        if template not in made:
            made[template] = make_database(pg_url, f"{worker}_{template}", template)
        empty(made[template])
        return made[template]

    return emptied


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this process among those that test."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "lodestar.db"
    build(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database of either kind; on PostgreSQL as the role that serves and owns nothing."""
    if request.param == "sqlite":
        path = tmp_path / "lodestar.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        made = Database(f"sqlite:///{path}", durable=False, vault=vault())
    else:
        template = request.getfixturevalue("pg_template")("lodestar", build)
        made = Database(serving(request.getfixturevalue("emptied_pg_database")(template)), vault=vault())
    yield made
    made.close()


@pytest.fixture
def world(db: Database) -> World:
    """The invented world, on either kind of database."""
    furnish(db)
    return World(db)


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Knocker]:
    """The API over the invented world."""
    with knocking(world, tmp_path) as knocker:
        yield knocker
