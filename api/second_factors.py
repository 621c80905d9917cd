"""Second factors that are typed in: codes of an app (TOTP), and ten recovery codes. Passkeys are in passkeys.py.

Every function works in a session of the database that its caller has opened.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from api.sealing import Box
from referral.errors import Blocked, NotFound, Reason
from referral.ids import new_id
from referral.models import Factor, RecoveryCode, SignIn, User
from referral.sign_in import SignInChange, record

TOTP, PASSKEY, RECOVERY = "totp", "passkey", "recovery"
ISSUER = "Lodestar"
STEP_S, WINDOW = 30, 1  # length of a time step; how many steps before and after are taken
CODES, MOST = 10, 8  # recovery codes; second factors of one person
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is easily misread
_SPELT = str.maketrans("", "", " -")


def factors(session: Session, user: str, *, hold: bool = False) -> list[Factor]:
    """The second factors of somebody that count."""
    found = select(Factor).where(col(Factor.user_id) == user, col(Factor.confirmed_at).is_not(None))
    found = found.order_by(col(Factor.made_at), col(Factor.id))
    return list(session.exec(found.with_for_update() if hold else found))


def begin_totp(session: Session, box: Box, user: User, name: str, now: datetime) -> tuple[Factor, str, str]:
    """A new secret for an app, and the address that a QR code holds. It counts once a code of it was given back."""
    require_room(session, user.id)
    secret = pyotp.random_base32()
    row = Factor(id=new_id(), user_id=user.id, kind=TOTP, name=name, made_at=now)
    row.sealed = box.seal(secret.encode(), bound_to=row.id)
    session.add(row)
    session.flush()
    return row, secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm_totp(session: Session, box: Box, user: str, factor: str, code: str, now: datetime) -> bool:
    """Whether the code is one of this app's; from then on it counts. Raises NotFound."""
    row = session.get(Factor, factor, with_for_update=True)
    if row is None or row.user_id != user or row.kind != TOTP or row.confirmed_at is not None:
        raise NotFound
    if not _right_totp(box, row, code, now):
        return False
    added(session, row, now)
    return True


def added(session: Session, row: Factor, now: datetime) -> None:
    """It has been shown to work. Whoever is signed in with the password alone has to show it from now on."""
    alone = update(SignIn).where(col(SignIn.user_id) == row.user_id, col(SignIn.factor) == "password")
    session.connection().execute(alone.values(partial=True))
    row.confirmed_at = row.used_at = now
    session.add(row)
    record(session, row.user_id, SignInChange.FACTOR_ADDED, row.user_id, now)


def remove(session: Session, user: str, factor: str, now: datetime) -> None:
    """Take one away; recovery codes go with the last one. Raises NotFound."""
    row = session.get(Factor, factor)
    if row is None or row.user_id != user:
        raise NotFound
    session.delete(row)
    session.flush()
    if not factors(session, user):
        session.connection().execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user))
    record(session, user, SignInChange.FACTOR_REMOVED, user, now)


def forget_all(session: Session, user: str, by: str, now: datetime) -> None:
    """Take all of somebody's away: they have lost every one, and an operator has made sure who they are."""
    for table in (Factor, RecoveryCode):
        session.connection().execute(delete(table).where(col(table.user_id) == user))
    record(session, user, SignInChange.FACTORS_FORGOTTEN, by, now)


def new_recovery_codes(session: Session, user: str, now: datetime) -> list[str]:
    """Ten new codes, shown once; the old ones are worth nothing."""
    session.connection().execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(CODES)]
    session.add_all(RecoveryCode(id=new_id(), user_id=user, code_sha256=_digest(code), made_at=now) for code in codes)
    record(session, user, SignInChange.RECOVERY_CODES_MADE, user, now)
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def codes_left(session: Session, user: str) -> int:
    """How many recovery codes have not been used."""
    left = select(func.count()).select_from(RecoveryCode)
    return int(session.scalar(left.where(col(RecoveryCode.user_id) == user, col(RecoveryCode.used_at).is_(None))) or 0)


def shown(session: Session, box: Box, user: str, code: str, now: datetime) -> str | None:
    """Use a code: `totp` or `recovery` says what it was, None that it was neither, or was used before."""
    typed = code.translate(_SPELT).lower()
    for row in factors(session, user, hold=True):
        if row.kind == TOTP and _right_totp(box, row, typed, now):
            return TOTP
    found = select(RecoveryCode).where(col(RecoveryCode.user_id) == user, col(RecoveryCode.used_at).is_(None))
    for code_row in session.exec(found.with_for_update()):
        if hmac.compare_digest(code_row.code_sha256, _digest(typed)):
            code_row.used_at = now
            session.add(code_row)
            record(session, user, SignInChange.RECOVERY_CODE_USED, user, now)
            return RECOVERY
    return None


def _right_totp(box: Box, row: Factor, code: str, now: datetime) -> bool:
    """Check a code and use its time step up: whoever saw it being typed can do nothing with it."""
    secret = box.open(row.sealed or "", bound_to=row.id)
    if secret is None:
        return False
    app, here = pyotp.TOTP(secret.decode()), int(now.timestamp()) // STEP_S
    for step in range(here - WINDOW, here + WINDOW + 1):
        if step > row.counter and pyotp.utils.strings_equal(app.generate_otp(step), code.translate(_SPELT)):
            row.counter, row.used_at = step, now
            return True
    return False


def require_room(session: Session, user: str) -> None:
    """Raise Blocked where somebody has as many as anybody can need."""
    every = select(func.count()).select_from(Factor).where(col(Factor.user_id) == user)
    if int(session.scalar(every) or 0) >= MOST:
        raise Blocked(Reason("too_many_factors", "Remove one of your second factors first."))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
