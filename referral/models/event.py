"""History: what happened, what was refused, who looked. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from referral.models.base import OF_A_CASE, col, ref, sealed


class Event(SQLModel, table=True):
    """One move that was made, chained to the one before it in the case."""

    __tablename__ = "events"
    # On SQLite the key is the table itself, so that a timeline lies on one or two pages.
    __table_args__ = ({"sqlite_with_rowid": False},)

    case_id: str = col(OF_A_CASE, primary_key=True, max_length=32)
    seq: int = col("counts the events of the case, from 1", primary_key=True)
    recorded_at: datetime = col("when it was recorded")
    body: str = col("the canonical JSON that is hashed: times, actor, move, states, rules, digest; nothing personal")
    prev: bytes = col("the hash of the event before; 32 zero bytes for the first")
    hash: bytes = col("SHA-256 of prev and body")


class Note(SQLModel, table=True):
    """Free text that belongs to an event; kept apart, so that it can be erased without breaking the chain."""

    __tablename__ = "notes"

    case_id: str = ref("cases.id", "the case", primary_key=True, max_length=32)
    seq: int = col("the event it belongs to", primary_key=True)
    text: bytes = sealed("the free fields of the move's form, as JSON")
    names_person: bool = col("whether it names the person: then only for those who may read the name", default=False)


class Refused(SQLModel, table=True):
    """An ask that was refused."""

    __tablename__ = "refusals"
    __table_args__ = (Index("ix_refusals_case_id", "case_id", "at"),)

    id: str = col("random id", primary_key=True, max_length=32)
    at: datetime = col("when")
    case_id: str | None = col("the case that was named, if it exists", default=None, max_length=32)
    move: str = col("the move that was asked for", max_length=80)
    actor: str = col("who asked", max_length=64)
    agency: str = col("for which agency", max_length=64)
    code: str = col("the refusal's code", max_length=40)
    reasons: str = col("the codes of its reasons, separated by spaces", max_length=400)


class Read(SQLModel, table=True):
    """Somebody looked at a case."""

    __tablename__ = "reads"
    __table_args__ = (Index("ix_reads_case_id", "case_id", "at"),)

    id: str = col("random id", primary_key=True, max_length=32)
    at: datetime = col("when")
    case_id: str = ref("cases.id", "the case", max_length=32)
    actor: str = col("who looked", max_length=64)
    agency: str = col("for which agency", max_length=64)
    what: str = col("case, timeline, deadlines, answers ...", max_length=40)


class Repeat(SQLModel, table=True):
    """The answer to a request that carried an Idempotency-Key, given again when the request comes again."""

    __tablename__ = "repeats"

    caller: str = col("who asked", primary_key=True, max_length=80)
    key: str = col("the key they chose", primary_key=True, max_length=255)
    request: str = col("digest of the whole request", max_length=64)
    answer: str = col("the answer, as JSON")
    at: datetime = col("when; kept seven days", index=True)
