"""P11: verifying the whole history, against SHA-256 over the same bytes in memory.

A verification hashes each event for its link, for its leaf and for its place in the tree; the floor makes the same three
hashes. What it is against the links alone is told beside it.
"""
# ruff: noqa: E501  statements and rows of a table

import gc
import hashlib
import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from referral import audit, numbering
from referral.db import Database
from referral.migrate import migrate
from referral.models import Agency, Case, Event, Unsealed
from tests.bench.report import Row
from tests.bench.unit import body as told
from workflows.verifying import verify

LENGTH = 100  # events of a case
LEAST, MOST_MIB = 0.15, 64
COMMAND = "make bench ONLY=P11"


def whole_history(kind: str, where: Path | str, *, full: bool) -> list[Row]:
    """The rows for one database: rate to that of hashlib alone, and how far memory grew."""
    url = f"sqlite:///{where}/evidence.db" if isinstance(where, Path) else where
    many = 1_000_000 if full else 100_000
    db = Database(url, durable=False)
    migrate(db)
    fill(db, many)
    bodies = [audit.canonical(told(1, "move", "a", "b", seq)) for seq in range(1, 20_001)]
    rates = []
    for _ in range(5):  # in turn, since machines are shared
        links, floor = hashing(bodies), hashing(bodies, whole=True)
        gc.collect()
        before = resident()
        begun = time.perf_counter()
        report = verify(db)
        ours = many / (time.perf_counter() - begun)
        assert report.damage is None, report.damage
        assert (report.events, report.leaves) == (many, many)
        rates.append((ours / floor, ours, floor, links, resident() - before))
    db.close()
    ratio, ours, floor, links, _ = sorted(rates)[len(rates) // 2]
    grown = max(one[-1] for one in rates) / 2**20
    return [
        Row(f"P11 verifying {many:,} events, {kind}, one process", ours, "/s", floor, ratio,
            "at least 0.15 of hashlib with the same hashes", ratio >= LEAST, COMMAND, (min(rates)[0], max(rates)[0])),
        Row(f"P11 the same against the links alone, {kind} (no goal)", ours, "/s", links, ours / links, "-", None, COMMAND),
        Row(f"P11 its memory over the start, {kind}", grown, "MiB", MOST_MIB, grown / MOST_MIB, "under 64 MiB",
            grown < MOST_MIB, COMMAND),
    ]  # fmt: skip


def hashing(bodies: list[bytes], *, whole: bool = False) -> float:
    """How many events of the chain hashlib alone can link in a second; `whole` hashes leaves and nodes, too."""
    last, leaf, sha, begun = audit.GENESIS, audit.GENESIS, hashlib.sha256, time.perf_counter()
    for _ in range(10):
        for body in bodies:
            data = last + body
            last = sha(data).digest()
            if whole:
                leaf = sha(b"\x01" + leaf + sha(b"\x00" + data).digest()).digest()
    return 10 * len(bodies) / (time.perf_counter() - begun)


def resident() -> int:
    """Bytes of memory in use now; the most there ever was where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def fill(db: Database, many: int) -> None:
    """So many events in cases of a hundred, numbered."""
    now = datetime(2026, 9, 16, tzinfo=UTC)
    with db.write() as session:
        session.add(Agency(id="bench", name="Bench", kind="police", created_at=now))
    for block in _blocks(many, now):
        with db.write() as session:
            for table, rows in block:
                session.execute(insert(table), rows)
        numbering.number(db)


def _blocks(many: int, now: datetime) -> Iterator[list[tuple[Any, list[dict[str, Any]]]]]:
    for start in range(0, many // LENGTH, 50):
        cases, events = [], list[dict[str, Any]]()
        for number in range(start, min(start + 50, many // LENGTH)):
            case, last = hashlib.sha256(str(number).encode()).hexdigest()[:32], audit.GENESIS
            for seq in range(1, LENGTH + 1):
                body = audit.canonical(
                    told(number, "move", "a", "b", seq) | {"case": case, "seq": seq, "recorded": now.isoformat()}
                )
                prev, last = last, audit.link(last, body)
                events.append({
                    "case_id": case, "seq": seq, "recorded_at": now, "body": body.decode(), "prev": prev, "hash": last,
                })  # fmt: skip
            cases.append({
                "id": case, "reference": f"B{number:010d}", "kind": "person", "jurisdiction": "scotland", "opened_at": now,
                "updated_at": now, "version": LENGTH, "head": last, "salt": b"", "open": True, "owner_agency": "bench",
            })  # fmt: skip
        queue = [{"case_id": one["case_id"], "seq": one["seq"]} for one in events]
        yield [(Case, cases), (Event, events), (Unsealed, queue)]
