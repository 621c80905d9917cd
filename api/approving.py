"""Requests that wait for a second person, outside the cases: asked, seen, approved or refused, taken back.

Every function works in a session that its caller has opened. What is approved is carried out in the same transaction,
so an approval is used once by its nature; and it is carried out from the row that was hashed, never from a body.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlmodel import Session, col, select

from referral.access import Act, Actor, Context, Matter, Role, decide
from referral.access.policy import who_can
from referral.errors import Blocked, NotAllowed, NotFound, Reason
from referral.ids import new_id
from referral.models import Approval, Client, User
from workflows.four_eyes import LASTS, Request, may_approve

ROLES = "roles"
OPERATOR, ALONE = "operator", "alone"  # who asked, and the answer, where the command line needed no second person
MOST = 200


class Widening(StrEnum):
    """What a client is given by two people."""

    ADD = "client_add"
    SCOPES = "client_scopes"
    KEY = "client_key"
    SECRET = "client_secret"  # noqa: S105  a kind of request
    SECRETS_ON = "client_by_secret"  # it may prove itself by its secrets again
    ON = "client_on"


# Kind of request -> what a second person must be entitled to.
ACTS: dict[str, Act] = {ROLES: Act.GRANT, **{kind.value: Act.WIDEN_CLIENT for kind in Widening}}


def digest(kind: str, about: str, content: str) -> str:
    """What makes two requests the same."""
    return hashlib.sha256(orjson.dumps([kind, about, content])).hexdigest()


def ask(session: Session, kind: str, about: str, codes: Sequence[str], actor: Actor, now: datetime) -> Approval:
    """A request; one at a time for the same. Raises Blocked."""
    _hold(session, kind, about)
    if waiting(session, kind, about, now):
        raise Blocked(Reason("already_asked", "Somebody has asked for this: another person can answer it."))
    row = _request(kind, about, codes, actor.id, actor.agency, now)
    session.add(row)
    session.flush()
    return row


def done_alone(session: Session, kind: str, about: str, codes: Sequence[str], agency: str, now: datetime) -> None:
    """Write down what whoever runs the installation did for an agency by the command line, with no second person."""
    row = _request(kind, about, codes, OPERATOR, agency, now)
    row.answer, row.answered_at, row.used_at = ALONE, now, now
    session.add(row)


def waiting(session: Session, kind: str, about: str, now: datetime) -> bool:
    """Whether a request about this can still be answered."""
    found = select(Approval).where(col(Approval.kind) == kind, col(Approval.about) == about)
    return any(request_of(row).waits(now) for row in session.exec(found))


def listed(session: Session, actor: Actor, now: datetime) -> list[Approval]:
    """What can still be answered, the oldest first: of the own agency; for whoever keeps the installation, of all."""
    open_ones = (
        col(Approval.answer).is_(None), col(Approval.withdrawn_at).is_(None), col(Approval.expires_at) > now,
        *_visible(actor),
    )  # fmt: skip
    rows = select(Approval).where(*open_ones).order_by(col(Approval.asked_at), col(Approval.id)).limit(MOST)
    return list(session.exec(rows))


def find(session: Session, actor: Actor, approval: str) -> Approval:
    """One request, held until the transaction ends. Raises NotFound."""
    found = select(Approval).where(col(Approval.id) == approval, *_visible(actor)).with_for_update()
    row = session.exec(found).first()
    if row is None:
        raise NotFound
    return row


def approve(session: Session, row: Approval, actor: Actor, seen: str, now: datetime) -> list[str]:
    """A second person agrees to what they saw. Gives the codes to be carried out now. Raises NotAllowed or Blocked."""
    expect_entitled(row, actor, now)
    content = digest(row.kind, row.about, row.content)  # of what would be carried out, whatever the row says of it
    request = request_of(row, content if content == row.digest else "")
    if reason := may_approve(request, actor, now, account_since(session, actor.id), seen=seen):
        raise Blocked(reason)
    row.answered_by, row.answered_at, row.answer, row.used_at = actor.id, now, "approved", now
    session.add(row)
    codes: list[str] = orjson.loads(row.content)
    return codes


def refuse(session: Session, row: Approval, actor: Actor, now: datetime) -> None:
    """A second person does not agree. Raises NotAllowed or Blocked."""
    expect_entitled(row, actor, now)
    _expect_open(row, now)
    row.answered_by, row.answered_at, row.answer = actor.id, now, "refused"
    session.add(row)


def withdraw(session: Session, row: Approval, actor: Actor, now: datetime) -> None:
    """Whoever asked takes it back. Raises Blocked."""
    if row.asked_by != actor.id:
        raise Blocked(Reason("not_your_request", "Only whoever asked for this takes it back; refuse it instead."))
    _expect_open(row, now)
    row.withdrawn_at = now
    session.add(row)


def expect_entitled(row: Approval, actor: Actor, now: datetime) -> None:
    """The right, as it is held now. Raises Blocked for the own request, else NotAllowed."""
    if row.asked_by == actor.id:
        raise Blocked(Reason("own_request", "You asked for this yourself: another person has to approve it."))
    act = ACTS[row.kind]
    weighty = row.kind == ROLES and Role.SYSTEM_ADMIN in orjson.loads(row.content)
    entitled = decide(actor, act, Matter(), Context(now, asked_by=row.asked_by)).allowed
    if not entitled or (weighty and Role.SYSTEM_ADMIN not in actor.roles):
        raise NotAllowed(who=(Role.SYSTEM_ADMIN.value,) if weighty else who_can(act), needs=str(act))


def account_since(session: Session, user: str) -> datetime | None:
    """When an account was made, or was last given a role that it did not have; None where it is nobody's."""
    row = session.get(User, user)
    return (row.roles_since or row.created_at) if row is not None and row.active else None


def request_of(row: Approval, content: str = "") -> Request:
    """The request, as the one rule of four eyes sees it."""
    used = row.answer is not None or row.withdrawn_at is not None
    return Request(row.asked_by, row.asked_at, used, content)


def _request(kind: str, about: str, codes: Sequence[str], by: str, agency: str, now: datetime) -> Approval:
    content = orjson.dumps(sorted(set(codes))).decode()
    return Approval(
        id=new_id(), kind=kind, about=about, content=content, digest=digest(kind, about, content), asked_by=by,
        asked_agency=agency, asked_at=now, expires_at=now + LASTS,
    )  # fmt: skip


def _hold(session: Session, kind: str, about: str) -> None:
    """Two who ask at once come in turn. A new client has no row yet: of two with its name only one is carried out."""
    table = User if kind == ROLES else Client
    session.exec(select(table.id).where(table.id == about).with_for_update()).first()


def _expect_open(row: Approval, now: datetime) -> None:
    if not request_of(row).waits(now):
        raise Blocked(Reason("used_before", "This was answered or taken back before, or its time is over."))


def _visible(actor: Actor) -> tuple[Any, ...]:
    if Role.SYSTEM_ADMIN in actor.roles:
        return ()
    return (col(Approval.asked_agency) == actor.agency,)
