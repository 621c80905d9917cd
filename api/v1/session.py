"""Tokens: for a partner's client by its secret (RFC 6749, client credentials), for staff by their password."""

import base64
import binascii
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, unquote_plus

from fastapi import FastAPI
from pydantic import StringConstraints
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api import tokens
from api.body import read_json
from api.deps import AUDIENCE, SLUG, Asked, Body, House, Query, house_of, query_of, reading, understood
from api.documents import describe, refusals
from api.passwords import check_password, check_secret, hash_password, is_outdated
from api.problems import problem
from api.schemas import Answer, answer
from referral.access import Act, Group
from referral.errors import NotSignedIn
from referral.models import Agency, Client, User

CLIENT_SECONDS, STAFF_SECONDS = 300, tokens.LONGEST_S
LARGEST_FORM = 8 * 1024
BASIC = {"WWW-Authenticate": 'Basic realm="lodestar"'}


class SignIn(Body):
    """Who signs in."""

    email: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1024)]


class Token(Answer):
    """A token and how long it holds, in seconds."""

    access_token: Annotated[str, Group.OPEN]
    token_type: Annotated[str, Group.OPEN]
    expires_in: Annotated[int, Group.OPEN]
    scope: Annotated[str, Group.OPEN]


class Me(Answer):
    """Who asks, and what they may do."""

    id: Annotated[str, Group.OPEN]
    kind: Annotated[str, Group.OPEN]
    agency: Annotated[str, Group.OPEN]
    agency_kind: Annotated[str, Group.OPEN]
    roles: Annotated[list[str], Group.OPEN]
    may: Annotated[list[str], Group.OPEN]


class Refused(Exception):
    """A token was refused, in the words of RFC 6749, section 5.2."""

    def __init__(self, error: str, says: str, status: int = 400) -> None:
        """Keep the error's name and the sentence."""
        self.error, self.says, self.status = error, says, status
        super().__init__(error)


def add_routes(app: FastAPI) -> None:
    """Three addresses; the first two are open to whoever knows a secret."""
    add = app.router.add_api_route
    for path, endpoint, name, takes, says in (
        ("/oauth/token", _client_token, "session.client", _FORM, "A token for a client, for five minutes"),
        ("/v1/session", _staff_token, "session.staff", _SIGN_IN, "A personal token for staff, for ten minutes"),
    ):
        add(path, endpoint, methods=["POST"], response_model=Token, operation_id=name, name=name, summary=says,
            openapi_extra=takes, responses=refusals(("not_signed_in", "unavailable")))  # fmt: skip
    add(
        "/v1/me",
        reading(_me, act=Act.USE_OWN_ACCOUNT),
        methods=["GET"],
        response_model=Me,
        **describe("session.me", "Who asks, and what they may do"),
    )


_FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {
    "type": "object", "required": ["grant_type"],
    "properties": {"grant_type": {"const": "client_credentials"}, "scope": {"type": "string"},
                   "client_id": {"type": "string"}, "client_secret": {"type": "string"}},
}}}}}  # fmt: skip
_SIGN_IN = {"requestBody": {"required": True, "content": {"application/json": {"schema": SignIn.model_json_schema()}}}}


async def _client_token(request: Request) -> Response:
    house = house_of(request)
    now = house.now()
    try:
        query_of(request, Query)
        form = await _form(request)
        client, secret = _credentials(request, form)
        _check_grant(form.get("grant_type"))
        wanted = form["scope"].split(" ") if "scope" in form else None
        granted = await run_in_threadpool(_granted, house, client, secret, wanted)
    except Refused as refused:
        headers = BASIC if refused.status == 401 else {}  # noqa: PLR2004
        told = {
            "error": refused.error,
            "error_description": refused.says,
            "code": refused.error,
            "status": refused.status,
        }
        return answer(told, refused.status, headers)
    return _issued(house, f"client:{client}", now, CLIENT_SECONDS, granted)


def _check_grant(kind: str | None) -> None:
    if kind != "client_credentials":
        error = "invalid_request" if kind is None else "unsupported_grant_type"
        raise Refused(error, "Only client_credentials is known here.")


