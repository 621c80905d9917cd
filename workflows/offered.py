"""What can be done now, why not, and who could: one answer for buttons, API actions and task lists, from the same rows as the door."""

from dataclasses import dataclass
from datetime import datetime

from referral import storage
from referral.access import Actor, Context, Matter, decide, who_may
from referral.db import Database
from referral.errors import NotAllowed, NotFound, NotOffered, Reason
from referral.snapshot import Snapshot, StrandRow
from referral.storage import Wanted
from workflows import catalogue, steps
from workflows.ask import Ask
from workflows.jurisdiction import Law
from workflows.plan import Plan
from workflows.table import Move, Workflow


@dataclass(frozen=True, slots=True)
class Offer:
    """One move of one strand: yes, or every reason why not, and the roles that could."""

    move: str  # workflow.move
    strand: int | None  # None for a move that would open one
    yes: bool
    reasons: tuple[Reason, ...]
    who: tuple[str, ...]


def offered(
    db: Database, law: Law, actor: Actor, case: str, now: datetime, reveal_factor: str = "passkey"
) -> list[Offer]:  # fmt: skip
    """Every move of every workflow of the case. Raises NotFound where the actor may not see it."""
    with storage.door(db) as door:
        person = [actor.id] if actor.kind == "user" else []
        snapshot = door.read(Wanted(
            case=case, answers=True, identity=True, partners=True, agreements=True, whereabouts=True, users=person,
            user="".join(person), agency=actor.agency, now=now,
        ))  # fmt: skip
    return offers(law, snapshot, actor, now, reveal_factor)


def offers(
    law: Law, snapshot: Snapshot, actor: Actor, now: datetime, reveal_factor: str = "passkey"
) -> list[Offer]:  # fmt: skip
    """The same, on a case that has been read. Touches no database."""
    case, relation = snapshot.case, snapshot.relation(actor, now)
    if case is None or not steps.shows_itself(relation, actor, now):
        raise NotFound
    ask = Ask(actor, "", now, case=case.id, reveal_factor=reveal_factor)
    plan = Plan(snapshot, case, ask, law[case.jurisdiction], relation)
    return [
        _offer(plan, workflow, move, strand)
        for workflow in catalogue.of_kind(case.kind)
        for move in workflow.moves.values()
        if move.leaves or catalogue.ROOTS[case.kind] is not workflow
        for strand in _places(plan, workflow, move)
    ]


def _places(plan: Plan, workflow: Workflow, move: Move) -> list[StrandRow | None]:
    """Where a move could be made: once for each strand that has not ended, once if it opens one or there is none."""
    if not move.leaves:
        return [None]
    return [s for s in plan.strands if s.workflow == workflow.name and s.state not in workflow.final] or [None]


def _offer(plan: Plan, workflow: Workflow, move: Move, strand: StrandRow | None) -> Offer:
    reasons: list[Reason] = []
    if not decide(plan.ask.actor, move.needs, Matter(plan.relation), Context(plan.ask.now)).allowed:
        reasons.append(Reason(NotAllowed.code, f"You do not hold the right {move.needs}."))
    try:
        standing = steps.strand_for(plan, workflow, move, strand.id if strand else None)
    except NotOffered as refusal:
        reasons += refusal.reasons
    else:
        reasons += move.blockers(plan.facts(standing, None))
    name = f"{workflow.name}.{move.name}"
    return Offer(name, strand.number if strand else None, not reasons, tuple(reasons), who_may(move.needs))
