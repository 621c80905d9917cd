"""Houses: their code names, regions, beds, addresses and panic lock. An address comes in here and never goes out again."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer, stamp
from api.sessions import Presented
from api.tokens import Claims
from api.v1.moves import digest
from referral import places
from referral.access import Act
from referral.db import EVERYBODY, Database
from referral.models import AddressLock, Bed, Place
from workflows import houses
from workflows.forms import Line, Moment
from workflows.housing.forms import Region

CodeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9 _-]{0,63}$")]


class PlaceTold(Body):
    """A house with its beds, by code names."""

    code_name: CodeName
    region: Region
    beds: list[CodeName] = Field(default_factory=list, max_length=60)


class AddressTold(Body):
    """Where the house lies, from a time on."""

    from_at: Moment
    street: Line = Field(repr=False)
    town: Line = Field(repr=False)
    postcode: Line = Field(repr=False)
    way: Line | None = Field(default=None, repr=False)
    phone: Line | None = Field(default=None, repr=False)


class NothingTold(Body):
    """Nothing needs to be said."""


def add_routes(app: FastAPI) -> None:
    """Six addresses, for people alone."""
    # fmt: off
    for path, name, endpoint, body, says in (
        ("/v1/places",                    "places.list",       reading(_list, act=Act.LOCK_PLACE),                            None,        "The places of your agency, by code name, with their beds"),
        ("/v1/places",                    "places.add",        writing(_add, PlaceTold, digest, act=Act.KEEP_PLACES),          PlaceTold,   "Add a place"),
        ("/v1/places/{place}/address",    "places.address",    writing(_address, AddressTold, _without_address, act=Act.KEEP_PLACES), AddressTold, "Set a place's address from a time on; it is never told back"),
        ("/v1/places/{place}/lock",       "places.lock",       writing(_lock, NothingTold, digest, act=Act.LOCK_PLACE),       NothingTold, "Lock the address for every case in the place, at once"),
        ("/v1/places/{place}/ask-unlock", "places.ask_unlock", writing(_ask_to_open, NothingTold, digest, act=Act.LOCK_PLACE), NothingTold, "Ask to open the lock; another person opens it"),
        ("/v1/places/{place}/unlock",     "places.unlock",     writing(_open, NothingTold, digest, act=Act.LOCK_PLACE),       NothingTold, "Open the lock that another person asked to open"),
    ):
        app.router.add_api_route(path, endpoint, methods=["GET" if body is None else "POST"], **describe(name, says, body=body, more=("not_for_machines", *(() if body is None else ("locked", "blocked")))))
    # fmt: on


def _list(asked: Asked) -> Response:
    with asked.db.read() as session:
        kept = places.kept_by(session, asked.actor.agency)
        items = [
            _place(place, beds) | {
                "has_address": places.in_force(session, place.id, asked.now) is not None,
                "lock": _lock_shown(places.lock_of(session, place.id)),
            }
            for place, beds in kept
        ]  # fmt: skip
    return answer({"items": items})


def _add(asked: Asked) -> Response:
    told: PlaceTold = asked.body
    db = _everywhere(asked)
    with db.write() as session:
        place = places.add_place(
            session, db.vault, asked.actor.agency, told.code_name, told.region, told.beds, asked.now
        )  # fmt: skip
        beds = next(beds for row, beds in places.kept_by(session, asked.actor.agency) if row.id == place.id)
        shown = _place(place, beds)
    return answer(shown, 201)


def _address(asked: Asked) -> Response:
    told: AddressTold = asked.body
    db = _everywhere(asked)
    where = places.Where(told.street, told.town, told.postcode, told.way, told.phone)
    with db.write() as session:
        place = places.hold(session, asked.actor.agency, asked.path["place"])
        places.set_address(
            session, db.vault, place, where, from_at=told.from_at, who=asked.actor.id, now=asked.now
        )  # fmt: skip
    _tell(asked, "address_changed")
    return answer({"place": asked.path["place"], "from_at": stamp(told.from_at)}, 201)


def _lock(asked: Asked) -> Response:
    with _everywhere(asked).write() as session:
        place = places.hold(session, asked.actor.agency, asked.path["place"])
        shown = _lock_shown(houses.lock(session, place.id, asked.actor, asked.now))
    _tell(asked, "locked")
    return answer(shown, 201)


def _ask_to_open(asked: Asked) -> Response:
    with _everywhere(asked).write() as session:
        place = places.hold(session, asked.actor.agency, asked.path["place"])
        shown = _lock_shown(houses.ask_to_open(session, place.id, asked.actor, asked.now))
    _tell(asked, "asked_to_open")
    return answer(shown)


def _open(asked: Asked) -> Response:
    with _everywhere(asked).write() as session:
        place = places.hold(session, asked.actor.agency, asked.path["place"])
        shown = _lock_shown(houses.open_lock(session, place.id, asked.actor, asked.now))
    _tell(asked, "opened")
    return answer(shown)


def _everywhere(asked: Asked) -> Database:
    """A place is no case: its key and the locks of all who live there lie beyond what one agency's cases show."""
    return asked.db.acting_for(EVERYBODY)


def _tell(asked: Asked, what: str) -> None:
    houses.tell_cases(_everywhere(asked), asked.house.law, asked.path["place"], what, asked.actor, asked.now)


def _without_address(request: Request, claims: Claims | Presented, told: dict[str, Any]) -> str:
    """An address leaves no trace, not even in a digest."""
    return digest(request, claims, {name: value for name, value in told.items() if name not in places.SEALED})


def _place(place: Place, beds: list[Bed]) -> dict[str, Any]:
    return {
        "id": place.id, "code_name": place.code_name, "region": place.region, "active": place.active,
        "beds": [{"id": bed.id, "code_name": bed.code_name, "active": bed.active} for bed in beds],
    }  # fmt: skip


def _lock_shown(row: AddressLock | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "locked_by": row.locked_by, "locked_at": stamp(row.locked_at), "asked_by": row.asked_by,
        "asked_at": stamp(row.asked_at), "opened_by": row.opened_by, "opened_at": stamp(row.opened_at),
    }  # fmt: skip
