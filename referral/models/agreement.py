"""What agencies have agreed about sharing: dated data. An agreement ends by itself."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from referral.models.base import col, ref


class Agreement(SQLModel, table=True):
    """One agency may share with another, for these purposes, these classes of data, until a day."""

    __tablename__ = "agreements"
    __table_args__ = (Index("ix_agreements_from_agency", "from_agency", "to_agency"),)

    id: str = col("random id", primary_key=True, max_length=32)
    from_agency: str = ref("agencies.id", "the agency that shares", max_length=64)
    to_agency: str = ref("agencies.id", "the agency that receives", max_length=64)
    purposes: str = col("for what, separated by spaces", max_length=200)
    classes: str = col("which classes of data, separated by spaces", max_length=16)
    starts_on: date = col("its first day")
    ends_on: date = col("its last day, as it was agreed")
    runs_until: datetime = col("the instant it ends: after its last day, or earlier where it was ended")
    source: str = col("the reference of the signed paper", max_length=200)
    made_at: datetime = col("when it was recorded")
    ended_at: datetime | None = col("when it was ended before its last day", default=None)
