"""What every request needs: who asks, what time it is, which case, and what the query and the body say.

With the edges of the command line and the heartbeat this is the only place that reads the time. A request is read here,
in the event loop; whatever touches the database happens in one hop to a thread.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.actors import expect_person, load_actor
from api.body import BadBody, read_json
from api.cookie import by_cookie
from api.limits import Limits
from api.providers import Provider
from api.sealing import Box
from api.sessions import PREFIX, Presented, present
from api.tokens import Claims, Keyring, verify
from referral.access import Act, Actor, Context, Matter, May, Outcome, decide
from referral.access.policy import FOR_PEOPLE, who_can
from referral.db import Database
from referral.errors import BadForm, NotAllowed, NotCovered, NotFound, NotSignedIn
from referral.records import record_reads
from referral.settings import Settings
from workflows.jurisdiction import Law

AUDIENCE = "lodestar-api"
BEARER = "Bearer "
ID = re.compile(r"[0-9a-f]{32}")
SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PATH = {"client": SLUG, "size": re.compile(r"[1-9][0-9]{0,8}")}
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,8})"')

Covers = Callable[[Database, str, int, datetime], object]  # case, event; raises NotCovered
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class House:
    """All that create_app() has put together."""

    settings: Settings
    db: Database  # acts for nobody: who asks must be known first
    law: Law
    keyring: Keyring
    box: Box
    providers: Mapping[str, Provider]
    now: Callable[[], datetime]
    limits: Limits
    covers: Covers  # waits until the signed log covers an event


class BadFields(BadForm):
    """The body is incomplete or wrong."""


class BadQuery(BadForm):
    """A query parameter is unknown or wrong, or stands twice."""

    code = "bad_query"


class Query(BaseModel):
    """The base of what may stand behind the question mark. Anything else is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Body(Query):
    """The base of what may stand in a body."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request once it is known who asks."""

    house: House
    actor: Actor
    now: datetime
    path: dict[str, str]
    query: Any
    body: Any = None
    key: str | None = None
    request: str = ""
    presented: Claims | Presented | None = None  # what the request came with
    act: Act | None = None

    @property
    def db(self) -> Database:
        """The database, as far as the actor's agency takes part in it."""
        return self.house.db.acting_for(self.actor.agency)

    def saw(self, case: str, what: str) -> None:
        """Record that somebody looked at a case."""
        record_reads(self.db, actor=self.actor, cases=[case], what=what, now=self.now)


def not_covered(_db: Database, _case: str, _seq: int, _now: datetime) -> None:
    """Where there is no signer nothing is covered, and no address is shown."""
    raise NotCovered


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def house_of(request: Request) -> House:
    """What create_app() has put together."""
    house: House = request.app.state.house
    return house


def claims_of(request: Request, house: House, now: datetime) -> Claims | Presented:
    """Whom the request says it is from. Raises NotSignedIn, before anything else is looked at.

    A session's cookie counts only where no bearer token is sent. A browser sends it by itself: whatever changes
    something must come from our own pages, and know the word that belongs to the session.
    """
    given = request.headers.getlist("authorization")
    if not given:
        return by_cookie(request, house.settings.address)
    if len(given) != 1 or given[0][: len(BEARER)].lower() != BEARER.lower():
        raise NotSignedIn
    token = given[0][len(BEARER) :].strip()
    if token.startswith(PREFIX):
        return present(token)
    claims = verify(house.keyring, token, audience=AUDIENCE, issuer=house.settings.issuer, now=now)
    house.limits.admit(claims.subject)
    return claims


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. A session is looked up before anything else of the request is read, a client's token with the rest."""

    claims: Claims | Presented
    found: Actor | None

    def actor(self, house: House, now: datetime) -> Actor:
        """With what they may do now. Raises NotSignedIn."""
        return self.found or _actor(house, self.claims, now)


async def asker_of(request: Request, house: House, now: datetime, *, partial: bool = False) -> Asker:
    """Who asks; `partial` where the second factor may still be missing. Raises NotSignedIn or SecondFactorNeeded."""
    claims = claims_of(request, house, now)
    if isinstance(claims, Claims):
        return Asker(claims, None)
    actor = await run_in_threadpool(_actor, house, claims, now, partial=partial)
    house.limits.admit(f"user:{actor.id}")
    return Asker(claims, actor)


def _actor(house: House, claims: Claims | Presented, now: datetime, *, partial: bool = False) -> Actor:
    return load_actor(house.db, claims, now, second_factor=house.settings.second_factor, partial=partial)


