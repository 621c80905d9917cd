"""How much one caller may ask, and that a referral gets through whatever else is asked."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.limits import MOST_KNOWN, Limits, Rate
from api.turn import TURN
from referral.access import Role
from referral.db import Database
from referral.settings import Settings
from tests.attacks.serving import Heard, Served, serving
from tests.world import World

MEETING = b'{"form": {"place_kind": "raid", "under_18": "no"}}'
GOOD_GRANT = b"grant_type=client_credentials&client_id=nobody&client_secret=x"
FORM = "application/x-www-form-urlencoded"


def look(api: Served, role: Role = Role.NAVIGATOR, target: str = "/v1/cases") -> Heard:
    return api.ask("GET", target, Authorization=api.bearer(role))


def refer(api: Served, key: str) -> Heard:
    more = {"Authorization": api.bearer(), "Idempotency_Key": key, "Content_Type": "application/json"}
    return api.ask("POST", "/v1/cases", MEETING, **more)


def refused(heard: Heard, status: int, code: str) -> None:
    assert (heard.status, heard.told["code"]) == (status, code), heard.raw
    assert 1 <= int(heard.headers["retry-after"]) <= 60


class Gate:
    """Holds every question to the database until it is opened; `known`: only of callers who were let in already."""

    def __init__(self, api: Served, *, known: bool = False) -> None:
        gate = self
        self.opened, self.waiting, self.most = threading.Event(), 0, 0

        class Held(Database):
            def read(self) -> Any:
                turn = TURN.get()
                if known and (turn is None or not turn.actor):
                    return super().read()
                gate.waiting += 1
                gate.most = max(gate.most, gate.waiting)
                gate.opened.wait(10)
                gate.waiting -= 1
                return super().read()

        api.app.state.house.db.__class__ = Held

    def until(self, waiting: int) -> None:
        ends = time.monotonic() + 10
        while self.waiting < waiting and time.monotonic() < ends:
            time.sleep(0.01)
        assert self.waiting >= waiting


@given(per_minute=st.integers(1, 1000), gaps=st.lists(st.floats(0, 20), max_size=200))
def test_a_bucket_never_gives_more_than_it_holds_and_what_has_flowed_in(per_minute: int, gaps: list[float]) -> None:
    rate, now, given_out = Rate(per_minute), 0.0, 0
    for gap in gaps:
        now += gap
        wait = rate.take("a", now)
        given_out += wait == 0
        assert given_out <= per_minute + now * per_minute / 60 + 1e-6
        assert 0 <= wait <= 60 / per_minute + 1e-6
    assert rate.take("a", now + 61) == 0


def test_a_bucket_is_each_caller_s_own_and_0_is_no_limit() -> None:
    rate = Rate(2)
    assert [rate.take("a", 0) == 0 for _ in range(3)] == [True, True, False]
    assert rate.take("b", 0) == 0
    assert [Rate(0).take("a", 0) for _ in range(1000)] == [0] * 1000


def test_callers_that_are_made_up_do_not_fill_the_memory() -> None:
    rate = Rate(10)
    for number in range(MOST_KNOWN + 500):
        rate.take(str(number), 0)
    assert len(rate._left) == MOST_KNOWN


def test_reading_and_writing_have_a_limit_each_by_caller(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, reads_per_minute=5, writes_per_minute=3) as api:
        assert [look(api).status for _ in range(5)] == [200] * 5
        refused(look(api), 429, "too_many")
        assert look(api, Role.FIRST_RESPONDER).status == 200  # somebody else
        assert [refer(api, f"k{number}").status for number in range(3)] == [201] * 3  # reading took nothing from it
        refused(refer(api, "k4"), 429, "too_many")
        assert api.ask("GET", "/healthz").status == 200


def test_what_was_refused_for_its_number_has_written_nothing(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, writes_per_minute=1) as api:
        assert refer(api, "a").status == 201
        before = look(api).told["items"]
        refused(refer(api, "b"), 429, "too_many")
        assert look(api).told["items"] == before


def test_sign_ins_are_counted_by_address_whatever_else_they_say(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, sign_ins_per_minute=4) as api:
        assert [api.ask("POST", "/oauth/token", GOOD_GRANT, Content_Type=FORM).status for _ in range(3)] == [401] * 3
        body = b'{"email": "a@example.org", "password": "x"}'
        assert api.ask("POST", "/v1/session", body, Content_Type="application/json").status == 401
        for forged in (
            {},
            {"X_Forwarded_For": "10.9.8.7"},
            {"Forwarded": "for=10.9.8.7"},
            {"Authorization": api.bearer()},
        ):
            refused(api.ask("POST", "/oauth/token", GOOD_GRANT, Content_Type=FORM, **forged), 429, "too_many")
            refused(api.ask("POST", "/v1/session", body, Content_Type="application/json", **forged), 429, "too_many")
        assert look(api).status == 200  # whoever is signed in works on


def nobody_is_left(limits: Limits) -> None:
    """An answer is heard a little before it is counted out."""
    ends = time.monotonic() + 5
    while limits._under_way and time.monotonic() < ends:
        time.sleep(0.01)
    assert (limits._by_caller, limits._under_way) == ({}, 0)


def test_one_caller_has_only_so_many_requests_at_once(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, at_once=3) as api, ThreadPoolExecutor(3) as pool:
        gate = Gate(api, known=True)
        held = [pool.submit(look, api) for _ in range(3)]
        gate.until(3)
        refused(look(api), 429, "too_many")
        other = threading.Thread(target=look, args=(api, Role.FIRST_RESPONDER))
        other.start()
        gate.until(4)
        gate.opened.set()
        other.join()
        assert [each.result().status for each in held] == [200] * 3
        limits = api.app.state.house.limits
        nobody_is_left(limits)  # what is over is counted no more
        assert look(api).status == 200
        nobody_is_left(limits)


def test_reading_leaves_connections_to_those_who_refer(world: World, tmp_path: Path) -> None:
    """Forty readers are held in the database; a referral is made all the same, and then they get their answers."""
    with serving(world, tmp_path, pool=4) as api, ThreadPoolExecutor(41) as pool:
        gate = Gate(api)
        held = [pool.submit(look, api) for _ in range(40)]
        gate.until(2)
        time.sleep(0.3)
        assert gate.waiting == 2  # of four connections
        made = pool.submit(refer, api, "first")
        gate.until(3)  # it has got its thread and asks the database, past the forty
        gate.opened.set()
        assert made.result().status == 201
        assert [each.result().status for each in held] == [200] * 40
        assert gate.most <= 4


def test_above_what_a_process_takes_on_it_says_so_at_once_and_reading_goes_first(world: World, tmp_path: Path) -> None:
    with serving(world, tmp_path, requests=4, pool=8) as api, ThreadPoolExecutor(4) as pool:
        gate = Gate(api)
        held = [pool.submit(look, api) for _ in range(3)]
        gate.until(3)
        started = time.monotonic()
        refused(look(api), 503, "overloaded")
        assert time.monotonic() - started < 1
        made = pool.submit(refer, api, "one")
        gate.until(4)
        refused(refer(api, "two"), 503, "overloaded")
        gate.opened.set()
        assert made.result().status == 201
        assert {each.result().status for each in held} == {200}


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Served]:
    with serving(world, tmp_path) as served:
        yield served


# fmt: off
PAGES: tuple[tuple[str, int], ...] = (
    ("limit=1", 200), ("limit=100", 200), ("limit=101", 422), ("limit=0", 422), ("limit=-1", 422), ("limit=1000000", 422),
    ("limit=99999999999999999999", 422), ("limit=1.5", 422), ("limit=all", 422), ("limit=", 422), ("limit=%2B5", 422),
)
# fmt: on


def test_a_page_holds_a_hundred_at_most(api: Served) -> None:
    for collection in ("cases", "operations", "concerns"):
        for query, status in PAGES:
            if query == "limit=%2B5":
                assert look(api, target=f"/v1/{collection}?{query}").status in (200, 422)
            else:
                assert look(api, target=f"/v1/{collection}?{query}").status == status, query


def test_every_limit_is_on_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LODESTAR_{name.upper()}", raising=False)
    told = Settings()
    limits = ("reads_per_minute", "writes_per_minute", "sign_ins_per_minute", "at_once", "requests", "connections",
              "header_seconds", "body_seconds", "idle_seconds", "request_seconds")  # fmt: skip
    assert all(getattr(told, name) > 0 for name in limits)
    assert (told.header_seconds, told.body_seconds) <= (15, 15)
