"""Sessions of people: begun, renewed, ended, listed. What a token is worth is a row, so that it can be ended at once.

Every function works in a session of the database that its caller has opened.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from referral.access import is_fresh
from referral.errors import NotSignedIn, StepUpNeeded
from referral.ids import new_id
from referral.models import SignIn

PREFIX = "lds_"  # lets secret scanners find a leaked one
IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=10)
SEEN_EVERY = timedelta(minutes=1)  # a use is written down no more often: looking must not mean writing
KINDS = ("browser", "command_line")
ALONE = ("password",)  # ways of signing in that are one factor only


@dataclass(frozen=True, slots=True)
class Presented:
    """A session's token as a request brought it. Nothing is known of it yet; `subject` is the same for everybody."""

    digest: str
    csrf: str = field(repr=False)  # what a browser must send beside the cookie
    subject: str = "user"
    kind: str = "user"


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session; the token is told once."""

    row: SignIn
    token: str = field(repr=False)

    @property
    def csrf(self) -> str:
        """What its browser must send with every change."""
        return csrf_of(self.token)


def present(token: str) -> Presented:
    """A token, so that its row can be found without keeping it."""
    return Presented(_digest(token), csrf_of(token))


def csrf_of(token: str) -> str:
    """Made from the token, which no page can read: nothing more has to be kept."""
    return hmac.digest(token.encode(), b"lodestar csrf", "sha256").hex()


def begin(
    session: Session, user: str, *, kind: str, factor: str, now: datetime, partial: bool = False,
    shown_at: datetime | None = None, ends_at: datetime | None = None,
) -> Opened:  # fmt: skip
    """A session of its own for every sign-in. `shown_at` is when a second factor was shown."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = SignIn(
        id=new_id(), user_id=user, token_sha256=_digest(token), kind=kind, factor=factor, partial=partial, made_at=now,
        seen_at=now, ends_at=ends_at or now + LONGEST, stepped_up_at=shown_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Opened(row, token)


def step_up(session: Session, row: SignIn, factor: str, now: datetime, *, shown: bool = True) -> Opened:
    """A new session in place of one, once a second factor was shown; it ends when the old one would have."""
    end(session, row, now)
    return begin(
        session, row.user_id, kind=row.kind, factor=factor, now=now, shown_at=now if shown else None,
        ends_at=row.ends_at,
    )  # fmt: skip


def live(row: Any, now: datetime) -> bool:
    """Whether it still counts."""
    return row.ended_at is None and now < row.ends_at and now < row.seen_at + IDLE


def mine(session: Session, presented: object, now: datetime, *, hold: bool = True) -> SignIn:
    """The session that a request came with; held until the transaction ends, unless one only looks.

    Raises NotSignedIn, for clients too.
    """
    if not isinstance(presented, Presented):
        raise NotSignedIn
    found = select(SignIn).where(col(SignIn.token_sha256) == presented.digest)
    row = session.exec(found.with_for_update() if hold else found).first()
    if row is None or not live(row, now):
        raise NotSignedIn
    return row


def require_fresh(row: SignIn, now: datetime) -> None:
    """Raise StepUpNeeded unless a second factor was shown within the last minutes."""
    if not is_fresh(row.stepped_up_at, now):
        raise StepUpNeeded


def end(session: Session, row: SignIn, now: datetime) -> None:
    """It is worth nothing from now on."""
    row.ended_at = row.ended_at or now
    session.add(row)


def end_all(session: Session, user: str, now: datetime, *, but: str | None = None) -> int:
    """End every session of somebody, or every one but this. Gives how many."""
    these = update(SignIn).where(col(SignIn.user_id) == user, col(SignIn.ended_at).is_(None))
    done = session.connection().execute(
        (these if but is None else these.where(col(SignIn.id) != but)).values(ended_at=now)
    )
    return done.rowcount


def of_user(session: Session, user: str, now: datetime) -> list[SignIn]:
    """Somebody's live sessions, the newest first."""
    found = select(SignIn).where(col(SignIn.user_id) == user, col(SignIn.ended_at).is_(None), col(SignIn.ends_at) > now)
    return [row for row in session.exec(found.order_by(col(SignIn.made_at).desc())) if live(row, now)]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
