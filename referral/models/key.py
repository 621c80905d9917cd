"""The keys under which a case is sealed, each wrapped by a ring that lies outside the database."""

from datetime import datetime

from sqlmodel import SQLModel

from referral.models.base import col


class Key(SQLModel, table=True):
    """The wrapped key of one case or one place. To destroy it is to erase all that it has sealed."""

    __tablename__ = "keys"

    id: str = col("the case or the place", primary_key=True, max_length=32)
    ring: str = col("which key of the ring wraps it", max_length=64, index=True)
    wrapped: bytes | None = col("the key, wrapped; empty once it was destroyed", default=None)
    made_at: datetime = col("when it was made")
    destroyed_at: datetime | None = col("when it was destroyed", default=None)
