import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlmodel import col, select

from referral import keyfiles, rotation, storage
from referral.access import Role
from referral.db import Database
from referral.errors import NoKeys, Refusal
from referral.migrate import migrate
from referral.models import Key
from referral.vault import Vault, Wrapped, open_vault
from tests.thorough import KEYS
from tests.world import World, furnish

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 25, 12, 0, tzinfo=UTC)


def place(db: Database, many: int) -> list[Wrapped]:
    """Keys of invented cases."""
    assert db.vault is not None
    kept = [db.vault.make(f"{number:032x}")[1] for number in range(many)]
    rows = [{"id": one.subject, "ring": one.ring, "wrapped": one.wrapped, "made_at": NOW} for one in kept]
    with db.write() as session:
        session.execute(insert(Key), rows)
    return kept


def stands(db: Database) -> list[Wrapped]:
    with db.read() as session:
        return [Wrapped(row.id, row.ring, row.wrapped) for row in session.exec(select(Key).order_by(col(Key.id)))]


@pytest.fixture
def ringed(db: Database, tmp_path: Path) -> Database:
    """A database whose vault lies in a folder."""
    db.vault = open_vault(tmp_path / "keys", NOW)
    return db


def test_every_key_is_wrapped_anew_and_progress_is_told(ringed: Database, tmp_path: Path) -> None:
    before = place(ringed, 25)
    newest = keyfiles.make(tmp_path / "keys", "seal", LATER)
    told: list[tuple[int, int]] = []
    assert rotation.rotate(ringed, lambda done, total: told.append((done, total)), batch=10) == 25
    assert told == [(0, 25), (10, 25), (20, 25), (25, 25)]
    assert {one.ring for one in stands(ringed)} == {newest}
    assert rotation.in_use(ringed) == {newest: 25}
    assert [one.wrapped for one in stands(ringed)] != [one.wrapped for one in before]
    assert rotation.rotate(ringed) == 0


def test_a_destroyed_key_is_not_brought_back(ringed: Database, tmp_path: Path) -> None:
    place(ringed, 3)
    with ringed.write() as session:
        session.execute(update(Key).where(col(Key.id) == f"{1:032x}").values(wrapped=None))
    keyfiles.make(tmp_path / "keys", "seal", LATER)
    assert rotation.rotate(ringed) == 2
    assert stands(ringed)[1].wrapped is None


def test_a_key_that_cannot_be_opened_stops_the_rotation_aloud(ringed: Database, tmp_path: Path) -> None:
    place(ringed, 3)
    ringed.vault = open_vault(tmp_path / "others", NOW)
    with pytest.raises(NoKeys):
        rotation.rotate(ringed)


def test_killed_anywhere_it_goes_on_there_while_others_read_and_make_moves(
    tmp_path: Path, fresh_pg_database: Callable[..., str]
) -> None:
    """With -9, several times; who began before opens every key, and cases, and writes in them, without one failure."""
    url, data = fresh_pg_database(), tmp_path / "var"
    with_keys = Database(url, vault=open_vault(data / "keys", NOW))
    migrate(with_keys)
    place(with_keys, KEYS.times)
    furnish(with_keys)
    reading, moving = Reader(with_keys), Mover(World(with_keys))
    environment = {**os.environ, "LODESTAR_DATA": str(data), "LODESTAR_DATABASE_URL": url}
    command = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())", "keys", "rotate"]
    killed = 0
    resume: list[str] = []
    while True:
        process = subprocess.Popen(
            [*command, *resume], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("wrapping") and killed < 3 and not line.startswith("wrapping: 0 "):
                process.send_signal(signal.SIGKILL)
                killed += 1
                break
        process.stderr.read()
        process.stderr.close()
        if process.wait() == 0:
            break
        resume = ["--resume"]
    reading.stop()
    moving.stop()
    assert killed == 3
    assert reading.failures == 0
    assert reading.reads > 10
    assert moving.failures == []
    assert len(moving.cases) > 3
    newest = max(keyfiles.read(data / "keys", "seal"))
    assert rotation.in_use(with_keys) == {newest: KEYS.times + len(moving.cases)}
    assert [name_in(with_keys, case) for case in moving.cases] == list(moving.cases.values())
    with_keys.close()


class Reader(threading.Thread):
    """Opens keys at random places, with a vault of its own that knew only the first ring key when it began."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        assert db.vault is not None
        self.db, self.vault, self.reads, self.failures, self._on = db, db.vault, 0, 0, True
        self.start()

    def run(self) -> None:
        while self._on:
            with self.db.read() as session:
                row = session.get(Key, f"{(self.reads * 7919) % KEYS.times:032x}")
                assert row is not None
            try:
                self.vault.key(Wrapped(row.id, row.ring, row.wrapped))
            except NoKeys:
                self.failures += 1
            self.reads += 1
            time.sleep(0.002)

    def stop(self) -> None:
        self._on = False
        self.join()


class Mover(threading.Thread):
    """Opens cases of invented people and corrects their names, one move after the other."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.failures, self._on = world, list[Exception](), True
        self.cases: dict[str, str] = {}  # with the name that was told last
        self.start()

    def run(self) -> None:
        for turn in count():
            if not self._on:
                return
            if turn % 2:
                case = next(iter(self.cases))  # the oldest: its key was made before the rotation
            else:
                case = self.world.ask(Role.FIRST_RESPONDER, "intake.encounter", place_kind="raid", under_18="no").case
            name = f"Invented {len(self.cases)} {self.world.later(seconds=1).isoformat()}"
            try:
                self.world.ask(Role.FIRST_RESPONDER, "intake.save", case, answers={}, identity={"first_name": name})
                self.cases[case] = name
            except Refusal as refused:
                self.failures.append(refused)
            time.sleep(0.01)

    def stop(self) -> None:
        self._on = False
        self.join()


def name_in(db: Database, case: str) -> Any:
    with storage.door(db) as door:
        found = door.read(storage.Wanted(case=case, identity=True)).identity
    return found and found["first_name"]


def test_a_vault_says_which_keys_it_holds(ringed: Database) -> None:
    assert isinstance(ringed.vault, Vault)
    assert ringed.vault.newest in ringed.vault.ids
