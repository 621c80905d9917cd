"""Many cases at once: a few are led through the real door, then their rows are copied, so that every row is one the project writes."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from referral.access import Actor, Role
from referral.db import Database
from referral.migrate import migrate
from tests.world import AGENCIES, World, a, furnish
from workflows.ask import Ask
from workflows.engine import perform

CONSENTS = {
    "language": "en", "interpreter": "none_needed", "how": "written", "referral": True, "support": True, "police": True,
    "notice_version": "2024-10",
}  # fmt: skip
EXPLAINED = {"language": "en", "interpreter": "none_needed", "private": True, "notice_version": "2024-10"}
MARK = "template"
COPIED = ("cases", "strands", "participants", "deadlines", "events", "messages", "answers", "people")


def colleague() -> Actor:
    """Another navigator of the same service: what they do is told to the owner and to the duty team."""
    kind, nation = AGENCIES["navigators"]
    owner = a(Role.NAVIGATOR)
    return Actor("f" * 32, "user", "navigators", kind, owner.roles, owner.may, nation=nation)


def furnished(db: Database) -> World:
    """A migrated database with agencies and staff, in the present."""
    migrate(db)
    furnish(db)
    return World(db, now=datetime.now(UTC) - timedelta(days=2))


def young(world: World) -> str:
    """A case just after the first meeting: two strands, two running deadlines."""
    return world.ask(Role.NAVIGATOR, "intake.encounter", jurisdiction="england-and-wales", place_kind="raid", under_18="no").case


def grown(world: World) -> str:
    """A case on its way to the first responder: five strands, and the deadlines of each."""
    case = young(world)
    world.ask(Role.NAVIGATOR, "intake.explain", case, **EXPLAINED)
    world.ask(Role.NAVIGATOR, "intake.consent", case, **CONSENTS)
    world.ask(Role.NAVIGATOR, "intake.prepare", case, to="eastshire-police")
    return case


def name_of(number: int, kind: str = MARK) -> str:
    """The id of a copy."""
    return hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()


def copy(db: Database, case: str, count: int, *, first: int = 1, kind: str = MARK, shift: str = "") -> None:
    """Copy all rows of a case so many times. `shift` is an SQL expression of `n` that may change columns: see growth.py."""
    changes: dict[str, dict[str, str]] = {
        "cases": {"id": "md5('{kind}' || n)", "reference": "substr(md5('ref{kind}' || n), 1, 16)"},
        "strands": {"id": "md5(t.id || '{kind}' || n)"},
        "participants": {},
        "deadlines": {"id": "md5(t.id || '{kind}' || n)", "strand_id": "md5(t.strand_id || '{kind}' || n)"},
        "events": {},
        "messages": {"id": "replace(t.id, t.case_id, md5('{kind}' || n))"},
        "answers": {},
        "people": {},
    }
    del shift
    with db.write() as session:
        if not db.is_postgres:
            raw: Any = session.connection().connection.driver_connection
            raw.create_function("md5", 1, lambda told: hashlib.md5(told.encode(), usedforsecurity=False).hexdigest(), deterministic=True)
        for table in COPIED:
            columns = [column.name for column in Database_table(table).columns]
            key = "id" if table == "cases" else "case_id"
            set_ = {key: "md5('{kind}' || n)", **changes[table]}
            cells = ", ".join(set_[name].format(kind=kind) if name in set_ else f"t.{name}" for name in columns)
            series = _series(db.is_postgres)
            session.execute(
                text(f"insert into {table} ({', '.join(columns)}) {series[0]}select {cells} from {table} t, {series[1]} where t.{key} = :case"),
                {"case": case, "first": first, "last": first + count - 1},
            )
    _analyze(db)


def _series(postgres: bool) -> tuple[str, str]:
    if postgres:
        return "", "generate_series(cast(:first as int), cast(:last as int)) s(n)"
    return "with recursive s(n) as (select :first union all select n + 1 from s where n < :last) ", "s"


def Database_table(name: str) -> Any:
    from sqlmodel import SQLModel

    return SQLModel.metadata.tables[name]


def _analyze(db: Database) -> None:
    with db.raw() as connection:
        connection.execute("vacuum analyze" if db.is_postgres else "analyze")
