"""How it stood at a past moment: a case, and for managers the agency's cases and deadlines. Every look is recorded."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from api import cursors
from api.actors import require
from api.deps import Asked, Query, reading
from api.documents import describe
from api.schemas import BY_WORKFLOW, Answer, Owner, answer, stamp
from api.seeing import looking, the_case
from api.sight import Sight
from api.v1.moves import COLLECTIONS
from referral.access import Act, Group, May, Relation
from referral.db import EVERYBODY
from referral.errors import BadTime, Reason
from referral.records import record_reads
from workflows import catalogue, past
from workflows.as_it_stood import By
from workflows.forms import Moment
from workflows.past import Due, Past

LOOK = "past"
LONGEST_PAGE = 50  # each case is told again from its whole history
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _written_out(value: Any) -> Any:
    if not isinstance(value, str) or not _MOMENT.match(value):
        raise ValueError("must be a date and time with its offset, as in 2026-10-01T12:00Z")
    return value


class When(Query):
    """Which moment, without one this; and by which time: when it was recorded, or when it happened."""

    at: Annotated[Moment | None, BeforeValidator(_written_out)] = None
    by: By = "recorded"


class Page(When):
    """Where the page begins, and how many cases are looked at for it."""

    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=LONGEST_PAGE, ge=1, le=LONGEST_PAGE)


class DuePage(Page):
    """Likewise; only what was overdue, or only what was not."""

    overdue: Literal["true", "false"] | None = None


class StrandThen(Answer):
    """Where one workflow's running stood."""

    workflow: Annotated[str, Group.WORKFLOW]
    number: Annotated[int, Group.WORKFLOW]
    state: Annotated[str | None, BY_WORKFLOW]
    says: Annotated[str | None, BY_WORKFLOW]


class PartThen(Answer):
    """An agency that took part, and so could see the case then."""

    agency: Annotated[str, Group.WORKFLOW]
    part: Annotated[str, Group.WORKFLOW]


class MemberThen(Answer):
    """Somebody who was of the case's team by name."""

    agency: Annotated[str, Group.WORKFLOW]
    user: Annotated[str | None, Group.STAFF]


class DueThen(Answer):
    """A deadline as it was. The due time is left out where a birthday could be read from it."""

    rule: Annotated[str, Group.WORKFLOW]
    name: Annotated[str, Group.WORKFLOW]
    kind: Annotated[str, Group.WORKFLOW]
    version: Annotated[str, Group.WORKFLOW]
    state: Annotated[str, Group.WORKFLOW]
    due_at: Annotated[str | None, Group.WORKFLOW]
    overdue: Annotated[bool, Group.WORKFLOW]


class CaseThen(Answer):
    """A case as it stood. `whole` is false where events from before November 2026 do not tell everything."""

    id: Annotated[str, Group.WORKFLOW]
    reference: Annotated[str, Group.WORKFLOW]
    kind: Annotated[str, Group.WORKFLOW]
    at: Annotated[str, Group.WORKFLOW]
    by: Annotated[str, Group.WORKFLOW]
    there: Annotated[bool, Group.WORKFLOW]  # whether there was such a case at all
    whole: Annotated[bool, Group.WORKFLOW]
    version: Annotated[int, Group.WORKFLOW]  # how many events counted
    last_at: Annotated[str | None, Group.WORKFLOW]
    open: Annotated[bool, Group.WORKFLOW]
    owner: Owner | None
    child: Annotated[str | None, Group.WORKFLOW]
    authority: Annotated[str | None, Group.WORKFLOW]
    states: Annotated[dict[str, str], BY_WORKFLOW]
    strands: list[StrandThen]
    participants: list[PartThen]
    members: list[MemberThen]
    deadlines: list[DueThen]


class LineThen(Answer):
    """A case in a list of the past: its spoken reference and where it stood, no more."""

    reference: Annotated[str, Group.WORKFLOW]
    kind: Annotated[str, Group.WORKFLOW]
    open: Annotated[bool, Group.WORKFLOW]
    whole: Annotated[bool, Group.WORKFLOW]
    states: Annotated[dict[str, str], BY_WORKFLOW]


class CasesThen(Answer):
    """One page, newest first. Cases in which the agency took no part then are left out, so it may be short."""

    at: Annotated[str, Group.WORKFLOW]
    by: Annotated[str, Group.WORKFLOW]
    items: list[LineThen]
    next: Annotated[str | None, Group.WORKFLOW]


class DueLine(DueThen):
    """A deadline in a list of the past, with the spoken reference of its case."""

    reference: Annotated[str, Group.WORKFLOW]


class DuesThen(Answer):
    """The deadlines of one page of cases."""

    at: Annotated[str, Group.WORKFLOW]
    by: Annotated[str, Group.WORKFLOW]
    items: list[DueLine]
    next: Annotated[str | None, Group.WORKFLOW]


