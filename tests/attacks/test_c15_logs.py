"""What the log tells: ids, codes and numbers. Whatever else is logged, by us or by a library, never comes out."""

import ast
import io
import json
import logging
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.vocabulary import words
from referral import logs
from referral.db import Database
from tests.attacks.logged import served_log
from tests.attacks.serving import request

ROOT = Path(__file__).parents[2]
CASE = "0123456789abcdef" * 2
PLANTED = (
    "Zoe Example", "zoe", "12 Willow Lane", "M1 1AE", "m11ae", "+44 7700 900123", "447700900123", "1990-01-01", "19900101",
    "zoe@example.invalid", "line\nbreak", "\x1b[31mred", "a\x00b", "\u202ezoe", "{'name': 'Zoe'}", "Zoe\r\nat: 2026", "\ud800",
)  # fmt: skip


# Not by their texts: a lone surrogate cannot travel from one test process to another.
def numbered(value: str) -> str:
    return f"planted {PLANTED.index(value)}"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """The log of this process, configured as the server does it, and put back as it was."""
    with served_log() as stream:
        yield stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def holds_nothing(out: io.StringIO, *planted: str) -> None:
    written = out.getvalue()
    for value in planted:
        assert value not in written
        assert json.dumps(value)[1:-1] not in written
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", written)


# fmt: off
LEAVES: tuple[tuple[str, Any], ...] = (
    # key          a value that may leave
    ("event",      "request"),
    ("level",      "error"),
    ("method",     "POST"),
    ("type",       "OperationalError"),
    ("type",       "ValueError"),
    ("move",       "intake.encounter"),
    ("workflow",   "housing"),
    ("code",       "not_found"),
    ("trace_id",   CASE),
    ("case",       CASE),
    ("strand",     CASE),
    ("deadline",   CASE),
    ("actor",      f"user:{CASE}"),
    ("actor",      "client:beacon-app"),
    ("status",     404),
    ("ms",         1.5),
    ("count",      12),
)
# fmt: on


@pytest.mark.parametrize(("key", "value"), LEAVES)
def test_ids_codes_and_numbers_leave(key: str, value: Any) -> None:
    """The positive control: a filter that lets nothing through would pass every other test here."""
    logs.know(*words())
    told = {"event": "request", key: value}
    assert logs.allowed(told) == told


@pytest.mark.parametrize("key", (*logs.KEYS, "name", "address", "body", "query", "path", "exception", "dropped", "at"))
@pytest.mark.parametrize("value", PLANTED, ids=numbered)
def test_a_planted_value_leaves_under_no_key(key: str, value: str) -> None:
    logs.know(*words())
    kept = logs.allowed({"event": "request", key: value})
    assert value not in kept.values()
    assert kept["dropped"] == 1


@pytest.mark.parametrize(
    "value", (19900101, 447700900123, -5, True, None, [1], {"a": 1}, b"x", 1e300, float("nan"), object())
)
@pytest.mark.parametrize("key", ("status", "ms", "count", "case", "code", "event"))
def test_a_value_of_another_kind_or_size_is_dropped(key: str, value: object) -> None:
    assert logs.allowed({"event": "request", key: value}).get(key, "other") in ("other", "request")


@pytest.mark.parametrize("key", PLANTED, ids=numbered)
def test_a_key_that_is_not_known_is_dropped_with_its_value(key: str) -> None:
    assert logs.allowed({"event": "request", key: CASE}) == {"event": "request", "dropped": 1}


@given(
    told=st.dictionaries(
        st.one_of(st.sampled_from(sorted(logs.KEYS)), st.text(max_size=12)),
        st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.none(), st.booleans(), st.sampled_from(PLANTED),
                  st.lists(st.text(max_size=5), max_size=3), st.dictionaries(st.text(max_size=5), st.text(max_size=5))),
        max_size=8,
    )
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_of_whatever_is_logged_only_what_fits_comes_out(told: dict[str, Any]) -> None:
    kept = logs.allowed(told)
    assert set(kept) <= {*logs.KEYS, "dropped"}
    for key, value in kept.items():
        assert key == "dropped" or logs.KEYS[key](value)
    lost = sum(key == "dropped" or key not in kept or kept[key] != value for key, value in told.items())
    assert kept.get("dropped", 0) == lost
    assert "\n" not in logs._line(told, {})


@pytest.mark.parametrize(
    "logger", (*logs.LIBRARIES, "uvicorn.error", "uvicorn.access", "sqlalchemy.engine", "Zoe Example", "")
)
@pytest.mark.parametrize("value", PLANTED, ids=numbered)
def test_what_a_library_says_never_comes_out(out: io.StringIO, logger: str, value: str) -> None:
    log = logging.getLogger(logger)
    log.error(value)
    log.error("%s", value)
    log.error("text %d", value)  # cannot be formatted at all
    log.error("with more", extra={"name_of_person": value})
    log.error(value, exc_info=ValueError(value))
    holds_nothing(out, value)
    told = lines(out)
    assert len(told) == 5
    assert {line["event"] for line in told} == {"library"}
    assert told[-1]["type"] == "ValueError"


