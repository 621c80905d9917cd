"""Who the person in a case is, and what they told. The only tables that hold this, sealed; nothing here is copied."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from referral.models.base import col, ref, sealed

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
    first_name: bytes | None = sealed("first name, as they give it", default=None)
    last_name: bytes | None = sealed("last name, as they give it", default=None)
    nickname: bytes | None = sealed("what they are called", default=None)
    date_of_birth: bytes | None = sealed("day of birth", default=None)
    phone: bytes | None = sealed("their own number, safe to call", default=None)
    alternative_phone: bytes | None = sealed("somebody else's number", default=None)
    email: bytes | None = sealed("where the decision may be written to", default=None)
    address_street: bytes | None = sealed("safe postal address: street", default=None)
    address_town: bytes | None = sealed("safe postal address: town", default=None)
    address_county: bytes | None = sealed("safe postal address: county", default=None)
    address_postcode: bytes | None = sealed("safe postal address: post code", default=None)
    home_office_reference: bytes | None = sealed("their Home Office reference", default=None)


class Answers(SQLModel, table=True):
    """The referral form so far. Saved at every save, complete or not; never deleted by time alone."""

    __tablename__ = "answers"

    case_id: str = ref("cases.id", "the case", primary_key=True, max_length=32)
    answers: bytes = sealed("the answers, as JSON, without identity")
    saved_at: datetime = col("when it was saved last")
