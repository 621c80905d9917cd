"""The second line on PostgreSQL: whatever a query forgets, an agency sees and changes its own cases, and history stays."""
# ruff: noqa: S608, E501, ISC004  names of our own tables, and statements that stand whole

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlmodel import SQLModel, select

from referral import grants, second_line
from referral.access import Role
from referral.db import EVERYBODY, NOBODY, Database
from referral.grants import APPEND_ONLY, TABLES, NoSuchRoleError
from referral.migrate import differences, is_current, migrate
from referral.models import Case
from tests.databases import plain
from tests.examples import complete_adult_referral
from tests.roles import SERVES, behind, build, serving
from tests.told import told
from tests.world import World, a, furnish, vault

OURS, THEIRS = "navigators", "stranger"
OF_A_CASE = sorted(table for table, kept in TABLES.items() if kept.case)
FILL = {  # a row of each table that no move of this file writes, for the case :case
    "checkpoints": "insert into checkpoints (size, root, at, note, key) values (1, '', now(), '', '')",
    "cosignatures": "insert into cosignatures (size, key, agency_id, actor, at, line) "
    "values (1, '', 'navigators', '', now(), '')",
    "leaves": "insert into leaves (number, case_id, seq, hash) values (1, :case, 1, '')",
    "lookups": "insert into lookups (id, at, kind, actor, agency, case_id, how, found) "
    "values (:id, now(), 'duplicates', 'nobody', 'navigators', :case, 'before_referral', 'none')",
    "encounters": "insert into encounters (id, operation_id, met_at, outcome, indicators) values (:id, :case, now(), 'advised', '')",
    "bed_holds": f"insert into bed_holds (id, bed_id, case_id, held_from) values (:id, '{1:032x}', :case, current_date)",
    "address_readers": "insert into address_readers (id, case_id, user_id, agency_id, purpose, asked_by, asked_at, until) values (:id, :case, 'u', 'navigators', 'visit', 'u', now(), now())",
    "reveals": "insert into reveals (id, case_id, seq, place_id, address_id, user_id, number, agency_id, purpose, at, until) values (:id, :case, 1, 'p', 'a', 'u', 1, 'navigators', 'visit', now(), now())",
    "address_locks": "insert into address_locks (id, case_id, locked_by, agency_id, locked_at) values (:id, :case, 'u', 'navigators', now())",
    "glass_grants": "insert into glass_grants (id, case_id, seq, user_id, agency_id, ground, at, ends_at) values (:id, :case, 1, 'u', 'navigators', 'legal_duty', now(), now())",
    "messages": "insert into messages (id, case_id, agency_id, audience, kind, about, created_at, attempts) values (:id, :case, 'navigators', 'owner', 'moved', 'a.b', now(), 0)",
    "notes": "insert into notes (case_id, seq, text) values (:case, 900, '{}')",
    "reads": "insert into reads (id, at, case_id, actor, agency, what) values (:id, now(), :case, 'a', 'navigators', 'case')",
    "refusals": "insert into refusals (id, at, case_id, move, actor, agency, code, reasons) values (:id, now(), :case, 'a.b', 'a', 'navigators', 'stale', '')",
}


@pytest.fixture
def pg_world(pg_template: Any, emptied_pg_database: Callable[[str], str]) -> Iterator[World]:
    """The invented world on PostgreSQL, with one case that has rows in every table; the role that serves looks at it."""
    with closing(Database(serving(emptied_pg_database(pg_template("lodestar", build))), vault=vault())) as db:
        furnish(db)
        yield World(db)


def a_full_case(world: World) -> str:
    case = world.ask(Role.NAVIGATOR, "intake.encounter", **told("intake.encounter", under_18="no")).case
    answers, identity = complete_adult_referral()
    world.ask(Role.NAVIGATOR, "intake.save", case, answers=answers, identity=identity)
    with behind(world.db) as db, db.write() as session:
        for number, (table, statement) in enumerate(FILL.items()):
            if not session.execute(text(f"select count(*) from {table}")).scalar_one():
                session.execute(text(statement), {"case": case, "id": f"{number:032x}"})
    return case


@contextmanager
def knocking(world: World, agency: str | None) -> Iterator["psycopg.Connection[Any]"]:
    """A bare connection of the role that serves: no code of ours is in between. None says nothing of an agency."""
    url = plain(world.db.url.render_as_string(hide_password=False))
    with psycopg.connect(url, autocommit=True) as connection:
        if agency is not None:
            connection.execute("select set_config('lodestar.agency', %s, false)", [agency])
        yield connection


