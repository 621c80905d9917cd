"""What must leave the house, of cases and of accounts: claimed for a while by whoever sends it, then settled.

Knows no channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, null, or_, select, update
from sqlmodel import Session, SQLModel, col

from referral.due import here
from referral.models import Agency, Case, Message, Notice, Participant, User
from referral.taking_part import takes_part

WITHHELD = "withheld"  # instead of a failure: nobody is told of a case that they no longer see


OF_ACCOUNTS = "account"  # the kind of a notice


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with what its sending needs."""

    id: str
    kind: str
    about: str
    case_id: str
    agency_id: str
    created_at: datetime
    attempts: int  # with the one that begins
    reference: str
    jurisdiction: str
    email: str | None  # the worker's while they work here, else their agency's; nothing where the agency has left
    audience: str = ""
    withheld: bool = False  # whoever it was for no longer takes part in the case


_LETTER = (
    col(Message.id), col(Message.kind), col(Message.about), col(Message.case_id), col(Message.agency_id),
    col(Message.created_at), col(Message.attempts) + 1, col(Case.reference), col(Case.jurisdiction),
)  # fmt: skip


def claim(session: Session, now: datetime, lease: datetime, many: int) -> list[Letter]:
    """The next unsent messages. Nobody else gets them before the lease ends, whatever becomes of us."""
    writes_to = case(
        (and_(col(User.id).is_not(None), here(now)), col(User.email)),
        (col(Agency.active), col(Agency.email)),
        else_=null(),
    )
    takes = exists().where(
        col(Participant.case_id) == col(Message.case_id), col(Participant.agency_id) == col(Message.agency_id),
        takes_part(now),
    )  # fmt: skip
    # Whom a strand names is told although they see the case no more; the accountable agency always is.
    sees = or_(col(Message.audience) == "holder", col(Case.owner_agency) == col(Message.agency_id), takes)
    statement = (
        select(*_LETTER, writes_to, col(Message.audience), ~sees)
        .join_from(Message, Case, col(Case.id) == col(Message.case_id))
        .outerjoin(Agency, col(Agency.id) == col(Message.agency_id))
        .outerjoin(User, col(User.id) == col(Message.user_id))
        .where(col(Message.next_try_at) <= now)
        .order_by(col(Message.next_try_at), col(Message.id))
        .limit(many)
        .with_for_update(of=Message, skip_locked=True, key_share=True)
    )
    letters = [Letter(*line) for line in session.execute(statement)]
    settle(session, [{"id": letter.id, "next_try_at": lease, "attempts": letter.attempts} for letter in letters])
    return letters


def claim_notices(session: Session, now: datetime, lease: datetime, many: int) -> list[Letter]:
    """The same of notices. They are for the owner of an account alone, and for nobody once they no longer work here."""
    statement = (
        select(
            col(Notice.id), col(Notice.what), col(User.agency_id), col(Notice.created_at), col(Notice.attempts) + 1,
            case((here(now), col(User.email)), else_=null()), here(now),
        )
        .join_from(Notice, User, col(User.id) == col(Notice.user_id))
        .where(col(Notice.next_try_at) <= now)
        .order_by(col(Notice.next_try_at), col(Notice.id))
        .limit(many)
        .with_for_update(of=Notice, skip_locked=True, key_share=True)
    )  # fmt: skip
    letters = [
        Letter(one, OF_ACCOUNTS, what, "", agency, at, attempts, "", "", email, withheld=not works_here)
        for one, what, agency, at, attempts, email, works_here in session.execute(statement)
    ]
    told = [{"id": letter.id, "next_try_at": lease, "attempts": letter.attempts} for letter in letters]
    settle(session, told, "notices")
    return letters


CLAIMS = {"messages": claim, "notices": claim_notices}  # table -> how what waits in it is claimed


def settle(session: Session, changes: Sequence[Mapping[str, Any]], name: str = "messages") -> None:
    """Write what became of what was in this table; every change names the same columns."""
    if changes:
        table = SQLModel.metadata.tables[name]
        told = {name: bindparam(f"_{name}", type_=table.c[name].type) for name in changes[0] if name != "id"}
        statement = update(table).where(table.c.id == bindparam("key"), table.c.delivered_at.is_(None)).values(told)
        rows = [{"key": row["id"], **{f"_{name}": row[name] for name in told}} for row in changes]
        session.connection().execute(statement, rows)
