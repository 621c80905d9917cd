"""What waits for a second person, outside the cases: roles that weigh much, and what a client is given."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import FastAPI
from pydantic import AfterValidator, Field, StringConstraints
from starlette.responses import Response

from api import approving, directory, widening
from api.actors import expect_step_up, require
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import Answer, answer, stamp
from api.v1.moves import digest
from api.v1.staff import user_shown
from referral.access import Act, Group, May, Role
from referral.errors import Blocked, NotAllowed, Reason, Refusal, Unavailable
from referral.models import Approval
from referral.records import record_refusal
from referral.sign_in import SignInChange, record


class NothingTold(Body):
    """Nothing needs to be said."""


class Agreed(Body):
    """The digest of what was looked at."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RolesTold(Body):
    """All the roles that somebody is to have."""

    roles: list[Annotated[str, AfterValidator(directory.a_role)]] = Field(min_length=1, max_length=8)


class ApprovalShown(Answer):
    """One request. Approve it with its digest."""

    id: Annotated[str, Group.OPEN]
    kind: Annotated[str, Group.OPEN]
    about: Annotated[str, Group.OPEN]
    content: Annotated[list[str], Group.OPEN]
    digest: Annotated[str, Group.OPEN]
    asked_by: Annotated[str, Group.OPEN]
    agency: Annotated[str, Group.OPEN]
    asked_at: Annotated[str, Group.OPEN]
    expires_at: Annotated[str, Group.OPEN]
    answer: Annotated[str | None, Group.OPEN]
    answered_by: Annotated[str | None, Group.OPEN]


class Approvals(Answer):
    """What can still be answered, the oldest first."""

    items: list[ApprovalShown]


def add_routes(app: FastAPI) -> None:
    """Five addresses."""
    one = "/v1/approvals/{approval}"
    # fmt: off
    app.router.add_api_route("/v1/approvals", reading(_list, act=Act.USE_APPROVALS), methods=["GET"], response_model=Approvals, **describe("approvals.list", "What waits for a second person"))
    for path, name, do, body, act, more, says in (
        (one + "/approve",       "approvals.approve",  _approve,  Agreed,      Act.USE_APPROVALS, ("step_up_needed",), "Approve what another person asked for: it is carried out at once"),
        (one + "/refuse",        "approvals.refuse",   _refuse,   NothingTold, Act.USE_APPROVALS, (),                  "Refuse what another person asked for"),
        (one + "/withdraw",      "approvals.withdraw", _withdraw, NothingTold, Act.USE_APPROVALS, (),                  "Take your own request back"),
        ("/v1/users/{user}/roles", "users.roles",      _roles,    RolesTold,   Act.KEEP_USERS,    (),                  "Set the roles of one of your people; those that weigh much wait for a second person"),
    ):
        app.router.add_api_route(path, writing(_noted(do, name), body, digest, act=act), methods=["POST"], **describe(name, says, body=body, more=("not_found", "blocked", *more)))
    # fmt: on


def _noted(do: Callable[[Asked], Response], what: str) -> Callable[[Asked], Response]:
    """What was refused is recorded too: somebody may be trying to approve their own."""

    def noted(asked: Asked) -> Response:
        try:
            return do(asked)
        except Unavailable:
            raise
        except Refusal as refusal:
            record_refusal(asked.db, refusal, actor=asked.actor, move=what, case=None, now=asked.now)
            raise

    return noted


def _list(asked: Asked) -> Response:
    with asked.db.read() as session:
        items = [shown(row) for row in approving.listed(session, asked.actor, asked.now)]
    return answer({"items": items})


def _approve(asked: Asked) -> Response:
    expect_step_up(asked.actor, asked.house.settings.second_factor, asked.now)
    with asked.db.write() as session:
        row = approving.find(session, asked.actor, asked.path["approval"])
        codes = approving.approve(session, row, asked.actor, asked.body.digest, asked.now)
        if row.kind == approving.ROLES:
            directory.give_roles(session, row.asked_agency, row.about, codes, asked.now)
            record(session, row.about, SignInChange.ROLES_GIVEN, asked.actor.id, asked.now)
        else:
            widening.carry_out(session, row, codes, asked.now)
        return answer(shown(row))


def _refuse(asked: Asked) -> Response:
    with asked.db.write() as session:
        row = approving.find(session, asked.actor, asked.path["approval"])
        approving.refuse(session, row, asked.actor, asked.now)
        return answer(shown(row))


def _withdraw(asked: Asked) -> Response:
    with asked.db.write() as session:
        row = approving.find(session, asked.actor, asked.path["approval"])
        approving.withdraw(session, row, asked.actor, asked.now)
        return answer(shown(row))


def _roles(asked: Asked) -> Response:
    """At once where nothing is given that weighs much; otherwise all of it waits."""
    require(asked.actor, May.KEEP_USERS)
    user, roles = asked.path["user"], asked.body.roles
    if user == asked.actor.id:
        raise Blocked(Reason("own_account", "Somebody else has to do this for you."))
    with asked.db.write() as session:
        row = directory.find_user(session, asked.actor.agency, user)
        held = set(row.roles.split())
        if Role.SYSTEM_ADMIN in held | set(roles) and Role.SYSTEM_ADMIN not in asked.actor.roles:
            raise NotAllowed(who=(Role.SYSTEM_ADMIN.value,), needs=str(May.KEEP_USERS))
        directory.fits(session, asked.actor.agency, roles)
        waits = None
        if directory.ELEVATED.intersection(roles) - held:
            waits = approving.ask(session, approving.ROLES, user, roles, asked.actor, asked.now)
            record(session, user, SignInChange.ROLES_ASKED, asked.actor.id, asked.now)
        else:
            directory.give_roles(session, asked.actor.agency, user, roles, asked.now)
            record(session, user, SignInChange.ROLES_GIVEN, asked.actor.id, asked.now)
        return answer(user_shown(row) | {"waits_for": waits.id if waits else None})


def shown(row: Approval) -> dict[str, Any]:
    """One request as plain values."""
    return {
        "id": row.id, "kind": row.kind, "about": row.about, "content": orjson.loads(row.content),
        "digest": row.digest, "asked_by": row.asked_by, "agency": row.asked_agency, "asked_at": stamp(row.asked_at),
        "expires_at": stamp(row.expires_at), "answer": row.answer, "answered_by": row.answered_by,
    }  # fmt: skip
