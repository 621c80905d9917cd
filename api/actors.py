"""Who asks, as the database says at this request: a person of staff or a partner agency's client, with their rights."""

from typing import Any

from sqlalchemy import Row, bindparam
from sqlmodel import Session, col

from api.picking import pick
from api.tokens import BadToken, Claims
from referral.access import SCOPES, Actor, May, Role, rights, scope_rights
from referral.db import Database
from referral.errors import NotAllowed, NotForMachines
from referral.models import Agency, Client, User

_AGENCY = (Agency.id, Agency.kind, Agency.nation)
# Made once: they are asked at every request.
_USER = (
    pick(User.roles, *_AGENCY)
    .join(Agency, col(User.agency_id) == Agency.id)
    .where(col(User.id) == bindparam("who"), col(User.active), col(Agency.active))
)
_CLIENT = (
    pick(Client.scopes, *_AGENCY)
    .join(Agency, col(Client.agency_id) == Agency.id)
    .where(col(Client.id) == bindparam("who"), col(Client.active), col(Agency.active))
)


def load_actor(db: Database, claims: Claims) -> Actor:
    """The actor a token names. Raises BadToken where they no longer are what the token says."""
    with db.read() as session:
        return (
            user_actor(session, claims.id) if claims.kind == "user" else client_actor(session, claims.id, claims.scopes)
        )


def user_actor(session: Session, user: str) -> Actor:
    """A person of staff, with all that their roles may do together."""
    row = _one(session.connection().execute(_USER, {"who": user}).first())
    roles = tuple(role for role in row.roles.split() if role in set(Role))
    return _actor(user, "user", row, roles, rights(roles))


def client_actor(session: Session, client: str, granted: frozenset[str]) -> Actor:
    """A client, with what its token was granted and it still may ask for."""
    row = _one(session.connection().execute(_CLIENT, {"who": client}).first())
    scopes = tuple(scope for scope in row.scopes.split() if scope in granted and scope in SCOPES)
    return _actor(client, "client", row, (), scope_rights(scopes))


def require(actor: Actor, *needed: May) -> None:
    """Raise NotAllowed unless the actor holds one of these rights."""
    if not actor.may.intersection(needed):
        raise NotAllowed(who=who_hold(*needed), needs=" or ".join(needed))


def expect_person(actor: Actor) -> None:
    """Raise NotForMachines for whoever is no person who has signed in."""
    if actor.kind != "user":
        raise NotForMachines


def who_hold(*needed: May) -> tuple[str, ...]:
    """The roles that hold one of these rights."""
    return tuple(role.value for role in Role if rights((role.value,)).intersection(needed))


def _one(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise BadToken
    return row


def _actor(who: str, kind: str, row: Row[Any], roles: tuple[str, ...], may: frozenset[May]) -> Actor:
    return Actor(who, kind, row.id, row.kind, roles, may, nation=row.nation)
