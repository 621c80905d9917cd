"""The statements of storage.py for SQLite: the same rows, one after the other, inside the transaction that the door has begun."""

import sqlite3
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson

from referral.errors import Taken
from referral.snapshot import CaseRow, Snapshot
from referral.storage_rows import CASE, MORE, asked, by, day, moment, on_conflict, snapshot_of, when
from referral.vault import Vault


def read(connection: sqlite3.Connection, wanted: Any, vault: Vault | None) -> Snapshot:
    """The same reads, one after the other."""
    case = None
    if wanted.case:
        row = connection.execute(_CASE, (wanted.case,)).fetchone()
        if row is None:
            return Snapshot(case=None)
        case = CaseRow(*row)
        case.opened_at, case.next_due_at, case.adult_on = moment(row[4]), when(row[15]), day(row[10])
        case.open = bool(case.open)
    found = {}
    for part, params in asked(wanted):
        lists = [value for value in params if isinstance(value, list)]
        of_case = [wanted.case] if "@case" in MORE[part][2] else []  # always named first
        flat = [_plain(item) for value in params for item in (value if isinstance(value, list) else [value])]
        statement = _select(part, len(lists[0]) if lists else 0)
        found[part] = connection.execute(statement, [*of_case, *flat]).fetchall()
    for part, place in (("strands", 6), ("deadlines", 11)):
        found[part] = [(*line[:place], orjson.loads(line[place]), *line[place + 1 :]) for line in found.get(part, [])]
    return snapshot_of(case, found, vault)


_CASE = f"select {', '.join(CASE)} from cases where id = ?"


@lru_cache(maxsize=256)
def _select(part: str, many: int) -> str:
    table, names, condition, order = MORE[part]
    where = condition.replace("@case", "?").replace("any(?)", f"({', '.join('?' * many)})").replace("= (", "in (")
    return f"select {', '.join(names)} from {table} where {where}{by(order)}"


def write(connection: sqlite3.Connection, change: Any) -> bool:
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
    for table in change.forgets:
        connection.execute(f"delete from {table} where case_id = ?", (change.case,))
    try:
        _rows(connection, change)
    except sqlite3.IntegrityError as clash:
        if "UNIQUE" not in str(clash):
            raise
        if "bed_holds" in str(clash):
            raise Taken from clash
        return False
    return True


def _rows(connection: sqlite3.Connection, change: Any) -> None:
    for table, rows in change.rows.items():
        for line in rows:
            connection.execute(_insert(table, tuple(line)), [_plain(value) for value in line.values()])
    for table, rows in change.updates.items():
        for line in rows:
            values = [_plain(value) for name, value in line.items() if name != "id"]
            connection.execute(_update(table, tuple(line)), [*values, line["id"]])


@lru_cache(maxsize=1024)
def _update(table: str, names: tuple[str, ...]) -> str:
    return f"update {table} set {', '.join(f'{name} = ?' for name in names if name != 'id')} where id = ?"


@lru_cache(maxsize=1024)
def _insert(table: str, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"insert into {table} ({', '.join(names)}) values ({marks}){on_conflict(table, names)}"


def _plain(value: Any) -> Any:
    """Python's value as this schema stores it on SQLite."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.isoformat(" ", "microseconds")[:26]  # without its zone
    return value.isoformat() if isinstance(value, date) else value