def count(connection: "psycopg.Connection[Any]", table: str) -> int:
    row = connection.execute(f"select count(*) from {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("who", (THEIRS, NOBODY, None, "no such agency"))
def test_no_row_of_a_case_is_there_for_whoever_takes_no_part(pg_world: World, who: str | None) -> None:
    a_full_case(pg_world)
    with knocking(pg_world, OURS) as connection:
        assert [table for table in OF_A_CASE if not count(connection, table)] == []
    with knocking(pg_world, EVERYBODY) as connection:
        assert [table for table in OF_A_CASE if not count(connection, table)] == []
    with knocking(pg_world, who) as connection:
        assert {table: count(connection, table) for table in OF_A_CASE} == dict.fromkeys(OF_A_CASE, 0)


@pytest.mark.parametrize("who", (THEIRS, NOBODY, None))
def test_no_row_of_a_case_can_be_changed_by_whoever_takes_no_part(pg_world: World, who: str | None) -> None:
    a_full_case(pg_world)
    for table, kept in TABLES.items():
        for verb, statement in (
            ("update", f"update {table} set {kept.case} = {kept.case}"),
            ("delete", f"delete from {table}"),
        ):
            if kept.case and verb in kept.verbs:
                with knocking(pg_world, who) as connection:
                    assert connection.execute(statement.encode()).rowcount == 0, (table, verb)
                with knocking(pg_world, OURS) as connection, connection.transaction(force_rollback=True):
                    assert connection.execute(statement.encode()).rowcount > 0, (table, verb)


def test_whoever_says_nothing_of_themselves_can_add_nothing_to_a_case(pg_world: World) -> None:
    case = a_full_case(pg_world)
    adding = f"insert into notes (case_id, seq, text) values ('{case}', 901, '{{}}')".encode()
    for who in (NOBODY, None):
        with knocking(pg_world, who) as connection, pytest.raises(InsufficientPrivilege):
            connection.execute(adding)
    with knocking(pg_world, OURS) as connection:
        assert connection.execute(adding).rowcount == 1


def test_nobody_lets_themselves_into_a_case_by_the_tables(pg_world: World) -> None:
    case = a_full_case(pg_world)
    joining = (
        "insert into participants (case_id, agency_id, part, since, opened_at, open, basis, purpose, classes) "
        f"values ('{case}', '{THEIRS}', 'support', now(), now(), true, 'consent', 'support', 'C1')"
    ).encode()
    with knocking(pg_world, THEIRS) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(joining)
    with knocking(pg_world, OURS) as connection:
        connection.execute(joining)
    with knocking(pg_world, THEIRS) as connection:
        assert count(connection, "cases") == 1
        connection.execute(b"update participants set until = now() where agency_id = 'stranger'")
        assert count(connection, "cases") == 0
        with pytest.raises(InsufficientPrivilege):  # who has left does not come back by themselves
            connection.execute(b"update participants set until = null where agency_id = 'stranger'")


def test_a_query_that_forgot_its_filter_still_finds_only_what_is_ones_own(pg_world: World) -> None:
    ours = a_full_case(pg_world)
    border = a(Role.FIRST_RESPONDER, "border")
    theirs = pg_world.ask(border, "intake.encounter", **told("intake.encounter", under_18="no")).case
    seen = {}
    for who in (OURS, "border", THEIRS, NOBODY, EVERYBODY):
        with pg_world.db.acting_for(who).read() as session:
            seen[who] = {case.id for case in session.exec(select(Case))}
    assert seen == {OURS: {ours}, "border": {theirs}, THEIRS: set(), NOBODY: set(), EVERYBODY: {ours, theirs}}


def test_a_connection_that_changes_hands_shows_nothing_of_whom_it_served_before(pg_world: World) -> None:
    a_full_case(pg_world)
    one = Database(pg_world.db.url.render_as_string(hide_password=False), pool=1, acts_for=NOBODY)
    with closing(one):
        for who, many in ((OURS, 1), (THEIRS, 0), (OURS, 1), (NOBODY, 0), (EVERYBODY, 1), (NOBODY, 0)) * 2:
            with one.acting_for(who).raw() as connection:
                assert count(connection, "cases") == many, who
            with one.acting_for(who).read() as session:
                assert len(session.exec(select(Case)).all()) == many, who
        with pytest.raises(psycopg.errors.DivisionByZero), one.acting_for(OURS).raw() as connection:
            connection.execute("begin; select 1 / 0")
        with one.acting_for(THEIRS).raw() as connection:
            assert count(connection, "cases") == 0


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_history_is_only_ever_added_to(pg_world: World, table: str) -> None:
    a_full_case(pg_world)
    key = TABLES[table].case or "size"
    attempts = (
        f"update {table} set {key} = {key}", f"delete from {table}", f"truncate {table}", f"drop table {table}",
        f"alter table {table} disable trigger all", f"alter table {table} disable row level security",
        f"alter table {table} add column more text", f"drop trigger {second_line.TRIGGER} on {table}",
    )  # fmt: skip
    with knocking(pg_world, EVERYBODY) as connection:
        before = count(connection, table)
        for attempt in attempts:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(attempt.encode())
        assert count(connection, table) == before > 0


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ("update", "delete", "truncate"))
def test_the_owner_too_is_stopped_by_a_trigger(pg_world: World, table: str, verb: str) -> None:
    a_full_case(pg_world)
    key = TABLES[table].case or "size"
    statement = {"update": f"update {table} set {key} = {key}", "delete": f"delete from {table}"}
    url = plain(pg_world.db.url.set(username="lodestar").render_as_string(hide_password=False))
    with psycopg.connect(url, autocommit=True) as owner, pytest.raises(InsufficientPrivilege, match="only ever added"):
        owner.execute(statement.get(verb, f"truncate {table} cascade").encode())


