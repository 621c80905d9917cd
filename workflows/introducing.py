"""Carries an introduction between its two cases: a move writes one case, so the heartbeat asks, shares and ends on both sides.

Each step is made from what stands, and is refused where it was made before: whoever dies in between leaves it to the next beat.
"""

from collections.abc import Iterator
from datetime import datetime

import orjson
from sqlmodel import Session, col, select

from referral.access import SYSTEM
from referral.db import Database
from referral.errors import Refusal, Stale, Unavailable
from referral.models import Case, Introduction, Strand
from workflows.ask import Ask
from workflows.engine import perform
from workflows.introduction import INTRODUCTION
from workflows.jurisdiction import Law

MANY = 200  # of one beat

Side = tuple[str, str, str | None, str | None]  # case, reference, strand, its state; None where it has not begun


def introduce(db: Database, law: Law, now: datetime) -> tuple[int, int]:
    """Whatever the introductions that are not over need now: (moves made, introductions that failed)."""
    made = failed = 0
    with db.read() as session:
        standing = [(row.id, _sides(session, row)) for row in _unsettled(session)]
    over = []
    for introduction, sides in standing:
        try:
            for case, strand, move, form in _next(introduction, sides):
                perform(db, law, Ask(SYSTEM, f"{INTRODUCTION.name}.{move}", now, case=case, strand=strand, form=form))
                made += 1
        except (Stale, Unavailable):
            failed += 1
        except Refusal:
            failed += 1
        if all(state in INTRODUCTION.final for *_, state in sides):
            over.append(introduction)
    if over:
        with db.write() as session:
            for row in session.exec(select(Introduction).where(col(Introduction.id).in_(over))):
                row.settled_at = now
    return made, failed


def _unsettled(session: Session) -> list[Introduction]:
    rows = select(Introduction).where(col(Introduction.settled_at).is_(None)).order_by(col(Introduction.asked_at))
    return list(session.exec(rows.limit(MANY)))


def _sides(session: Session, row: Introduction) -> tuple[Side, Side]:
    return _side(session, row.case_a, row.id), _side(session, row.case_b, row.id)


def _side(session: Session, case: str, introduction: str) -> Side:
    reference = session.exec(select(Case.reference).where(Case.id == case)).one()
    strands = select(Strand).where(Strand.case_id == case, Strand.workflow == INTRODUCTION.name)
    for strand in session.exec(strands):
        if orjson.loads(strand.facts).get("introduction") == introduction:
            return case, reference, strand.id, strand.state
    return case, reference, None, None


def _next(introduction: str, sides: tuple[Side, Side]) -> Iterator[tuple[str, str | None, str, dict[str, str]]]:
    """(case, strand, move, form) of what is to be done on either side."""
    states = {state for *_, state in sides}
    for (case, _, strand, state), (_, other, *_) in (sides, sides[::-1]):
        if strand is None:
            yield case, None, "open", {"introduction": introduction}
        elif state in INTRODUCTION.final:
            continue
        elif states <= {"agreed", "shared"}:
            yield case, strand, "share", {"with_reference": other}
        elif "declined" in states:
            yield case, strand, "be_declined", {}
        elif "lapsed" in states:
            yield case, strand, "lapse", {}
