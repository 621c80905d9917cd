"""On what lawful basis an agency takes part in a case, and what that covers. Pure: no database, and the time is told.

Consent is one basis among several. A child's case rests on the duty to safeguard, a notification on the duty to notify,
a decision on the authority's public task; only what rests on consent ends when the person takes it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache


class Level(StrEnum):
    """The classes of data: what it means if a field becomes known to the wrong person."""

    OPEN = "C0"  # of no case, or anybody may know it
    WORKFLOW = "C1"  # where a case stands and what is due
    PERSONAL = "C2"  # who somebody is
    SPECIAL = "C3"  # what was done to them, health, immigration, reasons of decisions
    LIFE = "C4"  # addresses, where they are, who is close to them: a leak can kill


class Basis(StrEnum):
    """Why an agency may know of the case."""

    CONSENT = "consent"  # the person agreed to it, and may take it back
    PUBLIC_TASK = "public_task"  # it does what the law gives it to do
    LEGAL_DUTY = "legal_duty"  # it was notified by name, as the law asks
    NOTIFY_ONLY = "notify_only"  # it was notified without a name: nothing that says who the person is
    VITAL_INTERESTS = "vital_interests"  # decided for an adult who cannot decide, in their best interests
    CHILD_SAFEGUARDING = "child_safeguarding"  # a child, or somebody who may be one, is protected by statute


CLASSES = tuple(level.value for level in Level if level is not Level.OPEN)
NAMELESS = (
    Level.WORKFLOW.value,
    Level.SPECIAL.value,
)  # a notification without a name says not who or where somebody is
NEVER_SHARED = Level.LIFE.value  # by no consent to sharing, and by no agreement
BY_CONSENT_ALONE = frozenset({"sharing"})  # purposes for which nothing but consent will do


@dataclass(frozen=True, slots=True)
class Participation:
    """An agency's part in a case, as it is recorded."""

    agency: str
    part: str
    basis: str = Basis.PUBLIC_TASK.value
    purpose: str = "referral"
    classes: tuple[str, ...] = CLASSES[:3]
    until: datetime | None = None  # ended by a move
    ends_on: datetime | None = None  # ends by itself
    agreement: str | None = None  # the id of the sharing agreement it rests on
    agreement_until: datetime | None = None  # with which it ends

    @property
    def pair(self) -> tuple[str, str]:
        """(agency, part)"""
        return (self.agency, self.part)

    def lasts(self, now: datetime) -> bool:
        """Whether it has not ended, neither by a move nor by itself."""
        return self.until is None and not self.lapsed(now)

    def lapsed(self, now: datetime) -> bool:
        """Whether its own time is over. The instant of its end is already outside."""
        return any(end is not None and end <= now for end in (self.ends_on, self.agreement_until))


def covers(participation: Participation, purpose: str, field_class: str, now: datetime) -> bool:
    """Whether a participation covers a purpose and a class of data now. What is not listed is not covered."""
    if not participation.lasts(now) or participation.purpose != purpose:
        return False
    return field_class in covered_by(participation.basis, purpose, participation.classes)


def covered(participations: Iterable[Participation], now: datetime) -> frozenset[str]:
    """The classes of data that these parts of one agency cover now, each for its own purpose."""
    return frozenset[str]().union(
        *(covered_by(one.basis, one.purpose, one.classes) for one in participations if one.lasts(now))
    )


@lru_cache(maxsize=1024)
def covered_by(basis: str, purpose: str, classes: tuple[str, ...]) -> frozenset[str]:
    """The classes that a part in force covers. In statements: covers() of referral/taking_part.py."""
    known = frozenset(classes) & frozenset(CLASSES)
    if basis not in set(Basis) or (purpose in BY_CONSENT_ALONE and basis != Basis.CONSENT):
        return frozenset()
    if basis == Basis.NOTIFY_ONLY:
        return known & frozenset(NAMELESS)
    return known - {NEVER_SHARED} if purpose in BY_CONSENT_ALONE else known
