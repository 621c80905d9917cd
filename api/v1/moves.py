"""One route per row of the tables, made from the rows. What a move is told goes to the door; what it did comes back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BeforeValidator, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from api.body import read_json
from api.deps import (
    Asker,
    Body,
    Endpoint,
    House,
    Query,
    asker_of,
    doing,
    house_of,
    key_of,
    path_of,
    query_of,
    understood,
    version_of,
)
from api.schemas import Moved, answer, etag
from api.seeing import may_hear
from api.sessions import Presented
from api.tokens import Claims
from referral.access import Actor, May
from referral.errors import NotOffered, UnknownMove
from workflows import catalogue
from workflows.ask import Ask, Done
from workflows.engine import perform
from workflows.forms import Code, Moment
from workflows.table import Move, Workflow

COLLECTIONS = {"person": "cases", "operation": "operations", "concern": "concerns"}  # kind of case -> its address


def _text_only(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("must be a date and time with its offset, as in 2026-04-01T09:30:00Z")
    return value


class Telling(Body):
    """What a move is told, and about which strand."""

    form: dict[str, Any] = Field(default_factory=dict)
    occurred_at: Annotated[Moment | None, BeforeValidator(_text_only)] = None  # when it happened; empty means now
    strand: Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{0,3}|[0-9a-f]{32})$")] | None = None
    on_behalf_of: Code | None = None  # a reference of the caller's own, never a name


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, and the address it has."""

    workflow: Workflow
    move: Move

    @property
    def name(self) -> str:
        """workflow.move"""
        return f"{self.workflow.name}.{self.move.name}"

    @property
    def opens(self) -> bool:
        """Whether it opens a case."""
        return not self.move.leaves and catalogue.ROOTS[self.workflow.of] is self.workflow

    @property
    def path(self) -> str:
        """Where it is made."""
        collection = f"/v1/{COLLECTIONS[self.workflow.of]}"
        return collection if self.opens else f"{collection}/{{case}}/{self.workflow.name}/{self.move.name}"


class MoveRoute(APIRoute):
    """The route of one row. It looks at the end of the address first: there are some two hundred of them."""

    row: Row

    def __init__(self, path: str, endpoint: Endpoint, **more: Any) -> None:
        """Remember the end of the address."""
        super().__init__(path, endpoint, **more)
        self._tail = path.rpartition("}")[2]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route, but quicker to say no."""
        return super().matches(scope) if scope["path"].endswith(self._tail) else (Match.NONE, {})


def rows() -> Iterator[Row]:
    """Every row of every table, in the order of the catalogue."""
    for kind in catalogue.ROOTS:
        for workflow in catalogue.of_kind(kind):
            for move in workflow.moves.values():
                yield Row(workflow, move)


def add_routes(app: FastAPI) -> None:
    """Make the routes."""
    for row in rows():
        app.router.add_api_route(
            row.path, _endpoint(row), methods=["POST"], operation_id=row.name, name=row.name,
            response_model=Moved, status_code=201 if row.opens else 200, route_class_override=MoveRoute,
        )  # fmt: skip
        route = app.router.routes[-1]
        if isinstance(route, MoveRoute):
            route.row = row
    for collection in COLLECTIONS.values():
        path = f"/v1/{collection}/{{case}}/{{workflow}}/{{move}}"
        app.router.add_api_route(path, doing(_unknown, May.ACT_AS_SYSTEM), methods=["POST"], include_in_schema=False)


def digest(request: Request, claims: Claims | Presented, told: Any) -> str:
    """What makes two requests the same: method, path, caller and what was told, however it was spelt. Keyed.

    A plain digest would let whoever holds the database try every day of birth against what was sent.
    """
    same = [request.method, request.url.path, claims.subject, told]
    return house_of(request).box.digest("repeat", orjson.dumps(same, option=orjson.OPT_SORT_KEYS).decode())


def _endpoint(row: Row) -> Endpoint:
    async def make(request: Request) -> Response:
        house = house_of(request)
        now = house.now()
        asker = await asker_of(request, house, now)
        case = None if row.opens else path_of(request)["case"]
        query_of(request, Query)
        key = key_of(request, required=row.opens)
        version = None if row.opens else version_of(request)
        told = await read_json(request)
        body: Telling = understood(Telling, told)
        same = digest(request, asker.claims, told)

        def ask_as(actor: Actor) -> Ask:
            return Ask(
                replace(actor, on_behalf_of=body.on_behalf_of), row.name, now, case=case, form=body.form,
                occurred=body.occurred_at, strand=body.strand, version=version, key=key, request=same,
                reveal_factor=house.settings.reveal_factor,
            )  # fmt: skip

        return _told(row, await run_in_threadpool(_make, house, asker, now, ask_as, row.workflow.name))

    return doing(make, row.move.needs)


def _make(house: House, asker: Asker, now: datetime, ask_as: Callable[[Actor], Ask], workflow: str) -> Done:
    """Make it. A refusal says where a workflow stands only to whoever may read that."""
    actor = asker.actor(house, now)
    ask = ask_as(actor)
    try:
        return perform(house.db, house.law, ask)
    except NotOffered as refusal:
        if may_hear(house.db, actor, ask.case, workflow, now):
            raise
        raise NotOffered(who=refusal.who) from None


def _told(row: Row, done: Done) -> Response:
    tag = etag(done.version)
    headers = {"ETag": tag}
    if row.opens:
        headers["Location"] = f"/v1/{COLLECTIONS[row.workflow.of]}/{done.case}"
    if done.repeated:
        headers["Idempotency-Replayed"] = "true"
    return answer({**done.as_dict(), "etag": tag}, 201 if row.opens else 200, headers)


async def _unknown(request: Request) -> Response:
    house = house_of(request)
    now = house.now()
    asker = await asker_of(request, house, now)
    await run_in_threadpool(asker.actor, house, now)
    raise UnknownMove
