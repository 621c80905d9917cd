"""The history of a case: an event's canonical body, its link to the one before, and the check of a chain.

A body holds ids, codes, times and digests only. Its bytes are hashed as they are stored, so that checking never has to
guess how they were written.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

SCHEMA = 1  # of the event's body
GENESIS = bytes(32)
BACKWARDS = timedelta(minutes=10)  # how far the times of two machines that write to one case may lie apart


def canonical(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: equal to RFC 8785 for strings, integers, booleans, null, lists and ASCII keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def link(prev: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over the one before and the body."""
    return hashlib.sha256(prev + body).digest()


def digest(salt: bytes, payload: Any) -> str:
    """What the move was told, as a salted SHA-256: proof to whoever holds the payload, nothing to anybody else."""
    return hashlib.sha256(salt + canonical(payload)).hexdigest()


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

    __slots__ = ("_at", "_case", "_number", "back", "count", "damage", "last", "named", "rows")

    def __init__(self, case: str) -> None:
        self._case, self._number, self._at = case, 0, ""
        self.last, self.count = GENESIS, 0
        self.damage: Damage | None = None  # the first
        self.rows: dict[str, str] = {}  # row -> digest of its newest version
        self.named: dict[str, tuple[int, int | None]] = {}  # row -> the event that named it last
        self.back: Damage | None = None  # where the time first runs backwards: worth a look, and no damage

    def add(self, seq: int, body: bytes, prev: bytes, own: bytes, number: int | None = None) -> None:
        """Look at the next event; what comes behind the first damage is not judged any more."""
        self.count += 1
        if self.damage is None and (kind := self._wrong(seq, body, prev, own, number)):
            gone = kind == "missing"  # then this is the event behind the gap
            self.damage = Damage(self._case, self.count if gone else seq, kind, None if gone else number)
        self.last = own

    def end(self, head: bytes, version: int) -> Damage | None:
        """The damage of the whole chain, now that the case says what its newest event is, and the how-manieth."""
        if self.damage is None and self.count < version:
            return Damage(self._case, self.count + 1, "missing")
        if self.damage is None and (self.last != head or self.count != version):
            return Damage(self._case, self.count, "head", self._number or None)
        return self.damage

    def _wrong(self, seq: int, body: bytes, prev: bytes, own: bytes, number: int | None) -> str | None:
        if seq != self.count:
            return "missing" if seq > self.count else "inserted"
        fits = hashlib.sha256(prev + body).digest() == own
        if prev != self.last:
            return "swapped" if fits and self._of_this_case(body, seq) else "relinked"
        if not fits:
            return "edited"
        try:
            told = orjson.loads(body)
            if told["case"] != self._case or told["seq"] != seq:
                return "inserted"  # a true event of another place
        except (ValueError, LookupError, TypeError):  # no JSON, or no event, under a hash that fits it
            return "edited"
        return self._told(told, seq, number)

    def _told(self, told: Mapping[str, Any], seq: int, number: int | None) -> str | None:
        rows = told.get("rows")
        if rows:
            self.rows.update(rows)
            self.named.update(dict.fromkeys(rows, (seq, number)))
        if number is not None:
            if number < self._number:
                return "renumbered"
            self._number = number
        at = told.get("recorded")
        if at:
            if at < self._at and self.back is None and _backwards(self._at, at):
                self.back = Damage(self._case, seq, "time", number)
            self._at = at
        return None

    def _of_this_case(self, body: bytes, seq: int) -> bool:
        try:
            told = orjson.loads(body)
            return bool(told["case"] == self._case and told["seq"] != seq)
        except (ValueError, LookupError, TypeError):
            return False


def _backwards(before: str, after: str) -> bool:
    """Whether a time lies further back than two machines may disagree."""
    try:
        return datetime.fromisoformat(before) - datetime.fromisoformat(after) > BACKWARDS
    except (TypeError, ValueError):
        return True
