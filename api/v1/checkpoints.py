"""For witnesses: signed checkpoints, the proof that one continues another, and their own signatures below them."""

from typing import Any

from fastapi import FastAPI
from pydantic import Field
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.actors import require
from api.deps import Asked, BadFields, BadQuery, Body, Query, reading, writing
from api.documents import describe
from api.schemas import CheckpointShown, ConsistencyShown, answer, stamp
from api.v1.moves import digest
from referral import attesting, checkpoints, merkle, numbering
from referral.access import Act, May
from referral.db import EVERYBODY
from referral.errors import NotFound, Reason, Taken
from referral.models import Checkpoint, Cosignature

LARGEST = 999_999_999


class Which(Query):
    """The newest checkpoint, or the one of a size."""

    size: int | None = Field(default=None, ge=1, le=LARGEST)


class Span(Query):
    """From a size that the witness knows to one that it is told."""

    first: int = Field(alias="from", ge=0, le=LARGEST)
    second: int = Field(alias="to", ge=0, le=LARGEST)


class Seen(Body):
    """What a witness signed: its public key, and its signature line over the checkpoint."""

    key: str = Field(min_length=1, max_length=300)
    line: str = Field(min_length=1, max_length=600)


def add_routes(app: FastAPI) -> None:
    """Three addresses, all for whoever may be a witness."""
    add = app.router.add_api_route
    says = "A signed checkpoint of the whole history, with the keys that verify it and who has witnessed it"
    add("/v1/checkpoints", reading(_newest, Which, act=Act.WITNESS), methods=["GET"], response_model=CheckpointShown,
        **describe("checkpoints.newest", says, Which))  # fmt: skip
    says = "The proof that the history of one size is the beginning of that of another"
    add("/v1/checkpoints/consistency", reading(_consistency, Span, act=Act.WITNESS), methods=["GET"],
        response_model=ConsistencyShown,
        **describe("checkpoints.consistency", says, Span))  # fmt: skip
    says = "A witness has seen this checkpoint and found that it continues what it saw before"
    add("/v1/checkpoints/{size}/cosignatures", writing(_cosign, Seen, digest, act=Act.WITNESS), methods=["POST"],
        **describe("checkpoints.cosign", says, body=Seen))  # fmt: skip


def _newest(asked: Asked) -> Response:
    require(asked.actor, May.WITNESS)
    with asked.db.acting_for(EVERYBODY).read() as session:
        wanted = asked.query.size
        found = attesting.latest(session) if wanted is None else session.get(Checkpoint, wanted)
        if found is None:
            raise NotFound
        return answer(_told(session, found))


def _consistency(asked: Asked) -> Response:
    require(asked.actor, May.WITNESS)
    first, second = asked.query.first, asked.query.second
    with asked.db.acting_for(EVERYBODY).read() as session:
        if not first <= second <= numbering.head(session).size:
            raise BadQuery(Reason("no_such_tree", "Name two sizes of the history, the smaller one first."))
        try:
            proof = merkle.consistency(numbering.nodes(session), first, second)
        except LookupError:
            raise NotFound from None
    return answer({"from": first, "to": second, "proof": [one.hex() for one in proof]})


def _cosign(asked: Asked) -> Response:
    require(asked.actor, May.WITNESS)
    size, told = int(asked.path["size"]), asked.body
    with asked.db.acting_for(EVERYBODY).write() as session:
        found = session.get(Checkpoint, size)
        if found is None:
            raise NotFound
        try:
            seen = checkpoints.cosigned_at(told.line, found.note, checkpoints.read_key(told.key))
        except ValueError:
            seen = None
        if seen is None:
            raise BadFields(Reason("bad_cosignature", "This is no signature of that key over this checkpoint."))
        own = col(Cosignature.agency_id) == asked.actor.agency
        standing = session.exec(select(Cosignature).where(col(Cosignature.size) == size, own)).first()
        if standing is not None and standing.key != told.key.strip():
            raise Taken(Reason("cosigned", "Your agency has witnessed this checkpoint with another key."))
        if standing is None:
            session.add(Cosignature(
                size=size, key=told.key.strip(), agency_id=asked.actor.agency, actor=asked.actor.id, at=asked.now,
                line=told.line,
            ))  # fmt: skip
    return answer({"size": size, "witness": asked.actor.agency, "seen_at": stamp(seen)}, 201)


def _told(session: Session, found: Checkpoint) -> dict[str, Any]:
    keys = session.exec(select(Checkpoint.key).distinct()).all()
    wanted = select(Cosignature).where(col(Cosignature.size) == found.size).order_by(col(Cosignature.at))
    return {
        "size": found.size, "root": found.root.hex(), "at": stamp(found.at), "note": found.note, "key": found.key,
        "keys": sorted(keys),
        "cosignatures": [
            {"agency": one.agency_id, "key": one.key, "line": one.line, "at": stamp(one.at)}
            for one in session.exec(wanted)
        ],
    }  # fmt: skip
