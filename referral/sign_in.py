"""What is kept of changes to somebody's ways of signing in, and what of signing in is forgotten with time."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Self

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from referral.db import Database
from referral.ids import new_id
from referral.models import Ceremony, Notice, OneTimeCode, SignIn, SignInEvent, Tries, UsedAssertion

SESSIONS_KEPT = timedelta(days=30)
CODES_KEPT = timedelta(days=90)


class SignInChange(str, Enum):  # noqa: UP042  a change has more than its value
    """What is written down of it, and the sentence with which its owner hears of it, in case it was not them.

    Written as rows: NAME = "name", "A plain sentence." Without a sentence nobody is told: they have just done it
    themselves with a code that somebody gave them, or cannot act on it.
    """

    says: str

    def __new__(cls, value: str, says: str = "") -> Self:
        """Make a change that equals its own name, so that it is stored as plain text."""
        change = str.__new__(cls, value)
        change._value_ = value
        change.says = says
        return change

    # fmt: off
    INVITED             = "invited"
    INVITATION_ACCEPTED = "invitation_accepted"
    RESET_STARTED       = "reset_started",       "Somebody who administers accounts has begun a reset of your password."
    PASSWORD_SET        = "password_set",        "Your password was set anew, with a code."
    PASSWORD_CHANGED    = "password_changed",    "Your password was changed."
    FACTOR_ADDED        = "factor_added",        "A second factor was added: an app for codes, or a passkey."
    FACTOR_REMOVED      = "factor_removed",      "A second factor was removed."
    FACTORS_FORGOTTEN   = "factors_forgotten",   "Your second factors were removed by whoever administers accounts."
    RECOVERY_CODES_MADE = "recovery_codes_made", "New recovery codes were made; the old ones no longer work."
    RECOVERY_CODE_USED  = "recovery_code_used",  "Somebody signed in with one of your recovery codes."
    SESSIONS_ENDED      = "sessions_ended",      "All your sessions were ended by somebody who administers accounts."
    UNLOCKED            = "unlocked",            "Your account was locked after bad tries to sign in, and was unlocked."
    DISABLED            = "disabled"
    ENABLED             = "enabled",             "Your account works again."
    ROLES_ASKED         = "roles_asked"
    ROLES_GIVEN         = "roles_given",         "Your roles have changed."
    PROVIDER_KNOWN      = "provider_known",      "You can now sign in by your organisation's own provider."
    # fmt: on

    __str__ = str.__str__
    __hash__ = str.__hash__


def record(session: Session, user: str, what: SignInChange, by: str, now: datetime) -> None:
    """Write down that something has changed, and let its owner hear of it."""
    change = SignInEvent(id=new_id(), at=now, user_id=user, what=what.value, by=by)
    session.add(change)
    if what.says:
        session.flush()  # a notice points at its change
        session.add(Notice(id=change.id, user_id=user, what=what.value, created_at=now, next_try_at=now))


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
