"""Codes that work once: invitations and resets. An administrator makes one and never learns the password it sets.

Every function works in a session of the database that its caller has opened.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from api import sessions
from api.password_rules import check_new
from api.passwords import hash_password
from referral.errors import BadForm
from referral.ids import new_id
from referral.models import Agency, OneTimeCode, User
from referral.sign_in import SignInChange, record

LASTS = {"invitation": timedelta(hours=72), "reset": timedelta(hours=24)}
MADE = {"invitation": SignInChange.INVITED, "reset": SignInChange.RESET_STARTED}


class BadCode(BadForm):
    """The code is wrong, was used, or has ended. Ask your administrator for a new one."""

    code = "bad_code"


def make(session: Session, user: User, what: str, by: str, now: datetime) -> str:
    """A new code, shown once. Every older one of the same person is worth nothing from now on."""
    session.connection().execute(
        update(OneTimeCode).where(col(OneTimeCode.user_id) == user.id, col(OneTimeCode.used_at).is_(None))
        .values(used_at=now)
    )  # fmt: skip
    code = f"ldc_{secrets.token_urlsafe(24)}"
    session.add(OneTimeCode(
        id=new_id(), user_id=user.id, what=what, code_sha256=_digest(code), made_by=by, made_at=now,
        ends_at=now + LASTS[what],
    ))  # fmt: skip
    record(session, user.id, MADE[what], by, now)
    return code


def use(session: Session, code: str, password: str, now: datetime) -> User:
    """Set the password with a code; every session of theirs ends. Raises BadCode, or BadForm for a poor password.

    Second factors stay: a reset does not lead past them.
    """
    found = select(OneTimeCode).where(col(OneTimeCode.code_sha256) == _digest(code)).with_for_update()
    row = session.exec(found).first()
    if row is None or row.used_at is not None or now >= row.ends_at:
        raise BadCode
    user = session.get(User, row.user_id)
    agency = session.get(Agency, user.agency_id) if user else None
    if user is None or agency is None or not (user.active and agency.active):
        raise BadCode
    check_new(password, user, agency)
    row.used_at, user.password_hash = now, hash_password(password)
    session.add(row)
    session.add(user)
    sessions.end_all(session, user.id, now)
    what = SignInChange.INVITATION_ACCEPTED if row.what == "invitation" else SignInChange.PASSWORD_SET
    record(session, user.id, what, user.id, now)
    return user


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
