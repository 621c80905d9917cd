"""What came of an operation: the funnel, from counters, encounters and the cases that came of it. Counts only."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

import orjson
from fastapi import FastAPI
from sqlalchemy import func
from sqlmodel import Session, col
from starlette.responses import Response

from api.deps import Asked, reading
from api.documents import describe
from api.picking import pick
from api.schemas import Answer, answer, etag
from api.seeing import is_covered, looking, the_case
from referral.access import Act, Group, Level
from referral.models import Case, Encounter, Strand

OUTCOMES = ("advised", "checked", "referred", "notified", "declined_help", "child", "opened")
REFERRED = ("submitted", "submission_unconfirmed", "received", "linked_duplicate")


class Funnel(Answer):
    """What came of an operation, in counts."""

    counters: Annotated[dict[str, int], Group.WORKFLOW]
    met: Annotated[int, Group.WORKFLOW]
    spoken_to: Annotated[int, Group.WORKFLOW]
    checked: Annotated[int, Group.WORKFLOW]
    outcomes: Annotated[dict[str, int], Group.WORKFLOW]  # as they were said at the meeting
    cases: Annotated[int, Group.WORKFLOW]
    cases_by_state: Annotated[dict[str, int], Group.WORKFLOW]  # of intake, as it stands now
    referred: Annotated[int, Group.WORKFLOW]
    notified: Annotated[int, Group.WORKFLOW]
    advised: Annotated[int, Group.WORKFLOW]
    declined: Annotated[int, Group.WORKFLOW]
    children: Annotated[int, Group.WORKFLOW]


def add_routes(app: FastAPI) -> None:
    """Beside the list and the looks that every kind of case has."""
    app.router.add_api_route(
        "/v1/operations/{case}/funnel", reading(looking(_funnel, "funnel"), act=Act.READ_FUNNEL), methods=["GET"],
        response_model=Funnel,
        **describe("operations.funnel", "How many were met, checked, advised, referred, notified", one_case=True),
    )  # fmt: skip


def _funnel(asked: Asked) -> Response:
    with asked.db.read() as session:
        case = the_case(session, asked, "operation")
        told = _counters(session, case.id)
        outcomes = _outcomes(session, case.id)
        states = _intake_states(session, case.id, asked)
    asked.saw(case.id, "funnel")
    return answer(case.sight.show(Funnel, funnel(told, outcomes, states)), headers={"ETag": etag(case.version)})


def funnel(counters: dict[str, int], outcomes: Counter[str], states: Counter[str]) -> dict[str, Any]:
    """The steps of the funnel. What was said at the meeting, and what the cases have become since."""
    met = sum(outcomes.values())
    return {
        "counters": counters,
        "met": met,
        "spoken_to": counters.get("passengers_spoken_to", 0) or met,
        "checked": counters.get("enhanced_checks", 0) or outcomes["checked"],
        "outcomes": {name: outcomes[name] for name in OUTCOMES},
        "cases": sum(states.values()),
        "cases_by_state": dict(sorted(states.items())),
        "referred": sum(states[state] for state in REFERRED),
        "notified": states["notified"],
        "advised": outcomes["advised"] + states["advised"],
        "declined": outcomes["declined_help"],
        "children": outcomes["child"],
    }


def _counters(session: Session, case: str) -> dict[str, int]:
    facts = session.execute(
        pick(Strand.facts).where(col(Strand.case_id) == case, col(Strand.workflow) == "operation")
    ).scalar()
    return dict(orjson.loads(facts or "{}").get("counters", {}))


def _outcomes(session: Session, operation: str) -> Counter[str]:
    counted = pick(Encounter.outcome, func.count()).where(col(Encounter.operation_id) == operation)
    return _counted(session.execute(counted.group_by(col(Encounter.outcome))))


def _intake_states(session: Session, operation: str, asked: Asked) -> Counter[str]:
    """Only of cases in which the agency takes part."""
    seen = is_covered(asked.actor, Level.WORKFLOW, asked.now)
    counted = (
        pick(Strand.state, func.count())
        .join(Case, col(Case.id) == col(Strand.case_id))
        .where(col(Case.operation_id) == operation, col(Strand.workflow) == "intake", seen)
        .group_by(col(Strand.state))
    )
    return _counted(session.execute(counted))


def _counted(rows: Iterable[Any]) -> Counter[str]:
    return Counter({row[0]: row[1] for row in rows})
