"""What an agency's administrator does with the own agency's people and clients. Cases are changed by moves alone."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI
from sqlmodel import Session
from starlette.responses import Response

from api import approving, directory, one_time, widening
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer, stamp
from api.v1.moves import digest
from referral.access import Act, May, Role
from referral.db import EVERYBODY
from referral.errors import Blocked, KeyReused, NotAllowed, Reason
from referral.models import Client, Repeat, User
from referral.sign_in import SignInChange, record
from workflows.leaving import let_go


class UserTold(Body, directory.Invited):
    """A person to be invited."""


class ClientTold(Body, directory.NewClient):
    """A client to be added."""


class NothingTold(Body):
    """Nothing needs to be said."""


def add_routes(app: FastAPI) -> None:
    """Six addresses."""
    # fmt: off
    for path, name, endpoint, body, says in (
        ("/v1/users",                    "users.list",      reading(_users, act=Act.KEEP_USERS),                          None,        "The staff of your agency"),
        ("/v1/users",                    "users.add",       writing(_add_user, UserTold, digest, act=Act.KEEP_USERS),     UserTold,    "Invite a person to your agency; the code is shown once"),
        ("/v1/users/{user}/leave",       "users.leave",     writing(_leave, NothingTold, digest, act=Act.KEEP_USERS),     NothingTold, "They have left: every case of theirs goes into hand-over"),
        ("/v1/clients",                  "clients.list",    reading(_clients, act=Act.KEEP_CLIENTS),                      None,        "The clients of your agency"),
        ("/v1/clients",                  "clients.add",     writing(_add_client, ClientTold, digest, act=Act.KEEP_CLIENTS), ClientTold, "Ask for a client; its secret is shown once, and worth nothing before a second person has approved"),
        ("/v1/clients/{client}/disable", "clients.disable", writing(_disable, NothingTold, digest, act=Act.DISABLE_CLIENT), NothingTold, "Take a client out"),
    ):
        app.router.add_api_route(path, endpoint, methods=["GET" if body is None else "POST"], **describe(name, says, body=body))
    # fmt: on


def _users(asked: Asked) -> Response:
    with asked.db.read() as session:
        return answer({"items": [user_shown(user) for user in directory.users(session, asked.actor.agency)]})


def _add_user(asked: Asked) -> Response:
    if Role.SYSTEM_ADMIN in asked.body.roles and Role.SYSTEM_ADMIN not in asked.actor.roles:
        raise NotAllowed(who=(Role.SYSTEM_ADMIN.value,), needs=str(May.KEEP_USERS))
    shown: dict[str, str] = {}

    def invite(session: Session) -> dict[str, Any]:
        user = directory.add_user(session, asked.actor.agency, asked.body, asked.now)
        if directory.ELEVATED.isdisjoint(asked.body.roles):
            shown["invitation"] = one_time.make(session, user, "invitation", asked.actor.id, asked.now)
            return user_shown(user) | {"waits_for": None}
        user.roles = ""  # all of them wait for a second person, and so does the invitation
        roles = asked.body.roles
        waits = approving.ask(session, approving.ROLES, user.id, roles, asked.actor, asked.now)
        record(session, user.id, SignInChange.ROLES_ASKED, asked.actor.id, asked.now)
        return user_shown(user) | {"waits_for": waits.id}

    return once(asked, invite, shown)


def _leave(asked: Asked) -> Response:
    """First they cannot sign in any more, then each case; asked again, it goes on where it stopped."""
    user, house = asked.path["user"], asked.house
    everywhere = house.db.acting_for(EVERYBODY)  # it is the engine that lets go
    if user == asked.actor.id:
        raise Blocked(Reason("own_account", "Somebody else has to do this for you."))
    with everywhere.write() as session:
        told = user_shown(directory.set_left(session, asked.actor.agency, user, asked.now))
    given_up, moved_on = let_go(everywhere, house.law, asked.now)
    return answer({"user": told, "handed_over": given_up, "moved_on": moved_on})


def _clients(asked: Asked) -> Response:
    with asked.db.read() as session:
        return answer({"items": [client_shown(client) for client in directory.clients(session, asked.actor.agency)]})


def _add_client(asked: Asked) -> Response:
    shown: dict[str, str] = {}

    def add(session: Session) -> dict[str, Any]:
        row, shown["secret"] = widening.ask_to_add(session, asked.body, asked.actor, asked.now)
        return {
            "id": asked.body.id, "scopes": [], "active": False, "agency": asked.actor.agency, "secrets": 0,
            "waits_for": row.id,
        }  # fmt: skip

    return once(asked, add, shown)


def _disable(asked: Asked) -> Response:
    with asked.db.write() as session:
        return answer(client_shown(directory.disable_client(session, asked.actor.agency, asked.path["client"])))


def once(asked: Asked, make: Callable[[Session], dict[str, Any]], shown: dict[str, str] | None = None) -> Response:
    """Make it, and keep the answer for a repeated key, in one transaction. `shown` stands in the first answer only."""
    caller = f"{asked.actor.kind}:{asked.actor.id}"
    with asked.db.write() as session:
        known = session.get(Repeat, (caller, asked.key)) if asked.key else None
        if known is not None:
            if known.request != asked.request:
                raise KeyReused
            return answer(orjson.loads(known.answer), 201, {"Idempotency-Replayed": "true"})
        told = make(session)
        if asked.key:
            kept = orjson.dumps(told).decode()
            session.add(Repeat(caller=caller, key=asked.key, request=asked.request, answer=kept, at=asked.now))
    return answer(told | (shown or {}), 201)


def user_shown(user: User) -> dict[str, Any]:
    """A person as their administrator sees them."""
    return {
        "id": user.id, "name": user.name, "email": user.email, "roles": user.roles.split(), "active": user.active,
        "left_at": stamp(user.left_at),
    }  # fmt: skip


def client_shown(client: Client) -> dict[str, Any]:
    """A client as its administrator sees it."""
    return {
        "id": client.id, "scopes": client.scopes.split(), "active": client.active, "agency": client.agency_id,
        "secrets": 0 if client.secrets_off else 1 + (client.second_secret_hash is not None),
    }  # fmt: skip
