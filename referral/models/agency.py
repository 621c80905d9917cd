"""Who works with the system: agencies, their people, and their machine clients."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from referral.models.base import col, ref


class Agency(SQLModel, table=True):
    """A legal body that takes part in cases."""

    __tablename__ = "agencies"

    id: str = col("short name, chosen when it is added", primary_key=True, max_length=64)
    name: str = col("its full name", max_length=200)
    kind: str = col("what it is, see AgencyKind", max_length=40)
    nation: str | None = col("england, wales, scotland, northern-ireland, or none", default=None, max_length=40)
    email: str | None = col("where its duty team is written to", default=None, max_length=200)
    active: bool = col("whether it may take part", default=True)
    created_at: datetime = col("when it was added")


class User(SQLModel, table=True):
    """A person of staff."""

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_agency_id", "agency_id"),)

    id: str = col("random id", primary_key=True, max_length=32)
    agency_id: str = ref("agencies.id", "the agency they work for", max_length=64)
    name: str = col("their name", personal=True, max_length=200)
    email: str = col("the address they sign in with", personal=True, unique=True, max_length=200)
    password_hash: str = col("argon2id", max_length=200)
    roles: str = col("their roles, separated by spaces", max_length=200)
    active: bool = col("whether they may sign in", default=True)
    created_at: datetime = col("when they were added")
    roles_since: datetime | None = col("when they were last given a role that they did not hold before", default=None)
    left_at: datetime | None = col("when they left; their cases are then in hand-over", default=None)


class Client(SQLModel, table=True):
    """A partner agency's system."""

    __tablename__ = "clients"

    id: str = col("short name, chosen when it is added", primary_key=True, max_length=64)
    agency_id: str = ref("agencies.id", "the agency it acts for", max_length=64)
    secret_hash: str = col("SHA-256 of its secret, which is shown once", max_length=64)
    second_secret_hash: str | None = col("the same of a second one, while it changes", default=None, max_length=64)
    secrets_off: bool = col("whether it may only use its own keys", default=False)
    scopes: str = col("what it may do, separated by spaces", max_length=400)
    active: bool = col("whether it may ask for tokens", default=True)
    created_at: datetime = col("when it was added")
