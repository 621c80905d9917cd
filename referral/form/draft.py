"""What a draft may hold: any known field with any answer of sane type and size. Never judges completeness."""

import re
from collections.abc import Mapping
from typing import Any

from referral.form.checks import Problem, a_date, unsafe
from referral.form.field import LISTS, SHORT_LIMIT, TEXT_LIMIT, Field, Kind
from referral.form.fields import BY_NAME, IDENTITY

# Twice the limit for sending: a text that was pasted too long is kept and can be cut, not lost.
DRAFT_TEXT = 2 * TEXT_LIMIT
DRAFT_SHORT = 2_000
DRAFT_ITEMS = 100
DRAFT_NUMBER = 1_000_000_000
DRAFT_TOTAL = 500_000
UNKNOWN = "unknown_field"


def tidy(answers: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """What can be kept of these answers as they are, identity included, and why the rest is refused.

    An answer of None takes an earlier one back. Nothing is trimmed, reworded or checked for completeness.
    """
    clean: dict[str, Any] = {}
    refused: list[Problem] = []
    total = 0
    for name, value in answers.items():
        row = BY_NAME.get(name)
        if row is None:
            # The name may be anything a client sent: it is only repeated where it looks like a field's name.
            shown = name if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) else "?"
            refused.append(Problem(shown, UNKNOWN, "The form has no such field."))
            continue
        wrong = insane(row, value)
        if wrong:
            refused.append(Problem(row.name, *wrong))
            continue
        total += sum(map(len, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else 1
        if total > DRAFT_TOTAL:
            refused.append(Problem(row.name, "too_big", "The draft as a whole is too large."))
            continue
        clean[row.name] = None if row.kind is Kind.DATE and not value else value
    return clean, refused


def split(clean: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers and identity apart: identity goes to the people table, the rest into the form."""
    answers = {name: value for name, value in clean.items() if name not in IDENTITY}
    return answers, {name: value for name, value in clean.items() if name in IDENTITY}


def _room(row: Field) -> int:
    """How much may be kept. Identity has columns of its own, and these have their width."""
    if row.identity:
        return SHORT_LIMIT
    return DRAFT_TEXT if row.kind is Kind.TEXT else DRAFT_SHORT


def insane(row: Field, value: object) -> tuple[str, str] | None:  # noqa: PLR0911 - one for each kind
    """Code and sentence where a value cannot even be kept in a draft."""
    if value is None:
        return None
    if row.kind in LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return "wrong_type", "This is a list of texts."
        if len(value) > DRAFT_ITEMS or any(len(item) > DRAFT_SHORT for item in value):
            return "too_big", "This list is too large to keep."
        return ("unsafe_text", "This text has characters that cannot be kept.") if any(map(unsafe, value)) else None
    if row.kind is Kind.CONFIRM:
        return None if isinstance(value, bool) else ("wrong_type", "This is true or false.")
    if row.kind is Kind.NUMBER and isinstance(value, int) and not isinstance(value, bool):
        return None if abs(value) <= DRAFT_NUMBER else ("too_big", "This number is too large to keep.")
    if not isinstance(value, str):
        return "wrong_type", "This is a text."
    if row.kind is Kind.DATE and value and a_date(value) is None:
        return "wrong_type", "This is a date, for example 2004-02-29."
    if len(value) > _room(row):
        return "too_big", "This text is too long to keep."
    return ("unsafe_text", "This text has characters that cannot be kept.") if unsafe(value) else None
