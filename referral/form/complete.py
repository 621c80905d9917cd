"""Whether the form can be sent. Asked when submitting and shown before; never a reason to refuse a draft."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from referral.form.branching import BASES, NOTIFY_ANONYMOUS, REFERRAL, asked, settled
from referral.form.checks import Problem, a_date, empty, fault
from referral.form.draft import tidy
from referral.form.field import LISTS, Answers, Field, Kind
from referral.form.fields import BY_NAME, FIELDS, IDENTITY
from referral.form.names import name_found
from referral.form.predicates import treated_as_child
from referral.free_text import NAMED, finds

__all__ = ["Problem", "blocking", "problems", "tidy"]

GROWN_UP = 18
# Others with the same family name may have to be named here, so a part of the name only warns.
NAMES_OF_OTHERS = frozenset(
    {"who_exploited", "exploiters_location_details", "family", "other_victims_details", "other_victims_suspected"}
)


def blocking(found: Iterable[Problem]) -> list[Problem]:
    """Without the warnings: what stops the sending."""
    return [problem for problem in found if not problem.warning]


def problems(
    answers: Answers,
    identity: Mapping[str, Any],
    child: bool,  # noqa: FBT001 - the case's fact, passed on as it is
    basis: str,
    today: date | None = None,
) -> list[Problem]:
    """All that stands between these answers and sending them, in the form's order.

    `child` is the case's track (not sure counts as a child), `basis` what is about to be sent. The case fills in what
    it knows already: an adult's age, the agreement, and in a notification the cooperation.
    """
    if basis not in BASES:
        raise ValueError("No such basis.")
    if child and basis != REFERRAL:
        return [Problem("under_18", "no_notification_for_child", "A child is never only notified: refer instead.")]
    known = settled(answers, child, basis)
    found = _contradictions(answers, child, basis)
    doubted = {problem.field for problem in found}
    names = asked(known) - doubted
    for row in FIELDS:
        value = (identity if row.identity else known).get(row.name)
        if row.name in names:
            found += _answer(row, value, identity)
        elif row.name in IDENTITY and basis == NOTIFY_ANONYMOUS and not empty(value):
            says = "An anonymous notification carries nothing that identifies the person. Take this out."
            found.append(Problem(row.name, "identity_not_allowed", says))
    found += _birthday(identity, known, today) + _exploiters_phone(known, names)
    order = list(BY_NAME)
    return sorted(found, key=lambda problem: order.index(problem.field))


def _contradictions(answers: Answers, child: bool, basis: str) -> list[Problem]:  # noqa: FBT001
    """Where the form says something else than the case."""
    found = []
    if child and empty(answers.get("under_18")):
        found.append(Problem("under_18", "missing", "This must be answered: yes, or not sure."))
    elif child != treated_as_child(answers) and not empty(answers.get("under_18")):
        found.append(Problem("under_18", "contradicts_case", "The case says something else about the person's age."))
    if child:
        return found
    agreed = "yes" if basis == REFERRAL else "no"
    if answers.get("wants_referral") not in (None, "", agreed):
        says = "The case says something else about the person's agreement."
        found.append(Problem("wants_referral", "contradicts_case", says))
    if basis != REFERRAL:
        named = "no" if basis == NOTIFY_ANONYMOUS else "yes"
        if answers.get("cooperates") not in (None, "", named):
            says = "A notification is named if the person cooperates, and anonymous if not."
            found.append(Problem("cooperates", "contradicts_case", says))
    return found


def _answer(row: Field, value: object, identity: Mapping[str, Any]) -> list[Problem]:
    """What is missing or wrong in one answer that is asked for."""
    if empty(value):
        if not row.required:
            return []
        if row.kind in LISTS:
            return [Problem(row.name, "at_least_one", f"{row.says}: give at least one.")]
        return [Problem(row.name, "missing", f"{row.says}: this must be answered.")]
    wrong = fault(row, value)
    if wrong:
        return [Problem(row.name, *wrong)]
    if row.kind is not Kind.TEXT and row.name != "reference":
        return []
    return _whereabouts(row, str(value), identity) + _names(row, value, identity)


def _whereabouts(row: Field, text: str, identity: Mapping[str, Any]) -> list[Problem]:
    """Where the person lives and how they are reached has fields of its own, which fewer people read."""
    found = [reason for reason in finds(text, identity) if reason.code != NAMED]
    return [Problem(row.name, code, says, row.name in NAMES_OF_OTHERS) for code, says in dict(found).items()]


def _names(row: Field, value: object, identity: Mapping[str, Any]) -> list[Problem]:
    """The person's name in a narrative, or in a reference that e-mails quote."""
    name = name_found(value, identity)
    if name is None:
        return []
    warning = name == "maybe" or (name == "part" and row.name in NAMES_OF_OTHERS)
    if row.name == "reference":
        says = "E-mails quote this reference: leave the person's name out."
        return [Problem(row.name, "name_in_reference", says, warning)]
    says = "Leave the person's name out of the text; write for example: the person, she, they."
    return [Problem(row.name, "name_in_narrative", says, warning)]


def _birthday(identity: Mapping[str, Any], known: Answers, today: date | None) -> list[Problem]:
    """A date of birth that lies ahead, or that contradicts the age track. Needs to be told the day."""
    born = a_date(identity.get("date_of_birth"))
    if today is None or born is None or "date_of_birth" not in asked(known):
        return []
    if born > today:
        return [Problem("date_of_birth", "wrong_value", "This date lies ahead.")]
    under_18 = (today.year - born.year, today.month, today.day) < (GROWN_UP, born.month, born.day)
    said = known.get("under_18")
    if (said == "no" and under_18) or (said == "yes" and not under_18):
        says = "By this date the person is under 18." if under_18 else "By this date the person is 18 or over."
        return [Problem("date_of_birth", "contradicts_age", says)]
    return []


def _exploiters_phone(known: Answers, names: set[str]) -> list[Problem]:
    """Someone else's number may be the exploiter's: a caution until somebody confirms that it is not."""
    if "alternative_phone" not in names or known.get("alternative_phone_checked") is True:
        return []
    says = "Make sure that this is not the number of someone who exploits the person, then confirm it."
    return [Problem("alternative_phone", "may_be_exploiters", says, warning=True)]
