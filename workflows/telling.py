"""Who is told of a move: the audiences of its row become messages, one to each agency or worker, never twice."""

from datetime import datetime
from typing import Any

from referral.access import Part
from referral.snapshot import CaseRow
from workflows.plan import Plan

PARTS = frozenset(part.value for part in Part)
HOLDER = "holder"  # whom the strand itself names, whether or not they still take part
TEAM = "team"  # everybody who was named for the case; only moves tell them, deadlines do not
AUDIENCES = PARTS | {"owner", "worker", "manager", HOLDER, TEAM}


def post(plan: Plan) -> None:
    """A message row for everybody whom the moves of a plan tell; not for the asker alone."""
    case, actor = plan.case, plan.ask.actor
    for made in plan.made:
        told = set()
        for audience in made.move.tells:
            named = [(agency, user) for user, agency in sorted(plan.team.items())] if audience == TEAM else None
            for agency, user in named or receivers(audience, case, plan.parts, made.strand.facts.get(HOLDER)):
                if (agency, user) not in told and user != actor.id:
                    told.add((agency, user))
                    key = f"{case.id}:{made.seq}:{user or agency}"
                    message = row(key, case.id, (agency, user, audience), "moved", made.name, plan.ask.now)
                    plan.change.add("messages", message)


def receivers(audience: str, case: CaseRow, parts: Any, holder: str | None = None) -> list[tuple[str, str | None]]:
    """(agency, worker or None for its duty team) of an audience, as the case stands."""
    if audience == HOLDER:
        return [(holder, None)] if holder else []
    if audience in ("owner", "worker"):
        return [(case.owner_agency, case.owner_user)]
    if audience == "manager":
        return [(case.owner_agency, None)]
    return sorted({(agency, None) for agency, part in parts if part == audience})


def row(
    key: str, case: str, to: tuple[str, str | None, str], kind: str, about: str, now: datetime,
    deadline: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A message to (agency, worker, audience). Its id says what about and for whom: it can be written only once."""
    agency, user, audience = to
    return {
        "id": key, "case_id": case, "agency_id": agency, "user_id": user, "audience": audience, "kind": kind,
        "about": about, "deadline_id": deadline, "created_at": now, "next_try_at": now, "attempts": 0,
    }  # fmt: skip
