"""Who broke the glass: one hour in which somebody reads one case that is otherwise hidden from them, and its review."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from referral.models.base import col, ref


class GlassGrant(SQLModel, table=True):
    """One time that somebody broke the glass. Their reason is the note of its event, and sealed like every note."""

    __tablename__ = "glass_grants"
    __table_args__ = (
        Index("ix_glass_grants_user_id", "user_id", "case_id"),
        Index("ix_glass_grants_case_id", "case_id", "at"),
        Index("ix_glass_grants_at", "at"),
    )

    id: str = col("random id", primary_key=True, max_length=32)
    case_id: str = ref("cases.id", "the case", max_length=32)
    seq: int = col("its event in the case; the reason is that event's note")
    user_id: str = ref("users.id", "who may read", max_length=32)
    agency_id: str = ref("agencies.id", "for which agency", max_length=64)
    ground: str = col("threat_to_life, legal_duty or persons_request", max_length=32)
    at: datetime = col("from when they may read")
    ends_at: datetime = col("until when; earlier than an hour where a review ended it")
    reviewed_by: str | None = col("who reviewed it", default=None, max_length=32)
    reviewed_at: datetime | None = col("when it was reviewed", default=None)
    review: str | None = col("justified or not_justified; empty while nobody has reviewed it", default=None,
                             max_length=16)  # fmt: skip
    escalated_at: datetime | None = col("when it had waited too long for its review", default=None)