def _granted(house: House, client: str, secret: str, wanted: list[str] | None) -> list[str]:
    """The scopes that this client gets."""
    with house.db.read() as session:
        found = select(Client.secret_hash, Client.scopes).join(Agency, col(Agency.id) == col(Client.agency_id))
        row = session.exec(found.where(col(Client.id) == client, col(Client.active), col(Agency.active))).first()
    if not check_secret(secret, row[0] if row else None) or row is None:
        raise Refused("invalid_client", "The client or its secret is wrong.", 401)
    held = row[1].split()
    if wanted is not None and not set(wanted) <= set(held):
        raise Refused("invalid_scope", "This client does not hold every scope that it asks for.")
    return held if wanted is None else wanted


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form body, each once; an empty one counts as left out."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused("invalid_request", "Send the body as application/x-www-form-urlencoded.")
    data = b""
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > LARGEST_FORM:
                raise Refused("invalid_request", "The body is too large.", 413)
        pairs = parse_qsl(
            data.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=20
        )
    except (ValueError, ClientDisconnect):
        raise Refused("invalid_request", "The body is not a form that can be read.") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused("invalid_request", "A parameter stands twice.")
    return {name: value for name, value in pairs if value}


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Name and secret of the client, from the header or from the body, never from both."""
    given = request.headers.getlist("authorization")
    if (given and "client_secret" in form) or len(given) > 1:
        raise Refused("invalid_request", "Give the secret once: in the header or in the body.")
    client, secret = _basic(given[0]) if given else (form.get("client_id", ""), form.get("client_secret", ""))
    if not SLUG.fullmatch(client) or not secret or form.get("client_id", client) != client:
        raise Refused("invalid_client", "The client or its secret is wrong.", 401)
    return client, secret


def _basic(header: str) -> tuple[str, str]:
    kind, _, rest = header.partition(" ")
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode("ascii") if kind.lower() == "basic" else ""
        client, _, secret = text.partition(":")
        return unquote_plus(client, errors="strict"), unquote_plus(secret, errors="strict")
    except (ValueError, binascii.Error):
        return "", ""


async def _staff_token(request: Request) -> Response:
    house = house_of(request)
    now = house.now()
    query_of(request, Query)
    told: SignIn = understood(SignIn, await read_json(request))
    user = await run_in_threadpool(_signed_in, house, told)
    if user is None:
        return problem(401, NotSignedIn.code, "The e-mail address or the password is wrong.",
                       headers={"WWW-Authenticate": 'Bearer realm="lodestar"'})  # fmt: skip
    return _issued(house, f"user:{user}", now, STAFF_SECONDS, [])


def _signed_in(house: House, told: SignIn) -> str | None:
    """The id of who signs in. Takes as long for an address that nobody has."""
    with house.db.read() as session:
        found = (
            select(User).join(Agency, col(Agency.id) == col(User.agency_id)).where(col(User.active), col(Agency.active))
        )
        user = session.exec(found.where(col(User.email) == told.email.strip().lower())).first()
    stored = user.password_hash if user else None
    if not check_password(told.password, stored) or user is None:
        return None
    if is_outdated(user.password_hash):
        with house.db.write() as session:
            again = session.get(User, user.id)
            if again is not None and again.password_hash == stored:
                again.password_hash = hash_password(told.password)
                session.add(again)
    return user.id


def _issued(house: House, subject: str, now: datetime, seconds: int, scopes: list[str]) -> Response:
    token = tokens.issue(
        house.keyring,
        subject=subject,
        audience=AUDIENCE,
        issuer=house.settings.issuer,
        now=now,
        lifetime_s=seconds,
        scopes=scopes,
    )
    told = {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": " ".join(scopes)}
    return answer(told, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _me(asked: Asked) -> Response:
    actor = asked.actor
    return answer({
        "id": actor.id, "kind": actor.kind, "agency": actor.agency, "agency_kind": actor.agency_kind,
        "roles": list(actor.roles), "may": sorted(actor.may),
    })  # fmt: skip
