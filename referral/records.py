"""What is recorded beside the history: asks that were refused, and looks at a case. Never what was told or seen."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlmodel import col, select

from referral.access import Actor
from referral.db import EVERYBODY, Database
from referral.errors import Refusal
from referral.ids import new_id
from referral.models import Case, Read, Refused, Repeat

KEPT = timedelta(days=7)
LONGEST = 80  # of a move's name; whatever else was asked for is cut


def record_refusal(db: Database, refusal: Refusal, *, actor: Actor, move: str, case: str | None, now: datetime) -> None:
    """One row in a transaction of its own: the refused move itself has written nothing.

    The case is named also where the actor may not see it: such an ask is the one that somebody will want to find.
    """
    with db.acting_for(EVERYBODY).write() as session:
        known = case is not None and session.exec(select(Case.id).where(Case.id == case)).first() is not None
        session.add(Refused(
            id=new_id(), at=now, case_id=case if known else None, move=_name(move), actor=actor.id,
            agency=actor.agency, code=refusal.code, reasons=" ".join(reason.code for reason in refusal.reasons)[:400],
        ))  # fmt: skip


def record_reads(db: Database, *, actor: Actor, cases: Sequence[str], what: str, now: datetime) -> None:
    """Somebody looked at these cases."""
    if cases:
        rows = [
            {"id": new_id(), "at": now, "case_id": case, "actor": actor.id, "agency": actor.agency, "what": what}
            for case in cases
        ]
        with db.write() as session:
            session.execute(insert(Read), rows)


def forget_answers(db: Database, now: datetime) -> None:
    """The answers kept for repeated requests are needed for seven days, and then no more."""
    with db.write() as session:
        session.execute(delete(Repeat).where(col(Repeat.at) < now - KEPT))


def _name(move: str) -> str:
    """A move's name; anything that cannot be one is not kept, since it may hold whatever somebody typed."""
    parts = move.split(".")
    sane = len(parts) == 2 and all(part.isidentifier() and part.isascii() for part in parts)  # noqa: PLR2004
    return move[:LONGEST] if sane else "?"
