"""Who the person in a case is, and what they told. The only tables that hold this; nothing here is copied."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from referral.models.base import col, ref

IDENTITY = (
    "first_name", "last_name", "nickname", "date_of_birth", "phone", "alternative_phone", "email",
    "address_street", "address_town", "address_county", "address_postcode", "home_office_reference",
)  # fmt: skip

_NOBODY = " and ".join(f"{name} is null" for name in IDENTITY)


class Person(SQLModel, table=True):
    """Identity. A person who is only notified anonymously has none, and the database itself refuses to hold any."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("basis in ('referral', 'notify_anonymous', 'notify_named')", name="basis"),
        CheckConstraint(f"basis <> 'notify_anonymous' or ({_NOBODY})", name="anonymous_is_nobody"),
    )

    case_id: str = ref("cases.id", "the case", primary_key=True, max_length=32)
    basis: str = col("referral, notify_anonymous or notify_named", max_length=20)
    first_name: str | None = col("first name, as they give it", personal=True, default=None, max_length=250)
    last_name: str | None = col("last name, as they give it", personal=True, default=None, max_length=250)
    nickname: str | None = col("what they are called", personal=True, default=None, max_length=250)
    date_of_birth: date | None = col("day of birth", personal=True, default=None)
    phone: str | None = col("their own number, safe to call", personal=True, default=None, max_length=250)
    alternative_phone: str | None = col("somebody else's number", personal=True, default=None, max_length=250)
    email: str | None = col("where the decision may be written to", personal=True, default=None, max_length=250)
    address_street: str | None = col("safe postal address: street", personal=True, default=None, max_length=250)
    address_town: str | None = col("safe postal address: town", personal=True, default=None, max_length=250)
    address_county: str | None = col("safe postal address: county", personal=True, default=None, max_length=250)
    address_postcode: str | None = col("safe postal address: post code", personal=True, default=None, max_length=250)
    home_office_reference: str | None = col("their Home Office reference", personal=True, default=None, max_length=250)


class Answers(SQLModel, table=True):
    """The referral form so far. Saved at every save, complete or not; never deleted by time alone."""

    __tablename__ = "answers"

    case_id: str = ref("cases.id", "the case", primary_key=True, max_length=32)
    answers: str = col("the answers, as JSON, without identity", personal=True)
    saved_at: datetime = col("when it was saved last")