@pytest.mark.parametrize("value", PLANTED, ids=numbered)
def test_an_error_is_told_by_its_type_and_our_own_lines(out: io.StringIO, value: str) -> None:
    def within() -> None:
        logs.allowed(Telling(value))  # raises in a file of ours

    try:
        within()
    except ValueError as error:
        structlog.get_logger().error("unexpected error", type=type(error).__name__, exc_info=error, note=value)
        structlog.get_logger().error(value, exc_info=True, event_=value)
    holds_nothing(out, value)
    first, second = lines(out)
    assert first["type"] == second["type"] == "ValueError"
    assert first["dropped"] == 1
    assert second["event"] == "other"
    assert [re.sub(r":\d+$", "", frame) for frame in first["frames"]] == ["referral/logs.py"]


class Telling(dict[str, Any]):
    """What cannot be read."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self.value = value

    def items(self) -> Any:
        raise ValueError(self.value)


@pytest.mark.parametrize("value", PLANTED[:6], ids=numbered)
def test_warnings_and_what_nobody_caught_go_through_the_same_filter(
    out: io.StringIO, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(value, UserWarning, stacklevel=1)
    thread = threading.Thread(target=lambda: Telling(value).items())
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError(value), None)
    holds_nothing(out, value)
    err = capsys.readouterr().err
    assert value not in err
    assert [json.loads(line)["type"] for line in err.splitlines()] == ["ValueError"] * 2


def test_the_time_is_in_utc(out: io.StringIO) -> None:
    structlog.get_logger().info("serving")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", lines(out)[0]["at"])


def test_a_statement_that_fails_does_not_tell_its_parameters(db: Database, out: io.StringIO) -> None:
    for statement in ("select no_such_column from cases where id = :it", "insert into agencies (id) values (:it)"):
        with pytest.raises(SQLAlchemyError) as caught, db.write() as session:
            session.execute(text(statement), {"it": "Zoe Example"})
        assert "Zoe" not in str(caught.value).split("DETAIL")[0]
        logging.getLogger("sqlalchemy.engine").error("failed", exc_info=caught.value)
    holds_nothing(out, "Zoe")
    assert len(lines(out)) == 2


BAD = (
    request("GET", "/v1/Zoe-Example?Zoe-Example=1"),
    request("GET", "/v1/cases/Zoe-Example", Authorization="Bearer Zoe-Example"),
    request("GET", "/v1/cases", Host="zoe-example.invalid"),
    request("POST", "/v1/session", b'{"email": "zoe-example@x.invalid", "password": "Zoe-Example"}', Content_Type="application/json"),
    request("POST", "/v1/session", b'{"Zoe-Example": "Zoe-Example"', Content_Type="application/json"),
    request("POST", "/oauth/token", b"grant_type=client_credentials&client_id=zoe-example&client_secret=Zoe-Example",
            Content_Type="application/x-www-form-urlencoded"),
    b"Zoe-Example /Zoe-Example HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nZoe-Example: \x00\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: Zoe-Example\r\nConnection: Upgrade\r\n\r\n",
)  # fmt: skip


@pytest.fixture
def server(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[int, Path]]:
    """`lodestar serve` in a process of its own, on a database of its own."""
    (tmp_path / "lodestar.db").write_bytes(sqlite_template.read_bytes())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "LODESTAR_DATA": str(tmp_path), "LODESTAR_DATABASE_URL": "", "LODESTAR_HEARTBEAT_SECONDS": "1"}
    command = [
        sys.executable,
        "-c",
        "import sys; from api.cli import main; sys.exit(main())",
        "serve",
        "--port",
        str(port),
    ]
    with (
        (tmp_path / "log.txt").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log) as it,
    ):
        try:
            for _ in range(300):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                        break
                except OSError:
                    time.sleep(0.1)
            yield port, tmp_path
        finally:
            it.send_signal(signal.SIGTERM)
            it.wait(20)


@pytest.mark.slow
def test_the_server_tells_of_bad_requests_and_broken_databases_without_a_word_of_them(server: tuple[int, Path]) -> None:
    port, folder = server
    sign_in = BAD[3]
    assert answers(port, BAD)[3][9:12] == b"401"
    with sqlite3.connect(folder / "lodestar.db") as db:
        db.execute("alter table users rename to gone")
    assert answers(port, [sign_in])[0][9:12] in (b"500", b"503")
    time.sleep(1.5)
    written = (folder / "log.txt").read_text()
    assert "zoe" not in written.lower()
    assert str(folder) not in written
    assert "Traceback" not in written
    told = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert len([line for line in told if line["event"] == "request"]) >= len(BAD) - 3
    assert "session.staff" in {line.get("route") for line in told}
    for line in told:
        assert set(line) <= {*logs.KEYS, "at", "dropped", "logger", "source", "frames"}


def answers(port: int, asked: Any) -> list[bytes]:
    heard = []
    for data in asked:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(data)
            heard.append(line.recv(65536))
    return heard


def test_postgresql_s_own_words_are_not_told_either(out: io.StringIO) -> None:
    logging.getLogger("psycopg").error("failed", exc_info=psycopg.errors.UniqueViolation("Key (name)=(Zoe Example)"))
    holds_nothing(out, "Zoe")
    assert lines(out)[0]["type"] == "UniqueViolation"


def test_the_code_of_every_problem_is_written_in_the_code_itself() -> None:
    """It becomes a word that may be logged, so it must never be made of what came in."""
    found = 0
    for path in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name in ("problem", "BadBody") and len(node.args) > 1:
                code = node.args[1]
                written = isinstance(code, ast.Constant) or getattr(code, "attr", getattr(code, "id", "")) == "code"
                assert written, (path.name, node.lineno)
                found += 1
    assert found > 30
