"""An address on one screen, once; and who ever saw one. For people's sessions alone, and only once the signed log covers it."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from typing import Any

from fastapi import FastAPI
from starlette.responses import Response

from api.actors import expect_person
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer, stamp
from api.seeing import the_case
from api.v1.moves import digest
from referral import reveals
from referral.access import Act
from referral.db import EVERYBODY
from referral.errors import Refusal
from referral.models import AddressReader, Reveal
from referral.records import record_refusal
from workflows.housing.forms import PURPOSES

ENDED = ("locked", "shown_already", "address_changed", "reveal_ended", "not_covered")


class NothingTold(Body):
    """Nothing needs to be said."""


def add_routes(app: FastAPI) -> None:
    """Four addresses, on a person's case."""
    one = "/v1/cases/{case}"
    # fmt: off
    for path, name, endpoint, body, says in (
        ("/reveals",                  "reveals.list",    reading(_ledger, act=Act.READ_REVEALS),                      None,        "Who ever was let see where the person lives, when, and what for"),
        ("/address-readers",          "reveals.readers", reading(_readers, act=Act.READ_REVEALS),                     None,        "The need-to-know list of the case, with all that ever was on it"),
        ("/reveals/{reveal}/address", "reveals.address", writing(_address, NothingTold, digest, act=Act.REVEAL), NothingTold, "The address of your own reveal, once"),
        ("/reveals/{reveal}/close",   "reveals.close",   writing(_close, NothingTold, digest, act=Act.REVEAL),  NothingTold, "You are done with it"),
    ):
        app.router.add_api_route(one + path, endpoint, methods=["GET" if body is None else "POST"], **describe(name, says, one_case=True, body=body, more=("not_for_machines", *(ENDED if path.endswith("address") else ()))))
    # fmt: on


def _address(asked: Asked) -> Response:
    """Refused ones are recorded like a refused move: somebody may be trying."""
    expect_person(asked.actor)
    try:
        return _shown(asked)
    except Refusal as refusal:
        record_refusal(
            asked.db, refusal, actor=asked.actor, move="housing.reveal", case=asked.path["case"], now=asked.now
        )  # fmt: skip
        raise


def _shown(asked: Asked) -> Response:
    house, user, reveal = asked.house, asked.actor.id, asked.path["reveal"]
    everywhere = asked.db.acting_for(EVERYBODY)  # the key of a place belongs to no agency's cases
    with asked.db.read() as session:
        case = the_case(session, asked, "person")
        row = reveals.find(session, case.id, reveal, user)
        if why := reveals.refusal(row, asked.now):
            raise why
        seq = row.seq
    house.covers(everywhere, case.id, seq, asked.now)  # NotCovered: then nobody is shown anything
    with everywhere.write() as session:
        told = reveals.show(session, everywhere.vault, case.id, reveal, user, asked.now)
    if isinstance(told, Refusal):
        raise told
    asked.saw(case.id, "address")
    watermark = {"who": user, "agency": asked.actor.agency, "when": stamp(asked.now), "case": case.row.reference}
    return answer({"address": told, "watermark": watermark}, headers={"Cache-Control": "no-store"})


def _close(asked: Asked) -> Response:
    expect_person(asked.actor)
    with asked.db.write() as session:
        case = the_case(session, asked, "person")
        row = reveals.find(session, case.id, asked.path["reveal"], asked.actor.id)
        reveals.close(session, row, asked.now)
        shown = _line(row)
    return answer(shown)


def _ledger(asked: Asked) -> Response:
    expect_person(asked.actor)
    with asked.db.read() as session:
        case = the_case(session, asked, "person")
        items = [_line(row) for row in reveals.ledger(session, case.id)]
    asked.saw(case.id, "reveals")
    return answer({"items": items})


def _readers(asked: Asked) -> Response:
    expect_person(asked.actor)
    with asked.db.read() as session:
        case = the_case(session, asked, "person")
        items = [_entry(row) for row in reveals.readers(session, case.id)]
    asked.saw(case.id, "address_readers")
    return answer({"items": items})


def _line(row: Reveal) -> dict[str, Any]:
    return {
        "id": row.id, "user": row.user_id, "agency": row.agency_id, "purpose": row.purpose,
        "says": PURPOSES[row.purpose], "asked_at": stamp(row.at), "shown_at": stamp(row.shown_at),
        "until": stamp(row.until), "closed_at": stamp(row.closed_at), "closed_why": row.closed_why, "event": row.seq,
    }  # fmt: skip


def _entry(row: AddressReader) -> dict[str, Any]:
    return {
        "entry": row.id, "user": row.user_id, "agency": row.agency_id, "purpose": row.purpose,
        "says": PURPOSES[row.purpose], "asked_by": row.asked_by, "asked_at": stamp(row.asked_at),
        "approved_by": row.approved_by, "since": stamp(row.since), "until": stamp(row.until),
        "removed_by": row.removed_by, "removed_at": stamp(row.removed_at),
    }  # fmt: skip
