"""The statements of storage.py, made from the models and kept: their texts stay the same, so that the database prepares them once."""

import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import count
from typing import Any

import orjson
import psycopg
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from referral import models  # noqa: F401  the tables must be known before statements are made from them
from referral.errors import Taken
from referral.snapshot import AgencyRow, BedRow, CaseRow, DeadlineRow, Snapshot, StrandRow, UserRow

BROKEN = (psycopg.OperationalError, sqlite3.OperationalError)

_CASE = (
    "id reference kind jurisdiction opened_at version head salt open child adult_on authority owner_agency owner_user "
    "operation_id next_due_at"
).split()
_STRAND = "id workflow number state version entered_at facts".split()
_DEADLINE = "id strand_id rule name rule_version kind started_at due_at due_day state paused_at how".split()
_TEXTS = {"facts", "how"}  # columns that hold JSON
_PERSON = [c.name for c in SQLModel.metadata.tables["people"].columns if c.name != "case_id"]

# What may be asked for besides the case: (table, columns, condition, order where it counts). `@case` is the case,
# `?` a parameter of its own.
_MORE = {
    "strands": ("strands s", [f"s.{c}" for c in _STRAND], "s.case_id = @case", "s.opened_at, s.number, s.id"),
    "deadlines": ("deadlines d", [f"d.{c}" for c in _DEADLINE], "d.case_id = @case and d.state in ('running', 'paused')", "d.id"),
    "parts": ("participants p", ["p.agency_id", "p.part"], "p.case_id = @case and p.until is null", ""),
    "agencies": ("agencies a", ["a.id", "a.kind", "a.active", "a.nation"], "a.id = any(?)", ""),
    "users": ("users u", ["u.id", "u.agency_id", "u.roles", "u.active"], "u.id = any(?)", ""),
    "beds": (
        "beds b",
        ["b.id", "b.agency_id", "b.region", "exists(select 1 from bed_holds h where h.bed_id = b.id and h.held_until is null)", "b.active"],
        "b.id = any(?)", "b.id",
    ),
    "cases": (
        "cases o", ["o.id", "o.kind"],
        "o.id = any(?) and exists(select 1 from participants m where m.case_id = o.id and m.until is null and m.agency_id = ?)", "o.id",
    ),
    "answers": ("answers w", ["w.answers"], "w.case_id = @case", ""),
    "identity": ("people i", [f"i.{c}" for c in _PERSON], "i.case_id = @case", ""),
    "repeat": ("repeats r", ["r.request", "r.answer"], "r.caller = ? and r.key = ?", ""),
}  # fmt: skip


