"""Passkeys (WebAuthn): registered, and shown to sign in or step up. The protocol is the library's, the rows are ours.

Every function works in a session of the database that its caller has opened. A ceremony is begun here, finished by the
browser within minutes, and taken away when it is finished, so that no answer serves twice.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import delete
from sqlmodel import Session, col, select

from api import second_factors
from referral.ids import new_id
from referral.models import Ceremony, Factor, User

LASTS = timedelta(minutes=5)
REGISTER, PROVE = "register", "prove"
VERIFIED = UserVerificationRequirement.REQUIRED  # a finger, a face or a PIN: the passkey alone is two factors


def begin_registering(session: Session, address: str, user: User, in_session: str, now: datetime) -> dict[str, Any]:
    """What the browser needs to make a passkey."""
    second_factors.require_room(session, user.id)
    own = [_credential(row) for row in second_factors.factors(session, user.id) if row.kind == second_factors.PASSKEY]
    who = PublicKeyCredentialUserEntity(id=bytes.fromhex(user.id), name=user.email, display_name=user.name)
    options, state = _server(address).register_begin(
        who, own, resident_key_requirement=ResidentKeyRequirement.PREFERRED, user_verification=VERIFIED
    )
    return _begun(session, REGISTER, state, dict(options), now, user=user.id, in_session=in_session)


def finish_registering(
    session: Session, address: str, user: str, in_session: str, told: Mapping[str, Any], name: str, now: datetime
) -> Factor | None:
    """Keep a passkey, once its answer is found to be good; None where it is not."""
    state = _taken(session, told["ceremony"], REGISTER, now, user=user, in_session=in_session)
    if state is None:
        return None
    with suppress(Exception):  # the library leaks errors of many kinds; none of them hangs on ours
        made = _server(address).register_complete(state, RegistrationResponse.from_dict(told["credential"]))
        data = made.credential_data
        if data is None:
            return None
        credential = websafe_encode(data.credential_id)
        if session.exec(select(Factor.id).where(col(Factor.credential_id) == credential)).first():
            return None
        row = Factor(
            id=new_id(), user_id=user, kind=second_factors.PASSKEY, name=name, credential_id=credential,
            public_key=websafe_encode(bytes(data)), counter=made.counter, made_at=now,
        )  # fmt: skip
        second_factors.added(session, row, now)
        session.flush()
        return row
    return None


def begin_proving(
    session: Session, address: str, now: datetime, *, user: str | None = None, in_session: str | None = None
) -> dict[str, Any]:
    """What the browser needs to show a passkey: one of this person's, or whichever it holds, where nobody is known."""
    own = (
        [_credential(row) for row in second_factors.factors(session, user) if row.kind == second_factors.PASSKEY]
        if user
        else []
    )
    options, state = _server(address).authenticate_begin(own or None, user_verification=VERIFIED)
    return _begun(session, PROVE, state, dict(options), now, user=user, in_session=in_session)


def proven(
    session: Session, address: str, told: Mapping[str, Any], now: datetime, *, user: str | None = None,
    in_session: str | None = None,
) -> str | None:  # fmt: skip
    """Whose passkey it is, once its answer is found to be good; None where it is not."""
    state = _taken(session, told["ceremony"], PROVE, now, user=user, in_session=in_session)
    if state is None:
        return None
    with suppress(Exception):
        shown = AuthenticationResponse.from_dict(told["credential"])
        found = select(Factor).where(
            col(Factor.credential_id) == websafe_encode(shown.raw_id), col(Factor.confirmed_at).is_not(None)
        )
        row = session.exec(found.with_for_update()).first()
        if row is None or user not in (None, row.user_id):
            return None
        handle = shown.response.user_handle
        if handle is not None and bytes(handle) != bytes.fromhex(row.user_id):
            return None
        _server(address).authenticate_complete(state, [_credential(row)], shown)
        count = shown.response.authenticator_data.counter
        if (count or row.counter) and count <= row.counter:
            return None  # a copy of the passkey has been used meanwhile
        row.counter, row.used_at = count, now
        session.add(row)
        return row.user_id
    return None


def _server(address: str) -> Fido2Server:
    parts = urlsplit(address)
    own = f"{parts.scheme}://{parts.netloc}"
    rp = PublicKeyCredentialRpEntity(id=parts.hostname or "", name=second_factors.ISSUER)
    return Fido2Server(rp, verify_origin=lambda origin: origin == own)


def _credential(row: Factor) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(row.public_key or ""))


def _begun(
    session: Session, what: str, state: Any, options: dict[str, Any], now: datetime, *, user: str | None,
    in_session: str | None,
) -> dict[str, Any]:  # fmt: skip
    row = Ceremony(
        id=new_id(), what=what, user_id=user, session_id=in_session, state=orjson.dumps(state).decode(), made_at=now,
        ends_at=now + LASTS,
    )  # fmt: skip
    session.add(row)
    return {"ceremony": row.id, "options": options}


def _taken(
    session: Session, ceremony: str, what: str, now: datetime, *, user: str | None, in_session: str | None
) -> Any | None:
    """The state of a ceremony that was begun by the same person in the same session; it is gone from now on."""
    row = session.get(Ceremony, ceremony, with_for_update=True)
    if row is None or row.what != what or (row.user_id, row.session_id) != (user, in_session):
        return None
    gone = session.connection().execute(delete(Ceremony).where(col(Ceremony.id) == ceremony))
    return orjson.loads(row.state) if gone.rowcount == 1 and now < row.ends_at else None
