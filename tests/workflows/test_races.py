"""Many at once, and killed in the middle: a move is made once and whole, or not at all."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from referral.access import Role
from referral.errors import NotOffered, Refusal
from tests.told import told
from tests.world import World
from workflows.checking import check
from workflows.verifying import verify

ROOT = Path(__file__).parents[2]
POINTS = ("opened", "read", "decided", "saved", "committed", ":1", ":2", ":3", ":4", ":5")  # steps, and statements
TABLES = "cases strands events deadlines messages participants notes answers people repeats".split()


def counts(world: World) -> dict[str, int]:
    with world.db.read() as session:
        return {table: session.execute(text(f"select count(*) from {table}")).scalar_one() for table in TABLES}  # noqa: S608


def an_adult(world: World) -> str:
    return world.ask(Role.NAVIGATOR, "intake.encounter", **told("intake.encounter", under_18="no")).case


def test_of_fifty_who_make_the_same_move_one_succeeds_and_all_others_are_told_why(world: World) -> None:
    case = an_adult(world)
    before = counts(world)

    def attempt(_: int) -> str:
        try:
            world.ask(Role.NAVIGATOR, "intake.explain", case, **told("intake.explain"))
        except NotOffered as refusal:
            return "refused" if refusal.reasons and refusal.who else "refused without a word"
        return "done"

    with ThreadPoolExecutor(50) as pool:
        answers = sorted(pool.map(attempt, range(50)))
    assert answers == ["done"] + ["refused"] * 49
    assert counts(world)["events"] == before["events"] + 1
    with world.db.read() as session:
        assert session.execute(text("select count(*) from refusals")).scalar_one() == 49


def test_fifty_moves_that_stay_are_all_made_one_after_the_other(world: World) -> None:
    case = an_adult(world)
    with ThreadPoolExecutor(16) as pool:
        save = {"answers": {"reference": "A1"}}
        done = list(pool.map(lambda _: world.ask(Role.NAVIGATOR, "intake.save", case, **save), range(50)))
    assert sorted(answer.seq for answer in done) == sorted({answer.seq for answer in done})


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.slow
@pytest.mark.parametrize("move", ("intake.encounter", "intake.answer_age"))
def test_a_process_killed_at_any_of_ten_points_leaves_all_or_nothing(world: World, point: str, move: str) -> None:
    case = an_adult(world)
    before = counts(world)
    if world.db.is_postgres and point.startswith(":"):
        point = f"~{200 * int(point[1:])}"  # there is one statement: die so many microseconds into it
    url = world.db.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.killed", url, move, case, point],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    after = settled(world)
    whole = after["events"] > before["events"]
    assert after == before or whole
    if not point.startswith("~"):
        last = ("saved", "committed") if world.db.is_postgres else ("committed",)
        assert whole == (point in last)
    assert verify(world.db).damage is None
    assert [row for row in check(world.db, world.law, world.now) if "message" not in row.what] == []
    world.ask(Role.NAVIGATOR, "intake.save", case, answers={})  # and the case can still be moved


def settled(world: World) -> dict[str, int]:
    """The counts, once the server has noticed that the killed one is gone."""
    seen = counts(world)
    for _ in range(20):
        time.sleep(0.05)
        if (now := counts(world)) == seen:
            return now
        seen = now
    return seen


def test_a_refusal_writes_nothing_but_its_record(world: World) -> None:
    case = an_adult(world)
    before = counts(world)
    with pytest.raises(Refusal):
        world.ask(Role.NAVIGATOR, "intake.adopt", case)
    assert counts(world) == before
