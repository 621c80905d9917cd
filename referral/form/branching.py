"""Which questions are asked, and what the form is about to become. The conditions themselves are in `predicates`."""

from typing import Any

from referral.form.field import Answers
from referral.form.fields import FIELDS
from referral.form.predicates import (
    is_referral,
    notifies_anonymous,
    notifies_named,
    treated_as_child,
)

REFERRAL = "referral"
NOTIFY_ANONYMOUS = "notify_anonymous"
NOTIFY_NAMED = "notify_named"
BASES = (REFERRAL, NOTIFY_ANONYMOUS, NOTIFY_NAMED)


def asked(answers: Answers) -> set[str]:
    """The names of all fields that are asked, identity included, as far as the answers already decide it."""
    return {row.name for row in FIELDS if row.asked_when(answers)}


def required(answers: Answers) -> set[str]:
    """The names of all fields that must be answered before sending."""
    return {row.name for row in FIELDS if row.required_when(answers)}


def basis_of(answers: Answers) -> str | None:
    """What the form is about to become by its own answers; None while that is open."""
    if is_referral(answers):
        return REFERRAL
    if notifies_named(answers):
        return NOTIFY_NAMED
    return NOTIFY_ANONYMOUS if notifies_anonymous(answers) else None


def settled(answers: Answers, child: bool, basis: str) -> dict[str, Any]:  # noqa: FBT001
    """The answers with what the case already knows: age track, consent to the referral, cooperation.

    The case decides. A missing age of someone treated as a child becomes "not sure", which is all that is known.
    """
    known = dict(answers)
    if child:
        known["under_18"] = known.get("under_18") if treated_as_child(known) else "not_sure"
        return known
    known["under_18"] = "no"
    known["wants_referral"] = "yes" if basis == REFERRAL else "no"
    if basis != REFERRAL:
        known["cooperates"] = "yes" if basis == NOTIFY_NAMED else "no"
    return known
