"""Many at once over HTTP: one winner, everybody else told why, and a repeated request does nothing twice."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text

from tests.attacks.serving import Heard, Served, serving
from tests.world import World

MEETING = b'{"form": {"place_kind": "raid", "under_18": "no"}}'


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Served]:
    with serving(world, tmp_path) as served:
        yield served


def post(api: Served, target: str, body: bytes, **more: str) -> Heard:
    return api.ask("POST", target, body, Authorization=api.bearer(), Content_Type="application/json", **more)


def rows(api: Served, table: str) -> int:
    with api.world.db.read() as session:
        return int(session.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608


def at_once(count: int, api: Served, target: str, bodies: list[bytes], **more: str) -> list[Heard]:
    barrier = Barrier(count)

    def one(number: int) -> Heard:
        barrier.wait()
        return post(api, target, bodies[number % len(bodies)], **more)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_of_eight_writers_who_saw_the_same_version_one_wins(api: Served) -> None:
    opened = post(api, "/v1/cases", MEETING, Idempotency_Key="open").told
    case, seen = opened["case"], opened["etag"]
    for turn in range(5):
        before = rows(api, "events")
        target, bodies = (
            f"/v1/cases/{case}/intake/save",
            [b'{"form": {"answers": {"reference": "A%d"}}}' % n for n in range(8)],
        )
        heard = at_once(8, api, target, bodies, If_Match=seen)
        assert Counter(one.status for one in heard) == {200: 1, 412: 7}, (turn, [one.raw for one in heard])
        assert {one.told["code"] for one in heard if one.status == 412} == {"stale"}
        assert rows(api, "events") == before + 1
        seen = next(one for one in heard if one.status == 200).told["etag"]


def test_the_same_key_twenty_times_at_once_opens_one_case(api: Served) -> None:
    for turn in range(3):
        before = rows(api, "cases")
        heard = at_once(20, api, "/v1/cases", [MEETING], Idempotency_Key=f"same-{turn}")
        assert {one.status for one in heard} == {201}, [one.raw for one in heard if one.status != 201]
        assert len({one.body for one in heard}) == 1
        assert len({one.headers["location"] for one in heard}) == 1
        assert sum("idempotency-replayed" not in one.headers for one in heard) == 1
        assert rows(api, "cases") == before + 1


def test_the_same_key_with_two_bodies_opens_one_case_and_refuses_the_other_body(api: Served) -> None:
    other = MEETING.replace(b"raid", b"street")
    heard = at_once(20, api, "/v1/cases", [MEETING, other], Idempotency_Key="shared")
    assert Counter(one.status for one in heard) == {201: 10, 422: 10}, [one.raw for one in heard]
    assert {one.told["code"] for one in heard if one.status == 422} == {"key_reused"}
    assert rows(api, "cases") == 1


def test_twenty_keys_at_once_open_twenty_cases(api: Served) -> None:
    """The positive control: it is the key that makes them one."""
    with ThreadPoolExecutor(20) as pool:
        heard = list(pool.map(lambda n: post(api, "/v1/cases", MEETING, Idempotency_Key=f"k{n}"), range(20)))
    assert {one.status for one in heard} == {201}
    assert len({one.told["case"] for one in heard}) == rows(api, "cases") == 20
