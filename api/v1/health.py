"""Whether this process lives, and whether it can work. Open to everybody, and says nothing else."""

from fastapi import FastAPI
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import House, Query, house_of, query_of
from api.errors import NO_DATABASE
from api.problems import problem
from api.schemas import answer
from referral.migrate import is_current


def add_routes(app: FastAPI) -> None:
    """Two addresses."""
    app.router.add_api_route(
        "/healthz",
        _lives,
        methods=["GET"],
        name="health.lives",
        operation_id="health.lives",
        summary="The process lives",
    )
    app.router.add_api_route(
        "/readyz",
        _ready,
        methods=["GET"],
        name="health.ready",
        operation_id="health.ready",
        summary="The database answers and its schema is current",
    )


async def _lives(request: Request) -> Response:
    query_of(request, Query)
    return answer({"status": "ok"})


async def _ready(request: Request) -> Response:
    query_of(request, Query)
    return await run_in_threadpool(_look, house_of(request))


def _look(house: House) -> Response:
    try:
        with house.db.read() as session:
            session.execute(text("select 1"))
        current = is_current(house.db)
    except NO_DATABASE:
        return problem(503, "no_database", "The database does not answer.", headers={"Retry-After": "5"})
    if not current:
        return problem(
            503, "old_schema", "The database has another schema than this version needs.", headers={"Retry-After": "60"}
        )
    return answer({"status": "ok"})