def reading(
    look: Callable[[Asked], Response], query: type[Query] = Query, *, partial: bool = False, act: Act | None = None
) -> Endpoint:
    """An endpoint that only looks. Whoever may not do the act is told so; of one case only once it is loaded."""

    async def endpoint(request: Request) -> Response:
        house = house_of(request)
        now = house.now()
        async with house.limits.looking():  # around the session's look-up too: it needs a connection like any reading
            asker = await asker_of(request, house, now, partial=partial)
            path, asked = path_of(request), query_of(request, query)

            def run() -> Response:
                told = Asked(house, asker.actor(house, now), now, path, asked, presented=asker.claims, act=act)
                return look(_may(told))

            return await run_in_threadpool(run)

    return doing(endpoint, act)


def _may(asked: Asked) -> Asked:
    """The same, if the actor may do the act at all. Raises NotAllowed; of a case that is decided with its rows."""
    if asked.act in FOR_PEOPLE:
        expect_person(asked.actor)
    if asked.act is not None and "case" not in asked.path:
        expect(asked.actor, asked.act, Matter(), asked.now)
    return asked


def expect(actor: Actor, act: Act, matter: Matter, now: datetime) -> None:
    """Raise NotFound where the case is hidden, and NotAllowed with the missing right where the act is not theirs."""
    found = decide(actor, act, matter, Context(now))
    if found.outcome is Outcome.DENY_HIDDEN:
        raise NotFound
    if not found.allowed:
        raise NotAllowed(who=who_can(act), needs=found.needs or str(act))


def doing(endpoint: Endpoint, act: Act | May | None) -> Endpoint:
    """The endpoint, marked with what it does, so that one without an act is found when the app is put together."""
    endpoint.act = act  # type: ignore[attr-defined]
    return endpoint


def writing(
    do: Callable[[Asked], Response], body: type[Body], digest: Callable[[Request, Claims | Presented, Any], str], *,
    partial: bool = False, act: Act | None = None,
) -> Endpoint:  # fmt: skip
    """An endpoint that changes something other than a case; cases are changed by moves alone."""

    async def endpoint(request: Request) -> Response:
        house = house_of(request)
        now = house.now()
        asker = await asker_of(request, house, now, partial=partial)
        path, asked, key = path_of(request), query_of(request, Query), key_of(request)
        told = await read_json(request)
        form, same = understood(body, told), digest(request, asker.claims, told)

        def run() -> Response:
            told = Asked(house, asker.actor(house, now), now, path, asked, form, key, same, asker.claims, act)
            return do(_may(told))

        return await run_in_threadpool(run)

    return doing(endpoint, act)


def path_of(request: Request) -> dict[str, str]:
    """The ids in the path. One that cannot exist is not found, like any other."""
    for name, value in request.path_params.items():
        if not _PATH.get(name, ID).fullmatch(value):
            raise NotFound
    return dict(request.path_params)


def query_of(request: Request, model: type[Query]) -> Any:
    """What stands behind the question mark, each name once."""
    pairs = request.query_params.multi_items()
    if len({name for name, _ in pairs}) != len(pairs):
        raise BadQuery
    return understood(model, dict(pairs), BadQuery)


def understood(model: type[BaseModel], told: Any, refusal: type[BadForm] = BadFields) -> Any:
    """What was told, as this model reads it. Raises the refusal with the library's error, for whoever words it."""
    try:
        return model.model_validate(told)
    except ValidationError as wrong:
        raise refusal(wrong=wrong, form=model) from None


def key_of(request: Request, *, required: bool = False) -> str | None:
    """The Idempotency-Key: 1 to 255 visible ASCII characters."""
    given = request.headers.getlist("idempotency-key")
    if not given and not required:
        return None
    if not given:
        raise BadBody(400, "key_required", "Give an Idempotency-Key, so that a repeated request opens nothing twice.")
    if len(given) != 1 or not _KEY.fullmatch(given[0]):
        raise BadBody(400, "bad_key", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
    return given[0]


def version_of(request: Request) -> int | None:
    """The version in If-Match; None for `*`, which means any."""
    given = request.headers.getlist("if-match")
    if not given:
        raise BadBody(428, "version_required", "Say in If-Match which version of the case you saw.")
    if given == ["*"]:
        return None
    version = _VERSION.fullmatch(given[0]) if len(given) == 1 else None
    if version is None:
        raise BadBody(400, "bad_version", 'If-Match holds one version, as in "7", or *.')
    return int(version[1])
