"""Many at once, and killed in the middle: a move is made once and whole, or not at all."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from referral.access import Role
from referral.errors import NotOffered, Refusal
from tests.world import World

ROOT = Path(__file__).parents[2]
STEPS = ["opened", "read", "decided", "saved", "committed"]
TABLES = ["cases", "strands", "events", "deadlines", "messages", "participants", "notes", "answers", "people", "repeats"]


def counts(world: World) -> dict[str, int]:
    with world.db.read() as session:
        return {table: session.execute(text(f"select count(*) from {table}")).scalar_one() for table in TABLES}  # noqa: S608


def an_adult(world: World) -> str:
    return world.ask(Role.NAVIGATOR, "intake.encounter", jurisdiction="england-and-wales", place_kind="raid", under_18="no").case


EXPLAINED = {"language": "en", "interpreter": "none_needed", "private": True, "notice_version": "2024-10", "capacity": "has_capacity"}


def test_of_fifty_who_make_the_same_move_one_succeeds_and_all_others_are_told_why(world: World) -> None:
    case = an_adult(world)
    before = counts(world)

    def attempt(_: int) -> str:
        try:
            world.ask(Role.NAVIGATOR, "intake.explain", case, **EXPLAINED)
        except NotOffered as refusal:
            assert refusal.reasons
            return "refused"
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
        done = list(pool.map(lambda _: world.ask(Role.NAVIGATOR, "intake.save", case, answers={"reference": "A1"}), range(50)))
    assert sorted(answer.seq for answer in done) == sorted({answer.seq for answer in done})


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("move", ["intake.encounter", "intake.explain"])
def test_a_process_killed_in_the_middle_leaves_all_or_nothing(world: World, step: str, move: str) -> None:
    case = an_adult(world)
    before = counts(world)
    killed = subprocess.run(  # noqa: S603  our own script
        [sys.executable, "-m", "tests.killed", str(world.db.engine.url.render_as_string(hide_password=False)), move, case, step],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    after = counts(world)
    whole = step in ("saved", "committed") if world.db.is_postgres else step == "committed"
    assert (after["events"] > before["events"]) == whole
    if not whole:
        assert after == before
    world.ask(Role.NAVIGATOR, "intake.save", case, answers={})  # and the case can still be moved


def test_a_refusal_writes_nothing_but_its_record(world: World) -> None:
    case = an_adult(world)
    before = counts(world)
    with pytest.raises(Refusal):
        world.ask(Role.NAVIGATOR, "intake.adopt", case)
    assert counts(world) == before
