"""What one person asks for and another approves, outside the cases: roles that weigh much, and what a client may do."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from referral.models.base import col, ref


class Approval(SQLModel, table=True):
    """A request that waits for a second person. Answered once, used once; never after 72 hours.

    A client's kinds begin with `client_`. What the command line did alone stands here too: asked by `operator`, its
    answer is `alone`, and nobody answered.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        Index("ix_approvals_about", "about", "kind"),
        Index("ix_approvals_agency", "asked_agency", "asked_at"),
    )

    id: str = col("random id", primary_key=True, max_length=32)
    kind: str = col("roles: of a person; scopes: of a client", max_length=16)
    about: str = col("the id of that person or client", max_length=64)
    content: str = col("what is asked for, as canonical JSON: codes alone")
    digest: str = col("SHA-256 of kind, about and content, in hexadecimal", max_length=64)
    asked_by: str = col("who asked: a user's id", max_length=32)
    asked_agency: str = ref("agencies.id", "for which agency", max_length=64)
    asked_at: datetime = col("when it was asked")
    expires_at: datetime = col("until when it can be answered")
    answered_by: str | None = col("who else answered", default=None, max_length=32)
    answered_at: datetime | None = col("when they did", default=None)
    answer: str | None = col("approved or refused", default=None, max_length=16)
    used_at: datetime | None = col("when what was approved was carried out", default=None)
    withdrawn_at: datetime | None = col("when whoever asked took it back", default=None)