def add_routes(app: FastAPI) -> None:
    """One look for every kind of case, and two lists."""
    for kind, collection in COLLECTIONS.items():
        app.router.add_api_route(
            f"/v1/{collection}/{{case}}/as-it-stood", reading(looking(_one(kind), LOOK), When, act=Act.READ_TIMELINE),
            methods=["GET"],
            response_model=CaseThen,
            **describe(f"{collection}.as_it_stood", "The case at a past moment", When, one_case=True),
        )  # fmt: skip
    app.router.add_api_route(
        "/v1/as-it-stood/cases", reading(_cases, Page, act=Act.VERIFY), methods=["GET"], response_model=CasesThen,
        **describe("past.cases", "The cases in which your agency took part at a past moment", Page),
    )  # fmt: skip
    app.router.add_api_route(
        "/v1/as-it-stood/deadlines", reading(_deadlines, DuePage, act=Act.VERIFY), methods=["GET"],
        response_model=DuesThen,
        **describe("past.deadlines", "The deadlines that ran in them then, and which were overdue", DuePage),
    )  # fmt: skip


def _one(kind: str) -> Callable[[Asked], Response]:
    def look(asked: Asked) -> Response:
        at = _moment(asked)
        with asked.db.read() as session:
            case = the_case(session, asked, kind)
            then = past.of_case(session, case.id, at, asked.query.by)
        case.saw(asked, LOOK)
        banner = {name: value for name, value in case.headers.items() if name != "ETag"}
        today = case.sight.relation
        relation = replace(today, covered=then.stood.covered(asked.actor.agency, today.covered))
        sight = Sight(asked.actor, Act.READ_TIMELINE, relation, asked.now)
        return answer(sight.show(CaseThen, shown(then, at, asked.query.by)), headers=banner)

    return look


def shown(then: Past, at: datetime, by: By) -> dict[str, Any]:
    """A case at a past moment as plain values."""
    case = then.stood
    owner = {"agency": case.owner_agency, "user": case.owner_user} if case.owner_agency else None
    return {
        "id": then.id, "reference": then.reference, "kind": then.kind, "at": stamp(at), "by": by,
        "there": case.there, "whole": case.whole, "version": case.version, "last_at": case.last_at, "open": case.open,
        "owner": owner, "child": case.child, "authority": case.authority, "states": case.states,
        "strands": [
            {"workflow": name, "number": number, "state": state, "says": _says(name, state)}
            for name, numbers in sorted(case.strands.items())
            for number, state in sorted(numbers.items())
        ],
        "participants": [{"agency": agency, "part": part} for agency, part in sorted(case.parts)],
        "members": [{"agency": agency, "user": user} for user, agency in sorted(case.team.items())],
        "deadlines": [_due(one) for one in then.deadlines],
    }  # fmt: skip


def _cases(asked: Asked) -> Response:
    found, more = _of_agency(asked)
    sights = {
        covered: Sight(asked.actor, Act.LIST_CASES, Relation(takes_part=True, covered=covered), asked.now)
        for covered in {one.covered for one in found}  # of the agency, and of no team
    }
    items = [
        sights[one.covered].show(LineThen, {
            "reference": one.reference, "kind": one.kind, "open": one.stood.open, "whole": one.stood.whole,
            "states": one.stood.states,
        })
        for one in found
    ]  # fmt: skip
    return _listed(asked, items, more)


def _deadlines(asked: Asked) -> Response:
    found, more = _of_agency(asked)
    wanted = None if asked.query.overdue is None else asked.query.overdue == "true"
    items = [
        {"reference": one.reference, **_due(due)}
        for one in found
        for due in one.deadlines
        if due.state in ("running", "paused") and wanted in (None, due.overdue)
    ]
    return _listed(asked, items, more)


def _of_agency(asked: Asked) -> tuple[list[Past], str | None]:
    """For who proves timelines and may read cases; whoever only keeps the installation reads none."""
    require(asked.actor, May.VERIFY)
    require(asked.actor, May.READ_CASE)
    query, at = asked.query, _moment(asked)
    behind = cursors.case_behind(query.cursor) if query.cursor is not None else None
    # Cases that the agency has left are hidden from whoever acts for it; of_agency() shows of them what it saw then.
    with asked.house.db.acting_for(EVERYBODY).read() as session:
        found, more = past.of_agency(session, asked.actor.agency, at, query.by, behind, query.limit, asked.now)
    record_reads(asked.db, actor=asked.actor, cases=[one.id for one in found], what=LOOK, now=asked.now)
    return found, cursors.of_case(*more) if more else None


def _listed(asked: Asked, items: list[dict[str, Any]], more: str | None) -> Response:
    return answer({"at": stamp(_moment(asked)), "by": asked.query.by, "items": items, "next": more})


def _moment(asked: Asked) -> datetime:
    """The moment that was named, or this one. Raises BadTime where it lies ahead."""
    at: datetime = asked.query.at or asked.now
    if at > asked.now:
        raise BadTime(Reason("bad_time", "Name a moment that has passed."))
    return at


def _due(one: Due) -> dict[str, Any]:
    return {
        "rule": one.rule, "name": one.name, "kind": one.kind, "version": one.version, "state": one.state,
        "due_at": one.due, "overdue": one.overdue,
    }  # fmt: skip


def _says(workflow: str, state: str) -> str:
    known = catalogue.WORKFLOWS.get(workflow)
    return next((one.says for one in known.states if str(one) == state), "") if known else ""
