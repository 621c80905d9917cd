"""Who asks, as the database says at this request: a person of staff or a partner agency's client, with their rights."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, update
from sqlmodel import Session, col

from api import sessions
from api.picking import pick
from api.sessions import Presented
from api.tokens import BadToken, Claims
from referral.access import SCOPES, Actor, May, Role, is_fresh, rights, scope_rights
from referral.db import Database
from referral.errors import NotAllowed, NotForMachines, SecondFactorNeeded, StepUpNeeded
from referral.models import Agency, Client, SignIn, User

_AGENCY = (Agency.id, Agency.kind, Agency.nation)
_SESSION = (
    SignIn.user_id, SignIn.factor, SignIn.partial, SignIn.seen_at, SignIn.ends_at, SignIn.ended_at,
    SignIn.stepped_up_at,
)  # fmt: skip
# Made once: they are asked at every request.
_USER = (
    pick(User.roles, *_AGENCY, *_SESSION)
    .join(Agency, col(User.agency_id) == Agency.id)
    .join(SignIn, col(SignIn.user_id) == User.id)
    .where(col(SignIn.token_sha256) == bindparam("digest"), col(User.active), col(Agency.active))
)
_SEEN = (
    update(SignIn)
    .where(col(SignIn.token_sha256) == bindparam("digest"), col(SignIn.seen_at) < bindparam("at"))
    .values(seen_at=bindparam("at"))
)
_CLIENT = (
    pick(Client.scopes, *_AGENCY)
    .join(Agency, col(Client.agency_id) == Agency.id)
    .where(col(Client.id) == bindparam("who"), col(Client.active), col(Agency.active))
)


def load_actor(
    db: Database, claims: Claims | Presented, now: datetime, *, second_factor: str, partial: bool = False
) -> Actor:
    """Whom a token or a session names, as the database says now. Raises BadToken where they no longer are.

    `partial` is for the few acts that are open to somebody who has still to show a second factor; all others raise
    SecondFactorNeeded. `second_factor` is the setting: whether everybody needs one.
    """
    with db.read() as session:
        if isinstance(claims, Claims):
            if claims.kind != "client":
                raise BadToken  # people have sessions
            return client_actor(session, claims.id, claims.scopes)
        actor, again = _user_actor(session, claims, now, second_factor, partial=partial)
    if again:
        with db.write() as session:
            session.connection().execute(_SEEN, {"digest": claims.digest, "at": now})
    return actor


def _user_actor(
    session: Session, presented: Presented, now: datetime, second_factor: str, *, partial: bool
) -> tuple[Actor, bool]:
    """A person of staff, with all that their roles may do together; and whether this use must be written down."""
    row = _one(session.connection().execute(_USER, {"digest": presented.digest}).first())
    if not sessions.live(row, now):
        raise BadToken
    alone = row.partial or (second_factor == "required" and row.factor in sessions.ALONE)
    if alone and not partial:
        raise SecondFactorNeeded
    roles = tuple(role for role in row.roles.split() if role in set(Role))
    actor = _actor(row.user_id, "user", row, roles, rights(roles))
    again = now >= row.seen_at + sessions.SEEN_EVERY
    return replace(actor, factor=row.factor, stepped_up_at=row.stepped_up_at), again


def client_actor(session: Session, client: str, granted: frozenset[str]) -> Actor:
    """A client, with what its token was granted and it still may ask for."""
    row = _one(session.connection().execute(_CLIENT, {"who": client}).first())
    scopes = tuple(scope for scope in row.scopes.split() if scope in granted and scope in SCOPES)
    return replace(_actor(client, "client", row, (), scope_rights(scopes)), factor="client")


def require(actor: Actor, *needed: May) -> None:
    """Raise NotAllowed unless the actor holds one of these rights."""
    if not actor.may.intersection(needed):
        raise NotAllowed(who=who_hold(*needed), needs=" or ".join(needed))


def expect_person(actor: Actor) -> None:
    """Raise NotForMachines for whoever is no person who has signed in."""
    if actor.kind != "user":
        raise NotForMachines


def expect_step_up(actor: Actor, second_factor: str, now: datetime) -> None:
    """Raise StepUpNeeded unless a second factor was shown just now, where the setting asks everybody for one."""
    if second_factor == "required" and not is_fresh(actor.stepped_up_at, now):
        raise StepUpNeeded


def who_hold(*needed: May) -> tuple[str, ...]:
    """The roles that hold one of these rights."""
    return tuple(role.value for role in Role if rights((role.value,)).intersection(needed))


def _one(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise BadToken
    return row


def _actor(who: str, kind: str, row: Row[Any], roles: tuple[str, ...], may: frozenset[May]) -> Actor:
    return Actor(who, kind, row.id, row.kind, roles, may, nation=row.nation)
