"""Who one is, one's own sessions, and one's password."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import sessions, signing_in
from api.cookie import COOKIE
from api.deps import Asked, Body, Query, asker_of, house_of, query_of, reading, writing
from api.documents import describe
from api.schemas import Answer, answer, stamp
from api.sessions import Presented
from api.v1.moves import digest
from api.v1.session import NothingTold, Typed, sourced, told_of
from referral.access import Act, Group
from referral.errors import NotFound
from referral.models import SignIn

GONE = {"Clear-Site-Data": '"cache", "cookies", "storage"'}


class NewPasswordTold(Body):
    """The old password and the new one."""

    old: Typed = Field(repr=False)
    new: Typed = Field(repr=False)


class Me(Answer):
    """Who asks, and what they may do."""

    id: Annotated[str, Group.OPEN]
    kind: Annotated[str, Group.OPEN]
    agency: Annotated[str, Group.OPEN]
    agency_kind: Annotated[str, Group.OPEN]
    roles: Annotated[list[str], Group.OPEN]
    may: Annotated[list[str], Group.OPEN]
    factor: Annotated[str, Group.OPEN]
    stepped_up_at: Annotated[str | None, Group.OPEN]


class SessionShown(Answer):
    """One of your sessions. The id is no secret."""

    id: Annotated[str, Group.OPEN]
    kind: Annotated[str, Group.OPEN]
    factor: Annotated[str, Group.OPEN]
    made_at: Annotated[str, Group.OPEN]
    seen_at: Annotated[str, Group.OPEN]
    ends_at: Annotated[str, Group.OPEN]
    this: Annotated[bool, Group.OPEN]


def add_routes(app: FastAPI) -> None:
    """Six addresses."""
    app.router.add_api_route(
        "/v1/me",
        reading(_me, partial=True, act=Act.USE_OWN_ACCOUNT),
        methods=["GET"],
        response_model=Me,
        **describe("session.me", "Who asks, and what they may do"),
    )
    # fmt: off
    for method, path, name, endpoint, told, says in (
        ("GET",    "/v1/session",                 "session.this",      reading(_this, partial=True, act=Act.USE_OWN_ACCOUNT),                   None,            "This session, and the word that its pages send with every change"),
        ("DELETE", "/v1/session",                 "session.end",       _ending,                                        None,            "Sign out"),
        ("POST",   "/v1/password",                "session.password",  sourced(_change_password, NewPasswordTold, act=Act.USE_OWN_ACCOUNT),     NewPasswordTold, "Change your password; your other sessions end"),
        ("GET",    "/v1/sessions",                "sessions.list",     reading(_sessions, act=Act.USE_OWN_ACCOUNT),                             None,            "Your sessions"),
        ("POST",   "/v1/sessions/{session}/end",  "sessions.end",      writing(_end_one, NothingTold, digest, act=Act.USE_OWN_ACCOUNT),         NothingTold,     "End one of your sessions"),
    ):
        app.router.add_api_route(path, endpoint, methods=[method], **describe(name, says, body=told))
    # fmt: on


def _change_password(asked: Asked, source: str | None) -> Response:
    body, now = asked.body, asked.now
    return told_of(
        asked.house, signing_in.change_password(asked.house, asked.presented, body.old, body.new, source, now), now
    )


def _me(asked: Asked) -> Response:
    actor = asked.actor
    return answer({
        "id": actor.id, "kind": actor.kind, "agency": actor.agency, "agency_kind": actor.agency_kind,
        "roles": list(actor.roles), "may": sorted(actor.may), "factor": actor.factor,
        "stepped_up_at": stamp(actor.stepped_up_at),
    })  # fmt: skip


def _this(asked: Asked) -> Response:
    with asked.db.read() as session:
        row = sessions.mine(session, asked.presented, asked.now, hold=False)
    word = (
        {"csrf_token": asked.presented.csrf} if isinstance(asked.presented, Presented) and row.kind == "browser" else {}
    )
    return answer(_shown(row, row.id) | word)


async def _ending(request: Request) -> Response:
    house = house_of(request)
    now = house.now()
    presented = (await asker_of(request, house, now, partial=True)).claims
    query_of(request, Query)

    def run() -> Response:
        with house.db.write() as session:
            sessions.end(session, sessions.mine(session, presented, now), now)
        away = f"{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
        return answer({"ended": True}, headers={**GONE, "Set-Cookie": away})

    return await run_in_threadpool(run)


def _sessions(asked: Asked) -> Response:
    with asked.db.read() as session:
        this = sessions.mine(session, asked.presented, asked.now, hold=False).id
        return answer({"items": [_shown(row, this) for row in sessions.of_user(session, asked.actor.id, asked.now)]})


def _end_one(asked: Asked) -> Response:
    with asked.db.write() as session:
        this = sessions.mine(session, asked.presented, asked.now)
        row = session.get(SignIn, asked.path["session"])
        if row is None or row.user_id != asked.actor.id:
            raise NotFound
        sessions.end(session, row, asked.now)
        return answer(_shown(row, this.id))


def _shown(row: SignIn, this: str) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "factor": row.factor, "made_at": stamp(row.made_at),
        "seen_at": stamp(row.seen_at), "ends_at": stamp(row.ends_at), "this": row.id == this,
    }  # fmt: skip
