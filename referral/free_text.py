"""What a text must not say of the person whose case it is in: where they live, how they are reached, their name.

Both sides give normal forms: `own` of what is known of the person, `said` of a text. Where they meet, the text says it.
They can be compared as they are, or as keyed marks, without anybody opening the identity. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from referral import names
from referral.errors import Reason
from referral.form.names import ORDINARY

PLACE, REACH, NAME = ("postcode", "street"), ("phone", "email"), ("name",)
NAMED = "name_in_text"  # the code of the only reason that is not refused, but kept from some
SHORTEST = 4  # letters: a shorter name alone is often a word
MOST_CODES, MOST_STREETS = 4, 6
MOST_NUMBERS = 20  # of nine digits in a row: a number with its country has four such
MOST_FIGURES = 60  # short words with a figure in them: dates and times, and post codes of other countries
LONGEST_CODE = 7  # letters and figures of a post code
LONGEST_NUMBER = 40  # digits in a row that are looked at: more are no telephone number

# fmt: off
_GENERIC = frozenset({
    "a", "an", "and", "apartment", "at", "avenue", "block", "building", "close", "court", "crescent", "drive", "flat",
    "floor", "gardens", "grove", "hill", "house", "in", "lane", "no", "number", "of", "on", "park", "place", "road",
    "room", "square", "street", "terrace", "the", "to", "unit", "view", "way", "yard",
})
_SHORT_FOR = {
    "st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "dr": "drive",
    "cl": "close", "ct": "court", "cres": "crescent", "gdns": "gardens", "pl": "place", "sq": "square",
    "terr": "terrace", "apt": "apartment",
}
# fmt: on
_NUMBER = re.compile(r"\d(?:[\s().\-/\u00a0]*\d){6,}")
_EMAIL = re.compile(r"[a-z0-9._%+\-]+@[a-z0-9.\-]+\.[a-z]{2,}")
_WORD = re.compile(r"[a-z0-9]+")

_PLACED = "Leave it out: addresses have a place of their own."
_REACHED = "Leave it out: it has a field of its own."
SAYS = {
    "postcode": ("place_in_text", f"The text holds the person's post code. {_PLACED}"),
    "street": ("place_in_text", f"The text holds the person's street. {_PLACED}"),
    "phone": ("contact_in_text", f"The text holds a telephone number of the person. {_REACHED}"),
    "email": ("contact_in_text", f"The text holds an e-mail address of the person. {_REACHED}"),
    "many": ("list_in_text", "The text lists places or numbers, as somebody would who tries them. Say what happened."),
    "name": (NAMED, "The text names the person. Write for example: the person, she, they."),
}


def own(identity: Mapping[str, Any]) -> dict[str, set[str]]:
    """Normal forms, by kind, of what is known of a person. What is no text, as in a draft, is passed over."""
    identity = {field: value for field, value in identity.items() if isinstance(value, str)}
    found: dict[str, set[str]] = {kind: set() for kind in SAYS}
    if code := names.postcode(identity.get("address_postcode")):
        found["postcode"].add(code)
    found["street"] = {
        f"{one} {other}" for one, other in _street_pairs(identity.get("address_street") or "") if _tells(one, other)
    }
    for field in ("phone", "alternative_phone"):
        if number := names.phone(identity.get(field)):
            found["phone"].add(number)
    if email := identity.get("email"):
        found["email"].add(email.strip().lower())
    first, last = (names.words(identity.get(field)) for field in ("first_name", "last_name"))
    for one in first:
        for other in last:
            if len(one) + len(other) > SHORTEST:
                found["name"] |= {f"{one} {other}", f"{other} {one}"}
    alone = (*first, *last, *names.words(identity.get("nickname")))
    found["name"] |= {word for word in alone if len(word) >= SHORTEST and word not in ORDINARY}
    return found


def said(text: str) -> dict[str, set[str]]:
    """Normal forms, by kind, of everything in a text that could be of these kinds."""
    plain = names.folded(text)
    told = _street_words(plain)
    letters = [word for word in _WORD.findall(plain) if not word.isdigit()]
    return {
        "postcode": _codes_here(plain) | _codes_elsewhere(plain),
        "street": {f"{one} {other}" for one, other in pairwise(told)},
        "phone": {number for run in _NUMBER.findall(plain) for number in _numbers(run)},
        "email": set(_EMAIL.findall(text.lower())),
        "name": {f"{one} {other}" for one, other in pairwise(letters)} | {w for w in letters if len(w) >= SHORTEST},
    }


def lists(told: Mapping[str, set[str]]) -> bool:
    """Whether a text holds more places or numbers than a note needs.

    A refusal says that one of them is the right one: whoever may write a note could else try a whole town at once.
    """
    streets = sum(form.rpartition(" ")[2] in _SHORT_FOR.values() for form in told["street"])
    codes = sum(names.is_uk_postcode(code) for code in told["postcode"])
    short = sum(len(code) <= SHORTEST + 2 and not names.is_uk_postcode(code) for code in told["postcode"])
    counts = (codes, MOST_CODES), (len(told["phone"]), MOST_NUMBERS), (streets, MOST_STREETS), (short, MOST_FIGURES)
    return any(count > most for count, most in counts) or len(told["email"]) > MOST_CODES


def finds(text: str, identity: Mapping[str, Any]) -> list[Reason]:
    """What a text says of this person, each kind once. The reasons name the kind and never the value."""
    known, told = own(identity), said(text)
    return reasons(kind for kind in SAYS if kind in told and known[kind] & told[kind])


def reasons(kinds: Iterable[str]) -> list[Reason]:
    """The sentences for these kinds."""
    return [Reason(*SAYS[kind]) for kind in kinds]


def _street_words(plain: str) -> list[str]:
    return [_SHORT_FOR.get(word, word) for word in _WORD.findall(plain)]


def _street_pairs(street: str) -> Iterable[tuple[str, str]]:
    return pairwise(_street_words(names.folded(street)))


def _tells(one: str, other: str) -> bool:
    """Flat 2 is anywhere; Harbour Lane and 12 Harbour are somewhere."""
    return any(len(word) >= SHORTEST and word not in _GENERIC and not word.isdigit() for word in (one, other))


def _codes_here(plain: str) -> set[str]:
    """Post codes of the United Kingdom, in however many words they were typed: M1 1AE, m11ae, M 1-1 A E."""
    told, found = _WORD.findall(plain), set()
    for at in range(len(told)):
        code = ""
        for word in told[at : at + LONGEST_CODE]:
            code += word.upper()
            if len(code) > LONGEST_CODE:
                break
            if names.is_uk_postcode(code):
                found.add(code)
    return found


def _codes_elsewhere(plain: str) -> set[str]:
    """Post codes of other countries: one word, or two, with a figure in it."""
    told = [word.upper() for word in _WORD.findall(plain)]
    both = [one + other for one, other in pairwise(told)]
    return {code for code in (*told, *both) if 4 <= len(code) <= 10 and any(map(str.isdigit, code))}  # noqa: PLR2004


def _numbers(run: str) -> set[str]:
    digits = re.sub(r"\D", "", run)[:LONGEST_NUMBER]
    last = len(digits) - names.PHONE_DIGITS
    return {digits[at : at + names.PHONE_DIGITS] for at in range(last + 1)} if last >= 0 else set()
