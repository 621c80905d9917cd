"""Where a safe house lies, in a store of its own: sealed addresses, who may know, who ever saw one, what is locked."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from referral.models.base import col, ref, sealed

_locked = text("opened_at is null")


def _once(column: str) -> Index:
    """At most one lock stands on the same thing."""
    return Index(f"uq_address_locks_{column}", column, unique=True, postgresql_where=_locked, sqlite_where=_locked)


class Place(SQLModel, table=True):
    """A house with beds. Everybody who needs no more knows its code name and its region."""

    __tablename__ = "places"
    __table_args__ = (UniqueConstraint("agency_id", "code_name"),)

    id: str = col("random id; its addresses are sealed under the key of this id", primary_key=True, max_length=32)
    agency_id: str = ref("agencies.id", "the agency that keeps it", max_length=64)
    code_name: str = col("what it is called when its address must not be said", max_length=64)
    region: str = col("the region it lies in", max_length=64)
    active: bool = col("whether it is in use", default=True)
    created_at: datetime = col("when it was added")


class Address(SQLModel, table=True):
    """Where a place lies, from one time to another. A change is a new row, and ends the one before."""

    __tablename__ = "addresses"
    __table_args__ = (Index("ix_addresses_place_id", "place_id", "from_at"),)

    id: str = col("random id", primary_key=True, max_length=32)
    place_id: str = ref("places.id", "the place", max_length=32)
    from_at: datetime = col("from when it is in force")
    until_at: datetime | None = col("until when; the same as from_at where it never came into force", default=None)
    street: bytes = sealed("house and street")
    town: bytes = sealed("town")
    postcode: bytes = sealed("post code")
    way: bytes | None = sealed("how to get there", default=None)
    phone: bytes | None = sealed("telephone of the house", default=None)
    set_by: str = col("who entered it", max_length=32)
    set_at: datetime = col("when it was entered")


class AddressReader(SQLModel, table=True):
    """Somebody who is asked for, or stands, on the list of those who need to know where the person of a case lives."""

    __tablename__ = "address_readers"
    __table_args__ = (Index("ix_address_readers_case_id", "case_id"),)

    id: str = col("random id", primary_key=True, max_length=32)
    case_id: str = ref("cases.id", "the case", max_length=32)
    user_id: str = ref("users.id", "who is to know", max_length=32)
    agency_id: str = ref("agencies.id", "where they work", max_length=64)
    purpose: str = col("what for, as a code", max_length=32)
    asked_by: str = col("who asked for it", max_length=32)
    asked_at: datetime = col("when it was asked for")
    approved_by: str | None = col("who else approved it; empty while nobody has", default=None, max_length=32)
    since: datetime | None = col("since when they may know", default=None)
    until: datetime = col("until when")
    removed_by: str | None = col("who took them off", default=None, max_length=32)
    removed_at: datetime | None = col("when they were taken off", default=None)


class Reveal(SQLModel, table=True):
    """One time that somebody was let see an address. Rows are only added, and marked once as shown and as closed."""

    __tablename__ = "reveals"
    # The number makes two reveals of one person at the same moment impossible, whatever their cases.
    __table_args__ = (UniqueConstraint("user_id", "number"), Index("ix_reveals_case_id", "case_id", "at"))

    id: str = col("random id", primary_key=True, max_length=32)
    case_id: str = ref("cases.id", "the case", max_length=32)
    seq: int = col("its event in the case")
    place_id: str = ref("places.id", "the place", max_length=32)
    address_id: str = ref("addresses.id", "which of its addresses was in force", max_length=32)
    user_id: str = ref("users.id", "who asked to see it", max_length=32)
    number: int = col("counts the reveals of this person, from 1")
    agency_id: str = ref("agencies.id", "for which agency", max_length=64)
    purpose: str = col("what for, as a code", max_length=32)
    at: datetime = col("when they asked")
    until: datetime = col("until when it can be shown")
    shown_at: datetime | None = col("when the address was told; empty where it never was", default=None)
    closed_at: datetime | None = col("when it was closed before its time", default=None)
    closed_why: str | None = col("done, locked, removed or address_changed", default=None, max_length=16)


class AddressLock(SQLModel, table=True):
    """A panic lock on the addresses of one case, or on a whole place. One person sets it; two open it."""

    __tablename__ = "address_locks"
    __table_args__ = (_once("case_id"), _once("place_id"))

    id: str = col("random id", primary_key=True, max_length=32)
    case_id: str | None = ref("cases.id", "the case; empty for a whole place", default=None, max_length=32)
    place_id: str | None = ref("places.id", "the place; empty for one case", default=None, max_length=32)
    locked_by: str = col("who locked it", max_length=32)
    agency_id: str = ref("agencies.id", "where they work", max_length=64)
    locked_at: datetime = col("when")
    asked_by: str | None = col("who asked to open it", default=None, max_length=32)
    asked_at: datetime | None = col("when they asked", default=None)
    opened_by: str | None = col("who else opened it; empty while it stands", default=None, max_length=32)
    opened_at: datetime | None = col("when it was opened", default=None)
