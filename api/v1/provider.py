"""Signing in at an organisation's own provider: begun here, finished by the page to which the provider sends back."""

from datetime import datetime
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api import providers
from api.deps import Body, House
from api.directory import Slug
from api.documents import open_to_all
from api.schemas import answer
from api.sessions import Presented
from api.signing_in import WrongProof
from api.v1.session import Signed, for_anybody, told_of
from referral.errors import NotFound, Unavailable

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class AgencyTold(Body):
    """Whose provider."""

    agency: Slug


class ReturnTold(Body):
    """What the provider sent back with the browser, and the word that was told at the beginning."""

    state: Text = Field(repr=False)
    code: Text = Field(repr=False)
    word: Text = Field(repr=False)
    cookie: bool = False


def add_routes(app: FastAPI) -> None:
    """Two addresses, open to everybody."""
    for path, name, do, body, told, says in (
        ("/v1/session/provider/begin", "session.provider.begin", _begin, AgencyTold, None,
         "Begin to sign in at your organisation's own provider"),
        ("/v1/session/provider", "session.provider", _finish, ReturnTold, Signed,
         "Sign in with what the provider sent back"),
    ):  # fmt: skip
        app.router.add_api_route(path, for_anybody(do, body), methods=["POST"], **open_to_all(name, says, body, told))


def _begin(_: Request, house: House, told: AgencyTold, now: datetime, __: Presented | None) -> Response:
    provider = house.providers.get(told.agency)
    if provider is None:
        raise NotFound
    begun = providers.begin(house.db, provider, house.settings.address, now)
    if begun is None:
        raise Unavailable
    return answer(begun)


def _finish(_: Request, house: House, told: ReturnTold, now: datetime, __: Presented | None) -> Response:
    back = {"state": told.state, "code": told.code, "word": told.word}
    kind = "browser" if told.cookie else "command_line"
    opened = providers.finish(house.db, house.providers, house.settings.address, back, kind, now)
    if opened is None:
        raise WrongProof
    return told_of(house, opened, now)
