"""decide(): may this actor do this, here and now? One pure function over the tables; what is not listed is denied."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from referral.access.fresh import is_fresh
from referral.access.policy import ACTS, CLIENT, LEVELS, OPENED_BY_GLASS, READS, RIGHTS, TELLS, Act, Code, Group
from referral.access.relation import NO_RELATION, Relation
from referral.access.roles import Actor, May, Role, rights
from referral.basis import Level

_NOTHING = frozenset[Level]()


class Outcome(StrEnum):
    """What was decided. From the most open to the least, so that of several roles the best counts."""

    ALLOW = "allow"
    ALLOW_MASKED = "allow with masks"
    NEEDS_STEP_UP = "needs step-up"
    NEEDS_SECOND_PERSON = "needs second person"
    DENY = "deny"  # 403: the case may be seen, but this is not theirs
    DENY_HIDDEN = "deny, hidden"  # 404: as if there were no such case


@dataclass(frozen=True, slots=True)
class Matter:
    """What it is about: how the actor stands to the case, what their basis covers, which fields are asked for."""

    relation: Relation | None = None
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What else counts."""

    now: datetime
    asked_by: str | None = None  # who asked for what is to be approved


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, why, and how a masked value is shortened."""

    outcome: Outcome
    reason: str
    code: Code = Code.NEVER
    needs: str | None = None  # the right that is missing

    @property
    def allowed(self) -> bool:
        """Whether it goes on, whole or shortened."""
        return self.outcome in (Outcome.ALLOW, Outcome.ALLOW_MASKED)


class _Asker(NamedTuple):
    """What of an actor counts: who they are by name does not, so that the same question is answered once."""

    kind: str
    roles: tuple[str, ...]
    may: frozenset[May]
    fresh: bool  # a second factor was proved just now
    second: bool  # somebody else asked for what they are to approve


def decide(actor: Actor, act: Act | May, matter: Matter, context: Context) -> Decision:
    """Whether the actor may. For a move the act is the right that it needs. A case that may not be seen comes first."""
    fresh = is_fresh(actor.stepped_up_at, context.now)
    second = context.asked_by not in (None, actor.id)
    return _decided(_Asker(actor.kind, actor.roles, actor.may, fresh, second), act, matter.relation, matter.group)


@lru_cache(maxsize=16384)
def _decided(asker: _Asker, act: Act | May, relation: Relation | None, group: Group | None) -> Decision:
    if asker.kind == "system":
        return Decision(Outcome.ALLOW, "system", Code.OWN)
    if relation is not None and not _shows_itself(asker, relation):
        return Decision(Outcome.DENY_HIDDEN, "no_relation")
    if isinstance(act, May):
        return _move(asker, act, relation)
    if relation is not None and not relation.covered >= TELLS.get(act, _NOTHING):
        return Decision(Outcome.DENY, "not_covered", needs=str(act))
    found = _best(asker, ACTS[act], act, relation)
    if found.allowed and group is not None:
        found = _best(asker, READS[group], act, relation, LEVELS[group])
    return found


def _shows_itself(asker: _Asker, relation: Relation) -> bool:
    """A machine knows of every case that its agency takes part in, and needs a scope for whatever it does there."""
    if asker.kind == "client":
        return relation.takes_part and relation.lawful
    return _best(asker, ACTS[Act.READ_CASE], Act.READ_CASE, relation).allowed


def _move(asker: _Asker, right: May, relation: Relation | None) -> Decision:
    """A right counts only in the roles in which somebody is of the team; a manager's counts in the whole agency."""
    held = right in asker.may
    if asker.kind == "user" and relation is not None:
        roles = tuple(role for role in asker.roles if role in relation.team or role == Role.MANAGER)
        held = held and right in rights(roles)
    if held:
        return Decision(Outcome.ALLOW, "right", Code.TEAM)
    return Decision(Outcome.DENY, "not_allowed", needs=str(right))


def _best(
    asker: _Asker, row: dict[str, Code], act: Act, relation: Relation | None, level: Level = Level.OPEN
) -> Decision:
    """The most open of what the actor's roles give. No role reads what the basis of its agency does not cover."""
    denied = Decision(Outcome.DENY, "not_allowed", needs=str(act))
    columns = asker.roles
    if asker.kind == "client":
        needed, columns = RIGHTS[act], (CLIENT,)
        if needed and not asker.may.intersection(needed):
            return Decision(Outcome.DENY, "not_allowed", needs=" or ".join(sorted(needed)))
    seen = NO_RELATION if relation is None else relation
    if relation is None or level is Level.OPEN or level in relation.covered:
        found = [
            _judged(row[column], asker, denied) if _RULES[row[column]](column, seen, relation is None) else denied
            for column in columns
            if column in row
        ]
    else:
        found = [Decision(Outcome.DENY, "not_covered", needs=str(act))]
    if seen.glass and act in OPENED_BY_GLASS and level is not Level.LIFE:
        found += [
            Decision(Outcome.ALLOW, "glass", Code.GLASS)
            for column in columns
            if ACTS[Act.BREAK_GLASS].get(column) is Code.GLASS
        ]
    return min(found, key=lambda one: _ORDER[one.outcome], default=denied)


def _judged(code: Code, asker: _Asker, denied: Decision) -> Decision:
    """The outcome of one cell of the table whose relation holds."""
    if code in (Code.MASKED, Code.COUNTS):
        return Decision(Outcome.ALLOW_MASKED, "masked", code)
    if code is Code.ASK:
        return Decision(Outcome.NEEDS_SECOND_PERSON, "second_person", code)
    if code is Code.APPROVE and not asker.second:
        return denied
    if code is Code.REVEAL:
        return Decision(Outcome.ALLOW if asker.fresh else Outcome.NEEDS_STEP_UP, "reveal", code)
    return Decision(Outcome.ALLOW, "listed", code)


def _on_team(column: str, relation: Relation, caseless: bool) -> bool:  # noqa: FBT001  a rule of the table below
    """In this role of the team; a manager counts for every case of the agency, a machine by its scopes."""
    if caseless or not relation.lawful:
        return False
    return relation.takes_part if column in (Role.MANAGER, CLIENT) else column in relation.team


def _in_agency(_: str, relation: Relation, caseless: bool) -> bool:  # noqa: FBT001
    return caseless or (relation.takes_part and relation.lawful)


_RULES: dict[Code, Callable[[str, Relation, bool], bool]] = {
    Code.TEAM: _on_team,
    Code.OWN: _in_agency,
    Code.REFERRED: lambda column, relation, caseless: relation.referred and _on_team(column, relation, caseless),
    Code.MASKED: _on_team,
    Code.REVEAL: lambda column, relation, caseless: relation.listed and _on_team(column, relation, caseless),
    Code.GLASS: lambda _column, _relation, _caseless: True,  # asking is open; the grant itself is what is reviewed
    Code.ASK: lambda column, relation, caseless: caseless or _on_team(column, relation, caseless),
    Code.APPROVE: _in_agency,
    Code.COUNTS: _in_agency,
    Code.SCOPE: _in_agency,
    Code.NEVER: lambda _column, _relation, _caseless: False,
}
_ORDER = {outcome: place for place, outcome in enumerate(Outcome)}
