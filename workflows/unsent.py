"""Whether everything that must leave the house does: what waits too long, or was given up, is told to nobody."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from referral.models import Case, Message, Notice
from referral.outbox import WITHHELD
from workflows.jurisdiction import Law
from workflows.violation import HOUSE, LATE, Violation


def no_stuck_message(session: Session, _: Law, now: datetime) -> Iterator[Violation]:
    """No message of a case waits for an hour, and none was given up."""
    columns = (col(Case.reference), col(Message.kind), col(Message.agency_id), col(Message.next_try_at))
    of_case = select(*columns).join_from(Message, Case, col(Case.id) == col(Message.case_id))
    for reference, kind, agency, next_try_at in session.execute(of_case.where(_stuck(Message, now))):
        yield _told(reference, f"A message ({kind}) to {agency}", next_try_at)


def no_stuck_notice(session: Session, _: Law, now: datetime) -> Iterator[Violation]:
    """Nor a notice of a change to somebody's ways of signing in."""
    columns = (col(Notice.what), col(Notice.user_id), col(Notice.next_try_at))
    for what, user, next_try_at in session.execute(select(*columns).where(_stuck(Notice, now))):
        yield _told(HOUSE, f"A notice ({what}) to the user {user}", next_try_at)


def _stuck(table: Any, now: datetime) -> Any:
    never_sent = and_(col(table.delivered_at).is_(None), col(table.failed).is_distinct_from(WITHHELD))
    return or_(col(table.next_try_at) < now - LATE, and_(col(table.next_try_at).is_(None), never_sent))


def _told(case: str, what: str, next_try_at: datetime | None) -> Violation:
    if next_try_at is None:
        return Violation(case, f"{what} was given up.", "Mend the address, then set its next_try_at.")
    return Violation(case, f"{what} was not tried for an hour.", "Look whether a heartbeat runs.")
