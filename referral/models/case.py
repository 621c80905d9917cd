"""A case, the strands that run on it, and who takes part."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from referral.models.base import OF_A_CASE, col, ref

_asks = text("workflow = 'acknowledgement'")  # few rows, which a holder must find without seeing their cases
_open, _open_1 = text("open"), text("open = 1")  # as each database is asked, or it would not see that the index fits
# Room on each page for the next version of a row, and no index on what every move changes: so PostgreSQL need not
# touch an index when a case moves.
ROOMY = {"postgresql_with": {"fillfactor": "80"}}


class Case(SQLModel, table=True):
    """A person who may have been trafficked, an operation, or a concern: whatever has a history of its own."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_owner_user", "owner_user", "opened_at", "id", postgresql_where=_open, sqlite_where=_open_1),
        Index("ix_cases_owner_agency", "owner_agency", "opened_at", "id", postgresql_where=_open, sqlite_where=_open_1),
        Index("ix_cases_operation_id", "operation_id"),
        ROOMY,
    )

    id: str = col("128 random bits", primary_key=True, max_length=32)
    reference: str = col("short reference that can be spoken", unique=True, max_length=16)
    kind: str = col("person, operation or concern", max_length=16)
    jurisdiction: str = col("whose rules apply", max_length=40)
    opened_at: datetime = col("when it was recorded first")
    updated_at: datetime = col("when the newest event was recorded")
    version: int = col("how many events it has; whoever changes it says which they saw")
    head: bytes = col("the hash of its newest event")
    salt: bytes = col("makes the digests in its events unguessable")
    open: bool = col("whether any of its workflows still holds it open")
    child: str | None = col("answer to the age question: yes, no or not_sure", default=None, max_length=8)
    adult_on: date | None = col("the eighteenth birthday, where known", personal=True, default=None)
    authority: str | None = col("the competent authority that decides", default=None, max_length=40)
    owner_agency: str = ref("agencies.id", "the accountable agency; its duty team where no worker is", max_length=64)
    owner_user: str | None = col("the accountable worker", default=None, max_length=32)
    operation_id: str | None = col("the operation it began in", default=None, max_length=32)
    next_due_at: datetime | None = col("the nearest due time of its running deadlines", default=None)


class Strand(SQLModel, table=True):
    """One workflow's running on one case."""

    __tablename__ = "strands"
    __table_args__ = (
        UniqueConstraint("case_id", "workflow", "number"),
        Index("ix_strands_acknowledgement", "opened_at", "id", postgresql_where=_asks, sqlite_where=_asks),
        ROOMY,
    )

    id: str = col("random id", primary_key=True, max_length=32)
    case_id: str = ref("cases.id", "the case", max_length=32)
    workflow: str = col("which table of moves", max_length=40)
    number: int = col("counts the strands of one workflow on one case, from 1")
    state: str = col("where it stands", max_length=40)
    version: int = col("how many moves it has made")
    opened_at: datetime = col("when it was opened")
    entered_at: datetime = col("when it entered its state, as it happened")
    facts: str = col("what its moves were told, as JSON; codes, days and ids, no free text")


class Member(SQLModel, table=True):
    """Somebody of an agency's staff who is of a case's team by name. Of a role that nobody was named for, all are."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_user_id", "user_id", "case_id"),)

    case_id: str = col(OF_A_CASE, primary_key=True, max_length=32)
    user_id: str = col("the member of staff", primary_key=True, max_length=32)
    agency_id: str = col("the agency for which they are of the team", max_length=64)
    since: datetime = col("since when")
    until: datetime | None = col("until when; empty while they are of the team", default=None)
    purpose: str = col("what for: the move by which they joined", max_length=80)


class Participant(SQLModel, table=True):
    """An agency that takes part in a case, and so sees it."""

    __tablename__ = "participants"
    __table_args__ = (
        Index(
            "ix_participants_agency_open", "agency_id", "opened_at", "case_id",
            postgresql_where=text("open and until is null"), sqlite_where=text("open = 1 and until is null"),
        ),
        Index("ix_participants_agency", "agency_id", "opened_at", "case_id"),
    )  # fmt: skip

    case_id: str = ref("cases.id", "the case", primary_key=True, max_length=32)
    agency_id: str = ref("agencies.id", "the agency", primary_key=True, max_length=64)
    part: str = col("as what: referrer, first_responder, authority, support ...", primary_key=True, max_length=24)
    since: datetime = col("since when")
    until: datetime | None = col("until when; empty while it takes part", default=None)
    basis: str = col(
        "the lawful basis on which it takes part, see referral/basis.py", default="public_task", max_length=24
    )
    purpose: str = col("for what it takes part", default="referral", max_length=24)
    classes: str = col("which classes of data that covers, separated by spaces", default="C1 C2 C3", max_length=16)
    ends_on: datetime | None = col("the instant at which it ends by itself; empty where none is set", default=None)
    agreement_id: str | None = ref(
        "agreements.id", "the sharing agreement it rests on, and with which it ends", default=None, max_length=32
    )
    opened_at: datetime = col("when the case was opened, for lists")
    open: bool = col("whether the case is open, for lists")
