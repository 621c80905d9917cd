"""Takes other people and safe places out of what a person is given about themselves. Pure; rather too much than less.

What the form tells about others, the family among them, gives the words to look for; e-mail addresses and phone numbers
that are not the person's own, and all post codes, are masked wherever they stand. Nobody can promise that free text
names no one else: a person reads it before it leaves the house.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from referral.access import Group
from referral.form.field import Field, Kind
from referral.form.fields import FIELDS
from referral.form.names import ORDINARY, SHORT

OTHER, PLACE = "\ue000", "\ue001"  # stand where somebody, or some place, was taken out; worded when it is written
# Where the person is, or is written to: it may be the safe house.
SAFE_PLACES = frozenset({
    "address_street", "address_town", "address_county", "address_postcode", "current_town", "current_region",
})  # fmt: skip
OWN_NAMES = ("first_name", "last_name", "nickname")
LOOSE = frozenset({"alternative_phone_relation"})  # short, and yet no name: "her sister"
# Words that name nobody, though they may stand at the beginning of a sentence about somebody.
COMMON = frozenset(
    """
    a about after again all also an and another any are as at aunt avenue away back be because been before being
    both brother but by can cannot close could council court cousin daughter did do doctor does each every
    family father few flat for friend from gave get go goes got had has have he her here hers herself him
    himself his house how husband if in inside into is it its itself just kept knew knows lane last lawyer left
    like lived lives made man many me men might more most mother mr mrs ms my neighbour never next no nobody
    none not nothing now of off often on once one only or other others our out outside over own partner person
    possibly probably road said same says seen several she since sister so solicitor some somebody someone
    sometimes son still street such teacher than that the their them then there these they this those through to
    told took two uncle under unknown until up us very victim victims was we went were what when where whether
    which while who whom whose why wife with without woman women worker works would yes you your
    """.split()
)

_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
_EMAIL = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
_PHONE = re.compile(r"(?<![\w+])(?:\+|0)\d(?:[\s().\-/]{0,2}\d){7,}")
_NUMBER = re.compile(r"(?<!\w)\+?\d(?:[\s().\-/]{0,2}\d){5,}")
_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)
_AGAIN = re.compile(rf"([{OTHER}{PLACE}])(?:[\s.,'\u2019\-]*\1)+")
_TAIL = 9  # digits in which two ways to write a number agree
_INSIDE = 5  # letters from which on a name is found inside a longer word; two where words are written without gaps


@dataclass(frozen=True, slots=True)
class Known:
    """What to look for, folded: no accents, small letters, digits alone."""

    words: frozenset[str]
    places: frozenset[str]
    numbers: frozenset[str]
    own: frozenset[str]  # words of the person's own names, never masked
    own_numbers: frozenset[str]
    own_email: str


def known(answers: Mapping[str, Any], identity: Mapping[str, Any]) -> Known:
    """The words and numbers of others, and the person's own, from the form so far."""
    words, numbers, places = set[str](), set[str](), set[str]()
    for row in FIELDS:
        value = (identity if row.identity else answers).get(row.name)
        if not isinstance(value, str) or row.values:
            continue
        if row.others or row.group is Group.ASSOCIATES:
            words |= set(_names(row, clean(value)))
            numbers |= {_digits(found[0]) for found in _NUMBER.finditer(clean(value)) if not _DAY.fullmatch(found[0])}
        elif row.name in SAFE_PLACES:
            places |= {word for word in _folded(clean(value)) if len(word) > 1 and word not in COMMON}
    own = {word for name in OWN_NAMES for word in _folded(clean(str(identity.get(name) or "")))}
    phone = _digits(str(identity.get("phone") or ""))
    return Known(
        words=frozenset(words - own), places=frozenset(places - own), numbers=frozenset(numbers - {phone}),
        own=frozenset(own), own_numbers=frozenset({phone} - {""}),
        own_email=str(identity.get("email") or "").casefold(),
    )  # fmt: skip


def redacted(text: str, about: Known) -> str:
    """The text with others and safe places taken out."""
    told = clean(text)
    told = _EMAIL.sub(lambda found: found[0] if found[0].strip(".").casefold() == about.own_email else OTHER, told)
    told = _POSTCODE.sub(PLACE, told)
    told = _PHONE.sub(lambda found: found[0] if _is_own(found[0], about) else OTHER, told)
    told = _NUMBER.sub(lambda found: OTHER if _holds_number(found[0], about) else found[0], told)
    told = _WORD.sub(lambda found: _masked(found[0], about), told)
    return _AGAIN.sub(r"\1", told)


def clean(text: str) -> str:
    """Composed, and without letters that nobody sees: a name must not hide behind them."""
    return "".join(
        letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) not in ("Cf", "Co")
    )


def _masked(word: str, about: Known) -> str:
    folded = _fold(word)
    if folded in about.own:
        return word
    if _found(word, folded, about.words):
        return OTHER
    return PLACE if _found(word, folded, about.places) else word


def _found(word: str, folded: str, sought: frozenset[str]) -> bool:
    """An ordinary word, or a very short one, written small is a word and no name."""
    if folded in sought:
        return not word[0].islower() or not (folded in ORDINARY or len(folded) <= SHORT)
    return any(len(name) >= (_INSIDE if name.upper() != name else 2) and name in folded for name in sought)


def _names(row: Field, value: str) -> Iterator[str]:
    """Of a short answer every word; of a narrative what is not written small: without capitals, everything."""
    narrative = row.kind is Kind.TEXT or row.name in LOOSE
    for found in _WORD.finditer(value):
        folded = _fold(found[0])
        if len(folded) > 1 and folded not in COMMON and not (narrative and found[0][0].islower()):
            yield folded


def _folded(text: str) -> Iterator[str]:
    return (_fold(found[0]) for found in _WORD.finditer(text))


def _fold(word: str) -> str:
    bare = (letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return "".join(bare).casefold()


def _digits(text: str) -> str:
    """The last digits, without what a country puts before them."""
    return "".join(letter for letter in text if letter.isdecimal())[-_TAIL:]


def _holds_number(text: str, about: Known) -> bool:
    digits = "".join(letter for letter in text if letter.isdecimal())
    return any(number in digits for number in about.numbers)


def _is_own(text: str, about: Known) -> bool:
    return _digits(text) in about.own_numbers
