"""What happens to every installation is no attack: crashes, new keys, erasures and a restored backup raise no alarm."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from referral import keyfiles, rotation
from referral.db import Database
from referral.migrate import migrate
from referral.settings import Settings
from referral.signer import OwnSigner
from referral.signer_socket import signer_for
from referral.vault import open_vault
from tests.thorough import LIVES
from tests.workflows.test_keeping_tables import FIRST, SECOND, a_closed_case, managers
from tests.workflows.walks import OFFICER, met
from tests.world import START, World, furnish
from workflows.bound_rows import differing
from workflows.heartbeat import beat
from workflows.proving import Witness
from workflows.verifying import Against, Report, verify

Restored = Callable[[], Database]
ROOT = Path(__file__).parents[2]


class Installation:
    """A world whose keys, signer and witness lie in folders, as on a machine."""

    def __init__(self, db: Database, folder: Path, restored: Restored) -> None:
        self.world, self.folder, self.restored = World(db), folder, restored

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder, witness_file=self.folder / "witness.jsonl")

    @property
    def signer(self) -> OwnSigner:
        signer = signer_for(self.settings)
        assert isinstance(signer, OwnSigner)
        return signer

    def sign(self) -> None:
        """As the heartbeat does: what is due, mails and deadlines, then a checkpoint, of which the witness is told."""
        self.world.later(hours=1)
        done = beat(self.world.db, self.world.law, self.settings, self.world.now)
        assert done.failed == 0

    def verified(self, db: Database | None = None) -> Report:
        """By whoever has everything: the rows, the signer's state and the witness."""
        against = Against(self.signer.published(), self.signer.last(), [Witness(self.folder / "witness.jsonl")])
        return verify(db or self.world.db, against=against, checks=[differing])


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    fresh: Callable[..., str] | None = None
    if request.param == "postgresql":
        fresh = request.getfixturevalue("fresh_pg_database")
    url = fresh() if fresh else f"sqlite:///{tmp_path}/var/lodestar.db"
    db = Database(url, durable=False, vault=open_vault(tmp_path / "keys", START))
    copies: list[Database] = []

    def restored() -> Database:
        """The newest backup, opened as the installation would be."""
        if fresh:
            db.close()  # a template must be left alone; the pool opens anew by itself
            copy = fresh(url.rpartition("/")[2])
        else:
            path = tmp_path / f"copy{len(copies)}.db"
            with closing(sqlite3.connect(db.url.database or "")) as raw, closing(sqlite3.connect(path)) as to:
                raw.backup(to)
            copy = f"sqlite:///{path}"
        copies.append(Database(copy, durable=False, vault=open_vault(tmp_path / "keys", START)))
        return copies[-1]

    migrate(db)
    furnish(db)
    managers(db)
    yield Installation(db, tmp_path, restored)
    for one in (db, *copies):
        one.close()


def crash(house: Installation, case: str) -> None:
    """A process dies in the middle of a move, once before it is written and once after."""
    for step in ("decided", "committed"):
        told = [house.world.db.url.render_as_string(hide_password=False), str(house.folder / "keys"), case, step]
        done = subprocess.run(
            [sys.executable, "-c", DIES, *told, house.world.now.isoformat()], cwd=ROOT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == -9, done.stderr


DIES = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from referral.access import Role
from referral.db import Database
from referral.vault import open_vault
from tests.world import a, law
from workflows.ask import Ask
from workflows.engine import perform

url, keys, case, at, now = sys.argv[1:]
now = datetime.fromisoformat(now)

def halt(step):
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)

db = Database(url, durable=False, vault=open_vault(Path(keys), now))
form = {"answers": {}, "identity": {"first_name": "Invented again"}}
perform(db, law(), Ask(a(Role.FIRST_RESPONDER), "intake.save", now, case=case, form=form), halt=halt)
"""


@pytest.mark.slow
def test_a_life_with_crashes_new_keys_an_erasure_and_restores_raises_no_alarm(house: Installation) -> None:
    world = house.world
    for turn in range(LIVES.times):
        case = met(world)
        world.ask(OFFICER, "intake.save", case, answers={}, identity={"first_name": "Invented"})
        house.sign()
        before = house.restored()
        world.later(hours=1)
        crash(house, case)
        assert house.verified().damage is None, (turn, "a crash")
        house.signer.renew(world.now)
        ring = keyfiles.make(house.folder / "keys", "seal", START + timedelta(days=30 * (turn + 1)))
        assert rotation.rotate(world.db) > 0, ring
        house.sign()
        assert house.verified().damage is None, (turn, "new keys")
        erased = a_closed_case(world, note="Invented.", first_name="Invented")
        world.ask(FIRST, "keeping.ask_erasure", erased, reason="person_asked", file_was_read=True)
        world.ask(SECOND, "keeping.erase", erased, file_was_read=True)
        assert house.verified().damage is None, (turn, "an erasure, and events that no checkpoint covers yet")
        house.sign()
        assert house.verified().damage is None, (turn, "an erasure")
        newest = house.verified(house.restored())
        assert (newest.damage, newest.remarks) == (None, ()), (turn, "the newest backup")
        older = house.verified(before).damage
        assert older is not None  # the control: events are gone that a witness has seen
        assert older.kind == "rolled_back", older
