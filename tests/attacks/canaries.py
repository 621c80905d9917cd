"""Planted words about one invented person, every way in which each might be written, and the search for them in bytes.

A fragment that is nearly unique is a leak too: the end of a telephone number, a street or a surname alone. So a name in
whatever order is found by its parts.
"""

import base64
import html
import json
import quopri
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, quote_plus

from referral.access import Group
from tests.examples import Form, complete_adult_referral
from tests.sheltered import WILLOW

NARRATIVE = "Kept behind the Skarvallen bakery until the glazing froze."
NOTES = {  # move -> a text that is told with it
    "decision.find_reasonable": "The plomgrey tarpaulin was found where she said.",
    "housing.start_move": "Left with one ochrewick suitcase before dawn.",
}


@dataclass(frozen=True, slots=True)
class Canary:
    """One thing that was planted: what it is, of which group of fields, and the words that give it away."""

    what: str
    group: Group
    words: tuple[str, ...]
    ends: tuple[str, ...] = ()  # digits that count only where they stand alone, or random hexadecimals would match
    days: tuple[int, int, int] | None = None  # a day, in all its spellings
    where: str = ""  # the field of the form, or the move, that tells it; empty for the store of addresses


# fmt: off
CANARIES = (
    Canary("street of the house",  Group.ADDRESS,     ("Quillfeather Passage", "Quillfeather")),
    Canary("town of the house",    Group.ADDRESS,     ("Ormsgarth",)),
    Canary("post code of the house", Group.ADDRESS,   ("QX9 7ZJ", "QX97ZJ", "QX9-7ZJ")),
    Canary("way to the house",     Group.ADDRESS,     ("Threllkeld",)),
    Canary("phone of the house",   Group.ADDRESS,     ("01632 960417", "01632960417", "1632960417", "+44 1632 960417"), ends=("960417",)),
    Canary("first name",           Group.IDENTITY,    ("Žofinčka",), where="first_name"),
    Canary("last name",            Group.IDENTITY,    ("Kvapilová",), where="last_name"),
    Canary("nickname",             Group.IDENTITY,    ("Bruvnička",), where="nickname"),
    Canary("day of birth",         Group.IDENTITY,    (), ends=("19910823", "23081991", "08231991"), days=(1991, 8, 23), where="date_of_birth"),
    Canary("birthplace",           Group.IDENTITY,    ("Drozdkovice",), where="birthplace"),
    Canary("own phone",            Group.CONTACT,     ("+44 7700 900846", "+447700900846", "07700 900846", "7700900846"), ends=("900846",), where="phone"),
    Canary("own e-mail address",   Group.CONTACT,     ("zq.bruvn84@person.example", "zq.bruvn84"), where="email"),
    Canary("safe street",          Group.ADDRESS,     ("Hobbleswick",), where="address_street"),
    Canary("safe town",            Group.ADDRESS,     ("Trundleforth",), where="address_town"),
    Canary("safe post code",       Group.ADDRESS,     ("YW8 3QD", "YW83QD", "YW8-3QD"), where="address_postcode"),
    Canary("Home Office reference", Group.IMMIGRATION, ("QT88/31764-Z", "QT88/31764", "QT8831764"), where="home_office_reference"),
    Canary("associate",            Group.ASSOCIATES,  ("Wilhelmodra", "Tsakonyi"), where="family"),
    Canary("exploiter",            Group.ACCOUNT,     ("Gruzdivar", "Pelkonnen"), where="who_exploited"),
    Canary("narrative",            Group.ACCOUNT,     (NARRATIVE, "Skarvallen", "until the glazing froze"), where="how_treated"),
    Canary("reasons of a decision", Group.REASONS,    ("plomgrey",), where="decision.find_reasonable"),
    Canary("note of a move",       Group.PLAN,        ("ochrewick",), where="housing.start_move"),
)
# fmt: on
BY_WHAT = {canary.what: canary for canary in CANARIES}
HOUSE = tuple(canary.what for canary in CANARIES if not canary.where)


