"""Names, numbers and days as they are compared: folded, without particles, and by their sound. Pure; keeps nothing."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import jellyfish
from anyascii import anyascii

NAMES = ("first_name", "last_name", "nickname")
MOST_WORDS = 6  # of one name; whoever has more is found by the first six
LONG_CODE = 2  # a shorter code says too little: the vowels stay
PHONE_DIGITS = 9  # what a number shares however its country is written

# Words that come and go between two papers of one person.
# fmt: off
PARTICLES = frozenset({
    "abd", "abdul", "abdel", "abu", "af", "al", "as", "at", "av", "ben", "bin", "binti", "bint", "bt", "bte", "d",
    "da", "dal", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "ibn", "la", "las",
    "le", "los", "mc", "mr", "mrs", "ms", "o", "ould", "oulad", "san", "st", "te", "ten", "ter", "thi", "ul", "ur",
    "van", "vom", "von", "y", "zu", "zum",
})
# Spellings of one sound, in the order in which they are replaced; tried on the names of tests/data/names.toml. Where a
# letter is read in two ways, the readings stand apart: j as in John or as in Jan, x as in Xiao or as a Somali h.
_SPELLINGS = (
    (r"[^a-z]", ""), (r"shch|sch|tsch|tch|cz|rz|sz|zh|sh|dzh|dj|gj|xh|ts|tz|dz", "s"),
    (r"ph|pf", "f"), (r"th|dh", "t"), (r"gh|gu(?=[ei])|ck", "k"), (r"wh", "w"), (r"z", "s"), (r"g", "k"),
)
_READINGS = (
    ((r"kh|chr", "k"), (r"ch|j|x|c(?=[eiy])", "s"), (r"[qc]", "k"), (r"w", "v")),
    ((r"kh", "k"), (r"ch", "s"), (r"j|y", "i"), (r"x", "ks"), (r"[qc]", "s"), (r"w", "v")),
    ((r"kh|ch|w|^(k(?=[aeiou])|c|x)|(?<=[aeiou])[cx](?=[aeiou]|$)", ""), (r"j", "i"), (r"[qcx]", "k")),
)
_LAST = ((r"h", ""), (r"y", "i"), (r"ou|oo", "u"), (r"ee|ei|ie", "i"), (r"(.)\1+", r"\1"), (r"^[aeiou]+", "a"))
# fmt: on
_UK_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_LETTERS = re.compile(r"[a-z]+")
_APART = re.compile(r"['\u2019`\u02bb\u02bc]")


def folded(text: str) -> str:
    """Plain small letters without accents, whatever script it was written in."""
    return anyascii(_APART.sub("", text)).replace("`", "").replace("'", "").lower()


def words(name: str | None) -> list[str]:
    """The words of a name in the order given, folded, without particles; these stay where nothing else would."""
    found = _LETTERS.findall(folded(name or ""))
    kept = [word for word in found if word not in PARTICLES and len(word) > 1]
    return (kept or found)[:MOST_WORDS]


@lru_cache(maxsize=4096)
def sounds(word: str) -> frozenset[str]:
    """How a folded word sounds: a code for each way to read it. Two words that share one may be the same name."""
    found = set()
    for reading in _READINGS:
        plain = word
        for old, new in (*_SPELLINGS, *reading, *_LAST):
            plain = re.sub(old, new, plain)
        code = jellyfish.metaphone(plain).lower()
        found.add(code if len(code) >= LONG_CODE else f"{plain}.")
    return frozenset(found)


def both_words(identity: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Every word of the first name with every word of the last. A name told whole in one field is taken apart."""
    first, last = (_with_joined(identity.get(field)) for field in ("first_name", "last_name"))
    if first and last:
        return set(product(first, last))
    return set(combinations(words(identity.get("first_name")) or words(identity.get("last_name")), 2))


def each_word(identity: Mapping[str, Any]) -> set[str]:
    """Every word of first and last name: papers do not agree on which is which."""
    return {word for field in ("first_name", "last_name") for word in _with_joined(identity.get(field))}


def spelt(identity: Mapping[str, Any]) -> set[str]:
    """Two words of a name, folded, in no order: the same for the same spelling."""
    return {" ".join(sorted(both)) for both in both_words(identity)}


def heard(identity: Mapping[str, Any]) -> set[str]:
    """Two words of a name by their sound, in no order."""
    return {
        " ".join(sorted(both)) for one, other in both_words(identity) for both in product(sounds(one), sounds(other))
    }


def _with_joined(name: str | None) -> list[str]:
    """The words, and the words written as one: Li-hua is Lihua."""
    found = words(name)
    return [*found, "".join(found)] if len(found) > 1 else found


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two names may be the same name: a word of each part sounds the same."""
    return bool(heard(one) & heard(other))


def days_like(born: date) -> list[date]:
    """A day of birth as it may stand elsewhere: itself, day and month changed over, and a year to each side."""
    found = [born]
    if born.day <= 12 and born.day != born.month:  # noqa: PLR2004  months of a year
        found.append(date(born.year, born.day, born.month))
    for year in (born.year - 1, born.year + 1):
        leap = (born.month, born.day) == (2, 29)
        found.append(date(year, 2, 28) if leap else born.replace(year=year))
    return found


def is_guessed(born: date) -> bool:
    """Papers say 1 January where nobody knows the day: it tells next to nothing."""
    return (born.month, born.day) == (1, 1)


def phone(text: str | None) -> str | None:
    """The last nine digits of a number, the same with and without its country; None for fewer."""
    digits = re.sub(r"\D", "", anyascii(text or ""))
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else None


def postcode(text: str | None) -> str | None:
    """A post code in capitals without spaces; None where nothing is left of it."""
    squeezed = re.sub(r"[^A-Z0-9]", "", anyascii(text or "").upper())
    return squeezed if len(squeezed) >= 4 else None  # noqa: PLR2004  the shortest post codes


def is_uk_postcode(squeezed: str) -> bool:
    """Whether it has the shape of one of the United Kingdom."""
    return _UK_POSTCODE.fullmatch(squeezed) is not None


def home_office(text: str | None) -> str | None:
    """A Home Office reference in capitals without anything between; None where too little is left to mean somebody."""
    squeezed = re.sub(r"[^A-Z0-9]", "", anyascii(text or "").upper())
    return squeezed if len(squeezed) >= 6 else None  # noqa: PLR2004  shorter ones are left-overs


def a_day(told: Any) -> date | None:
    """A day of birth, from the column or from its text; None where there is none."""
    if isinstance(told, str):
        try:
            return date.fromisoformat(told)
        except ValueError:
            return None
    return told if isinstance(told, date) else None
