"""The door's own storage: one read of a case with all that its guards need, one write of all that a move changes.

On PostgreSQL both are a single statement, committed by itself; the write is refused whole where the case has changed
since it was read. On SQLite the same rows are read and written one statement after the other inside BEGIN IMMEDIATE.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import psycopg.errors
from sqlalchemy import exc

from referral import prepared, storage_postgres, storage_rows, storage_sqlite
from referral.db import Database
from referral.errors import Taken, Unavailable
from referral.snapshot import Snapshot
from referral.vault import Vault

LAST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Wanted:
    """What a read should bring besides the case."""

    case: str | None = None
    agencies: Sequence[str] = ()
    users: Sequence[str] = ()
    beds: Sequence[str] = ()
    cases: Sequence[str] = ()  # other cases that the form names; only those in which `agency` takes part
    agency: str = ""
    user: str = ""  # the person who asks; empty where it is no person
    whereabouts: bool = False  # houses, who needs to know, reveals and locks
    answers: bool = False
    identity: bool = False
    key: bool = False  # the key under which the case is sealed
    marks: bool = False  # the keyed marks of what a text of the case may not say
    partners: bool = False  # the agencies that take part in the case
    agreements: bool = False  # the sharing agreements of whoever shares
    now: datetime = LAST  # who takes part then; without it, whatever has an end counts as ended
    repeat: tuple[str, str] | None = None  # (caller, Idempotency-Key)


@dataclass(slots=True)
class Change:
    """All that one move writes: the case it changes, and the rows it adds or changes."""

    case: str | None = None  # None where only new cases are opened
    version: int = 0  # the version that was read; the write is refused if it has passed
    columns: dict[str, Any] = field(default_factory=dict)  # of the case
    rows: dict[str, list[Mapping[str, Any]]] = field(
        default_factory=dict
    )  # table -> rows to add, or to change by their key
    updates: dict[str, list[Mapping[str, Any]]] = field(
        default_factory=dict
    )  # table -> columns of rows that stand, by id
    forgets: tuple[str, ...] = ()  # tables of which the case's earlier rows go; what this change adds stays

    def add(self, table: str, values: Mapping[str, Any]) -> None:
        """Add one row; where a row of the same key is already there, the two become one."""
        rows = self.rows.setdefault(table, [])
        keys = storage_rows.changing_keys(table)
        for place, row in enumerate(rows):
            if keys and all(row[key] == values[key] for key in keys):
                rows[place] = {**row, **values}
                return
        rows.append(values)

    def update(self, table: str, values: Mapping[str, Any]) -> None:
        """Change columns of a row that stands, or of one that this change adds; `values` names its id."""
        for rows in (self.rows.get(table, []), self.updates.setdefault(table, [])):
            for place, row in enumerate(rows):
                if row["id"] == values["id"]:
                    rows[place] = {**row, **values}
                    return
        self.updates[table].append(values)


class Door:
    """One connection, for the length of one move."""

    def __init__(self, connection: Any, *, postgres: bool, vault: Vault | None) -> None:
        self._connection, self._postgres, self._vault = connection, postgres, vault

    def read(self, wanted: Wanted, *, lock: bool = False) -> Snapshot:
        """The case and what its guards may look at."""
        if self._postgres:
            statement, values = storage_postgres.read(wanted, lock=lock)
            row = prepared.row(self._connection, statement, values)
            return storage_postgres.snapshot(wanted, row, self._vault)
        return storage_sqlite.read(self._connection, wanted, self._vault)

    def save(self, change: Change) -> bool:
        """Write it all, or nothing. False where the case has changed since it was read."""
        if self._postgres:
            statement, values = storage_postgres.write(change)
            try:
                row = prepared.row(self._connection, statement, values)
            except psycopg.errors.UniqueViolation as clash:
                return _judge(str(clash.diag.constraint_name))
            return row is not None
        return storage_sqlite.write(self._connection, change)


def _judge(constraint: str) -> bool:
    """A clash of keys: a bed just taken by somebody else is a refusal; anything else means that it was changed."""
    if constraint == "uq_bed_holds_held":
        raise Taken
    return False


@contextmanager
def door(db: Database, *, locked: bool = False) -> Iterator[Door]:
    """Open the door. `locked` holds the case on PostgreSQL from the read to the write; SQLite always does."""
    try:
        with db.raw() as connection:
            if db.is_postgres and not locked:
                yield Door(connection, postgres=True, vault=db.vault)
                return
            connection.execute("BEGIN" if db.is_postgres else "BEGIN IMMEDIATE")
            try:
                yield Door(connection, postgres=db.is_postgres, vault=db.vault)
                connection.execute("COMMIT")
            except BaseException:
                if not getattr(connection, "closed", False):
                    connection.execute("ROLLBACK") if not db.is_postgres or connection.info.transaction_status else None
                raise
    except (exc.OperationalError, exc.TimeoutError, psycopg.OperationalError, sqlite3.OperationalError) as broken:
        raise Unavailable from broken
