"""People encountered in an operation, and what came of each."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from referral.models.base import col, ref


class Encounter(SQLModel, table=True):
    """One person met during an operation. Without a case it says nothing of who they are."""

    __tablename__ = "encounters"
    __table_args__ = (Index("ix_encounters_operation_id", "operation_id"),)

    id: str = col("random id", primary_key=True, max_length=32)
    operation_id: str = ref("cases.id", "the operation", max_length=32)
    case_id: str | None = col("the case that was opened for this person", default=None, max_length=32)
    met_at: datetime = col("when they were met")
    outcome: str = col("advised, checked, referred, notified, declined_help or child", max_length=24)
    child: str | None = col("answer to the age question", default=None, max_length=8)
    indicators: str = col("codes of the indicators seen, separated by spaces", default="", max_length=2000)
