"""The history of a case: an event's canonical body, its link to the one before, and the check of a chain.

A body holds ids, codes, times and digests only. Its bytes are hashed as they are stored, so that checking never has to
guess how they were written.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

SCHEMA = 2  # of the event's body
GENESIS = bytes(32)


def canonical(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: equal to RFC 8785 for strings, integers, booleans, null, lists and ASCII keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parsed(text: str) -> dict[str, Any]:
    """What was stored as JSON."""
    told = orjson.loads(text)
    return told if isinstance(told, dict) else {}


def link(prev: bytes, body: bytes) -> bytes:
    """The hash of an event: SHA-256 over the one before and the body."""
    return hashlib.sha256(prev + body).digest()


def digest(salt: bytes, payload: Any) -> str:
    """The codes and days that a move was told, as a salted SHA-256. Free text and identity are bound sealed."""
    return hashlib.sha256(salt + canonical(payload)).hexdigest()


@dataclass(frozen=True, slots=True)
class Damage:
    """The first bad event of a chain, and what kind of damage it is."""

    case_id: str
    seq: int
    kind: str  # edited | missing | inserted | relinked | head


def first_damage(
    case_id: str, head: bytes, version: int, rows: Iterable[tuple[int, str, bytes, bytes]]
) -> Damage | None:
    """Walk the events (seq, body, prev, hash) of a case in order. None where every link holds and the case agrees."""
    last, count = GENESIS, 0
    for seq, body, prev, own in rows:
        count += 1
        if seq != count:
            return Damage(case_id, min(seq, count), "missing" if seq > count else "inserted")
        if prev != last:
            return Damage(case_id, seq, "relinked")
        if damage := _damage(case_id, seq, body.encode(), prev, own):
            return damage
        last = own
    if count < version:
        return Damage(case_id, count + 1, "missing")
    return Damage(case_id, count, "head") if last != head or count != version else None


def _damage(case_id: str, seq: int, body: bytes, prev: bytes, own: bytes) -> Damage | None:
    if link(prev, body) != own:
        return Damage(case_id, seq, "edited")
    told = orjson.loads(body)
    true = told.get("case") == case_id and told.get("seq") == seq
    return None if true else Damage(case_id, seq, "inserted")  # a true event of another place
