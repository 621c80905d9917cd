"""Whether anything grows dearer: with many cases (P12, P16), and with the history of a single one (P16)."""
# ruff: noqa: E501  statements and rows of a table

from datetime import UTC, datetime
from pathlib import Path

from referral.db import Database
from tests.bench import cases, growth, unit
from tests.bench.harness import Race, Variant, race
from tests.bench.report import Row, middle_half
from tests.databases import make_database
from tests.world import World, vault

MOST = {"PostgreSQL": 1.5, "SQLite": 2.0}
COMMAND = "make bench ONLY={part}{sizes}"
SHORT, LONG, OF_EACH = 10, 1000, 200  # events of a case; cases of each length


def sizes(kind: str, *, full: bool) -> tuple[int, int]:
    """The two sizes that are compared; the goals speak of a million."""
    return (10_000 if kind == "SQLite" else 100_000, 1_000_000) if full else (10_000, 100_000)


def lists(kind: str, where: str | Path, *, full: bool) -> list[Row]:
    """P12, on both sets of data. `where` is a folder for SQLite, the address of a server for PostgreSQL."""
    small, big = sizes(kind, full=full)
    rows = []
    for shape in growth.SHAPES:
        took = []
        for count in (small, big):
            url = (
                f"sqlite:///{where}/{shape}{count}.db"
                if kind == "SQLite"
                else make_database(str(where), f"{shape}{count}", "template1")
            )
            db = Database(url, durable=False, vault=vault())
            growth.fill(db, count, shape)
            took.append(growth.timed(growth.questions(db, count, shape)))
            db.close()
            if kind == "SQLite":
                Path(url.removeprefix("sqlite:///")).unlink()
        for name, seconds in took[1].items():
            ratio = seconds / took[0][name]
            rows.append(Row(
                f"P12 {kind}, {shape}: {name}, {big:,} cases against {small:,}", seconds * 1e3, "ms", took[0][name] * 1e3,
                ratio, f"at most {MOST[kind]}", ratio <= MOST[kind], _command("P12", full=full),
            ))  # fmt: skip
    return rows


def history(server: str, url: str, rounds: int, *, full: bool) -> list[Row]:
    """P16: the cost of a move among many cases, and on a case of many events."""
    db = Database(url, vault=vault())
    case = cases.young(World(db, now=datetime.now(UTC)))
    for kind, events in (("short", SHORT), ("long", LONG)):
        cases.copy(db, case, OF_EACH, kind, {"cases": {"version": str(events)}})
        cases.lengthen(db, case, kind, OF_EACH, events)
    cases.tidied(db)
    db.close()
    many = sizes("PostgreSQL", full=full)[1]
    crowd = make_database(server, "crowd", "template1")
    db = Database(crowd, vault=vault())
    case = cases.young(cases.furnished(db))
    cases.copy(db, case, many, "young", {"cases": {"version": "10"}})
    cases.lengthen(db, case, "young", many, 10)
    cases.tidied(db)
    db.close()
    ours = "tests.bench.ours:factory"
    found = race([
        Variant("few", ours, {"url": url}), Variant("many", ours, {"url": crowd, "cases": many}),
        Variant("short", ours, {"url": url, "kind": "short", "cases": OF_EACH}),
        Variant("long", ours, {"url": url, "kind": "long", "cases": OF_EACH}),
    ], rounds=rounds, seconds=0.3)  # fmt: skip
    few = f"{unit.CASES:,}"
    return [
        _cost(f"P16 a move among {many:,} cases against {few}", found, "many", "few", 1.25, full=full),
        _cost(f"P16 a move on a case of {LONG:,} events against {SHORT}", found, "long", "short", 1.1, full=full),
    ]


def _cost(name: str, found: Race, mine: str, floor: str, most: float, *, full: bool) -> Row:
    ratios = sorted(1 / ratio for ratio in found.ratios(mine, floor))
    ratio = ratios[len(ratios) // 2]
    took, bare = (1e3 / found.rate(one) for one in (mine, floor))
    return Row(
        name, took, "ms", bare, ratio, f"at most {most}", ratio <= most, _command("P16", full=full), middle_half(ratios)
    )


def _command(part: str, *, full: bool) -> str:
    return COMMAND.format(part=part, sizes=" SIZES=full" if full else "")
