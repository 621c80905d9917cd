"""The floors: the unit of work with nothing around it, statement by statement, by the bare drivers."""
# ruff: noqa: E501  statements and rows of a table

import sqlite3
from pathlib import Path

import psycopg

from tests.bench import unit
from tests.bench.child import Step

READ = "select agency, state, version, seq, head from {p}ref_case where id = {q}"
MOVE = "update {p}ref_case set state = {q}, version = {q}, seq = {q}, head = {q}, moved_at = {q} where id = {q} and version = {q}"
EVENT = "insert into {p}event (case_id, seq, kind, body, prev, hash, at) values ({q}, {q}, {q}, {q}, {q}, {q}, {q})"
DUE = (
    "insert into {p}deadline (case_id, kind, due_at) values ({q}, {q}, {q}), ({q}, {q}, {q}) "
    "on conflict (case_id, kind) do update set due_at = excluded.due_at, fired_at = null"
)
TELL = "insert into {p}outbox (case_id, topic, payload, at) values ({q}, {q}, {q}, {q}), ({q}, {q}, {q}, {q})"


def postgres(index: int, *, address: str, schema: str = "floor") -> Step:
    """psycopg, seven round trips: begin with the read, four writes, commit."""
    db = psycopg.connect(address, prepare_threshold=3)
    cursor = db.cursor()
    read, move, event, due, tell = (
        text.format(p=f"{schema}.", q="%s") for text in (f"{READ} for update", MOVE, EVENT, DUE, TELL)
    )
    cases = unit.some_cases(index)

    def step() -> None:
        case = next(cases)
        state, version, seq, prev, body, own = unit.decide(case, cursor.execute(read, (case,)).fetchone())
        now, soon, later = unit.due()
        cursor.execute(move, (state, version, seq, own, now, case, version - 1))
        if cursor.rowcount != 1:
            raise RuntimeError("version")
        cursor.execute(event, (case, seq, state, body, prev, own, now))
        cursor.execute(due, (case, "respond", soon, case, "escalate", later))
        cursor.execute(tell, (case, "notify", unit.MESSAGE, now, case, "hook", unit.MESSAGE, now))
        db.commit()

    return step


def prepare_sqlite(path: Path) -> None:
    """The same tables in a file."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.executescript(unit.tables())
    now, soon, later = (at.isoformat() for at in unit.due())
    numbers = range(1, unit.CASES + 1)
    db.execute("begin")
    db.executemany(
        "insert into ref_case (id, agency, state, version, seq, head, opened_at, moved_at) values (?, ?, 'met', 0, 0, ?, ?, ?)",
        [(number, 1 + number % 50, unit.GENESIS, now, now) for number in numbers],
    )
    both = [(number, kind, at) for number in numbers for kind, at in (("respond", soon), ("escalate", later))]
    db.executemany("insert into deadline (case_id, kind, due_at) values (?, ?, ?)", both)
    db.execute("commit")
    db.close()


def sqlite(index: int, *, path: str, synchronous: str) -> Step:
    """sqlite3 in WAL mode: the same statements inside BEGIN IMMEDIATE."""
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    for pragma in ("journal_mode = wal", f"synchronous = {synchronous}", "cache_size = -65536"):
        db.execute(f"pragma {pragma}")
    read, move, event, due, tell = (text.format(p="", q="?") for text in (READ, MOVE, EVENT, DUE, TELL))
    cases = unit.some_cases(index)

    def step() -> None:
        case = next(cases)
        db.execute("begin immediate")
        state, version, seq, prev, body, own = unit.decide(case, db.execute(read, (case,)).fetchone())
        now, soon, later = (at.isoformat() for at in unit.due())
        if db.execute(move, (state, version, seq, own, now, case, version - 1)).rowcount != 1:
            raise RuntimeError("version")
        db.execute(event, (case, seq, state, body, prev, own, now))
        db.execute(due, (case, "respond", soon, case, "escalate", later))
        db.execute(tell, (case, "notify", unit.MESSAGE, now, case, "hook", unit.MESSAGE, now))
        db.execute("commit")

    return step
