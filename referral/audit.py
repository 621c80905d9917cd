"""The history of a case: an event's canonical body, its link to the one before, and the check of a chain.

A body holds ids, codes, times and digests only. Its bytes are hashed as they are stored, so that checking never has to
guess how they were written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

SCHEMA = 2  # of the event's body
GENESIS = bytes(32)
BACKWARDS = timedelta(minutes=10)  # how far the times of two machines that write to one case may lie apart
Stored = tuple[str, int, bytes, bytes, bytes]  # case, number in the case, body, hash of the one before, own hash
Leaf = tuple[int | None, bytes]  # number among all, hash; an event that has none yet has (None, b"")


def canonical(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: equal to RFC 8785 for strings, integers, booleans, null, lists and ASCII keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parsed(text: str) -> dict[str, Any]:
    """What was stored as JSON."""
    told = orjson.loads(text)
    return told if isinstance(told, dict) else {}


def link(prev: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over the one before and the body."""
    return sha256(prev + body).digest()


def digest(salt: bytes, payload: Any) -> str:
    """The codes and days that a move was told, as a salted SHA-256. Free text and identity are bound sealed."""
    return sha256(salt + canonical(payload)).hexdigest()


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong with the history, its first bad place, and what kind of damage it is."""

    case_id: str  # empty where only the number is known
    seq: int  # of the event in its case; 0 where only the number is known
    kind: str  # one of those that `lodestar verify --help` explains
    number: int | None = None  # of the event among all; None where it has none
    until: int | None = None  # where the place is not known better: it lies from `number` to here
    what: str = ""  # the row, the checkpoint or the file


class Chain:
    """The events of one case, checked one after the other. Collects which version of which row they name."""

    __slots__ = ("_at", "_case", "_keeps", "_number", "_said", "back", "count", "damage", "last", "named", "rows")

    def __init__(self, case: str, *, keeps_rows: bool = False) -> None:
        self._case, self._number, self._at, self._keeps = case, 0, b"", keeps_rows
        self._said = b'"case":"%s"' % case.encode()
        self.last, self.count = GENESIS, 0
        self.damage: Damage | None = None  # the first
        self.rows: dict[str, str] = {}  # row -> digest of its newest version
        self.named: dict[str, tuple[int, int | None]] = {}  # row -> the event that named it last
        self.back: Damage | None = None  # where the time first runs backwards: worth a look, and no damage

    def follow(self, events: Sequence[Stored], leaves: Sequence[Leaf]) -> None:
        """Look at the next events, each with its leaf; what comes behind the first damage is not judged."""
        sha = sha256
        for (_, seq, body, prev, own), (number, leaf) in zip(events, leaves, strict=True):
            self.count += 1
            if self.damage is None:
                data = prev + body  # hashed twice, and put together once: this is the loop of every verification
                if prev != self.last or seq != self.count or sha(data).digest() != own:
                    self._bad(self._wrong(seq, body, prev, own), seq, number)
                elif (kind := self._told(seq, body, number)) is not None:
                    self._bad(kind, seq, number)
                elif number is not None and sha(b"\x00" + data).digest() != leaf:
                    self._bad("leaf", seq, number)
            self.last = own

    def end(self, head: bytes, version: int) -> Damage | None:
        """The damage of the whole chain, now that the case says what its newest event is, and how many there are."""
        if self.damage is None and self.count < version:
            return Damage(self._case, self.count + 1, "missing")
        if self.damage is None and (self.last != head or self.count != version):
            return Damage(self._case, self.count, "head", self._number or None)
        return self.damage

    def _bad(self, kind: str, seq: int, number: int | None) -> None:
        gone = kind == "missing"  # then this is the event behind the gap
        self.damage = Damage(self._case, self.count if gone else seq, kind, None if gone else number)

    def _wrong(self, seq: int, body: bytes, prev: bytes, own: bytes) -> str:
        if seq != self.count:
            return "missing" if seq > self.count else "inserted"
        if prev != self.last:
            return "swapped" if link(prev, body) == own and self._of_this_case(body, seq) else "relinked"
        return "edited"

    def _told(self, seq: int, body: bytes, number: int | None) -> str | None:
        """What is wrong with what a well linked event says; else keeps what it says.

        Reading the whole JSON of a million events takes longer than all their hashes. In canonical JSON a quote inside
        a text is escaped, so what is looked for can only be found where it is said; where it is not found, all is read.
        Its keys are sorted: rows and number stand behind the time, and are looked for from there.
        """
        time = body.rfind(b'"recorded":"')
        if body.find(b'"seq":%d,' % seq, time) < 0 or self._said not in body:
            kind = self._misplaced(body, seq)
            if kind is not None:
                return kind
        if self._keeps and (start := body.find(b'"rows":{', time)) >= 0:
            self._name(orjson.loads(body[start + 7 : body.index(b"}", start) + 1]), body, seq, number)
        if number is not None:
            if number < self._number:
                return "renumbered"
            self._number = number
        if time >= 0:
            start = time + 12
            at = body[start : body.index(b'"', start)]
            if at < self._at and self.back is None and _backwards(self._at, at):
                self.back = Damage(self._case, seq, "time", number)
            self._at = at
        return None

    def _name(self, rows: dict[str, str], body: bytes, seq: int, number: int | None) -> None:
        """Keep which rows an event names. Only one that names rows can say that all of a table went before."""
        if (start := body.find(b'"dropped":[')) >= 0:
            gone = tuple(f"{table}:" for table in orjson.loads(body[start + 10 : body.index(b"]", start) + 1]))
            self.rows = {row: digest for row, digest in self.rows.items() if not row.startswith(gone)}
        self.rows.update(rows)
        self.named.update(dict.fromkeys(rows, (seq, number)))

    def _misplaced(self, body: bytes, seq: int) -> str | None:
        try:
            told = orjson.loads(body)
            true = told["seq"] == seq and told["case"] == self._case
        except (ValueError, LookupError, TypeError):  # no event, under a hash that fits it
            return "edited"
        return None if true else "inserted"  # a true event of another place

    def _of_this_case(self, body: bytes, seq: int) -> bool:
        try:
            told = orjson.loads(body)
            return bool(told["case"] == self._case and told["seq"] != seq)
        except (ValueError, LookupError, TypeError):
            return False


def _backwards(before: bytes, after: bytes) -> bool:
    """Whether a time lies further back than two machines may disagree."""
    try:
        return datetime.fromisoformat(before.decode()) - datetime.fromisoformat(after.decode()) > BACKWARDS
    except (TypeError, ValueError):
        return True
