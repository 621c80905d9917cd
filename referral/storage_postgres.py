"""The statements of storage.py for PostgreSQL: one that reads, one that writes. Their texts stay the same, so that they are prepared once."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import Any

import orjson
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from referral.snapshot import CaseRow, Snapshot
from referral.storage_rows import CASE, MORE, TEXTS, asked, by, on_conflict, snapshot_of
from referral.vault import Vault


def read(wanted: Any, *, lock: bool) -> tuple[str, list[Any]]:
    """The one statement that reads a case with everything asked for."""
    parts = asked(wanted)
    values = [wanted.case] if wanted.case else []
    for _, params in parts:
        values += params
    return _read(tuple(part for part, _ in parts), bool(wanted.case), lock), values


@lru_cache(maxsize=256)
def _read(parts: tuple[str, ...], with_case: bool, lock: bool) -> str:  # noqa: FBT001  the key of a cache
    columns = [f"c.{name}" for name in CASE] if with_case else []
    places = count(2 if with_case else 1)
    for part in parts:
        table, names, condition, order = MORE[part]
        cells = ", ".join(f"{name}::json" if name.split(".")[-1] in TEXTS else name for name in names)
        where = re.sub(r"\?", lambda _: f"${next(places)}", condition).replace("@case", "$1")
        columns.append(f"(select json_agg(json_build_array({cells}){by(order)})::text from {table} where {where})")
    tail = f" from cases c where c.id = $1{' for update' if lock else ''}" if with_case else ""
    return f"select {', '.join(columns) or '1'}{tail}"


def snapshot(wanted: Any, row: Any, vault: Vault | None) -> Snapshot:
    """The rows of postgres_read as a snapshot."""
    if row is None:
        return Snapshot(case=None)
    width = len(CASE) if wanted.case else 0
    found = {
        part: orjson.loads(cell) if cell else [] for (part, _), cell in zip(asked(wanted), row[width:], strict=False)
    }
    return snapshot_of(CaseRow(*row[:width]) if width else None, found, vault)


def write(change: Any) -> tuple[str, list[Any]]:
    """The one statement that writes a move."""
    values: list[Any] = []
    shape: list[tuple[str, str, tuple[str, ...], int, bool]] = []
    if change.case:
        values += [*change.columns.values(), change.case, change.version]
    values += [change.case] * len(change.forgets)
    opened = {row["id"] for row in change.rows.get("cases", ())}
    for verb, tables in (("insert", change.rows), ("update", change.updates)):
        for table, rows in tables.items():
            groups: dict[tuple[tuple[str, ...], bool], list[Mapping[str, Any]]] = {}
            for line in rows:
                groups.setdefault((tuple(line), line.get("case_id") in opened), []).append(line)
            for (columns, fresh), lines in groups.items():
                shape.append((verb, table, columns, len(lines), fresh))
                for line in lines:
                    values += line.values()
    moved = tuple(change.columns) if change.case else None
    return _write(moved, change.forgets, tuple(shape)), values


@lru_cache(maxsize=1024)
def _write(
    columns: tuple[str, ...] | None,
    forgets: tuple[str, ...],
    shape: tuple[tuple[str, str, tuple[str, ...], int, bool], ...],
) -> str:
    steps = []
    places = count(1)  # $1, $2 ...: the driver's own way, so that it has not to read the text at every call
    if columns is not None:
        sets = ", ".join(f"{name} = ${next(places)}" for name in columns)
        steps.append(
            f"moved as (update cases set {sets} where id = ${next(places)} and version = ${next(places)} returning 1)"
        )
    steps += [  # these see the rows as they stood before this statement, and so leave those that it adds
        f"forgot_{table} as (delete from {table} f using moved where f.case_id = ${next(places)})" for table in forgets
    ]
    guard = ", moved" if columns is not None else ""  # without the moved case, none of the rows is written
    for place, (verb, table, names, many, fresh) in enumerate(shape):
        first = ", ".join(f"${next(places)}::{_pg_type(table, name)}" for name in names)
        rest = [f"({', '.join(f'${next(places)}' for _ in names)})" for _ in range(many - 1)]
        lines = ", ".join([f"({first})", *rest])
        listed = ", ".join(names)
        if verb == "insert":
            # What belongs to a case that this statement opens can stand nowhere yet; and the second line would refuse to
            # compare it, since a statement does not see what itself has opened.
            clash = "" if fresh else on_conflict(table, names)
            write = f"insert into {table} ({listed}) select v.* from (values {lines}) v{guard}{clash}"
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
