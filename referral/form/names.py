"""Finds the person's name where it must not stand: in a narrative, or in the first responder's reference."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# Words that are also names. Alone they only warn, and only where written with a capital letter.
# fmt: off
ORDINARY = frozenset({
    "angel", "april", "august", "bang", "beauty", "bill", "blessing", "dawn", "destiny", "dung", "faith", "favour",
    "frank", "friday", "gift", "goodness", "grace", "hang", "happy", "hope", "hung", "iris", "jack", "june", "king",
    "long", "love", "lucky", "mark", "mercy", "miles", "monday", "olive", "page", "patience", "peace", "precious",
    "prince", "princess", "queen", "rain", "rich", "rose", "said", "song", "star", "success", "summer", "sunday",
    "will", "wisdom", "young",
})
SHORT = 3  # so short a name is often a word: van, son, the, may
# fmt: on


def _plain(text: str) -> str:
    """Without accents, keeping case."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _words(text: str) -> list[str]:
    bare = re.sub(r"['\u2019](?:s\b)?", "", _plain(text))
    return re.findall(r"[^\W\d_]+", bare)


def name_parts(identity: Mapping[str, Any]) -> dict[str, list[str]]:
    """The words of each name that is known."""
    names = {field: identity.get(field) for field in ("first_name", "last_name", "nickname")}
    return {field: _words(name) for field, name in names.items() if isinstance(name, str) and _words(name)}


def _together(words: list[str], first: list[str], last: list[str]) -> bool:
    """First and last name stand next to each other, in either order."""
    orders = [[part.casefold() for part in order] for order in (first + last, last + first)]
    folded = [word.casefold() for word in words]
    return any(folded[at : at + len(order)] == order for order in orders for at in range(len(folded)))


def name_found(text: object, identity: Mapping[str, Any]) -> str | None:
    """Gives "full" for the whole name, "part" for one that is clearly a name, "maybe" for an ordinary word, or None."""
    parts = name_parts(identity)
    if not isinstance(text, str) or not parts:
        return None
    sought = {part.casefold() for name in parts.values() for part in name}
    doubtful = {part for part in sought if part in ORDINARY or len(part) <= SHORT}
    # An ordinary word written small is a word: "they may hope" names nobody called May Hope.
    words = [word for word in _words(text) if word[0].isupper() or word.casefold() not in doubtful]
    found = {word.casefold() for word in words} & sought
    if found - doubtful:
        return "full" if _whole(_words(text), parts) else "part"
    return ("full" if _whole(words, parts) else "maybe") if found else None


def _whole(words: list[str], parts: Mapping[str, list[str]]) -> bool:
    """Both names are known, and stand together."""
    return {"first_name", "last_name"} <= set(parts) and _together(words, parts["first_name"], parts["last_name"])
