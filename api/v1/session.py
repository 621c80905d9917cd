"""People sign in, and show a second factor: by password, code or passkey."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import one_time, passkeys, sessions, signing_in
from api.body import read_json
from api.cookie import COOKIE, require_own_page
from api.deps import (
    Asked,
    Body,
    Endpoint,
    House,
    Query,
    asker_of,
    doing,
    house_of,
    query_of,
    understood,
    writing,
)  # fmt: skip
from api.documents import describe, open_to_all
from api.schemas import Answer, answer
from api.sessions import Opened, Presented
from referral.access import Act, Group

Typed = Annotated[str, StringConstraints(max_length=1024)]
Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]


class PasswordTold(Body):
    """Who signs in: with the code of an app, or a recovery code, where they have a second factor."""

    email: Annotated[str, StringConstraints(max_length=200)]
    password: Typed = Field(repr=False)
    code: Code | None = Field(default=None, repr=False)
    cookie: bool = False  # for pages: the token goes into a cookie that no script can read


class PasskeyTold(Body):
    """What a browser gives back of a passkey, as WebAuthn writes it in JSON."""

    ceremony: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    credential: dict[str, Any] = Field(repr=False)
    cookie: bool = False


class CodeTold(Body):
    """A code of an app, or a recovery code."""

    code: Code = Field(repr=False)


class AcceptTold(Body):
    """An invitation's or a reset's code, and the password that its holder chooses."""

    code: Annotated[str, StringConstraints(max_length=80)] = Field(repr=False)
    password: Typed = Field(repr=False)


class NothingTold(Body):
    """Nothing needs to be said."""


class Signed(Answer):
    """A session. With a cookie the token is not told; its pages send `csrf_token` with every change."""

    access_token: Annotated[str | None, Group.OPEN] = None
    token_type: Annotated[str, Group.OPEN]
    expires_in: Annotated[int, Group.OPEN]  # seconds, however much it is used
    idle_seconds: Annotated[int, Group.OPEN]  # it ends earlier when it was not used for so long
    scope: Annotated[str, Group.OPEN]
    session: Annotated[str, Group.OPEN]
    factor: Annotated[str, Group.OPEN]
    second_factor_needed: Annotated[bool, Group.OPEN]  # whether nothing else can be done before one is shown or set up
    csrf_token: Annotated[str | None, Group.OPEN] = None


def add_routes(app: FastAPI) -> None:
    """Five addresses; four are open to whoever knows a secret."""
    # fmt: off
    for method, path, name, endpoint, body, says in (
        ("POST",   "/v1/session",                 "session.staff",          for_anybody(_sign_in, PasswordTold),                   PasswordTold,    "Sign in with e-mail address and password"),
        ("POST",   "/v1/session/passkey/begin",   "session.passkey.begin",  for_anybody(_begin_passkey, NothingTold),              NothingTold,     "Begin to show a passkey: to sign in, or, signed in, to step up"),
        ("POST",   "/v1/session/passkey",         "session.passkey",        for_anybody(_passkey, PasskeyTold),                    PasskeyTold,     "Show a passkey"),
        ("POST",   "/v1/invitations/accept",      "invitations.accept",     for_anybody(_accept, AcceptTold),                      AcceptTold,      "Choose a password with the code of an invitation or a reset"),
    ):
        app.router.add_api_route(path, endpoint, methods=[method], **open_to_all(name, says, body, None if body in (NothingTold, AcceptTold) else Signed))
    app.router.add_api_route("/v1/session/code", sourced(_show_code, CodeTold, partial=True, act=Act.USE_OWN_ACCOUNT), methods=["POST"], **describe("session.code", "Show your second factor by a code; the session gets a new token", body=CodeTold))
    # fmt: on


def told_of(house: House, opened: Opened, now: datetime) -> Response:
    """A new session as an answer: the token in it, or in a cookie."""
    row, browser = opened.row, opened.row.kind == "browser"
    needed = row.partial or (house.settings.second_factor == "required" and row.factor in sessions.ALONE)
    told = {
        **({"csrf_token": opened.csrf} if browser else {"access_token": opened.token}),
        "token_type": "Cookie" if browser else "Bearer", "expires_in": int((row.ends_at - now).total_seconds()),
        "idle_seconds": int(sessions.IDLE.total_seconds()), "scope": "", "session": row.id, "factor": row.factor,
        "second_factor_needed": needed,
    }  # fmt: skip
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if browser:
        headers["Set-Cookie"] = f"{COOKIE}={opened.token}; Path=/; Secure; HttpOnly; SameSite=Strict"
    return answer(told, headers=headers)


def source_of(request: Request) -> str | None:
    """The address a request comes from, as the server knows it."""
    return request.client.host if request.client else None


def for_anybody(
    do: Callable[[Request, House, Any, datetime, Presented | None], Response], body: type[Body]
) -> Endpoint:
    """An endpoint for somebody who need not be signed in."""

    async def endpoint(request: Request) -> Response:
        house = house_of(request)
        now = house.now()
        query_of(request, Query)
        presented = await _presented(request, house, now)
        told = understood(body, await read_json(request))
        if getattr(told, "cookie", False):
            require_own_page(request, house.settings.address)
        return await run_in_threadpool(do, request, house, told, now, presented)

    return endpoint


async def _presented(request: Request, house: House, now: datetime) -> Presented | None:
    """The session that a request to step up by passkey comes with."""
    if not request.url.path.startswith("/v1/session/passkey") or not (
        request.headers.getlist("authorization") or COOKIE in request.headers.get("cookie", "")
    ):
        return None
    claims = (await asker_of(request, house, now, partial=True)).claims
    return claims if isinstance(claims, Presented) else None


def sourced(
    do: Callable[[Asked, str | None], Response], body: type[Body], *, act: Act, partial: bool = False
) -> Endpoint:
    """An endpoint at which a secret is tried, so that it matters from where."""

    async def endpoint(request: Request) -> Response:
        tried = writing(lambda asked: do(asked, source_of(request)), body, _no_trace, partial=partial, act=act)
        return await tried(request)

    return doing(endpoint, act)


def _no_trace(_: Request, __: Any, ___: Any) -> str:
    """A password or a code leaves no trace, not even in a digest."""
    return ""


def _sign_in(request: Request, house: House, told: PasswordTold, now: datetime, _: Presented | None) -> Response:
    typed = signing_in.Password(told.email, told.password, told.code)
    opened = signing_in.by_password(house, typed, _kind(cookie=told.cookie), source_of(request), now)
    return told_of(house, opened, now)


def _begin_passkey(_: Request, house: House, __: Any, now: datetime, presented: Presented | None) -> Response:
    with house.db.write() as session:
        row = sessions.mine(session, presented, now) if presented else None
        who = {"user": row.user_id, "in_session": row.id} if row else {}
        return answer(passkeys.begin_proving(session, house.settings.address, now, **who))


def _passkey(_: Request, house: House, told: PasskeyTold, now: datetime, presented: Presented | None) -> Response:
    shown = {"ceremony": told.ceremony, "credential": told.credential}
    if presented:
        return told_of(house, signing_in.show_passkey(house, presented, shown, now), now)
    return told_of(house, signing_in.by_passkey(house, shown, _kind(cookie=told.cookie), now), now)


def _accept(_: Request, house: House, told: AcceptTold, now: datetime, __: Presented | None) -> Response:
    with house.db.write() as session:
        one_time.use(session, told.code, told.password, now)
    return answer({"accepted": True})


def _show_code(asked: Asked, source: str | None) -> Response:
    return told_of(
        asked.house, signing_in.show_code(asked.house, asked.presented, asked.body.code, source, asked.now), asked.now
    )


def _kind(*, cookie: bool) -> str:
    return "browser" if cookie else "command_line"
