"""Who may do and see what: roles and rights, the policy as one table, and the one function that decides."""

from referral.access.deciding import Context, Decision, Matter, Outcome, decide
from referral.access.fresh import is_fresh
from referral.access.policy import ACTS, READS, Act, Code, Group
from referral.access.relation import NO_RELATION, Relation, relation_of
from referral.access.roles import (
    ROLES,
    SCOPES,
    SYSTEM,
    Actor,
    AgencyKind,
    May,
    Part,
    Role,
    rights,
    scope_rights,
    who_may,
)
from referral.basis import Level

__all__ = [
    "ACTS", "NO_RELATION", "READS", "ROLES", "SCOPES", "SYSTEM", "Act", "Actor", "AgencyKind", "Code",
    "Context", "Decision", "Group", "Level", "Matter", "May", "Outcome", "Part", "Relation", "Role", "decide",
    "is_fresh", "relation_of", "rights", "scope_rights", "who_may",
]  # fmt: skip
