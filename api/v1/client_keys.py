"""What an agency's systems may do and how they prove who they are: scopes, keys and secrets.

What takes something away acts at once. What gives something is asked for here, and waits for a second person.
"""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import AfterValidator, Field, StringConstraints
from sqlmodel import Session
from starlette.responses import Response

from api import clients, directory, widening
from api.actors import require
from api.deps import Asked, Body, reading, writing
from api.documents import describe
from api.schemas import answer, stamp
from api.v1.moves import digest
from api.v1.staff import client_shown
from referral.access import SCOPES, Act, May
from referral.models import Client, ClientKey

Doing = Callable[[Session, Asked, Client], dict[str, Any]]


class KeyTold(Body):
    """A public key on P-256, as PEM."""

    public_key: Annotated[str, StringConstraints(min_length=100, max_length=400)]


class ScopesTold(Body):
    """All the scopes that it is to have."""

    scopes: list[Annotated[str, AfterValidator(directory.a_scope)]] = Field(min_length=1, max_length=len(SCOPES))


class SlotTold(Body):
    """Which of the two places."""

    slot: int = Field(ge=1, le=2, strict=True)


class OffTold(Body):
    """Whether the client may only use its own keys."""

    off: bool = Field(strict=True)


class NothingTold(Body):
    """Nothing needs to be said."""


def add_routes(app: FastAPI) -> None:
    """Eight addresses."""
    # fmt: off
    app.router.add_api_route("/v1/clients/{client}/keys", reading(_keys, act=Act.KEEP_CLIENTS), methods=["GET"], **describe("clients.keys", "The keys of one of your clients"))
    for path, name, act, body, says in (
        ("/v1/clients/{client}/scopes",              "clients.scopes",         _scopes,        ScopesTold,  "Set the scopes of a client: what is left out ends at once, what is new waits for a second person"),
        ("/v1/clients/{client}/keys",                "clients.keys.add",       _add_key,       KeyTold,     "Ask for a key: compare its fingerprint by telephone or on paper; a second person approves"),
        ("/v1/clients/{client}/keys/retire",         "clients.keys.retire",    _retire_key,    SlotTold,    "Retire a key: it is worth nothing from now on"),
        ("/v1/clients/{client}/secrets",             "clients.secrets.add",    _add_secret,    NothingTold, "Ask for a second secret beside the first: shown once, and worth nothing before a second person has approved"),
        ("/v1/clients/{client}/secrets/retire",      "clients.secrets.retire", _retire_secret, NothingTold, "Retire the older of two secrets"),
        ("/v1/clients/{client}/secrets/off",         "clients.secrets.off",    _secrets_off,   OffTold,     "Whether this client may only use its own keys; that it may use secrets again waits for a second person"),
        ("/v1/clients/{client}/enable",              "clients.enable",         _enable,        NothingTold, "Ask to bring a client back that was taken out; a second person approves"),
    ):
        app.router.add_api_route(path, writing(_on_one(act), body, digest, act=Act.KEEP_CLIENTS), methods=["POST"], **describe(name, says, body=body))
    # fmt: on


def _on_one(act: Doing) -> Callable[[Asked], Response]:
    """An act on one of the agency's own clients, in one transaction."""

    def do(asked: Asked) -> Response:
        require(asked.actor, May.KEEP_CLIENTS)
        with asked.db.write() as session:
            client = directory.find_client(session, asked.actor.agency, asked.path["client"], hold=True)
            return answer(act(session, asked, client), headers={"Cache-Control": "no-store"})

    return do


def _keys(asked: Asked) -> Response:
    require(asked.actor, May.KEEP_CLIENTS)
    with asked.db.read() as session:
        client = directory.find_client(session, asked.actor.agency, asked.path["client"])
        return answer({"items": [_key(key) for key in clients.keys_of(session, client.id)]})


def _scopes(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    row = widening.set_scopes(session, client, asked.body.scopes, asked.actor, asked.now)
    return client_shown(client) | {"waits_for": row and row.id}


def _add_key(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    row, mark = widening.ask_for_key(session, client, asked.body.public_key, asked.actor, asked.now)
    return {"client": client.id, "fingerprint": mark, "waits_for": row.id}


def _retire_key(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    clients.retire_key(session, client, asked.body.slot)
    return {"client": client.id, "retired": asked.body.slot}


def _add_secret(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    row, secret = widening.ask_for_secret(session, client, asked.actor, asked.now)
    return {"client": client.id, "secret": secret, "waits_for": row.id}


def _retire_secret(session: Session, _: Asked, client: Client) -> dict[str, Any]:
    clients.retire_secret(session, client)
    return {"client": client.id, "secrets": 1}


def _secrets_off(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    row = widening.set_secrets_off(session, client, asked.actor, asked.now, off=asked.body.off)
    return {"client": client.id, "secrets_off": client.secrets_off, "waits_for": row and row.id}


def _enable(session: Session, asked: Asked, client: Client) -> dict[str, Any]:
    row = widening.ask_to_enable(session, client, asked.actor, asked.now)
    return {"client": client.id, "active": client.active, "waits_for": row and row.id}


def _key(key: ClientKey) -> dict[str, Any]:
    return {"slot": key.slot, "fingerprint": key.fingerprint, "made_at": stamp(key.made_at)}
