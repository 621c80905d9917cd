"""How somebody stands to a case: what their agency takes part as, and in which of their roles they are of its team.

Whoever is accountable, and whoever was named, is of the team. Where nobody of a role was named, the duty team stands
in: everybody of the agency who has that role. So a colleague of the same role shuts out the curious and nobody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from referral.access.roles import Actor, Part, Role
from referral.basis import CLASSES, Level, Participation, covered

REFERS = frozenset({Part.REFERRER, Part.FIRST_RESPONDER, Part.LEAD, Part.PARTNER})  # parts of a draft or a referral

OF_THE_AGENCY = frozenset({Role.MANAGER, Role.AGENCY_ADMIN, Role.SYSTEM_ADMIN})  # roles that are of no case's team


@dataclass(frozen=True, slots=True)
class Relation:
    """An actor and a case, now."""

    takes_part: bool = False  # the actor's agency
    referred: bool = False  # it takes part as one that drafted, adopted or submitted
    decides: bool = False  # it takes part as the authority
    team: frozenset[str] = frozenset()  # the actor's roles in which they are of the team
    named: bool = False  # by name, and not only because the duty team stands in
    glass: bool = False  # a grant of theirs to break the glass runs
    listed: bool = False  # they stand on the list of who may know this very item
    covered: frozenset[str] = frozenset()  # the classes of data that the basis of their agency covers today

    @property
    def lawful(self) -> bool:
        """Whether consent or another legal basis covers today that they know of the case at all."""
        return Level.WORKFLOW in self.covered


NO_RELATION = Relation()
EVERYTHING = Relation(takes_part=True, named=True, covered=frozenset(CLASSES))  # of the engine itself


def relation_of(
    actor: Actor, kind: str, owner: str | None, shares: Iterable[Participation],
    members: Iterable[tuple[str, str, tuple[str, ...]]], now: datetime,
) -> Relation:  # fmt: skip
    """The relation, from the parts in the case, and (agency, user, roles) of those named who work there.

    Only cases of persons have teams: operations and concerns are worked on by a whole agency.
    """
    if actor.is_system:
        return EVERYTHING
    own = [share for share in shares if share.agency == actor.agency and share.lasts(now)]
    if not own:
        return NO_RELATION
    mine, classes = {share.part for share in own}, covered(own, now)
    refers, decides = not mine.isdisjoint(REFERS), Part.AUTHORITY in mine
    if actor.kind != "user":
        return Relation(takes_part=True, referred=refers, decides=decides, covered=classes)
    team = [(user, roles) for agency, user, roles in members if agency == actor.agency]
    named = owner == actor.id or any(user == actor.id for user, _ in team)
    held = {role for user, roles in team if user != actor.id for role in roles}
    roles = [role for role in actor.roles if role not in OF_THE_AGENCY]
    free = roles if named or kind != "person" else (role for role in roles if role not in held)
    return Relation(
        takes_part=True, referred=refers, decides=decides, team=frozenset(free), named=named, covered=classes
    )  # fmt: skip
