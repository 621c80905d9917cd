"""The blind index: keyed marks of names, days and numbers, by which a case is found though nobody reads whose it is.

A mark is HMAC-SHA-256 of a normal form, under a key outside the database, cut to 128 bits. Whoever has the table and
not the key cannot try names: every try needs the key. What they could see is that two marks are equal. So no mark
stands for one name alone, and a day of birth is told with a word of the name. Besides, equal forms of different cases
lie on different shelves, and the asker, who has the key, asks on all of them: two cases of one person show as such to
a thief once in sixteen times. Marks for free text hold the case itself, and are never equal between cases. What stays:
how many marks a case has, so roughly how many words its name has. docs/matching.md says what that is worth.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from referral import free_text, names

KEY_BYTES = 32
MARK_BYTES = 16
# kind -> shelves. A thief sees equal marks only of cases on the same shelf; a search asks on every shelf.
SHELVES = {
    "name": 16,  # two words of the name, as spelt
    "sound": 16,  # two words of the name, as they sound
    "born": 16,  # one word of the name as it sounds, with the day of birth
    "birth": 256,  # the day of birth: papers have far too many first of Januarys to let them be counted
    "phone": 16,
    "reference": 16,  # the Home Office reference
}
NEAR = "near"  # the signal of a day of birth with day and month changed over, or a year off


def marks_of(key: bytes, case: str, identity: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every (kind, mark) of a person, each once and sorted. Nothing where nothing is known of them."""
    found = [(kind, _mark(key, kind, _shelf(kind, case), form)) for kind, form in forms_of(identity)]
    return sorted({*found, *text_marks(key, case, free_text.own(identity))})


def text_marks(key: bytes, case: str, forms: Mapping[str, Iterable[str]]) -> set[tuple[str, str]]:
    """Marks of what a text may not say, or says: of this case alone, so that they can be compared nowhere else."""
    own = hmac.digest(key, f"text|{case}".encode(), "sha256")
    return {
        (f"text_{kind}", hmac.digest(own, f"{kind}|{form}".encode(), "sha256")[:MARK_BYTES].hex())
        for kind, those in forms.items()
        for form in those
    }


def sought(key: bytes, identity: Mapping[str, Any], *, by_sound: bool = True) -> dict[str, str]:
    """What to look for on every shelf to find the same person elsewhere: each mark, and the signal that it gives.

    The signals are the kinds, and NEAR for a word with a day of birth that is close to this one.
    """
    return {
        _mark(key, kind, shelf, form): signal
        for signal, kind, form in asked_for(identity)
        if by_sound or kind not in ("sound", "born")
        for shelf in range(SHELVES[kind])
    }


def is_same(signals: set[str], identity: Mapping[str, Any]) -> bool:
    """Whether these signals together mean that it may well be the same person.

    A name alone never does, nor a day alone; a guessed day counts for less than a known one.
    """
    named = bool(signals & {"name", "sound"})
    born = names.a_day(identity.get("date_of_birth"))
    known_day = "born" in signals and born is not None and not names.is_guessed(born)
    return (
        "reference" in signals
        or known_day
        or (named and bool(signals & {"born", NEAR}))
        or ("phone" in signals and (named or "born" in signals))
    )


def asked_for(identity: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(signal, kind, normal form) of all that speaks for the same person: what is known, and days close to theirs."""
    yield from ((kind, kind, form) for kind, form in forms_of(identity))
    born = names.a_day(identity.get("date_of_birth"))
    if born is not None:
        yield from ((NEAR, "born", form) for near in names.days_like(born)[1:] for form in _born(identity, near))


def forms_of(identity: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, normal form) of everything that is compared between cases."""
    yield from (("name", form) for form in names.spelt(identity))
    yield from (("sound", form) for form in names.heard(identity))
    born = names.a_day(identity.get("date_of_birth"))
    if born is not None:
        yield "birth", born.isoformat()
        yield from (("born", form) for form in _born(identity, born))
    for number in {names.phone(identity.get("phone")), names.phone(identity.get("alternative_phone"))} - {None}:
        yield "phone", str(number)
    if reference := names.home_office(identity.get("home_office_reference")):
        yield "reference", reference


def _born(identity: Mapping[str, Any], born: date) -> set[str]:
    return {f"{born.isoformat()} {code}" for word in names.each_word(identity) for code in names.sounds(word)}


def _shelf(kind: str, case: str) -> int:
    return int(hashlib.sha256(f"{kind}|{case}".encode()).hexdigest()[:8], 16) % SHELVES[kind]


def _mark(key: bytes, kind: str, shelf: int, form: str) -> str:
    return hmac.digest(key, f"{kind}|{shelf}|{form}".encode(), "sha256")[:MARK_BYTES].hex()
