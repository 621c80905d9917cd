"""What is measured for each goal, and against what."""
# ruff: noqa: E501  statements and rows of a table

import tempfile
from collections.abc import Iterator
from pathlib import Path

from referral.db import Database
from tests.bench import aging, cases, evidence, floors, sealing, unit
from tests.bench.harness import PEERS, Variant, race
from tests.bench.memory import BATCH
from tests.bench.ours import weight
from tests.bench.report import Row
from tests.bench.rows import COMMAND, cpu, row
from tests.databases import make_database, plain
from tests.postgres import start
from tests.roles import build, serving
from tests.world import vault

SPAN = 0.3  # seconds of one window


def parts(  # noqa: C901, PLR0912  one line for each goal
    only: list[str], *, rounds: int, full: bool, said: list[str]
) -> Iterator[list[Row]]:
    """The rows of each goal that is asked for, as they are measured."""
    if "P5" in only:
        yield memory(rounds)
    with tempfile.TemporaryDirectory(prefix="lodestar-bench-") as folder:
        if "P4" in only:
            yield sqlite(Path(folder), rounds)
        if "P12" in only:
            yield aging.lists("SQLite", Path(folder), full=full)
        if "P11" in only:
            yield evidence.whole_history("SQLite", Path(folder), full=full)
    if not {"P1", "P2", "P3", "P11", "P12", "P13", "P16"} & set(only):
        return
    server = start(durable=True)
    said.append(
        f"PostgreSQL {server.version}, fsync and synchronous_commit on; SQLite in WAL mode, FULL is the project's own setting"
    )
    try:
        bench = make_database(server.url, "bench", "template1")
        build(bench)
        db = Database(bench, vault=vault())
        world = cases.furnished(db)
        for kind, case in (("young", cases.young(world)), ("grown", cases.grown(world))):
            cases.copy(db, case, unit.CASES, kind)
        cases.tidied(db)
        said.append(weight(db, bench))
        db.close()
        unit.prepare_postgres(plain(bench), "floor")
        if {"P1", "P2"} & set(only):
            yield postgres(bench, rounds)
        if "P3" in only:
            yield threads(bench, rounds)
        if "P13" in only:
            yield sealing.fields(bench, rounds)
        if "P16" in only:
            yield aging.history(server.url, bench, rounds, full=full)
        if "P12" in only:
            yield aging.lists("PostgreSQL", server.url, full=full)
        if "P11" in only:
            yield evidence.whole_history("PostgreSQL", make_database(server.url, "evidence", "template1"), full=full)
    finally:
        server.stop()


def postgres(url: str, rounds: int) -> list[Row]:
    """P1 and P2."""
    address = plain(url)
    for schema in ("orm", "dj", "spiff", "dbos_peer"):
        unit.prepare_postgres(address, schema)
    at = {"address": address}
    found = race([
        Variant("floor", "tests.bench.floors:postgres", at),
        Variant("ours", "tests.bench.ours:factory", {"url": serving(url), "lanes": 2}),
        Variant("grown", "tests.bench.ours:factory", {"url": serving(url), "kind": "grown"}),
        Variant("bare", "tests.bench.ours:factory", {"url": url, "lanes": 2, "lane": 1}),
        Variant("SQLModel", "tests.bench.peers:sqlmodel", {"url": url, "schema": "orm"}),
        Variant("Django", "tests.bench.peers_apart:django", {**at, "schema": "dj"}, PEERS),
        Variant("SpiffWorkflow", "tests.bench.peers_apart:spiff", {**at, "schema": "spiff"}, PEERS),
        Variant("DBOS", "tests.bench.peers_apart:dbos", {**at, "schema": "dbos_peer"}, PEERS),
    ], rounds=rounds, seconds=SPAN)  # fmt: skip
    rows = [
        row(
            "P1 a committed move, PostgreSQL, against raw psycopg",
            found,
            "ours",
            "floor",
            "at least 0.9 (gate 0.7, aim 1.1)",
            0.9,
            "P1",
        ),
        cpu("P1 its CPU", found, "ours", "floor", "at most 1.5 (aim 1.2)", 1.5, "P1"),
        row("P1 the same on a case of five strands (no goal)", found, "grown", "floor", "-", None, "P1"),
        row("P1 against itself without the second line (no goal)", found, "ours", "bare", "-", None, "P1"),
    ]
    for peer, least in (("SQLModel", 4), ("Django", 2.5), ("SpiffWorkflow", 2.5), ("DBOS", 10)):
        rows.append(row(f"P2 against {peer}", found, "ours", peer, f"at least {least} times", least, "P2"))
    return rows


