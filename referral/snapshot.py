"""What one read of a case gives: plain rows, already in Python's types. Knows no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from referral.access import NO_RELATION, Actor, Relation, relation_of
from referral.basis import Participation
from referral.vault import Wrapped
from referral.whereabouts import Whereabouts


@dataclass(slots=True)
class CaseRow:
    """One case: a person, an operation or a concern."""

    id: str
    reference: str
    kind: str  # person | operation | concern
    jurisdiction: str
    opened_at: datetime
    version: int  # grows by one with every event
    head: bytes  # the hash of the newest event
    salt: bytes  # makes payload digests unguessable
    open: bool
    child: str | None  # yes | no | not_sure | None while not asked
    adult_on: date | None  # the eighteenth birthday, where the date of birth is known
    authority: str | None  # SCA | IECA | panel ...
    owner_agency: str
    owner_user: str | None  # the accountable worker; None means the agency's duty team
    operation_id: str | None
    next_due_at: datetime | None


@dataclass(slots=True)
class StrandRow:
    """One workflow's running on a case."""

    id: str
    workflow: str
    number: int  # counts the strands of one workflow on one case, from 1
    state: str
    version: int
    entered_at: datetime
    facts: dict[str, Any]


@dataclass(slots=True)
class DeadlineRow:
    """One period that runs, is paused or has ended."""

    id: str
    strand_id: str
    rule: str  # the rule's stable id, such as C1
    name: str
    rule_version: str
    kind: str
    started_at: datetime
    due_at: datetime
    due_day: date
    state: str  # running | paused | done | missed | ended
    paused_at: datetime | None
    how: dict[str, Any]  # how its date came about


@dataclass(slots=True)
class AgencyRow:
    """An agency as far as a rule needs to know it."""

    id: str
    kind: str
    active: bool
    nation: str | None


@dataclass(slots=True)
class UserRow:
    """A person of staff as far as a rule needs to know them."""

    id: str
    agency: str
    roles: tuple[str, ...]
    active: bool
    since: datetime | None = None  # when the account was made, or last given a role that it did not have


@dataclass(slots=True)
class BedRow:
    """A bed as far as a rule needs to know it."""

    id: str
    agency: str
    region: str
    held: bool  # somebody else holds it or sleeps in it
    active: bool


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """A sharing agreement that has not ended."""

    id: str
    from_agency: str
    to_agency: str
    purposes: tuple[str, ...]
    classes: tuple[str, ...]
    starts_on: date | None
    runs_until: datetime


@dataclass(slots=True)
class Snapshot:
    """A case with all that the guards of one move may look at."""

    case: CaseRow | None
    strands: list[StrandRow] = field(default_factory=list)
    deadlines: list[DeadlineRow] = field(default_factory=list)  # running and paused ones
    parts: frozenset[tuple[str, str]] = frozenset()  # (agency, part) that no move has ended
    # (agency, user, roles) of the team, still working there
    members: frozenset[tuple[str, str, tuple[str, ...]]] = frozenset()
    shares: tuple[Participation, ...] = ()  # every part that anybody ever took, with its basis and its end
    agreements: tuple[AgreementRow, ...] = ()  # of the agency that shares, where the move reads them
    agencies: Mapping[str, AgencyRow] = field(default_factory=dict)
    users: Mapping[str, UserRow] = field(default_factory=dict)
    beds: Mapping[str, BedRow] = field(default_factory=dict)
    cases: Mapping[str, str] = field(default_factory=dict)
    answers: dict[str, Any] | None = None
    identity: dict[str, Any] | None = None
    whereabouts: Whereabouts = field(default_factory=Whereabouts)
    key: Wrapped | None = None  # the case's own key, where the move may seal something
    key_read: bool = False  # whether it was looked for
    marks: frozenset[tuple[str, str]] = frozenset()  # (kind, mark) of what a text of the case may not say
    said: tuple[str, ...] = ()  # what the move's free text says of the person: kinds of referral/free_text.py
    known_answer: tuple[str, str] | None = None  # (request hash, stored answer) of a repeated Idempotency-Key

    def parts_at(self, now: datetime) -> frozenset[tuple[str, str]]:
        """Who takes part at an instant: what ends by itself has ended, whether or not anything has recorded it."""
        return self.parts - {share.pair for share in self.shares if share.lapsed(now)}

    def relation(self, actor: Actor, now: datetime) -> Relation:
        """How the actor stands to this case at an instant."""
        case = self.case
        if case is None:
            return NO_RELATION
        return relation_of(actor, case.kind, case.owner_user, self.shares, self.members, now)
