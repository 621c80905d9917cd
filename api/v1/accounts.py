"""What an agency's administrator does with the accounts of the own people: reset, unlock, disable, end their sessions."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from sqlmodel import Session
from starlette.responses import Response

from api import directory, one_time, sessions, tries
from api.actors import require
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer, stamp
from api.v1.moves import digest
from api.v1.staff import user_shown
from referral.access import Act, May, Role
from referral.errors import Blocked, NotAllowed, Reason
from referral.models import User
from referral.sign_in import SignInChange, record

Doing = Callable[[Session, Asked, User], dict[str, Any]]


class NothingTold(Body):
    """Nothing needs to be said."""


def add_routes(app: FastAPI) -> None:
    """Six addresses."""
    # fmt: off
    app.router.add_api_route("/v1/users/{user}/sessions", reading(_sessions, act=Act.KEEP_USERS), methods=["GET"], **describe("users.sessions", "The sessions of one of your people"))
    for path, name, act, says in (
        ("/v1/users/{user}/invite",       "users.invite",       _invite,       "A new invitation, in place of one that has ended; the code is shown once"),
        ("/v1/users/{user}/reset",        "users.reset",        _reset,        "Begin a reset of their password; the code is shown once"),
        ("/v1/users/{user}/unlock",       "users.unlock",       _unlock,       "Let an account be tried again at once"),
        ("/v1/users/{user}/disable",      "users.disable",      _disable,      "They cannot sign in until they are enabled; their cases stay theirs"),
        ("/v1/users/{user}/enable",       "users.enable",       _enable,       "They can sign in again"),
        ("/v1/users/{user}/end-sessions", "users.end_sessions", _end_sessions, "End every session of one of your people"),
    ):
        app.router.add_api_route(path, writing(_on_somebody(act), NothingTold, digest, act=Act.KEEP_USERS), methods=["POST"], **describe(name, says, body=NothingTold))
    # fmt: on


def _on_somebody(act: Doing) -> Callable[[Asked], Response]:
    """An act on one of the own people, never on oneself, in one transaction."""

    def do(asked: Asked) -> Response:
        require(asked.actor, May.KEEP_USERS)
        if asked.path["user"] == asked.actor.id:
            raise Blocked(Reason("own_account", "Somebody else has to do this for you."))
        with asked.db.write() as session:
            return answer(act(session, asked, _own(session, asked)))

    return do


def _own(session: Session, asked: Asked) -> User:
    user = directory.find_user(session, asked.actor.agency, asked.path["user"])
    if Role.SYSTEM_ADMIN in user.roles.split() and Role.SYSTEM_ADMIN not in asked.actor.roles:
        raise NotAllowed(who=(Role.SYSTEM_ADMIN.value,), needs=str(May.KEEP_USERS))
    return user


def _sessions(asked: Asked) -> Response:
    require(asked.actor, May.KEEP_USERS)
    with asked.db.read() as session:
        user = _own(session, asked)
        return answer({"items": [
            {"id": row.id, "kind": row.kind, "factor": row.factor, "made_at": stamp(row.made_at),
             "seen_at": stamp(row.seen_at), "ends_at": stamp(row.ends_at)}
            for row in sessions.of_user(session, user.id, asked.now)
        ]})  # fmt: skip


def _invite(session: Session, asked: Asked, user: User) -> dict[str, Any]:
    if user.password_hash != directory.NO_PASSWORD:
        raise Blocked(Reason("has_password", "They have accepted an invitation already: begin a reset instead."))
    if not user.roles:
        raise Blocked(Reason("waits_for_approval", "Their roles wait for a second person, who has to approve them."))
    return user_shown(user) | {"invitation": one_time.make(session, user, "invitation", asked.actor.id, asked.now)}


def _reset(session: Session, asked: Asked, user: User) -> dict[str, Any]:
    return user_shown(user) | {"reset": one_time.make(session, user, "reset", asked.actor.id, asked.now)}


def _unlock(session: Session, asked: Asked, user: User) -> dict[str, Any]:
    tries.unlock(session, tries.account_key(asked.house.box, user.email))
    record(session, user.id, SignInChange.UNLOCKED, asked.actor.id, asked.now)
    return user_shown(user)


def _disable(session: Session, asked: Asked, user: User) -> dict[str, Any]:
    directory.set_disabled(session, asked.actor.agency, user.id, asked.now)
    record(session, user.id, SignInChange.DISABLED, asked.actor.id, asked.now)
    return user_shown(user)


def _enable(session: Session, asked: Asked, user: User) -> dict[str, Any]:
    directory.set_back(session, asked.actor.agency, user.id)
    record(session, user.id, SignInChange.ENABLED, asked.actor.id, asked.now)
    return user_shown(user)


def _end_sessions(session: Session, asked: Asked, user: User) -> dict[str, Any]:
    ended = sessions.end_all(session, user.id, asked.now)
    record(session, user.id, SignInChange.SESSIONS_ENDED, asked.actor.id, asked.now)
    return user_shown(user) | {"ended": ended}