ESCAPES = (
    "set role lodestar", "set session authorization lodestar", "select pg_read_file('/etc/hostname')",
    "copy cases to '/tmp/cases'", "copy cases to program 'cat'", "create table mine (id int)", "create role mine",
    "create schema mine", "create function f() returns int language sql as 'select 1'",
    "set session_replication_role = replica", "alter role lodestar_web bypassrls", "drop policy lodestar_takes_part on cases",
    "create policy mine on cases using (true)", "update alembic_version set version_num = '0000'", "truncate cases",
    "alter function lodestar_takes_part(text) rename to mine", "select * from pg_authid",
)  # fmt: skip


@pytest.mark.parametrize("attempt", ESCAPES)
def test_the_role_that_serves_has_no_way_to_be_more(pg_world: World, attempt: str) -> None:
    with knocking(pg_world, EVERYBODY) as connection:
        with pytest.raises(InsufficientPrivilege):
            connection.execute(attempt.encode())
        assert count(connection, "alembic_version") == 1


def test_row_security_cannot_be_put_off(pg_world: World) -> None:
    a_full_case(pg_world)
    with knocking(pg_world, THEIRS) as connection:
        connection.execute(b"set row_security = off")
        with pytest.raises(InsufficientPrivilege):
            connection.execute(b"select * from cases")


def test_every_table_says_what_the_role_may_do_and_which_column_names_its_case() -> None:
    assert set(TABLES) == set(SQLModel.metadata.tables)
    for name, table in SQLModel.metadata.tables.items():
        if "case_id" in table.columns:
            assert TABLES[name].case, f"{name} holds a case and has no second line"
    assert {name for name, kept in TABLES.items() if kept.verbs == grants.ADDED} >= set(APPEND_ONLY)


def test_the_role_may_do_what_is_listed_and_no_more(pg_world: World) -> None:
    with pg_world.db.read() as session:
        rows = session.execute(
            text("select table_name, privilege_type from information_schema.role_table_grants where grantee = :role"),
            {"role": SERVES},
        ).all()
    found: dict[str, set[str]] = {}
    for table, verb in rows:
        found.setdefault(table, set()).add(verb.lower())
    assert found == {table: set(kept.verbs) for table, kept in TABLES.items()} | {"alembic_version": {"select"}}


def test_the_second_line_has_no_gap_for_the_role_that_serves(pg_world: World) -> None:
    assert second_line.gaps(pg_world.db) == []
    assert differences(pg_world.db) == []
    with behind(pg_world.db) as db:
        assert second_line.gaps(db) == [
            f"The database role {why}: serve as one that owns nothing."
            for why in (
                "is a superuser",
                "passes by row-level security",
                "may make roles",
                "owns the tables or the database",
            )
        ]


