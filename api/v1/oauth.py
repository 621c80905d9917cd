"""Tokens for the systems of partner agencies (RFC 6749, client credentials), by a key of their own or by a secret."""

import base64
import binascii
from datetime import datetime
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import assertions, clients, tokens
from api.body import BadBody, read_form
from api.deps import AUDIENCE, SLUG, House, Query, house_of, query_of
from api.documents import refusals
from api.schemas import Answer, answer
from referral.access import Group
from referral.errors import NotSignedIn

CLIENT_SECONDS = 300
LARGEST_FORM = 8 * 1024
BASIC = {"WWW-Authenticate": 'Basic realm="lodestar"'}


class Token(Answer):
    """A token and how long it holds, in seconds."""

    access_token: Annotated[str, Group.OPEN]
    token_type: Annotated[str, Group.OPEN]
    expires_in: Annotated[int, Group.OPEN]
    scope: Annotated[str, Group.OPEN]


class Refused(Exception):
    """A token was refused, in the words of RFC 6749, section 5.2."""

    def __init__(self, error: str, says: str, status: int = 400) -> None:
        """Keep the error's name and the sentence."""
        self.error, self.says, self.status = error, says, status
        super().__init__(error)


def add_routes(app: FastAPI) -> None:
    """One address, open to whoever can prove which client it is."""
    app.router.add_api_route(
        "/oauth/token", _client_token, methods=["POST"], response_model=Token, operation_id="session.client",
        name="session.client", summary="A token for a client, for five minutes", openapi_extra=_FORM,
        responses=refusals(("not_signed_in", "unavailable")),
    )  # fmt: skip


_FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {
    "type": "object", "required": ["grant_type"],
    "properties": {"grant_type": {"const": "client_credentials"}, "scope": {"type": "string"},
                   "client_id": {"type": "string"}, "client_secret": {"type": "string"},
                   "client_assertion_type": {"const": clients.JWT_BEARER}, "client_assertion": {"type": "string"}},
}}}}}  # fmt: skip


async def _client_token(request: Request) -> Response:
    house = house_of(request)
    now = house.now()
    try:
        query_of(request, Query)
        form = await _form(request)
        proof = _proof(request, form)
        _check_grant(form.get("grant_type"))
        wanted = form["scope"].split(" ") if "scope" in form else None
        client, granted = await run_in_threadpool(_granted, house, proof, wanted, now)
    except Refused as refused:
        headers = BASIC if refused.status == 401 else {}  # noqa: PLR2004
        told = {
            "error": refused.error,
            "error_description": refused.says,
            "code": refused.error,
            "status": refused.status,
        }
        return answer(told, refused.status, headers)
    return _issued(house, f"client:{client}", now, granted)


def _check_grant(kind: str | None) -> None:
    if kind != "client_credentials":
        error = "invalid_request" if kind is None else "unsupported_grant_type"
        raise Refused(error, "Only client_credentials is known here.")


def _granted(house: House, proof: clients.Proof, wanted: list[str] | None, now: datetime) -> tuple[str, list[str]]:
    """Which client it is, and the scopes that it gets."""
    row = clients.proven(house.db, proof, house.settings.issuer, now)
    if row is None:
        raise Refused("invalid_client", "The client, its secret or its proof is wrong.", 401)
    held = row.scopes.split()
    if wanted is not None and not set(wanted) <= set(held):
        raise Refused("invalid_scope", "This client does not hold every scope that it asks for.")
    return row.id, held if wanted is None else wanted


async def _form(request: Request) -> dict[str, str]:
    """The fields of the form, or the gate's refusal in the words of RFC 6749."""
    try:
        return await read_form(request)
    except BadBody as bad:
        raise Refused("invalid_request", bad.says, 413 if bad.status == 413 else 400) from None  # noqa: PLR2004


def _proof(request: Request, form: dict[str, str]) -> clients.Proof:
    """How the client proves who it is: by one way, and once."""
    given = request.headers.getlist("authorization")
    ways = [bool(given), "client_secret" in form, "client_assertion" in form or "client_assertion_type" in form]
    if sum(ways) > 1 or len(given) > 1:
        raise Refused("invalid_request", "Prove who you are once: in the header, by a secret or by a proof.")
    if ways[2]:
        return _assertion(form)
    client, secret = _basic(given[0]) if given else (form.get("client_id", ""), form.get("client_secret", ""))
    if not SLUG.fullmatch(client) or not secret or form.get("client_id", client) != client:
        raise Refused("invalid_client", "The client, its secret or its proof is wrong.", 401)
    return clients.Proof(client, secret=secret)


def _assertion(form: dict[str, str]) -> clients.Proof:
    if form.get("client_assertion_type") != clients.JWT_BEARER or "client_assertion" not in form:
        raise Refused("invalid_request", "A proof has a client_assertion_type, which is that of RFC 7523.")
    try:
        client = assertions.named_client(form["client_assertion"])
    except NotSignedIn:
        client = ""
    if not SLUG.fullmatch(client) or form.get("client_id", client) != client:
        raise Refused("invalid_client", "The client, its secret or its proof is wrong.", 401)
    return clients.Proof(client, assertion=form["client_assertion"])


def _basic(header: str) -> tuple[str, str]:
    kind, _, rest = header.partition(" ")
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode("ascii") if kind.lower() == "basic" else ""
        client, _, secret = text.partition(":")
        return unquote_plus(client, errors="strict"), unquote_plus(secret, errors="strict")
    except (ValueError, binascii.Error):
        return "", ""


def _issued(house: House, subject: str, now: datetime, scopes: list[str]) -> Response:
    token = tokens.issue(
        house.keyring,
        subject=subject,
        audience=AUDIENCE,
        issuer=house.settings.issuer,
        now=now,
        lifetime_s=CLIENT_SECONDS,
        scopes=scopes,
    )
    told = {"access_token": token, "token_type": "Bearer", "expires_in": CLIENT_SECONDS, "scope": " ".join(scopes)}
    return answer(told, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
