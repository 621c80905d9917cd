"""Whether one answer is good enough to send, and whether one text is safe to keep. Looks at one value at a time."""

import re
from datetime import date
from typing import NamedTuple

from referral.form.field import LIST_LIMIT, LISTS, SHORT_LIMIT, TEXT_LIMIT, Field, Kind

PHONE = re.compile(r"\+?[0-9() .\-]{6,30}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?")
EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9\-]+)+")
HOME_COUNTRY = frozenset({"uk", "united kingdom", "great britain", "england", "wales", "scotland", "northern ireland"})
MOST_CHILDREN = 50
FEWEST_DIGITS, MOST_DIGITS = 7, 21  # an extension included
EARLIEST = date(1900, 1, 2)  # the official form: after 1 January 1900


class Problem(NamedTuple):
    """One thing to see to before sending. A warning does not stop anything. Never repeats what was typed."""

    field: str
    code: str
    says: str
    warning: bool = False


def unsafe(text: str) -> bool:
    """NUL and lone surrogates cannot be stored by every database, nor sent."""
    return "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def empty(value: object) -> bool:
    """Nothing was answered."""
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def a_date(value: object) -> date | None:
    """The date of an ISO string, or None. Only the long form counts: 2004-02-29."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _listed(row: Field, value: object) -> tuple[str, str] | None:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        return "wrong_value", "This is a list of answers."
    if row.values is not None:
        return None if set(value) <= set(row.values) else ("wrong_value", "One of these is not among the choices.")
    if len(value) > LIST_LIMIT:
        return "too_many", f"At most {LIST_LIMIT} can be given; write the others in the text below."
    if any(len(item) > SHORT_LIMIT for item in value):
        return "too_long", f"Each may have at most {SHORT_LIMIT:,} characters."
    if row.kind is Kind.COUNTRIES and any(item.strip().casefold() in HOME_COUNTRY for item in value):
        return "wrong_value", "The United Kingdom is not overseas: choose both places, and name the town."
    return None


def fault(row: Field, value: object) -> tuple[str, str] | None:  # noqa: PLR0911 - one for each kind
    """Code and sentence on what is wrong with an answer that is there, or None."""
    if row.kind in LISTS:
        return _listed(row, value)
    if row.kind is Kind.CONFIRM:
        return None if value is True else ("not_confirmed", "This must be confirmed.")
    if row.kind is Kind.NUMBER:
        right = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_CHILDREN
        return None if right else ("wrong_value", f"Give a whole number from 1 to {MOST_CHILDREN}.")
    if not isinstance(value, str) or unsafe(value):
        return "wrong_value", "This is not a readable answer."
    if row.values is not None:
        return None if value in row.values else ("wrong_value", "This is not among the choices.")
    limit = TEXT_LIMIT if row.kind is Kind.TEXT else SHORT_LIMIT
    if len(value) > limit:
        return "too_long", f"At most {limit:,} characters can be sent."
    if row.kind is Kind.DATE:
        day = a_date(value)
        return None if day and day >= EARLIEST else ("wrong_value", "Give a date after 1 January 1900.")
    if row.kind is Kind.EMAIL:
        return None if EMAIL.fullmatch(value.strip()) else ("wrong_value", "This is not an e-mail address.")
    if row.kind is Kind.PHONE:
        digits = sum(letter.isdecimal() for letter in value)
        right = PHONE.fullmatch(value.strip()) is not None and FEWEST_DIGITS <= digits <= MOST_DIGITS
        return None if right else ("wrong_value", "This is not a phone number.")
    return None
