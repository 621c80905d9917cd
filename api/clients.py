"""How a partner's system proves who it is: a key of its own (private_key_jwt), or a secret; two places for each."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from api import assertions
from api.passwords import check_secret
from api.tokens import BadToken
from referral.db import Database
from referral.errors import BadForm, Blocked, NotFound, Reason
from referral.models import Agency, Client, ClientKey, UsedAssertion

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SLOTS = (1, 2)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a request says: which client it is, and a secret or a signed proof."""

    client: str
    secret: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)


def proven(db: Database, proof: Proof, issuer: str, now: datetime) -> Client | None:
    """The client, if it has proved that it is; None for a client that does not exist, and for whatever is wrong."""
    with db.read() as session:
        found = select(Client).join(Agency, col(Agency.id) == col(Client.agency_id))
        row = session.exec(found.where(col(Client.id) == proof.client, col(Client.active), col(Agency.active))).first()
        keys = list(session.exec(select(ClientKey).where(col(ClientKey.client_id) == proof.client)))
    if proof.assertion is not None:
        return _by_key(db, row, keys, proof.assertion, issuer, now) if row else None
    stored = (row.secret_hash, row.second_secret_hash) if row and not row.secrets_off else (None, None)
    right = [check_secret(proof.secret or "", one) for one in stored]  # both, whichever is right
    return row if any(right) else None


def expect_room(row: Client) -> None:
    """Raise Blocked where there is no place for another secret."""
    if row.second_secret_hash is not None:
        raise Blocked(Reason("two_secrets", "There are two secrets already: retire the old one first."))


def put_secret(session: Session, row: Client, stored: str) -> None:
    """A second secret beside the first, so that a system can change without standing still. Raises Blocked."""
    expect_room(row)
    row.second_secret_hash = stored
    session.add(row)


def retire_secret(session: Session, row: Client) -> None:
    """The older of two secrets is worth nothing from now on."""
    if row.second_secret_hash is None:
        raise Blocked(Reason("one_secret", "There is only one secret: add another first, or allow keys alone."))
    row.secret_hash, row.second_secret_hash = row.second_secret_hash, None
    session.add(row)


def set_secrets_off(session: Session, row: Client, *, off: bool) -> None:
    """Whether this client may only use its own keys."""
    if off and not keys_of(session, row.id):
        raise Blocked(Reason("no_key", "Add a key of the client's own first."))
    row.secrets_off = off
    session.add(row)


def keys_of(session: Session, client: str) -> list[ClientKey]:
    """The keys of a client."""
    return list(session.exec(select(ClientKey).where(col(ClientKey.client_id) == client).order_by(col(ClientKey.slot))))


def new_key(session: Session, row: Client, pem: str) -> tuple[int, str]:
    """The free place that a public key would have, and its fingerprint. Raises BadForm or Blocked."""
    try:
        mark = assertions.fingerprint(assertions.read_key(pem))
    except (ValueError, UnicodeError):
        raise BadForm(Reason("bad_key", "A client's key is a public key on P-256, written as PEM.")) from None
    held = keys_of(session, row.id)
    if any(key.fingerprint == mark for key in held):
        raise Blocked(Reason("same_key", "This key is there already."))
    free = [slot for slot in SLOTS if slot not in {key.slot for key in held}]
    if not free:
        raise Blocked(Reason("two_keys", "There are two keys already: retire the old one first."))
    return free[0], mark


def add_key(session: Session, row: Client, pem: str, now: datetime) -> ClientKey:
    """A public key in a free place. Raises BadForm or Blocked.

    Compare its fingerprint by telephone or on paper before it is used.
    """
    slot, mark = new_key(session, row, pem)
    key = ClientKey(client_id=row.id, slot=slot, public_key=pem.strip(), fingerprint=mark, made_at=now)
    session.add(key)
    session.flush()
    return key


def retire_key(session: Session, row: Client, slot: int) -> None:
    """A key is worth nothing from now on. Raises NotFound."""
    key = session.get(ClientKey, (row.id, slot))
    if key is None:
        raise NotFound
    if row.secrets_off and len(keys_of(session, row.id)) == 1:
        raise Blocked(Reason("last_key", "This client has no other way to prove who it is. Take it out instead."))
    session.delete(key)


def _by_key(
    db: Database, row: Client, keys: list[ClientKey], assertion: str, issuer: str, now: datetime
) -> Client | None:
    try:
        known = [assertions.read_key(key.public_key) for key in keys]
        shown = assertions.verify(known, assertion, client=row.id, audience=issuer, now=now)
    except BadToken:
        return None
    try:
        with db.write() as session:
            used = {"client_id": row.id, "jti": shown.jti, "ends_at": shown.ends_at}
            session.connection().execute(insert(UsedAssertion), used)
    except IntegrityError:
        return None  # shown before
    return row