def _a_plain_owner(url: str) -> str:
    """A database whose owner is no superuser, as an installation should have it."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(
            b"do $$ begin if not exists (select from pg_roles where rolname = 'lodestar_owner') "
            b"then create role lodestar_owner login; end if; end $$"
        )
        connection.execute(b"alter schema public owner to lodestar_owner")
    return url.replace("://lodestar@", "://lodestar_owner@")


def test_an_owner_that_is_no_superuser_migrates_is_bound_too_and_can_undo_it(
    fresh_pg_database: Callable[..., str],
) -> None:
    url = fresh_pg_database()
    with closing(Database(_a_plain_owner(url), vault=vault())) as owner:
        migrate(owner)
        migrate(owner)
        furnish(owner)
        world = World(owner)
        world.ask(Role.NAVIGATOR, "intake.encounter", **told("intake.encounter", under_18="no"))
        with owner.acting_for(THEIRS).read() as session:
            assert session.exec(select(Case)).all() == []
        with owner.acting_for(OURS).read() as session:
            assert len(session.exec(select(Case)).all()) == 1
        assert second_line.gaps(owner) == [
            "The database role owns the tables or the database: serve as one that owns nothing."
        ]
        with owner.engine.connect() as connection:
            connection.exec_driver_sql("alter table people no force row level security")
            connection.exec_driver_sql("drop trigger lodestar_append_only on events")
        assert [gap.split()[2] for gap in second_line.gaps(owner)[:2]] == ["people", "events"]
        migrate(owner)
        assert len(second_line.gaps(owner)) == 1
        with owner.write() as session:  # what is sealed would be laid open on the way back, and so it is refused
            for table in ("people", "answers"):
                session.execute(text(f"delete from {table}"))
        migrate(owner, "base")
        assert not is_current(owner)
        assert _functions(owner) == []


def _functions(db: Database) -> list[str]:
    with db.engine.connect() as connection:
        return list(connection.scalars(text("select proname from pg_proc where proname like 'lodestar%'")))


def test_a_role_that_is_missing_or_too_mighty_is_not_let_in(fresh_pg_database: Callable[..., str]) -> None:
    with closing(Database(fresh_pg_database())) as db:
        with pytest.raises(NoSuchRoleError, match="does not exist"):
            migrate(db, role="nobody_here")
        with pytest.raises(NoSuchRoleError, match="is a superuser"):
            migrate(db, role="lodestar")
        assert is_current(db)


HOT = (
    "select * from cases where id = %s", "select * from strands where case_id = %s",
    "select * from deadlines where case_id = %s and state in ('running', 'paused')",
    "select * from participants where case_id = %s and until is null", "select * from events where case_id = %s and seq > 3",
    "select * from people where case_id = %s", "update cases set version = version where id = %s and version = 3",
)  # fmt: skip
LISTS = (
    "select c.id from cases c join participants m on m.case_id = c.id where m.agency_id = 'navigators' and m.until is null "
    "and m.open and (m.opened_at, m.case_id) < (now(), 'f') order by m.opened_at desc, m.case_id desc limit 51",
    "select c.id from cases c where c.owner_agency = 'navigators' and c.open and (c.opened_at, c.id) < (now(), 'f') "
    "order by c.opened_at desc, c.id desc limit 51",
)  # fmt: skip


@pytest.mark.parametrize("statement", (*HOT, *LISTS))
def test_what_is_asked_all_day_still_goes_by_an_index(pg_world: World, statement: str) -> None:
    case = a_full_case(pg_world)
    with knocking(pg_world, OURS) as connection:
        for way in ("seqscan", "bitmapscan", "sort"):  # the tables of a test are small; what has no index is then told
            connection.execute(f"set enable_{way} = off".encode())
        asked = statement.replace("%s", f"'{case}'")
        plan = "\n".join(row[0] for row in connection.execute(f"explain {asked}".encode()))
    assert not re.search("Seq Scan|Sort|hashed", plan), plan
    looked_up = set(re.findall(r"using (\w+) on participants p\b", plan.partition("SubPlan")[2]))
    assert looked_up == (set() if " from participants " in statement else {"pk_participants"}), plan


def test_what_was_given_once_is_taken_back_with_the_next_migration(fresh_pg_database: Callable[..., str]) -> None:
    url = fresh_pg_database()
    build(url)
    with psycopg.connect(plain(url), autocommit=True) as owner:
        owner.execute(f"grant delete on events to {SERVES}".encode())
    build(url)
    with psycopg.connect(plain(serving(url)), autocommit=True) as connection:
        for attempt in (b"delete from events", b"create temporary table cases (id text)"):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(attempt)
