"""Many cases at once: one is led through the real door, then its rows are copied, so that each is one it writes."""
# ruff: noqa: S608  statements of our own names

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from referral.access import Actor, Role
from referral.db import Database
from referral.migrate import migrate
from referral.models import Member, User
from tests.world import AGENCIES, START, World, a, furnish

EXPLAINED = {"language": "en", "interpreter": "none_needed", "private": True, "notice_version": "2024-10"}
CONSENTS = {**EXPLAINED, "how": "written", "referral": True, "support": True, "police": True}

# Expressions in SQL of `n`, the number of the copy, and `t`, the row that is copied.
OWN: dict[str, dict[str, str]] = {
    "cases": {"id": "md5('{kind}' || n)", "reference": "substr(md5('ref{kind}' || n), 1, 16)"},
    "strands": {"id": "md5(t.id || '{kind}' || n)"},
    "participants": {},
    "members": {},
    "deadlines": {"id": "md5(t.id || '{kind}' || n)", "strand_id": "md5(t.strand_id || '{kind}' || n)"},
    "events": {},
    "messages": {"id": "replace(t.id, t.case_id, md5('{kind}' || n))"},
    "answers": {},
    "people": {},
}
Changes = Mapping[str, Mapping[str, str]]


def colleague() -> Actor:
    """Another navigator of the same service: what they do is told to the owner and to the duty team."""
    kind, nation = AGENCIES["navigators"]
    owner = a(Role.NAVIGATOR)
    return Actor("f" * 32, "user", "navigators", kind, owner.roles, owner.may, nation=nation)


def furnished(db: Database) -> World:
    """A migrated database with agencies and staff, two days ago."""
    migrate(db)
    furnish(db)
    one = colleague()
    with db.write() as session:
        session.add(
            User(
                id=one.id, agency_id=one.agency, name="Invented colleague", roles=" ".join(one.roles),
                email="colleague@example.invalid", password_hash="-", created_at=START,
            )
        )  # fmt: skip
    return World(db, now=datetime.now(UTC) - timedelta(days=2))


def young(world: World) -> str:
    """A case just after the first meeting: two strands, two running deadlines, the colleague of the team already."""
    met = world.ask(
        Role.NAVIGATOR, "intake.encounter", jurisdiction="england-and-wales", place_kind="raid", under_18="no"
    )
    one = colleague()
    row = Member(
        case_id=met.case, user_id=one.id, agency_id=one.agency, since=world.now, until=None,
        purpose="contact.add_member",
    )  # fmt: skip
    with world.db.write() as session:
        session.add(row)
    return met.case


def grown(world: World) -> str:
    """A case on its way to the first responder: five strands, with the deadlines of each."""
    case = young(world)
    world.ask(Role.NAVIGATOR, "intake.explain", case, **EXPLAINED)
    world.ask(Role.NAVIGATOR, "intake.consent", case, **CONSENTS)
    world.ask(Role.NAVIGATOR, "intake.prepare", case, to="eastshire-police")
    return case


def name_of(number: int, kind: str) -> str:
    """The id of a copy."""
    return hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()


def copy(db: Database, case: str, count: int, kind: str, changes: Changes | None = None) -> None:
    """Copy all rows of a case so many times, with some columns changed."""
    for table, own in OWN.items():
        key = "id" if table == "cases" else "case_id"
        cells = {key: "md5('{kind}' || n)", **own, **(changes or {}).get(table, {})}
        names = [column.name for column in SQLModel.metadata.tables[table].columns]
        listed = ", ".join(cells.get(name, f"t.{name}") for name in names).format(kind=kind)
        _insert(
            db,
            table,
            names,
            f"with recursive {_numbers('s(n)', 1, count)} select {listed} from {table} t, s where t.{key} = :case",
            case,
        )


def lengthen(db: Database, case: str, kind: str, count: int, events: int) -> None:
    """Give each copy so many events in all, by adding the last one of the first case again and again."""
    names = ["case_id", "seq", "recorded_at", "body", "prev", "hash"]
    both = f"with recursive {_numbers('s(n)', 1, count)}, {_numbers('e(k)', 3, events)}"
    listed = f"md5('{kind}' || n), k, t.recorded_at, t.body, t.prev, t.hash"
    _insert(
        db, "events", names, f"{both} select {listed} from e, s, events t where t.case_id = :case and t.seq = 2", case
    )


def _numbers(name: str, first: int, last: int) -> str:
    table, column = name.rstrip(")").split("(")
    return f"{name} as (select {first} union all select {column} + 1 from {table} where {column} < {last})"


def _insert(db: Database, table: str, names: list[str], select: str, case: str) -> None:
    with db.write() as session:
        if not db.is_postgres:
            raw: Any = session.connection().connection.driver_connection
            raw.create_function("md5", 1, lambda told: hashlib.md5(told.encode(), usedforsecurity=False).hexdigest())
        session.execute(text("set local statement_timeout = 0" if db.is_postgres else "select 1"))
        session.execute(text(f"insert into {table} ({', '.join(names)}) {select}"), {"case": case})


def tidied(db: Database) -> None:
    """Let the database learn what it holds, as its own upkeep would."""
    with db.raw() as connection:
        connection.execute("vacuum analyze" if db.is_postgres else "analyze")
