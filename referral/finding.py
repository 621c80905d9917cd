"""Finds cases by their marks, and counts who has looked how often. Knows neither names nor who may see what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from referral.access import Actor
from referral.errors import TooMany
from referral.ids import new_id
from referral.models import Agency, Introduction, Lookup, Mark

HOUR = timedelta(hours=1)
MANY_AT_ONCE = 5_000  # marks in one statement
_MARKED = select(Mark.case_id, Mark.mark).where(col(Mark.mark).in_(bindparam("marks", expanding=True)))


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be asked in an hour. More than `alarm` is said aloud."""

    person: int
    agency: int
    alarm: int


# A person looks for one person at a time; whoever asks more often tries names.
LIMITS = {
    "search": Limit(60, 600, 40),
    "duplicates": Limit(10, 10, 5),
    "reference": Limit(10, 100, 5),
    "glass": Limit(10, 100, 3),
}


def signals_of(session: Session, sought: Mapping[str, str]) -> dict[str, set[str]]:
    """Which cases have any of these marks, and what each of them speaks for."""
    found: dict[str, set[str]] = {}
    marks = list(sought)
    for at in range(0, len(marks), MANY_AT_ONCE):
        for case, mark in session.execute(_MARKED, {"marks": marks[at : at + MANY_AT_ONCE]}):
            found.setdefault(case, set()).add(sought[mark])
    return found


def count_in(session: Session, actor: Actor, kind: str, now: datetime) -> bool:
    """Whether this would be one more than is usual; raises TooMany where it would be one too many.

    Whoever asks for the same agency waits until this transaction has ended, so that nobody slips between.
    """
    limit = LIMITS[kind]
    session.exec(select(Agency.id).where(Agency.id == actor.agency).with_for_update(key_share=True)).first()
    recent = (Lookup.kind == kind, col(Lookup.at) > now - HOUR)
    by_agency = session.exec(select(func.count()).where(Lookup.agency == actor.agency, *recent)).one()
    by_person = session.exec(select(func.count()).where(Lookup.actor == actor.id, *recent)).one()
    if by_person >= limit.person or by_agency >= limit.agency:
        raise TooMany
    return by_person >= limit.alarm


def ask_both(session: Session, case: str, others: Sequence[str], now: datetime) -> None:
    """This case and the first of the others with which it was never tied will be asked whether they may speak.

    One at a time, so that nobody can count at their own case how many others there are.
    """
    mine = or_(col(Introduction.case_a) == case, col(Introduction.case_b) == case)
    before = session.exec(select(Introduction).where(mine)).all()
    asked = {one for row in before for one in (row.case_a, row.case_b)}
    left = [other for other in others if other not in asked]
    if left and all(row.settled_at for row in before):
        case_a, case_b = sorted((case, left[0]))
        session.add(Introduction(id=new_id(), case_a=case_a, case_b=case_b, asked_at=now))


def record(
    session: Session, actor: Actor, kind: str, now: datetime, *, how: str, found: str, case: str | None = None
) -> None:
    """That somebody looked, how, and how much they were told; never for whom."""
    row = Lookup(
        id=new_id(), at=now, kind=kind, actor=actor.id, agency=actor.agency, case_id=case, how=how, found=found
    )
    session.add(row)
