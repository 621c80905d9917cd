"""Sharing agreements: an agency's administrator keeps the own agency's, the installation's keeps all."""

from fastapi import FastAPI
from starlette.responses import Response

from api import agreements
from api.actors import require
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer
from api.v1.moves import digest
from api.v1.staff import NothingTold, once
from referral.access import Act, May, Role
from referral.errors import NotAllowed
from workflows.steps import DEFAULT_LAW

KEEPS = Act.KEEP_AGREEMENTS


class AgreementTold(Body, agreements.NewAgreement):
    """An agreement to be recorded."""


def add_routes(app: FastAPI) -> None:
    """Three addresses."""
    for path, name, endpoint, body, says in (
        ("/v1/agreements", "agreements.list", reading(_list, act=KEEPS), None, "The sharing agreements of your agency"),
        ("/v1/agreements", "agreements.add", writing(_add, AgreementTold, digest, act=KEEPS), AgreementTold, "Add one"),
        ("/v1/agreements/{agreement}/end", "agreements.end", writing(_end, NothingTold, digest, act=KEEPS), NothingTold,
         "End one now: whatever was shared under it ends with it"),
    ):  # fmt: skip
        app.router.add_api_route(
            path, endpoint, methods=["GET" if body is None else "POST"], **describe(name, says, body=body)
        )


def _list(asked: Asked) -> Response:
    require(asked.actor, May.KEEP_AGREEMENTS)
    with asked.db.read() as session:
        return answer({"items": [agreements.told(row) for row in agreements.listed(session, _whose(asked))]})


def _add(asked: Asked) -> Response:
    require(asked.actor, May.KEEP_AGREEMENTS)
    if _whose(asked) not in (None, asked.body.from_agency):
        raise NotAllowed(who=(Role.SYSTEM_ADMIN.value,), needs=str(May.KEEP_AGREEMENTS))
    zone = asked.house.law[DEFAULT_LAW].zone
    return once(asked, lambda session: agreements.told(agreements.add(session, asked.body, asked.now, zone)))


def _end(asked: Asked) -> Response:
    require(asked.actor, May.KEEP_AGREEMENTS)
    with asked.db.write() as session:
        row = agreements.end(session, asked.path["agreement"], _whose(asked), asked.now)
        return answer(agreements.told(row))


def _whose(asked: Asked) -> str | None:
    """The own agency's; None means everybody's."""
    return None if Role.SYSTEM_ADMIN in asked.actor.roles else asked.actor.agency
