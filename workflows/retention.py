"""Closed cases whose period of keeping has passed: each is put before a person. Nothing is deleted here."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlmodel import col

from referral.access import SYSTEM
from referral.db import Database
from referral.errors import Refusal
from referral.models import Case, Key, Strand
from workflows.ask import Ask
from workflows.engine import perform
from workflows.jurisdiction import Law
from workflows.keeping import PERIOD
from workflows.offered import offered

MONTH = timedelta(days=28)  # at least: which day it is to be is for the guard to say
MANY = 500  # of one day; the next day goes on


def fall_due(db: Database, law: Law, now: datetime) -> int:
    """How many cases were put before a person now. Asked again, it does nothing more."""
    put = 0
    for case, stands in _candidates(db, law, now):
        move = "keeping.fall_due_again" if stands else "keeping.fall_due"
        if not any(offer.yes and offer.move == move for offer in offered(db, law, SYSTEM, case, now)):
            continue
        try:
            perform(db, law, Ask(SYSTEM, move, now, case=case))
        except Refusal:  # somebody was quicker
            continue
        put += 1
    return put


def _candidates(db: Database, law: Law, now: datetime) -> list[tuple[str, str | None]]:
    """(case, its state of keeping) of closed cases that rest long enough and still have a key, those first that rest longest."""
    shortest = min(int(place.term(PERIOD, now.date()) or 0) for place in law.values())
    keeping = and_(col(Strand.case_id) == col(Case.id), col(Strand.workflow) == "keeping")
    rests = or_(
        and_(col(Strand.id).is_(None), col(Case.updated_at) < now - MONTH * shortest), col(Strand.state) == "kept"
    )
    wanted = (
        select(col(Case.id), col(Strand.state))
        .join(Key, and_(col(Key.id) == col(Case.id), col(Key.wrapped).is_not(None)))
        .outerjoin(Strand, keeping)
        .where(~col(Case.open), col(Case.kind) == "person", rests)
        .order_by(col(Case.updated_at))
        .limit(MANY)
    )
    with db.read() as session:
        return [(case, state) for case, state in session.execute(wanted)]
