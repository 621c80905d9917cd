"""Whether the history is numbered and signed in time: what waits too long is what could still be rewritten unseen."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_
from sqlmodel import Session, col, select

from referral import attesting, numbering
from referral.models import Event, Leaf, Unsealed
from workflows.jurisdiction import Law
from workflows.violation import HOUSE, LATE, Violation


def numbered_and_signed(session: Session, _: Law, now: datetime) -> Iterator[Violation]:
    """No event waits for its number, and none for a checkpoint, longer than an hour."""
    of_queue = and_(col(Unsealed.case_id) == col(Event.case_id), col(Unsealed.seq) == col(Event.seq))
    waits = select(col(Event.seq)).join(Unsealed, of_queue).where(col(Event.recorded_at) < now - LATE).limit(1)
    if session.exec(waits).first() is not None:
        yield Violation(HOUSE, "Events have waited for their number for an hour.", "Look whether a heartbeat runs.")
    newest, size = attesting.latest(session), numbering.head(session).size
    covered = newest.size if newest else 0
    if covered > size:
        yield Violation(HOUSE, "The history is shorter than what was signed.", "Run `lodestar verify` at once.")
    of_leaf = and_(col(Leaf.case_id) == col(Event.case_id), col(Leaf.seq) == col(Event.seq))
    first = select(col(Event.recorded_at)).join(Leaf, of_leaf).where(col(Leaf.number) == covered + 1)
    at = session.exec(first).first()
    if at is not None and at < now - LATE:
        yield Violation(
            HOUSE, "No checkpoint was signed for an hour, though there were moves.", "Look whether the signer answers."
        )
