"""The blind index, and the record of who looked for whom. Neither holds a name, a day or a word that was looked for."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from referral.models.base import OF_A_CASE, col, ref


class Mark(SQLModel, table=True):
    """A keyed mark of a person: worth nothing without the key, and gone with the identity."""

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_mark", "mark"),)

    case_id: str = col(OF_A_CASE, primary_key=True, max_length=32)
    version: int = col("the version of the case at which it was made; older marks are deleted", primary_key=True)
    kind: str = col("name, sound, born, birth, phone, reference, or text_ and what a text may not say",
                    primary_key=True, max_length=16)  # fmt: skip
    mark: str = col("128 bits of an HMAC under the index key, in hexadecimal", personal=True, primary_key=True,
                    max_length=32)  # fmt: skip


class Lookup(SQLModel, table=True):
    """Somebody searched, or asked whether another service knows a person. What was looked for is not kept."""

    __tablename__ = "lookups"
    __table_args__ = (
        Index("ix_lookups_actor", "actor", "kind", "at"),
        Index("ix_lookups_agency", "agency", "kind", "at"),
    )

    id: str = col("random id", primary_key=True, max_length=32)
    at: datetime = col("when")
    kind: str = col("search, reference or duplicates", max_length=16)
    actor: str = col("who asked", max_length=64)
    agency: str = ref("agencies.id", "for which agency", max_length=64)
    case_id: str | None = col("for a duplicate check: the case it was made in", default=None, max_length=32)
    how: str = col(
        "for a search: by name, by birth, by both, exact or by sound; for a check: its purpose", max_length=40
    )
    found: str = col("for a search: how many; for a check: none, yours or desk", max_length=8)


class Introduction(SQLModel, table=True):
    """Two cases that may be of one person. No answer shows this row: each side sees only that it is asked."""

    __tablename__ = "introductions"
    __table_args__ = (
        UniqueConstraint("case_a", "case_b"),
        Index("ix_introductions_settled_at", "settled_at", "asked_at"),
    )

    id: str = col("random id", primary_key=True, max_length=32)
    case_a: str = ref("cases.id", "one case, the id that sorts first", max_length=32)
    case_b: str = ref("cases.id", "the other", max_length=32)
    asked_at: datetime = col("when somebody asked for it first")
    settled_at: datetime | None = col("when both sides had come to an end", default=None)
