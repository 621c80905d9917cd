"""Signing in, by password or by passkey, and showing a second factor later. Every wrong try costs the same work.

Whoever is refused is told one sentence, whether the address is unknown, the password or the code is wrong, or the
account has to wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from api import passkeys, second_factors, sessions, tries
from api.deps import House
from api.password_rules import check_new
from api.passwords import check_password, hash_password, is_outdated
from api.sessions import Opened
from api.tries import Trier
from referral.errors import NotSignedIn
from referral.models import Agency, SignIn, User
from referral.sign_in import SignInChange, record


class WrongProof(NotSignedIn):
    """The e-mail address, the password or the code is wrong, or too many tries were made: wait a little."""


@dataclass(frozen=True, slots=True)
class Password:
    """What somebody typed."""

    email: str
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


def by_password(house: House, typed: Password, kind: str, source: str | None, now: datetime) -> Opened:
    """A new session. Without a code it is only partial where somebody has a second factor. Raises WrongProof."""
    trier = Trier.of(house.box, typed.email, source)
    free = tries.reserve(house.db, trier, now)
    with house.db.read() as session:
        user = _active().where(col(User.email) == typed.email.strip().lower())
        row = session.exec(user).first()
    right = check_password(typed.password, row.password_hash if row and free else None)
    with house.db.write() as session:
        opened = _opened(session, house, row, typed, kind, trier, now) if right and row else None
    if opened is None:
        raise WrongProof
    return opened


def by_passkey(house: House, told: Mapping[str, Any], kind: str, now: datetime) -> Opened:
    """A new session, by a passkey alone: it is held, and it has seen a finger, a face or a PIN. Raises WrongProof."""
    with house.db.write() as session:
        user = passkeys.proven(session, house.settings.address, told, now)
        row = session.exec(_active().where(col(User.id) == user)).first() if user else None
        factor = second_factors.PASSKEY
        opened = sessions.begin(session, row.id, kind=kind, factor=factor, now=now, shown_at=now) if row else None
    if opened is None:
        raise WrongProof
    return opened


def show_code(house: House, presented: object, code: str, source: str | None, now: datetime) -> Opened:
    """A new session in place of this one, once a code was shown. Raises WrongProof; tries count as at signing in."""
    with house.db.read() as session:
        user = session.get(User, sessions.mine(session, presented, now, hold=False).user_id)
    trier = Trier.of(house.box, user.email if user else "", source)
    free = tries.reserve(house.db, trier, now)
    with house.db.write() as session:
        row = sessions.mine(session, presented, now)
        was = second_factors.shown(session, house.box, row.user_id, code, now) if free else None
        opened = _stepped_up(session, row, was, now) if was else None
        if opened:
            tries.forgive(session, trier)
    if opened is None:
        raise WrongProof
    return opened


def show_passkey(house: House, presented: object, told: Mapping[str, Any], now: datetime) -> Opened:
    """A new session in place of this one, once a passkey was shown. Raises WrongProof."""
    with house.db.write() as session:
        row = sessions.mine(session, presented, now)
        user = passkeys.proven(session, house.settings.address, told, now, user=row.user_id, in_session=row.id)
        opened = sessions.step_up(session, row, second_factors.PASSKEY, now) if user else None
    if opened is None:
        raise WrongProof
    return opened


def change_password(house: House, presented: object, old: str, new: str, source: str | None, now: datetime) -> Opened:
    """Set a new password with the old one; every other session ends. Raises WrongProof, or BadForm for a poor one."""
    with house.db.read() as session:
        user, agency = _whose(session, sessions.mine(session, presented, now, hold=False))
    trier = Trier.of(house.box, user.email, source)
    free = tries.reserve(house.db, trier, now)
    if not check_password(old, user.password_hash if free else None):
        raise WrongProof
    check_new(new, user, agency)
    stored = hash_password(new)
    with house.db.write() as session:
        row = sessions.mine(session, presented, now)
        again = session.get(User, user.id, with_for_update=True)
        if again is None or again.password_hash != user.password_hash:
            raise WrongProof  # somebody has changed it meanwhile
        again.password_hash = stored
        session.add(again)
        sessions.end_all(session, user.id, now)
        tries.forgive(session, trier)
        record(session, user.id, SignInChange.PASSWORD_CHANGED, user.id, now)
        return sessions.begin(
            session, user.id, kind=row.kind, factor=row.factor, now=now, partial=row.partial,
            shown_at=row.stepped_up_at, ends_at=row.ends_at,
        )  # fmt: skip


def _active() -> Any:
    """Those who may sign in."""
    home = select(User).join(Agency, col(Agency.id) == col(User.agency_id))
    return home.where(col(User.active), col(Agency.active))


def _whose(session: Session, row: SignIn) -> tuple[User, Agency]:
    user = session.get(User, row.user_id)
    agency = session.get(Agency, user.agency_id) if user else None
    if user is None or agency is None:
        raise NotSignedIn
    return user, agency


def _opened(
    session: Session, house: House, user: User, typed: Password, kind: str, trier: Trier, now: datetime
) -> Opened | None:
    again = session.get(User, user.id, with_for_update=True)
    if again is None or not again.active or again.password_hash != user.password_hash:
        return None  # changed since the password was looked at
    has = bool(second_factors.factors(session, user.id))
    was = second_factors.shown(session, house.box, user.id, typed.code, now) if typed.code is not None else None
    if typed.code is not None and was is None:
        return None
    if was is not None or not has:
        # A password alone does not begin the count anew where a code is still to come: or the code could be guessed.
        tries.forgive(session, trier)
    if is_outdated(user.password_hash):
        again.password_hash = hash_password(typed.password)
        session.add(again)
    factor = second_factors.TOTP if was else "password"
    shown_at = now if was == second_factors.TOTP else None
    return sessions.begin(
        session, user.id, kind=kind, factor=factor, now=now, partial=has and was is None, shown_at=shown_at
    )


def _stepped_up(session: Session, row: SignIn, was: str, now: datetime) -> Opened:
    """A recovery code lets somebody in; it does not count as a factor just shown, as for a grant or a reveal."""
    return sessions.step_up(session, row, second_factors.TOTP, now, shown=was == second_factors.TOTP)
