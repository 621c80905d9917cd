"""Slow and silent clients, on real sockets with short deadlines: each is let go, and everybody else is served."""

import resource
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest

from api.turn import TURN
from referral.db import Database
from tests.attacks.serving import Heard, Served, hear, request, serving
from tests.thorough import SLOW
from tests.world import World

SHORT = {"header_seconds": 1, "body_seconds": 1.2, "idle_seconds": 1, "request_seconds": 5}
pytestmark = pytest.mark.parametrize("db", ("sqlite",), indirect=True)  # the database has no part in it
POST = b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def quick(world: World, tmp_path: Path) -> Iterator[Served]:
    with serving(world, tmp_path, **SHORT) as served:
        yield served


def drip(line: socket.socket, piece: Callable[[int], bytes], seconds: float) -> None:
    """Send a piece every tenth of a second, until the other side has had enough."""
    until, turn = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        try:
            line.sendall(piece(turn))
        except OSError:
            return
        turn += 1
        time.sleep(0.1)


# fmt: off
WAYS: tuple[tuple[str, bytes, Callable[[int], bytes], int], ...] = (
    # what                          at once                                             then, again and again      answer
    ("silence",                     b"",                                                lambda _: b"",             0),
    ("one byte",                    b"G",                                               lambda _: b"",             408),
    ("half a head",                 b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n",    lambda _: b"",             408),
    ("headers without end",         b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n",    lambda n: b"X-%d: y\r\n" % n, 408),
    ("a header without end",        b"GET /healthz HTTP/1.1\r\nX: ",                    lambda _: b"y",            408),
    ("a target without end",        b"GET /",                                           lambda _: b"y",            408),
    ("line ends before a request",  b"\r\n",                                            lambda _: b"\r\n",         408),
    ("no body",                     POST + b"Content-Length: 50\r\n\r\n",               lambda _: b"",             408),
    ("a body in drops",             POST + b"Content-Length: 500\r\n\r\n{",             lambda _: b" ",            408),
    ("chunks without end",          POST + b"Transfer-Encoding: chunked\r\n\r\n",       lambda _: b"1\r\n \r\n",   408),
    ("a promise to go on",          POST + b"Content-Length: 50\r\nExpect: 100-continue\r\n\r\n", lambda _: b"",   100),
)
# fmt: on
@pytest.mark.slow
def test_whoever_is_too_slow_is_told_so_and_let_go(quick: Served) -> None:
    def try_it(first: bytes, then: Callable[[int], bytes]) -> tuple[bytes, float]:
        started = time.monotonic()
        with quick.connect(10) as line:
            if first:
                line.sendall(first)
            drip(line, then, 2)
            return all_of(line), time.monotonic() - started

    with ThreadPoolExecutor(len(WAYS)) as pool:
        tried = [(what, status, pool.submit(try_it, first, then)) for what, first, then, status in WAYS]
    for what, status, outcome in tried:
        raw, took = outcome.result()
        assert took < 8, what
        assert raw[9:12] == (str(status).encode() if status else b""), (what, raw)
        if status == 408:
            assert b"application/problem+json" in raw, what
            assert b"connection: close" in raw, what
    assert quick.ask("GET", "/healthz").status == 200


def all_of(line: socket.socket) -> bytes:
    raw = b""
    try:
        while more := line.recv(65536):
            raw += more
    except ConnectionError:
        pass
    return raw


def test_a_request_in_two_parts_within_the_time_is_answered(quick: Served) -> None:
    """The positive control: the deadlines let through what is not slow."""
    body = b'{"email": "a@example.org", "password": "x"}'
    whole = request("POST", "/v1/session", body, Content_Type="application/json")
    with quick.connect() as line:
        for part in (whole[:40], whole[40:-10], whole[-10:]):
            line.sendall(part)
            time.sleep(0.15)
        assert hear(line).status == 401


def test_an_idle_connection_is_kept_a_little_and_then_let_go(quick: Served) -> None:
    with quick.connect(6) as line:
        line.sendall(request("GET", "/healthz", Connection="keep-alive"))
        assert hear(line).status == 200
        time.sleep(0.5)
        line.sendall(request("GET", "/healthz", Connection="keep-alive"))
        assert hear(line).status == 200
        started = time.monotonic()
        assert line.recv(10) == b""
        assert 0.5 < time.monotonic() - started < 3


@pytest.mark.slow
def test_line_ends_do_not_keep_an_idle_connection(quick: Served) -> None:
    with quick.connect(6) as line:
        line.sendall(request("GET", "/healthz", Connection="keep-alive"))
        assert hear(line).status == 200
        started = time.monotonic()
        drip(line, lambda _: b"\r\n", 3)
        assert time.monotonic() - started < 3


def test_a_body_without_end_to_an_address_that_reads_none_is_cut_off(quick: Served) -> None:
    with quick.connect(6) as line:
        line.sendall(b"POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            for _ in range(300):
                line.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        except OSError:
            pass
    assert sent < 300 * 65536
    assert quick.ask("GET", "/healthz").status == 200


def test_pipelined_requests_beyond_a_few_are_not_stored_up(quick: Served) -> None:
    with quick.connect(6) as line:
        line.sendall(request("GET", "/healthz", Connection="keep-alive") * 500)
        raw = all_of(line)
    assert raw.count(b"HTTP/1.1 ") < 20


@pytest.mark.slow
def test_a_look_that_takes_too_long_is_answered_and_a_move_is_not_cut_off(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, request_seconds=2) as api:
        slow_down(api, 2.3)
        late = api.ask("GET", "/v1/me", Authorization=api.bearer())
        assert (late.status, late.told["code"], late.headers["retry-after"]) == (503, "too_late", "5")
        body = b'{"form": {"place_kind": "raid", "under_18": "no"}}'
        more = {"Authorization": api.bearer(), "Idempotency_Key": "k", "Content_Type": "application/json"}
        assert api.ask("POST", "/v1/cases", body, **more).status == 201


def slow_down(api: Served, seconds: float) -> None:
    """Let the first question of each request to the database wait."""
    house, asked = api.app.state.house, set[str]()

    class Slow(Database):
        def read(self) -> Any:
            turn = TURN.get()
            if turn is not None and turn.trace_id not in asked:
                asked.add(turn.trace_id)
                time.sleep(seconds)
            return super().read()

    house.db.__class__ = Slow


@pytest.mark.slow
def test_a_client_that_does_not_read_is_let_go(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, request_seconds=0.8) as api, api.connect(10) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(40):
            try:
                line.sendall(request("GET", "/openapi.json", Connection="keep-alive"))
            except OSError:
                break
            time.sleep(0.1)
        else:
            pytest.fail("it was still served")


def test_where_there_are_too_many_connections_the_silent_ones_make_room(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, connections=20) as api:
        silent = [api.connect() for _ in range(60)]
        try:
            assert [api.ask("GET", "/healthz").status for _ in range(10)] == [200] * 10
        finally:
            for line in silent:
                line.close()


@pytest.mark.slow
def test_a_healthy_client_is_served_while_many_are_slow(world: World, tmp_path: Path) -> None:
    """Both ends of each connection take a file of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(SLOW.times, (hard - 500) // 2)
    long = max(3, count / 100)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * count + 500)), hard))
    with serving(world, tmp_path, header_seconds=long, body_seconds=long) as api:
        healthy(api, 5)
        starts = (b"", b"GET /healthz HTTP/1.1\r\nX: ", POST + b"Content-Length: 100\r\n\r\n{")
        slow = []
        for number in range(count):
            line = api.connect()
            line.sendall(starts[number % 3])
            slow.append(line)
        assert quantiles(healthy(api, 100), n=20)[-1] <= 0.5
        ends = time.monotonic() + 15
        for line in slow:
            line.settimeout(max(0.1, ends - time.monotonic()))
            all_of(line)
            line.close()


def healthy(api: Served, count: int) -> list[float]:
    """How long each of so many looks takes, in seconds."""
    times = []
    for _ in range(count):
        started = time.monotonic()
        heard: Heard = api.ask("GET", "/v1/cases", Authorization=api.bearer())
        assert heard.status == 200
        times.append(time.monotonic() - started)
        time.sleep(0.01)
    return times