def _asked(wanted: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """Which further parts a read needs, with their parameters beside the case."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    if wanted.case:
        asked += [("strands", ()), ("deadlines", ()), ("parts", ())]
        asked += [(part, ()) for part in ("answers", "identity") if getattr(wanted, part)]
    asked += [(p, (list(getattr(wanted, p)),)) for p in ("agencies", "users", "beds") if getattr(wanted, p)]
    if wanted.cases:
        asked.append(("cases", (list(wanted.cases), wanted.agency)))
    if wanted.repeat:
        asked.append(("repeat", wanted.repeat))
    return asked


# ---------------------------------------------------------------- PostgreSQL


def postgres_read(wanted: Any, *, lock: bool) -> tuple[str, list[Any]]:
    """The one statement that reads a case with everything asked for."""
    asked = _asked(wanted)
    values = [wanted.case] if wanted.case else []
    for _, params in asked:
        values += params
    return _postgres_read(tuple(part for part, _ in asked), bool(wanted.case), lock), values


@lru_cache(maxsize=256)
def _postgres_read(parts: tuple[str, ...], with_case: bool, lock: bool) -> str:  # noqa: FBT001  the key of a cache
    columns = [f"c.{name}" for name in _CASE] if with_case else []
    places = count(2 if with_case else 1)
    for part in parts:
        table, names, condition, order = _MORE[part]
        cells = ", ".join(f"{name}::json" if name.split(".")[-1] in _TEXTS else name for name in names)
        where = re.sub(r"\?", lambda _: f"${next(places)}", condition).replace("@case", "$1")
        columns.append(f"(select json_agg(json_build_array({cells}){_by(order)})::text from {table} where {where})")
    tail = f" from cases c where c.id = $1{' for update' if lock else ''}" if with_case else ""
    return f"select {', '.join(columns) or '1'}{tail}"


def _by(order: str) -> str:
    return f" order by {order}" if order else ""


def postgres_snapshot(wanted: Any, row: Any) -> Snapshot:
    """The rows of postgres_read as a snapshot."""
    if row is None:
        return Snapshot(case=None)
    width = len(_CASE) if wanted.case else 0
    found = {
        part: orjson.loads(cell) if cell else [] for (part, _), cell in zip(_asked(wanted), row[width:], strict=False)
    }
    return _snapshot(CaseRow(*row[:width]) if width else None, found)


def postgres_write(change: Any) -> tuple[str, list[Any]]:
    """The one statement that writes a move."""
    values: list[Any] = []
    shape: list[tuple[str, str, tuple[str, ...], int]] = []
    if change.case:
        values += [*change.columns.values(), change.case, change.version]
    for verb, tables in (("insert", change.rows), ("update", change.updates)):
        for table, rows in tables.items():
            groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
            for line in rows:
                groups.setdefault(tuple(line), []).append(line)
            for columns, lines in groups.items():
                shape.append((verb, table, columns, len(lines)))
                for line in lines:
                    values += line.values()
    return _postgres_write(tuple(change.columns) if change.case else None, tuple(shape)), values


@lru_cache(maxsize=1024)
def _postgres_write(columns: tuple[str, ...] | None, shape: tuple[tuple[str, str, tuple[str, ...], int], ...]) -> str:
    steps = []
    places = count(1)  # $1, $2 ...: the driver's own way, so that it has not to read the text at every call
    if columns is not None:
        sets = ", ".join(f"{name} = ${next(places)}" for name in columns)
        steps.append(
            f"moved as (update cases set {sets} where id = ${next(places)} and version = ${next(places)} returning 1)"
        )
    guard = ", moved" if columns is not None else ""  # without the moved case, none of the rows is written
    for place, (verb, table, names, many) in enumerate(shape):
        first = ", ".join(f"${next(places)}::{_pg_type(table, name)}" for name in names)
        rest = [f"({', '.join(f'${next(places)}' for _ in names)})" for _ in range(many - 1)]
        lines = ", ".join([f"({first})", *rest])
        listed = ", ".join(names)
        if verb == "insert":
            write = (
                f"insert into {table} ({listed}) select v.* from (values {lines}) v{guard}{_on_conflict(table, names)}"
            )
        else:
            sets = ", ".join(f"{name} = v.{name}" for name in names if name != "id")
            write = f"update {table} t set {sets} from (values {lines}) v({listed}){guard} where t.id = v.id"
        steps.append(f"w{place} as ({write})")
    tail = "select 1 from moved" if columns is not None else "select 1"
    return f"with {', '.join(steps)} {tail}"


@lru_cache(maxsize=512)
def _pg_type(table: str, column: str) -> str:
    kind = SQLModel.metadata.tables[table].columns[column].type
    return str(kind.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


# Rows of these tables are only ever added; of all others, the row is changed where its key stands.
_ADDED = frozenset({
    "events", "notes", "cases", "strands", "deadlines", "repeats", "messages", "encounters", "refusals", "reads",
})  # fmt: skip
_FIRST = frozenset({"opened_at", "since"})  # columns that keep what was written first


@lru_cache(maxsize=64)
def changing_keys(table: str) -> tuple[str, ...]:
    """The key columns of a table whose rows may change; nothing for one whose rows are only added."""
    return () if table in _ADDED else tuple(column.name for column in SQLModel.metadata.tables[table].primary_key)


@lru_cache(maxsize=256)
def _on_conflict(table: str, names: tuple[str, ...]) -> str:
    keys = changing_keys(table)
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys and name not in _FIRST)
    return f" on conflict ({', '.join(keys)}) do update set {sets}" if keys else ""


# ---------------------------------------------------------------- SQLite


def sqlite_snapshot(connection: sqlite3.Connection, wanted: Any) -> Snapshot:
    """The same reads, one after the other."""
    case = None
    if wanted.case:
        row = connection.execute(_SQLITE_CASE, (wanted.case,)).fetchone()
        if row is None:
            return Snapshot(case=None)
        case = CaseRow(*row)
        case.opened_at, case.next_due_at, case.adult_on = _when(row[4]), when(row[15]), day(row[10])
        case.open = bool(case.open)
    found = {}
    for part, params in _asked(wanted):
        lists = [value for value in params if isinstance(value, list)]
        flat = [item for value in params or (wanted.case,) for item in (value if isinstance(value, list) else [value])]
        found[part] = connection.execute(_sqlite_read(part, len(lists[0]) if lists else 0), flat).fetchall()
    for part, place in (("strands", 6), ("deadlines", 11)):
        found[part] = [(*line[:place], orjson.loads(line[place]), *line[place + 1 :]) for line in found.get(part, [])]
    return _snapshot(case, found)


_SQLITE_CASE = f"select {', '.join(_CASE)} from cases where id = ?"


@lru_cache(maxsize=256)
def _sqlite_read(part: str, many: int) -> str:
    table, names, condition, order = _MORE[part]
    where = condition.replace("@case", "?").replace("any(?)", f"({', '.join('?' * many)})").replace("= (", "in (")
    return f"select {', '.join(names)} from {table} where {where}{_by(order)}"


def sqlite_write(connection: sqlite3.Connection, change: Any) -> bool:
    """The same writes, one after the other, inside the transaction that the door has begun."""
    if change.case:
        sets = ", ".join(f"{name} = ?" for name in change.columns)
        values = [_plain(value) for value in change.columns.values()]
        done = connection.execute(
            f"update cases set {sets} where id = ? and version = ?",
            [*values, change.case, change.version],
        )
        if done.rowcount != 1:
            return False
    try:
        for table, rows in change.rows.items():
            for line in rows:
                connection.execute(_sqlite_insert(table, tuple(line)), [_plain(value) for value in line.values()])
        for table, rows in change.updates.items():
            for line in rows:
                values = [_plain(value) for name, value in line.items() if name != "id"]
                connection.execute(_sqlite_update(table, tuple(line)), [*values, line["id"]])
    except sqlite3.IntegrityError as clash:
        if "UNIQUE" not in str(clash):
            raise
        if "bed_holds" in str(clash):
            raise Taken from clash
        return False
    return True


@lru_cache(maxsize=1024)
def _sqlite_update(table: str, names: tuple[str, ...]) -> str:
    return f"update {table} set {', '.join(f'{name} = ?' for name in names if name != 'id')} where id = ?"


@lru_cache(maxsize=1024)
def _sqlite_insert(table: str, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"insert into {table} ({', '.join(names)}) values ({marks}){_on_conflict(table, names)}"


def _plain(value: Any) -> Any:
    """Python's value as this schema stores it on SQLite."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.isoformat(" ", "microseconds")[:26]  # without its zone
    return value.isoformat() if isinstance(value, date) else value


# ---------------------------------------------------------------- both


def _snapshot(case: CaseRow | None, found: Mapping[str, Any]) -> Snapshot:
    snapshot = Snapshot(case=case)
    snapshot.strands = [StrandRow(*(*line[:5], _when(line[5]), line[6])) for line in found.get("strands", ())]
    snapshot.deadlines = [
        DeadlineRow(*(*d[:6], _when(d[6]), _when(d[7]), date.fromisoformat(d[8]), d[9], when(d[10]), d[11]))
        for d in found.get("deadlines", ())
    ]
    snapshot.parts = frozenset((agency, part) for agency, part in found.get("parts", ()))
    snapshot.agencies = {a[0]: AgencyRow(a[0], a[1], bool(a[2]), a[3]) for a in found.get("agencies", ())}
    snapshot.users = {u[0]: UserRow(u[0], u[1], tuple(u[2].split()), bool(u[3])) for u in found.get("users", ())}
    snapshot.beds = {b[0]: BedRow(b[0], b[1], b[2], bool(b[3]), bool(b[4])) for b in found.get("beds", ())}
    snapshot.cases = dict(found.get("cases", ()))
    if "answers" in found:
        snapshot.answers = orjson.loads(found["answers"][0][0]) if found["answers"] else {}
    if "identity" in found:
        snapshot.identity = dict(zip(_PERSON, found["identity"][0], strict=True)) if found["identity"] else {}
    if found.get("repeat"):
        snapshot.known_answer = (found["repeat"][0][0], found["repeat"][0][1])
    return snapshot


def when(value: Any) -> datetime | None:
    """A stored time, in UTC; None stays None."""
    return None if value is None else _when(value)


def _when(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def day(value: Any) -> date | None:
    """A stored day; None stays None."""
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)
