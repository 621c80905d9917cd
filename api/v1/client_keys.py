"""How an agency's systems prove who they are: their keys and secrets, added and retired by the agency's administrator."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field, StringConstraints
from sqlmodel import Session
from starlette.responses import Response

from api import clients, directory
from api.actors import require
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer, stamp
from api.v1.moves import digest
from referral.access import Act, May
from referral.models import Client, ClientKey

Doing = Callable[[Session, Asked, Client], dict[str, Any]]


class KeyTold(Body):
    """A public key on P-256, as PEM."""

    public_key: Annotated[str, StringConstraints(min_length=100, max_length=400)]


class SlotTold(Body):
    """Which of the two places."""

    slot: int = Field(ge=1, le=2, strict=True)


class OffTold(Body):
    """Whether the client may only use its own keys."""

    off: bool = Field(strict=True)


class NothingTold(Body):
    """Nothing needs to be said."""


def add_routes(app: FastAPI) -> None:
    """Seven addresses."""
    # fmt: off
    app.router.add_api_route("/v1/clients/{client}/keys", reading(_keys, act=Act.KEEP_CLIENTS), methods=["GET"], **describe("clients.keys", "The keys of one of your clients"))
    for path, name, act, body, says in (
        ("/v1/clients/{client}/keys",                "clients.keys.add",       _add_key,       KeyTold,     "Add a key: compare its fingerprint by telephone or on paper"),
        ("/v1/clients/{client}/keys/retire",         "clients.keys.retire",    _retire_key,    SlotTold,    "Retire a key: it is worth nothing from now on"),
        ("/v1/clients/{client}/secrets",             "clients.secrets.add",    _add_secret,    NothingTold, "A second secret beside the first, shown once"),
        ("/v1/clients/{client}/secrets/retire",      "clients.secrets.retire", _retire_secret, NothingTold, "Retire the older of two secrets"),
        ("/v1/clients/{client}/secrets/off",         "clients.secrets.off",    _secrets_off,   OffTold,     "Whether this client may only use its own keys"),
        ("/v1/clients/{client}/enable",              "clients.enable",         _enable,        NothingTold, "Bring a client back that was taken out"),
    ):
        app.router.add_api_route(path, writing(_on_one(act), body, digest, act=Act.KEEP_CLIENTS), methods=["POST"], **describe(name, says, body=body))
    # fmt: on


def _on_one(act: Doing) -> Callable[[Asked], Response]:
    """An act on one of the agency's own clients, in one transaction."""

    def do(asked: Asked) -> Response:
        require(asked.actor, May.KEEP_CLIENTS)
        with asked.db.write() as session:
            client = directory.find_client(session, asked.actor.agency, asked.path["client"])
            return answer(act(session, asked, client), headers={"Cache-Control": "no-store"})

    return do


def _keys(asked: Asked) -> Response:
    require(asked.actor, May.KEEP_CLIENTS)
    with asked.db.read() as session:
        client = directory.find_client(session, asked.actor.agency, asked.path["client"])
        return answer({"items": [_key(key) for key in clients.keys_of(session, client.id)]})


def _add_key(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    return _key(clients.add_key(session, client, asked.body.public_key, asked.now))


def _retire_key(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    clients.retire_key(session, client, asked.body.slot)
    return {"client": client.id, "retired": asked.body.slot}


def _add_secret(session: Session, _: Asked, client: Client) -> dict[str, Any]:
    return {"client": client.id, "secret": clients.add_secret(session, client)}


def _retire_secret(session: Session, _: Asked, client: Client) -> dict[str, Any]:
    clients.retire_secret(session, client)
    return {"client": client.id, "secrets": 1}


def _secrets_off(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    clients.set_secrets_off(session, client, off=asked.body.off)
    return {"client": client.id, "secrets_off": client.secrets_off}


def _enable(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    return {"client": client.id, "active": directory.enable_client(session, asked.actor.agency, client.id).active}


def _key(key: ClientKey) -> dict[str, Any]:
    return {"slot": key.slot, "fingerprint": key.fingerprint, "made_at": stamp(key.made_at)}
