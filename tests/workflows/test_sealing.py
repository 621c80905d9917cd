import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from referral.db import Database
from referral.errors import NoKeys
from referral.migrate import migrate
from referral.models import Answers, Key, Person
from referral.models.base import sealed_columns
from referral.vault import opened
from tests.examples import complete_adult_referral
from tests.workflows.walks import OFFICER, met, submitted
from tests.world import World, vault

ANSWERS, IDENTITY = complete_adult_referral()


def bytes_of(world: World) -> Iterator[bytes]:
    """Everything that the database holds, column by column."""
    with world.db.read() as session:
        tables = session.connection().dialect.get_table_names(session.connection())
        for table in tables:
            for row in session.execute(text(f"select * from {table}")):  # noqa: S608
                for value in row:
                    yield bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_nothing_that_says_who_the_person_is_stands_in_the_database(world: World) -> None:
    case = submitted(world)
    world.ask(OFFICER, "contact.lose", case, attempts=3, note="Invented: ask for Zorica at the Cedar Inn.")
    stands = b"\n".join(bytes_of(world))
    planted = [str(told).encode() for told in IDENTITY.values()] + [b"Zorica", b"Cedar Inn"]
    assert [told for told in planted if told in stands] == []
    assert b"R" in stands  # it was looked for in something
    assert case.encode() in stands


def test_an_adults_day_of_birth_leaves_no_birthday_behind(world: World) -> None:
    case = submitted(world)
    with world.db.read() as session:
        assert session.execute(text("select adult_on from cases where id = :case"), {"case": case}).scalar() is None


def test_a_move_reads_back_what_an_earlier_one_sealed(world: World) -> None:
    case = submitted(world)
    with world.db.read() as session:
        person, kept, saved = session.get(Person, case), session.get(Key, case), session.get(Answers, case)
    assert person is not None
    assert kept is not None
    assert saved is not None
    assert person.first_name != IDENTITY["first_name"].encode()
    hidden = {name: getattr(person, name) for name in sealed_columns("people")}
    told = opened(vault(), kept, "people", case, hidden)
    assert {name: told[name] for name in IDENTITY} == {name: str(value) for name, value in IDENTITY.items()}


def test_without_keys_nothing_personal_is_written_and_nothing_is_half_done(world: World) -> None:
    locked = World(world.db)
    case = met(world)
    world.db.vault = None
    with pytest.raises(NoKeys):
        locked.ask(OFFICER, "intake.make_safe", case, note="Invented.")
    with world.db.read() as session:
        assert session.execute(text("select count(*) from notes")).scalar() == 0
        assert session.execute(text("select version from cases where id = :case"), {"case": case}).scalar() == 2


def test_what_needs_no_keys_goes_on_without_them(world: World) -> None:
    case = met(world)
    world.db.vault = None
    assert world.ask(OFFICER, "intake.make_safe", case).state == "identified"


def test_the_database_refuses_identity_of_an_anonymous_notification(world: World) -> None:
    case = met(world)
    statement = text("update people set basis = 'notify_anonymous', first_name = :name where case_id = :case")
    with world.db.write() as session, pytest.raises(IntegrityError, match="anonymous_is_nobody"):
        session.execute(statement, {"case": case, "name": b"sealed"})


def test_who_opens_a_case_in_an_operation_seals_each_under_a_key_of_its_own(world: World) -> None:
    a, b = met(world), met(world)
    world.ask(OFFICER, "intake.make_safe", a, note="Invented.")
    world.ask(OFFICER, "intake.make_safe", b, note="Invented.")
    with world.db.read() as session:
        one, two = session.get(Key, a), session.get(Key, b)
    assert one is not None
    assert two is not None
    assert one.wrapped != two.wrapped


def test_what_stood_open_is_sealed_on_the_way_to_the_newest_step(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/old.db", vault=vault())
    migrate(db, "0001")
    with sqlite3.connect(tmp_path / "old.db") as raw:
        raw.executescript("""
            insert into agencies (id, name, kind, active, created_at)
                values ('a', 'Invented', 'police', 1, '2026-01-01 00:00:00');
            insert into cases
                (id, reference, kind, jurisdiction, opened_at, updated_at, version, head, salt, open, owner_agency)
                values ('c', 'r', 'person', 'e', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1, x'', x'', 1, 'a');
            insert into people (case_id, basis, first_name, date_of_birth)
                values ('c', 'referral', 'Zorica', '1999-02-03');
            insert into answers (case_id, answers, saved_at) values ('c', '{"a": "Zorica"}', '2026-01-01 00:00:00');
            insert into notes (case_id, seq, text) values ('c', 1, '{"note": "Zorica"}');
        """)
    migrate(db)
    with db.read() as session:
        kept, person = session.get(Key, "c"), session.get(Person, "c")
    assert person is not None
    hidden = {"first_name": person.first_name, "date_of_birth": person.date_of_birth}
    assert opened(db.vault, kept, "people", "c", hidden) == {"first_name": "Zorica", "date_of_birth": "1999-02-03"}
    with pytest.raises(RuntimeError, match="not undone"):
        migrate(db, "base")
    db.close()
    shutil.copy(tmp_path / "old.db", tmp_path / "copy.db")
    assert b"Zorica" not in (tmp_path / "copy.db").read_bytes()
