"""What a row of the form is made of. The rows themselves stand in `fields_*.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from referral.access import Group

Answers = Mapping[str, Any]
When = Callable[[Answers], bool]

TEXT_LIMIT = 15_000  # Home Office, report modern slavery service, April 2026; grade A
SHORT_LIMIT = 250
LIST_LIMIT = 10  # places and countries; the same source


class Code(NamedTuple):
    """One coded value: what the official form calls it, and what it means in words."""

    official: str
    says: str


class Kind(StrEnum):
    """How a field is answered, and so what a sane answer looks like."""

    TEXT = "text"  # a narrative, up to 15,000 characters
    SHORT_TEXT = "short_text"
    CHOICE = "choice"
    CHOICES = "choices"  # tick several
    DATE = "date"  # an ISO string
    NUMBER = "number"
    YES_NO = "yes_no"
    YES_NO_NOT_SURE = "yes_no_not_sure"
    CONFIRM = "confirm"  # a tick that must be there: true
    PHONE = "phone"
    EMAIL = "email"
    COUNTRY = "country"
    NATIONALITY = "nationality"
    PLACES = "places"  # up to ten towns
    COUNTRIES = "countries"  # up to ten countries other than the United Kingdom


MUST, MAY = True, False  # whether a row's answer has to be there when it is asked for
LISTS = frozenset({Kind.CHOICES, Kind.PLACES, Kind.COUNTRIES})
YES_NO = {"yes": Code("yes", "Yes"), "no": Code("no", "No")}
YES_NO_NOT_SURE = YES_NO | {"not_sure": Code("not-sure", "Not sure")}


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the form.

    `identity` marks what identifies the person: it is kept in the people table, never among the answers.
    `others` marks what is about somebody else: exploiters, contacts, other victims, staff; see `redaction`.
    `official_key` is empty for what only this house asks; a list of places has one official key per place.
    """

    name: str
    official_key: str
    section: str
    kind: Kind
    asked_when: When
    required: bool
    says: str
    codes: Mapping[str, Code] | None = None
    identity: bool = False
    others: bool = False
    statistics: str = ""
    group: Group = field(kw_only=True)  # who reads the answer: see referral/access/policy.py

    @property
    def values(self) -> Mapping[str, Code] | None:
        """The coded values that may be given, or None where the answer is free."""
        if self.kind is Kind.YES_NO:
            return self.codes or YES_NO
        if self.kind is Kind.YES_NO_NOT_SURE:
            return self.codes or YES_NO_NOT_SURE
        return self.codes

    def required_when(self, answers: Answers) -> bool:
        """Whether this must be answered before the form is sent."""
        return self.required and self.asked_when(answers)
