import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from referral import keyfiles, rotation
from referral.db import Database
from referral.errors import Erased, NoKeys
from referral.migrate import migrate
from referral.models import Key
from referral.vault import Wrapped, open_vault
from tests.databases import plain
from tests.workflows.test_keeping_tables import FIRST, SECOND, a_closed_case, managers
from tests.world import START, World, furnish
from workflows.explaining import export_case
from workflows.verifying import verify

WORDS = ("Zorica", "Cedar Inn", "by the back door")
LATER = START.replace(year=START.year + 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world whose keys lie in a folder, and whose files can be read."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/var/lodestar.db"
    else:
        fresh: Callable[..., str] = request.getfixturevalue("fresh_pg_database")
        url = fresh()
    db = Database(url, vault=open_vault(tmp_path / "keys", START))
    migrate(db)
    furnish(db)
    managers(db)
    yield World(db)
    db.close()


def files(world: World, tmp_path: Path) -> Iterator[Path]:
    """Every file that the database keeps, and what was written beside it."""
    if not world.db.is_postgres:
        yield from (path for path in (tmp_path / "var").rglob("*") if path.is_file())
        return
    with psycopg.connect(plain(world.db.url.render_as_string(hide_password=False)), autocommit=True) as connection:
        connection.execute("vacuum full")
        connection.execute("checkpoint")
        row = connection.execute("show data_directory").fetchone()
    assert row is not None
    yield from (path for path in Path(str(row[0])).rglob("*") if path.is_file())


def found(world: World, tmp_path: Path, sought: list[bytes]) -> list[bytes]:
    """What of this stands anywhere in these files."""
    stands = set[bytes]()
    for path in files(world, tmp_path):
        content = path.read_bytes() if path.exists() else b""
        stands |= {one for one in sought if one in content}
    return sorted(stands)


def test_after_an_erasure_nobody_finds_or_opens_anything_of_the_person(kept: World, tmp_path: Path) -> None:
    case = a_closed_case(kept, note=f"She sleeps at the {WORDS[1]}, {WORDS[2]}.", first_name=WORDS[0])
    with kept.db.read() as session:
        row = session.get_one(Key, case)
        sealed = [bytes(cell) for (cell,) in session.execute(text("select first_name from people")) if cell]
    assert row.wrapped is not None
    assert found(kept, tmp_path, [case.encode()]) == [case.encode()]  # the control: it looks where things stand
    before = Wrapped(row.id, row.ring, bytes(row.wrapped))
    kept.ask(FIRST, "keeping.ask_erasure", case, reason="person_asked", file_was_read=True)
    kept.ask(SECOND, "keeping.erase", case, file_was_read=True)
    if not kept.db.is_postgres:
        with sqlite3.connect(kept.db.url.database or "") as raw:
            raw.execute("pragma wal_checkpoint(truncate)")
    plain_words = [word.encode() for word in WORDS]
    assert found(kept, tmp_path, plain_words) == []
    if not kept.db.is_postgres:  # PostgreSQL's log of changes keeps sealed bytes a while; they are worth nothing
        assert found(kept, tmp_path, [*sealed, before.wrapped or b""]) == []
    bundle = str(export_case(kept.db, kept.law, case))
    assert [word for word in WORDS if word in bundle] == []
    assert verify(kept.db).damage is None
    _complete(kept, tmp_path, case, before)


def _complete(kept: World, tmp_path: Path, case: str, before: Wrapped) -> None:
    """The ring key of that time is retired: even a copy of the wrapped key from an old backup opens nothing."""
    assert kept.db.vault is not None
    assert kept.db.vault.key(before) is not None  # until then a backup of the row, with the ring, would have opened it
    keyfiles.make(tmp_path / "keys", "seal", LATER)
    rotation.rotate(kept.db)
    keyfiles.destroy(tmp_path / "keys", "seal", before.ring)
    fresh = open_vault(tmp_path / "keys", LATER)
    with pytest.raises(NoKeys):
        fresh.key(before)
    with kept.db.read() as session:
        row = session.get_one(Key, case)
    with pytest.raises(Erased):
        fresh.key(Wrapped(row.id, row.ring, row.wrapped))


def test_a_restored_copy_from_before_does_not_bring_the_person_back(tmp_path: Path) -> None:
    """The copy has the sealed rows and the wrapped key; the ring, kept apart, no longer has what opens them."""
    db = Database(f"sqlite:///{tmp_path}/var/lodestar.db", vault=open_vault(tmp_path / "keys", START))
    migrate(db)
    furnish(db)
    managers(db)
    world = World(db)
    case = a_closed_case(world, note="Invented.", first_name=WORDS[0])
    with (
        sqlite3.connect(tmp_path / "var" / "lodestar.db") as raw,
        closing(sqlite3.connect(tmp_path / "copy.db")) as copy,
    ):
        raw.backup(copy)
    world.ask(FIRST, "keeping.ask_erasure", case, reason="person_asked", file_was_read=True)
    world.ask(SECOND, "keeping.erase", case, file_was_read=True)
    ring = db.vault.newest if db.vault else ""
    keyfiles.make(tmp_path / "keys", "seal", LATER)
    rotation.rotate(db)
    keyfiles.destroy(tmp_path / "keys", "seal", ring)
    db.close()
    restored = Database(f"sqlite:///{tmp_path}/copy.db", vault=open_vault(tmp_path / "keys", LATER))
    with restored.read() as session:
        row = session.get_one(Key, case)
        assert session.execute(text("select count(*) from people")).scalar() == 1
    assert restored.vault is not None
    with pytest.raises(NoKeys):
        restored.vault.key(Wrapped(row.id, row.ring, row.wrapped))
    restored.close()
