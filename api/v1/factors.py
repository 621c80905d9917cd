"""Second factors of one's own: apps that show codes, passkeys, recovery codes."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field, StringConstraints
from sqlmodel import Session
from starlette.responses import Response

from api import passkeys, second_factors, sessions
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer, stamp
from api.signing_in import WrongProof
from api.v1.session import Code, NothingTold, told_of
from referral.access import Act
from referral.errors import Blocked, NotSignedIn, Reason, SecondFactorNeeded
from referral.models import Factor, SignIn, User
from workflows.forms import Line

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Name = Annotated[Line, StringConstraints(max_length=80)]


class TotpTold(Body):
    """What its owner calls the app."""

    name: Name = "app"


class TotpCodeTold(Body):
    """The first code that the app shows."""

    factor: Id
    code: Code = Field(repr=False)


class NewPasskeyTold(Body):
    """What a browser gives back of a new passkey, as WebAuthn writes it in JSON, and what its owner calls it."""

    ceremony: Id
    credential: dict[str, Any] = Field(repr=False)
    name: Name = "passkey"


def add_routes(app: FastAPI) -> None:
    """Seven addresses."""
    # fmt: off
    for path, name, endpoint, body, says in (
        ("/v1/factors",                  "factors.list",            reading(_list, partial=True, act=Act.USE_OWN_ACCOUNT),                                  None,           "Your second factors"),
        ("/v1/factors/totp",             "factors.totp",            writing(_begin_totp, TotpTold, _no_trace, partial=True, act=Act.USE_OWN_ACCOUNT),       TotpTold,       "Begin to set up an app that shows codes"),
        ("/v1/factors/totp/confirm",     "factors.totp.confirm",    writing(_totp, TotpCodeTold, _no_trace, partial=True, act=Act.USE_OWN_ACCOUNT),         TotpCodeTold,   "Give the app's first code back: from then on it counts"),
        ("/v1/factors/passkey",          "factors.passkey",         writing(_begin_passkey, NothingTold, _no_trace, partial=True, act=Act.USE_OWN_ACCOUNT), NothingTold,    "Begin to set up a passkey"),
        ("/v1/factors/passkey/confirm",  "factors.passkey.confirm", writing(_passkey, NewPasskeyTold, _no_trace, partial=True, act=Act.USE_OWN_ACCOUNT),    NewPasskeyTold, "Keep a new passkey"),
        ("/v1/factors/recovery-codes",   "factors.recovery",        writing(_recovery, NothingTold, _no_trace, act=Act.USE_OWN_ACCOUNT),                    NothingTold,    "Ten new recovery codes, shown once"),
        ("/v1/factors/{factor}/remove",  "factors.remove",          writing(_remove, NothingTold, _no_trace, act=Act.USE_OWN_ACCOUNT),                      NothingTold,    "Take a second factor away"),
    ):
        app.router.add_api_route(path, endpoint, methods=["GET" if body is None else "POST"], **describe(name, says, body=body))
    # fmt: on


def _no_trace(_: Any, __: Any, ___: Any) -> str:
    """Codes leave no trace, not even in a digest."""
    return ""


def _list(asked: Asked) -> Response:
    with asked.db.read() as session:
        row = sessions.mine(session, asked.presented, asked.now, hold=False)
        items = [_shown(one) for one in second_factors.factors(session, row.user_id)]
        return answer({"items": items, "recovery_codes_left": second_factors.codes_left(session, row.user_id)})


def _begin_totp(asked: Asked) -> Response:
    with asked.db.write() as session:
        user, _ = _may_add(session, asked)
        row, secret, uri = second_factors.begin_totp(session, asked.house.box, user, asked.body.name, asked.now)
        return answer({"factor": row.id, "secret": secret, "uri": uri}, 201, {"Cache-Control": "no-store"})


def _totp(asked: Asked) -> Response:
    house, now, body = asked.house, asked.now, asked.body
    with house.db.write() as session:
        user, row = _may_add(session, asked)
        good = second_factors.confirm_totp(session, house.box, user.id, body.factor, body.code, now)
        opened = sessions.step_up(session, row, second_factors.TOTP, now) if good else None
    if opened is None:
        raise WrongProof
    return told_of(house, opened, now)


def _begin_passkey(asked: Asked) -> Response:
    with asked.db.write() as session:
        user, row = _may_add(session, asked)
        return answer(passkeys.begin_registering(session, asked.house.settings.address, user, row.id, asked.now), 201)


def _passkey(asked: Asked) -> Response:
    house, now = asked.house, asked.now
    told = {"ceremony": asked.body.ceremony, "credential": asked.body.credential}
    with house.db.write() as session:
        user, row = _may_add(session, asked)
        address = house.settings.address
        made = passkeys.finish_registering(session, address, user.id, row.id, told, asked.body.name, now)
        opened = sessions.step_up(session, row, second_factors.PASSKEY, now) if made else None
    if opened is None:
        raise WrongProof
    return told_of(house, opened, now)


def _recovery(asked: Asked) -> Response:
    with asked.db.write() as session:
        row = sessions.mine(session, asked.presented, asked.now)
        sessions.require_fresh(row, asked.now)
        codes = second_factors.new_recovery_codes(session, row.user_id, asked.now)
        return answer({"codes": codes}, 201, {"Cache-Control": "no-store"})


def _remove(asked: Asked) -> Response:
    with asked.db.write() as session:
        row = sessions.mine(session, asked.presented, asked.now)
        sessions.require_fresh(row, asked.now)
        own = second_factors.factors(session, row.user_id, hold=True)
        last = [one.id for one in own] == [asked.path["factor"]]
        if last and asked.house.settings.second_factor == "required":
            raise Blocked(Reason("last_factor", "This is your only second factor: set up another one first."))
        second_factors.remove(session, row.user_id, asked.path["factor"], asked.now)
        return answer({"removed": True})


def _may_add(session: Session, asked: Asked) -> tuple[User, SignIn]:
    """The first factor can be added with the password alone; a further one only by who has just shown one."""
    row = sessions.mine(session, asked.presented, asked.now)
    if second_factors.factors(session, row.user_id):
        if row.partial or row.factor in sessions.ALONE:
            raise SecondFactorNeeded
        sessions.require_fresh(row, asked.now)
    user = session.get(User, row.user_id)
    if user is None:
        raise NotSignedIn
    return user, row


def _shown(row: Factor) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "name": row.name, "made_at": stamp(row.made_at), "used_at": stamp(row.used_at),
    }  # fmt: skip