def threads(url: str, rounds: int) -> list[Row]:
    """P3."""
    found = race([
        Variant("floor", "tests.bench.floors:postgres", {"address": plain(url), "threads": 8}),
        Variant("ours", "tests.bench.ours:factory", {"url": serving(url), "threads": 8, "lanes": 8}),
        Variant("Django", "tests.bench.peers_apart:django", {"address": plain(url), "schema": "floor", "threads": 8}, PEERS),
    ], rounds=rounds, seconds=SPAN)  # fmt: skip
    tail = found.lap("ours", 0.99) / found.lap("ours", 0.5)
    return [
        row(
            "P3 8 threads in one process, against raw psycopg with 8",
            found,
            "ours",
            "floor",
            "at least 0.75",
            0.75,
            "P3",
        ),
        row("P3 against Django with 8 threads", found, "ours", "Django", "at least 3 times", 3, "P3"),
        Row(
            "P3 p99 to p50",
            found.lap("ours", 0.99) * 1e3,
            "ms",
            found.lap("ours", 0.5) * 1e3,
            tail,
            "at most 4",
            tail <= 4,
            COMMAND.format(part="P3"),
        ),
    ]


def sqlite(folder: Path, rounds: int) -> list[Row]:
    """P4. The project's own setting is FULL: a move that was acknowledged outlives a loss of power."""
    floors.prepare_sqlite(folder / "floor.db")
    floors.prepare_sqlite(folder / "orm.db")
    url = f"sqlite:///{folder}/ours.db"
    db = Database(url, durable=False, vault=vault())
    world = cases.furnished(db)
    cases.copy(db, cases.young(world), unit.CASES, "young")
    cases.tidied(db)
    db.close()
    raw = {"path": str(folder / "floor.db")}
    found = race([
        Variant("NORMAL", "tests.bench.floors:sqlite", {**raw, "synchronous": "NORMAL"}),
        Variant("FULL", "tests.bench.floors:sqlite", {**raw, "synchronous": "FULL"}),
        Variant("ours NORMAL", "tests.bench.ours:factory", {"url": url, "durable": False, "lanes": 2}),
        Variant("ours FULL", "tests.bench.ours:factory", {"url": url, "lanes": 2, "lane": 1}),
        Variant("SQLModel", "tests.bench.peers:sqlmodel", {"url": f"sqlite:///{folder}/orm.db"}),
    ], rounds=rounds, seconds=SPAN)  # fmt: skip
    return [
        row(
            "P4 a committed move, SQLite NORMAL, against raw sqlite3 NORMAL",
            found,
            "ours NORMAL",
            "NORMAL",
            "at least 0.40",
            0.4,
            "P4",
        ),
        cpu("P4 its CPU", found, "ours NORMAL", "NORMAL", "at most 2.8", 2.8, "P4"),
        row(
            "P4 at the project's own FULL, against raw NORMAL (no goal)", found, "ours FULL", "NORMAL", "-", None, "P4"
        ),
        row("P4 at the project's own FULL, against raw FULL (no goal)", found, "ours FULL", "FULL", "-", None, "P4"),
        row("P4 against the SQLModel ORM, both NORMAL", found, "ours NORMAL", "SQLModel", "at least 4 times", 4, "P4"),
    ]


def memory(rounds: int) -> list[Row]:
    """P5."""
    at = "tests.bench.memory:"
    found = race([
        Variant("shared", f"{at}shared"), Variant("ours", f"{at}ours"), Variant("listing", f"{at}listing"),
        Variant("per case", f"{at}per_case"), Variant("statemachine", f"{at}statemachine", python=PEERS),
    ], rounds=rounds, seconds=0.1)  # fmt: skip
    rows = [
        row(
            "P5 an event in memory, against one shared machine",
            found,
            "ours",
            "shared",
            "at least 0.5 of its rate",
            0.5,
            "P5",
        ),
        row("P5 against a machine for each case", found, "ours", "per case", "at least 30 times", 30, "P5"),
        row("P5 against python-statemachine", found, "ours", "statemachine", "at least 5 times", 5, "P5"),
    ]
    for one in rows:
        one.value, one.floor = (rate and rate * BATCH for rate in (one.value, one.floor))
    listing = found.cpu("listing") / BATCH * 1e6
    rows.append(
        Row(
            "P5 the moves that leave a case's three strands",
            listing,
            "us",
            5.0,
            listing / 5,
            "at most 5 us",
            listing <= 5,
            COMMAND.format(part="P5"),
        )
    )
    return rows
