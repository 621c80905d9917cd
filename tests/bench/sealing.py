"""P13: twelve sealed fields of a case against the bare cipher; a look by keyed marks against an indexed equality."""
# ruff: noqa: E501  rows of a table

import os
from itertools import cycle
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import column, insert, select, table, text

from referral import blind, finding
from referral.db import Database
from referral.models import Mark
from tests.bench.child import Step
from tests.bench.harness import Variant, race
from tests.bench.report import Row
from tests.bench.rows import COMMAND, cpu
from tests.roles import serving
from tests.world import vault

BATCH = 50  # a step is a batch, so that the timing itself does not count
CASE = "b" * 32
LENGTHS = (12, 10, 16, 16, 39, 2, 6, 200, 400, 80, 9, 220)  # characters of the twelve: a name, a day, an address, notes
FIELDS = {f"field_{number}": "x" * many for number, many in enumerate(LENGTHS)}
PLACES = {name: f"people.{name}:{CASE}".encode() for name in FIELDS}
PEOPLE = 20_000
SHARE = 0.08  # of the CPU of a move


def bare_write(index: int) -> Step:
    """The cipher alone, each field bound to a place that is written down already, and as long as it was."""
    del index
    cipher, told = AESGCM(bytes(range(32))), [(value.encode(), PLACES[name]) for name, value in FIELDS.items()]

    def seal(value: bytes, place: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, value, place)

    def step() -> None:
        for _ in range(BATCH):
            [seal(value, place) for value, place in told]

    return step


def ours_write(index: int) -> Step:
    """By the key of the case, bound to table, column and row, and filled up to whole blocks."""
    del index
    key, _ = vault().make(CASE)

    def step() -> None:
        for _ in range(BATCH):
            key.seal_row("people", CASE, FIELDS)

    return step


def bare_read(index: int) -> Step:
    """The cipher alone, each field bound to a place that is written down already."""
    del index
    cipher = AESGCM(bytes(range(32)))
    nonces = [(os.urandom(12), name, value) for name, value in FIELDS.items()]
    told = [
        (nonce + cipher.encrypt(nonce, value.encode(), PLACES[name]), PLACES[name]) for nonce, name, value in nonces
    ]

    def step() -> None:
        for _ in range(BATCH):
            [cipher.decrypt(sealed[:12], sealed[12:], place).decode() for sealed, place in told]

    return step


def ours_read(index: int) -> Step:
    """By the key of the case, each field for its place."""
    del index
    key, _ = vault().make(CASE)
    sealed = key.seal_row("people", CASE, FIELDS)

    def step() -> None:
        for _ in range(BATCH):
            key.open_row("people", CASE, sealed)

    return step


def equality(index: int, *, url: str) -> Step:
    """One number in the open, found by an ordinary index."""
    del index
    db, numbers = Database(url), cycle(range(0, PEOPLE, 7))
    people = table("bench_phones", column("case_id"), column("phone"))

    def step() -> None:
        with db.read() as session:
            wanted = select(people.c.case_id, people.c.phone).where(people.c.phone == _phone(next(numbers)))
            assert len(session.execute(wanted).all()) == 1

    return step


def by_marks(index: int, *, url: str) -> Step:
    """The same number by its marks, on every shelf."""
    del index
    db, numbers, key = Database(url), cycle(range(0, PEOPLE, 7)), vault().index_key

    def step() -> None:
        with db.read() as session:
            sought = blind.sought(key, {"phone": _phone(next(numbers))})
            assert len(finding.signals_of(session, sought)) == 1

    return step


def fields(url: str, rounds: int) -> list[Row]:
    """The rows: CPU where nothing waits, and time where a database is asked."""
    furnish(url)
    at = "tests.bench.sealing:"
    found = race([
        *(Variant(name, f"{at}{name}") for name in ("bare_write", "ours_write", "bare_read", "ours_read")),
        Variant("move", "tests.bench.ours:factory", {"url": serving(url)}),
        Variant("equality", f"{at}equality", {"url": url}), Variant("by_marks", f"{at}by_marks", {"url": url}),
    ], rounds=rounds, seconds=0.2)  # fmt: skip
    both = (found.cpu("ours_write") + found.cpu("ours_read")) / BATCH
    share = both / found.cpu("move")
    rows = [
        cpu("P13 sealing 12 fields, against the bare cipher", found, "ours_write", "bare_write", "at most 1.4", 1.4, "P13"),
        cpu("P13 opening 12 fields, against the bare cipher", found, "ours_read", "bare_read", "at most 1.5", 1.5, "P13"),
    ]  # fmt: skip
    for one in rows:
        one.value, one.floor = (spent and spent / BATCH for spent in (one.value, one.floor))
    looks = found.lap("by_marks", 0.5), found.lap("equality", 0.5)
    return [
        *rows,
        Row("P13 both, of the CPU of a move", both * 1e6, "us", found.cpu("move") * 1e6, share, "at most 0.08",
            share <= SHARE, COMMAND.format(part="P13")),
        Row("P13 a look by marks, against an indexed equality, PostgreSQL", looks[0] * 1e6, "us", looks[1] * 1e6,
            looks[0] / looks[1], "at most 1.3 times", looks[0] / looks[1] <= 1.3, COMMAND.format(part="P13")),
    ]  # fmt: skip


def furnish(url: str) -> None:
    """People with a telephone number, in the open and by its mark."""
    db, key = Database(url), vault().index_key
    with db.write() as session:
        session.execute(text("create table bench_phones (case_id varchar(32) not null, phone text not null)"))
        plain, marks = list[dict[str, Any]](), list[dict[str, Any]]()
        for number, case in enumerate(
            session.execute(text("select id from cases limit :most"), {"most": PEOPLE}).scalars()
        ):
            plain.append({"case_id": case, "phone": _phone(number)})
            marks += [
                {"case_id": case, "version": 1, "kind": kind, "mark": mark}
                for kind, mark in blind.marks_of(key, case, {"phone": _phone(number)})
                if kind == "phone"
            ]
        session.execute(text("insert into bench_phones (case_id, phone) values (:case_id, :phone)"), plain)
        session.execute(text("create index bench_phones_phone on bench_phones (phone)"))
        session.execute(insert(Mark), marks)
        session.execute(text("analyze bench_phones"))
        session.execute(text("analyze marks"))
    db.close()


def _phone(number: int) -> str:
    return f"+44 7700 9{number:05d}"
