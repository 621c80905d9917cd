"""How people sign in: their sessions, second factors, codes that work once, bad tries. No secret in the clear."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from referral.models.base import col, ref

_unsent = text("next_try_at is not null")


class SignIn(SQLModel, table=True):
    """One person's session, from signing in until it ends. A token is worth what this row says at each request."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id", "user_id"),)

    id: str = col("random id, which is no secret", primary_key=True, max_length=32)
    user_id: str = ref("users.id", "who is signed in", max_length=32)
    token_sha256: str = col("SHA-256 of the token, which is shown once", unique=True, max_length=64)
    kind: str = col("browser or command_line", max_length=16)
    factor: str = col("how they proved who they are: password, totp, passkey or oidc", max_length=16)
    partial: bool = col("whether they have a second factor and have not shown it in this session", default=False)
    made_at: datetime = col("when they signed in")
    seen_at: datetime = col("when it was last used, to the minute")
    ends_at: datetime = col("when it ends however much it is used")
    stepped_up_at: datetime | None = col("when a second factor was last shown", default=None)
    ended_at: datetime | None = col("when it was ended", default=None)


class Factor(SQLModel, table=True):
    """A second factor: an app that shows codes, or a passkey."""

    __tablename__ = "second_factors"
    __table_args__ = (Index("ix_second_factors_user_id", "user_id"),)

    id: str = col("random id", primary_key=True, max_length=32)
    user_id: str = ref("users.id", "whose it is", max_length=32)
    kind: str = col("totp or passkey", max_length=16)
    name: str = col("what its owner calls it", max_length=80)
    sealed: str | None = col("secret of the app, sealed", default=None, max_length=400)
    credential_id: str | None = col("id of the passkey", default=None, unique=True, max_length=1400)
    public_key: str | None = col("the passkey's public part, as its maker sent it", default=None, max_length=4000)
    counter: int = col("the last time step of the app, or the passkey's own count", default=0)
    made_at: datetime = col("when it was begun")
    confirmed_at: datetime | None = col(
        "when it was first shown to work; until then it counts for nothing", default=None
    )
    used_at: datetime | None = col("when it was last used", default=None)


class RecoveryCode(SQLModel, table=True):
    """One of ten codes for somebody who has lost every other factor."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id", "user_id"),)

    id: str = col("random id", primary_key=True, max_length=32)
    user_id: str = ref("users.id", "whose it is", max_length=32)
    code_sha256: str = col("SHA-256 of the code, which is shown once", max_length=64)
    made_at: datetime = col("when it was made")
    used_at: datetime | None = col("when it was used", default=None)


class OneTimeCode(SQLModel, table=True):
    """An invitation, or a reset: whoever holds the code chooses the password, once."""

    __tablename__ = "one_time_codes"
    __table_args__ = (Index("ix_one_time_codes_user_id", "user_id"),)

    id: str = col("random id", primary_key=True, max_length=32)
    user_id: str = ref("users.id", "for whom it is", max_length=32)
    what: str = col("invitation or reset", max_length=16)
    code_sha256: str = col("SHA-256 of the code, which is shown once", unique=True, max_length=64)
    made_by: str = col("the administrator who made it, or operator", max_length=64)
    made_at: datetime = col("when it was made")
    ends_at: datetime = col("until when it works")
    used_at: datetime | None = col("when it was used or taken back", default=None)


class Ceremony(SQLModel, table=True):
    """Something begun that the browser must finish within minutes, once: a passkey's answer, another provider's."""

    __tablename__ = "ceremonies"

    id: str = col("random id", primary_key=True, max_length=64)
    what: str = col("register, prove or provider", max_length=16)
    user_id: str | None = col("who began it, where that is known", default=None, max_length=32)
    session_id: str | None = col("the session in which it was begun", default=None, max_length=32)
    state: str = col("what the answer will be compared with", max_length=4000)
    made_at: datetime = col("when it was begun")
    ends_at: datetime = col("until when it can be finished", index=True)


class Tries(SQLModel, table=True):
    """Bad tries of one account or from one place. Neither can be read from the key."""

    __tablename__ = "sign_in_tries"

    key: str = col("keyed digest of the address that was tried, or of the place it was tried from", primary_key=True,
                   max_length=64)  # fmt: skip
    bad: int = col("bad tries since then")
    since: datetime = col("when the first of them was")
    wait_until: datetime = col("until when every try is bad", index=True)


class SignInEvent(SQLModel, table=True):
    """Something about somebody's ways of signing in has changed."""

    __tablename__ = "sign_in_events"
    __table_args__ = (Index("ix_sign_in_events_user_id", "user_id", "at"),)

    id: str = col("random id", primary_key=True, max_length=32)
    at: datetime = col("when")
    user_id: str = ref("users.id", "whose", max_length=32)
    what: str = col("what has changed, see SignInChange", max_length=40)
    by: str = col("who changed it: a user's id, or operator", max_length=64)


class Notice(SQLModel, table=True):
    """What somebody is told of a change to their ways of signing in. It lies here until it has left the house."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_next_try_at", "next_try_at", "id", postgresql_where=_unsent, sqlite_where=_unsent),
    )

    id: str = ref("sign_in_events.id", "the change", primary_key=True, max_length=32)
    user_id: str = ref("users.id", "whose, and who is told", max_length=32)
    what: str = col("what has changed, see SignInChange", max_length=40)
    created_at: datetime = col("when it changed")
    next_try_at: datetime | None = col("when it is tried next; empty once delivered or given up", default=None)
    attempts: int = col("how often it was tried", default=0)
    delivered_at: datetime | None = col("when it was delivered", default=None)
    failed: str | None = col("the last failure, by kind", default=None, max_length=80)


class ProviderSubject(SQLModel, table=True):
    """Under which name an organisation's own provider knows somebody."""

    __tablename__ = "provider_subjects"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    user_id: str = ref("users.id", "who", primary_key=True, max_length=32)
    issuer: str = col("the provider", primary_key=True, max_length=400)
    subject: str = col("the provider's name for them", personal=True, max_length=255)
    made_at: datetime = col("when they first came from there")


class ClientKey(SQLModel, table=True):
    """A public key with which a partner's system proves who it is. There are two places, so that one can be changed."""

    __tablename__ = "client_keys"

    client_id: str = ref("clients.id", "whose", primary_key=True, max_length=64)
    slot: int = col("1 or 2", primary_key=True)
    public_key: str = col("P-256, as PEM", max_length=400)
    fingerprint: str = col("SHA-256 of it, to be compared by telephone or on paper", max_length=64)
    made_at: datetime = col("when it was added")


class UsedAssertion(SQLModel, table=True):
    """A proof that a partner's system has shown. It is worth nothing a second time."""

    __tablename__ = "used_assertions"

    client_id: str = ref("clients.id", "whose", primary_key=True, max_length=64)
    jti: str = col("its own name for the proof", primary_key=True, max_length=64)
    ends_at: datetime = col("when it could not be shown again anyway", index=True)
