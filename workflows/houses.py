"""What is done to a whole house: its panic lock, and word to every case in it when its address or its lock changes."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from referral import places
from referral.access import SYSTEM, Actor
from referral.db import Database
from referral.errors import Blocked, Locked, Reason, Refusal
from referral.ids import new_id
from referral.models import AddressLock, User
from workflows.ask import Ask
from workflows.engine import perform
from workflows.four_eyes import Request, may_approve
from workflows.jurisdiction import Law

NO_LOCK = Reason("not_locked", "This place is not locked.")


def lock(session: Session, place: str, actor: Actor, now: datetime) -> AddressLock:
    """From this moment nobody is shown the address, for whatever case. The place must be held. Raises Locked."""
    row = AddressLock(id=new_id(), place_id=place, locked_by=actor.id, agency_id=actor.agency, locked_at=now)
    if places.lock_of(session, place):
        raise Locked
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise Locked from None
    places.end_reveals(session, place, "locked", now)
    return row


def ask_to_open(session: Session, place: str, actor: Actor, now: datetime) -> AddressLock:
    """The first of two people. The place must be held. Raises Blocked."""
    row = _standing(session, place)
    if row.asked_by and row.asked_at and Request(row.asked_by, row.asked_at).waits(now):
        raise Blocked(Reason("already_asked", "Somebody has asked to open this lock: another person can open it now."))
    row.asked_by, row.asked_at = actor.id, now
    session.add(row)
    return row


def open_lock(session: Session, place: str, actor: Actor, now: datetime) -> AddressLock:
    """The second of two people. The place must be held. Raises Blocked."""
    row = _standing(session, place)
    if row.asked_by is None or row.asked_at is None:
        raise Blocked(Reason("not_asked", "Nobody has asked to open this lock."))
    account = session.get(User, actor.id)
    since = (account.roles_since or account.created_at) if account is not None else None
    if reason := may_approve(Request(row.asked_by, row.asked_at), actor, now, since):
        raise Blocked(reason)
    row.opened_by, row.opened_at = actor.id, now
    session.add(row)
    return row


def tell_cases(db: Database, law: Law, place: str, what: str, by: Actor, now: datetime) -> None:
    """An event and messages in every case of the house. What was done counts already, whether or not this arrives."""
    with db.read() as session:
        cases = places.cases_in(session, place)
    for case in cases:
        try:
            perform(db, law, Ask(SYSTEM, "housing.note_house", now, case=case, form={"reason": what, "by": by.id}))
        except Refusal:
            continue  # it has left the house in between


def _standing(session: Session, place: str) -> AddressLock:
    row = places.lock_of(session, place)
    if row is None:
        raise Blocked(NO_LOCK)
    return row