def form() -> Form:
    """A complete referral in which the canaries stand."""
    answers, identity = complete_adult_referral()
    answers |= {
        "contact_methods": ["email", "post"], "post_is_safe": True, "birthplace": "Drozdkovice",
        "family": "Her sister Wilhelmodra Tsakonyi stayed behind.",
        "who_exploited": "A man called Gruzdivar Pelkonnen, and his driver.", "how_treated": NARRATIVE,
    }  # fmt: skip
    identity |= {
        "first_name": "Žofinčka", "last_name": "Kvapilová", "nickname": "Bruvnička", "date_of_birth": "1991-08-23",
        "phone": "+44 7700 900846", "email": "zq.bruvn84@person.example", "home_office_reference": "QT88/31764-Z",
        "address_street": "9 Hobbleswick Mews", "address_town": "Trundleforth", "address_postcode": "YW8 3QD",
    }  # fmt: skip
    return answers, identity


def planted() -> list[str]:
    """One text for each thing that was planted, as somebody would type it."""
    address = [WILLOW.street, WILLOW.town, WILLOW.postcode, WILLOW.way or "", WILLOW.phone or ""]
    return [*address, *(word for canary in CANARIES for word in canary.words[:1] if canary.where), "1991-08-23"]


def found(told: bytes) -> set[str]:
    """What of the planted stands in these bytes, however it is written."""
    if len(told) > _LONG:
        return _found(told)
    return set(_remembered(told))


_LONG = 200_000


@cache
def _remembered(told: bytes) -> frozenset[str]:
    return frozenset(_found(told))


def _found(told: bytes) -> set[str]:
    loose, exact, alone = _forms()
    small = told.lower()
    here = {what for form, what in loose if form in small} | {what for form, what in exact if form in told}
    return here | {what for pattern, what in alone if pattern.search(small)}


@cache
def _forms() -> tuple[list[tuple[bytes, str]], list[tuple[bytes, str]], list[tuple[re.Pattern[bytes], str]]]:
    """Forms in which letters may be great or small, those in which they may not, and digits that stand alone."""
    loose, exact = dict[bytes, str](), dict[bytes, str]()
    alone: list[tuple[re.Pattern[bytes], str]] = []
    for canary in CANARIES:
        for word in (*canary.words, *spellings(canary.days)):
            loose |= dict.fromkeys(_written(word), canary.what)
            exact |= dict.fromkeys(_base64(word), canary.what)
        alone += [(re.compile(rb"(?<![0-9a-z])%b(?![0-9a-z])" % end.encode()), canary.what) for end in canary.ends]
    return list(loose.items()), list(exact.items()), alone


def spellings(day: tuple[int, int, int] | None) -> Iterator[str]:
    """A day as people and programs write it."""
    if day is None:
        return
    year, month, number = day
    name = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December")[month - 1]  # fmt: skip
    for mark in ("-", "/", ".", " "):
        yield f"{year}{mark}{month:02}{mark}{number:02}"
        yield f"{number:02}{mark}{month:02}{mark}{year}"
        yield f"{month:02}{mark}{number:02}{mark}{year}"
        yield f"{number}{mark}{month}{mark}{year}"
        yield f"{number:02}{mark}{month:02}{mark}{year % 100:02}"
    for called in (name, name[:3]):
        for said in (f"{number}", f"{number}rd", f"{number}rd of"):
            yield f"{said} {called} {year}"
            yield f"{called} {said}, {year}"


def _written(word: str) -> Iterator[bytes]:
    """The word as it stands, folded, escaped for URLs, JSON, HTML and mail, in UTF-16, and in hexadecimals. All small."""
    for one in dict.fromkeys((word, word.upper(), word.casefold(), _folded(word), unicodedata.normalize("NFD", word))):
        plain = one.encode()
        yield plain.lower()
        yield from (quote(one, safe="").encode().lower(), quote_plus(one).encode().lower())
        yield json.dumps(one)[1:-1].encode().lower()
        yield from (html.escape(one).encode().lower(), one.encode("ascii", "xmlcharrefreplace").lower())
        yield quopri.encodestring(plain).strip().lower()
        yield from (one.encode("utf-16-le").lower(), one.encode("utf-16-be").lower())
        yield from (form.hex().encode() for form in (plain, one.encode("utf-16-le")))


def _folded(word: str) -> str:
    return unicodedata.normalize("NFD", word).encode("ascii", "ignore").decode()


def _base64(word: str) -> Iterator[bytes]:
    """The middle of the word in base64, wherever in a longer text it begins."""
    for one in dict.fromkeys((word, word.lower(), _folded(word))):
        for before in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                middle = encode(b" " * before + one.encode())[4 * (before > 0) : -4]
                if len(middle) >= 8:
                    yield middle
