"""Deadlines and the messages that leave because of them. The row is the schedule."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from referral.models.base import OF_A_CASE, col

_waits = text("next_at is not null")
_unsent = text("next_try_at is not null")


class Deadline(SQLModel, table=True):
    """A legal or house period that runs against a case."""

    __tablename__ = "deadlines"
    __table_args__ = (
        Index("ix_deadlines_next_at", "next_at", "id", postgresql_where=_waits, sqlite_where=_waits),
        Index("ix_deadlines_case_id", "case_id", "state"),
    )

    id: str = col("random id", primary_key=True, max_length=32)
    case_id: str = col(OF_A_CASE, max_length=32)
    strand_id: str = col("the strand that carries it; when that ends, so does the deadline", max_length=32)
    name: str = col("the rule's name in the jurisdiction", max_length=60)
    rule: str = col("the rule's stable id, such as C1", max_length=16)
    rule_version: str = col("the version in force when it started", max_length=40)
    jurisdiction: str = col("whose rule", max_length=40)
    kind: str = col("target, right, floor, duty, house or information", max_length=16)
    owed_by: str = col("the role that owes it", max_length=40)
    started_at: datetime = col("when the event that starts it happened")
    started_seq: int = col("the event that started it")
    due_at: datetime = col("the instant at which it has ended")
    due_day: date = col("the last day")
    safe_by: date = col("the last working day on or before the last day")
    state: str = col("running, paused, met, late or ended", max_length=16)
    marked_at: datetime | None = col("when the heartbeat marked it due", default=None)
    paused_at: datetime | None = col("since when it is paused", default=None)
    ended_at: datetime | None = col("when the event that ended it happened", default=None)
    ended_seq: int | None = col("the event that ended it", default=None)
    how: str = col("how its date came about, as JSON: calendar, skipped days, pauses, extensions")
    next_at: datetime | None = col("when the heartbeat looks next; empty once nothing is left to do", default=None)


class Message(SQLModel, table=True):
    """Something that must leave the house, first as a row inside it. Carries ids and nothing personal."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_next_try_at", "next_try_at", "id", postgresql_where=_unsent, sqlite_where=_unsent),
        Index("ix_messages_case_id", "case_id"),
    )

    id: str = col("what it is about and for whom: it can be written only once", primary_key=True, max_length=160)
    case_id: str = col(OF_A_CASE, max_length=32)
    agency_id: str = col("who it is for", max_length=64)
    user_id: str | None = col("whom in particular", default=None, max_length=32)
    audience: str = col("as what they are told: owner, worker, referrer ...", max_length=24)
    kind: str = col("which wording", max_length=40)
    about: str = col("the move or the deadline it is about", max_length=80)
    deadline_id: str | None = col("the deadline, for reminders", default=None, max_length=32)
    created_at: datetime = col("when it was posted")
    next_try_at: datetime | None = col("when it is tried next; empty once delivered or given up", default=None)
    attempts: int = col("how often it was tried", default=0)
    delivered_at: datetime | None = col("when it was delivered", default=None)
    failed: str | None = col("the last failure, by kind", default=None, max_length=80)
