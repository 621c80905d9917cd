"""What the caller's agency must acknowledge after withdrawals: the one narrow way to a case it may see no more.

A reference and a strand are all that is shown; nothing of the person, nor of what else happens in the case.
"""

from typing import Any, Literal

from fastapi import FastAPI
from sqlalchemy import literal_column
from sqlmodel import col
from starlette.responses import Response

from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.picking import pick
from api.schemas import answer, stamp
from api.v1.moves import digest
from referral.access import Act
from referral.db import EVERYBODY
from referral.errors import NotFound
from referral.models import Case, Strand
from workflows.ask import Ask
from workflows.engine import perform
from workflows.forms import Code, Text

MOST = 200  # what was acknowledged leaves the list, so whoever has more goes on with the oldest


class Told(Body):
    """What was done with the data: deleted, returned, or kept because a law asks for it."""

    what: Literal["deleted", "returned", "kept_by_law"]
    law: Code | None = None
    note: Text | None = None


def add_routes(app: FastAPI) -> None:
    """Two addresses."""
    app.router.add_api_route(
        "/v1/acknowledgements", reading(_list, act=Act.ACKNOWLEDGE), methods=["GET"],
        **describe("acknowledgements.list", "What your agency must acknowledge after withdrawals, oldest first"),
    )  # fmt: skip
    app.router.add_api_route(
        "/v1/acknowledgements/{strand}", writing(_acknowledge, Told, digest, act=Act.ACKNOWLEDGE), methods=["POST"],
        **describe("acknowledgements.acknowledge", "Say what became of what your agency holds", body=Told),
    )  # fmt: skip


def _list(asked: Asked) -> Response:
    waits = col(Strand.state).in_(("asked", "chased"))
    with asked.db.acting_for(EVERYBODY).read() as session:  # a holder may see the case no more
        rows = session.execute(
            pick(Strand.id, Strand.state, Strand.opened_at, Case.reference)
            .join(Case, col(Case.id) == col(Strand.case_id))
            .where(*_of(asked), waits)
            .order_by(col(Strand.opened_at), col(Strand.id))
            .limit(MOST)
        ).all()
    items = [
        {"id": row.id, "reference": row.reference, "state": row.state, "asked_at": stamp(row.opened_at)} for row in rows
    ]
    return answer({"items": items})


def _acknowledge(asked: Asked) -> Response:
    strand, house = asked.path["strand"], asked.house
    with asked.db.acting_for(EVERYBODY).read() as session:
        case = session.execute(pick(Strand.case_id).where(*_of(asked), col(Strand.id) == strand)).scalar()
    if case is None:
        raise NotFound
    told = asked.body.model_dump(mode="json", exclude_none=True)
    ask = Ask(
        asked.actor, "acknowledgement.acknowledge", asked.now, case=case, form=told, strand=strand, key=asked.key,
        request=asked.request,
    )  # fmt: skip
    done = perform(house.db, house.law, ask)
    return answer({"id": strand, "reference": done.reference, "state": done.state})


def _of(asked: Asked) -> tuple[Any, ...]:
    """The strands that name the caller's agency; the workflow stands there as text, as their index says it."""
    named = f'"holder":"{asked.actor.agency}"'
    return literal_column("strands.workflow = 'acknowledgement'"), col(Strand.facts).contains(named, autoescape=True)
