"""Beds and who holds them. An address is never stored here: a bed has a code name and a region."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from referral.models.base import col, ref

_held = text("held_until is null")


class Bed(SQLModel, table=True):
    """One place where somebody can sleep."""

    __tablename__ = "beds"
    __table_args__ = (Index("ix_beds_agency_id", "agency_id"),)

    id: str = col("random id", primary_key=True, max_length=32)
    agency_id: str = ref("agencies.id", "the agency that keeps it", max_length=64)
    code_name: str = col("what it is called when its address must not be said", max_length=64)
    region: str = col("the region it lies in", max_length=64)
    # Without a foreign key: SQLite could add one only by copying a table that others point at.
    place_id: str | None = col("the place it stands in, where one is kept", default=None, max_length=32)
    active: bool = col("whether it can be offered", default=True)
    created_at: datetime = col("when it was added")


class BedHold(SQLModel, table=True):
    """A bed that is held or slept in. The database itself refuses a second holder."""

    __tablename__ = "bed_holds"
    __table_args__ = (Index("uq_bed_holds_held", "bed_id", unique=True, postgresql_where=_held, sqlite_where=_held),)

    id: str = col("random id", primary_key=True, max_length=32)
    bed_id: str = ref("beds.id", "the bed", max_length=32)
    case_id: str = ref("cases.id", "the case", max_length=32)
    held_from: date = col("from when")
    held_until: datetime | None = col("until when; empty while it is held", default=None)
