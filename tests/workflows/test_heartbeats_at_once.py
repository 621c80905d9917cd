import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from referral.settings import Settings
from tests.workflows.walks import beats, met, rows, submitted
from tests.world import World
from workflows.heartbeat import beat

ROOT = Path(__file__).parents[2]


def messages_of(world: World) -> Counter[tuple[Any, ...]]:
    return Counter(
        rows(
            world,
            "select deadline_id, about, created_at, agency_id, user_id from messages where deadline_id is not null",
        )
    )


def test_many_heartbeats_in_threads_never_remind_twice(world: World, tmp_path: Path) -> None:
    for _ in range(30):
        met(world)
    submitted(world)
    world.later(days=3)
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: beat(world.db, world.law, Settings(data=tmp_path), world.now), range(6)))
    done.append(
        beat(world.db, world.law, Settings(data=tmp_path), world.now)
    )  # rows that were skipped while others held them
    assert max(messages_of(world).values()) == 1
    assert sum(one.reminded for one in done) == messages_of(world).total()
    assert (sum(one.fired for one in done), sum(one.refused for one in done)) == (1, 0)
    lines = (tmp_path / "messages.log").read_text().splitlines()
    assert len(lines) == len(set(lines)) == rows(world, "select count(*) from messages")[0][0]


@pytest.mark.slow
def test_many_heartbeats_in_processes_never_remind_twice(world: World, tmp_path: Path) -> None:
    for _ in range(20):
        met(world)
    script = (
        "import sys; from pathlib import Path; from datetime import datetime; from referral.db import Database;"
        "from referral.settings import Settings; from tests.world import law; from workflows.heartbeat import beat;"
        "_, url, data, now = sys.argv;"
        "print(beat(Database(url), law(), Settings(data=Path(data)), datetime.fromisoformat(now)).reminded)"
    )
    url = world.db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", script, url, str(tmp_path), world.later(days=3).isoformat()]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(3)]
    answers = [int(process.communicate()[0]) for process in started]
    beats(world, tmp_path)
    assert messages_of(world).total() == 40
    assert max(messages_of(world).values()) == 1
    assert sum(answers) <= 40


def test_a_beat_never_waits_for_a_case_that_somebody_holds(world: World, tmp_path: Path) -> None:
    if not world.db.is_postgres:
        return  # SQLite lets one writer in at a time, and the others wait for it
    case, other = met(world), met(world)
    with world.db.write() as session:
        session.connection().exec_driver_sql("select 1 from cases where id = %s for update", (case,))
        assert beats(world, tmp_path, days=1).looked == 1
    assert {row[0] for row in rows(world, "select case_id from messages")} == {other}
    assert beats(world, tmp_path).looked == 1
