"""What is kept of changes to somebody's ways of signing in, and what of signing in is forgotten with time."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from referral.db import Database
from referral.ids import new_id
from referral.models import Ceremony, OneTimeCode, SignIn, SignInEvent, Tries, UsedAssertion

SESSIONS_KEPT = timedelta(days=30)
CODES_KEPT = timedelta(days=90)


class SignInChange(StrEnum):
    """What somebody should hear of, in case it was not them."""

    INVITED = "invited"
    INVITATION_ACCEPTED = "invitation_accepted"
    RESET_STARTED = "reset_started"
    PASSWORD_SET = "password_set"  # noqa: S105  by a code
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  with the old one
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTORS_FORGOTTEN = "factors_forgotten"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    SESSIONS_ENDED = "sessions_ended"
    UNLOCKED = "unlocked"
    DISABLED = "disabled"
    ENABLED = "enabled"
    ROLES_ASKED = "roles_asked"
    ROLES_GIVEN = "roles_given"
    PROVIDER_KNOWN = "provider_known"


def record(session: Session, user: str, what: SignInChange, by: str, now: datetime) -> None:
    """Write down that something has changed."""
    session.add(SignInEvent(id=new_id(), at=now, user_id=user, what=what.value, by=by))


def forget(db: Database, now: datetime) -> None:
    """Delete what can no longer matter: the heartbeat does this at every beat."""
    with db.write() as session:
        for gone in (
            delete(UsedAssertion).where(col(UsedAssertion.ends_at) <= now),
            delete(Ceremony).where(col(Ceremony.ends_at) <= now),
            delete(Tries).where(col(Tries.wait_until) < now - timedelta(hours=1)),
            delete(OneTimeCode).where(col(OneTimeCode.ends_at) < now - CODES_KEPT),
            delete(SignIn).where(
                or_(col(SignIn.ends_at) < now - SESSIONS_KEPT, col(SignIn.ended_at) < now - SESSIONS_KEPT)
            ),
        ):
            session.connection().execute(gone)
