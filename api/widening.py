"""What a partner's system is given: asked for by one person, carried out once another has approved it.

Every function works in a session that its caller has opened, on a client that it holds. A secret is shown to whoever
asks, and is worth nothing before the approval: the request keeps its digest alone, and the approver never learns it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from api import approving, clients, directory
from api.approving import Widening
from api.passwords import new_secret
from referral.access import Actor
from referral.errors import Blocked, Reason, Taken
from referral.models import Approval, Client

DIGEST, KEY = "sha256:", "key:"  # of a secret; of a public key
CHANGED = Reason("content_changed", "This is not what was asked for any more: look at it again.")


def ask_to_add(session: Session, new: directory.NewClient, actor: Actor, now: datetime) -> tuple[Approval, str]:
    """A client of the actor's agency, and its secret. Raises Taken where the short name is used, or Blocked."""
    directory.fits(session, actor.agency, new.scopes)
    if session.get(Client, new.id) is not None:
        raise Taken(Reason("id_used", "There is a client of this short name already."))
    secret = new_secret()
    codes = [*new.scopes, DIGEST + secret.stored]
    return approving.ask(session, Widening.ADD, new.id, codes, actor, now), secret.shown


def set_scopes(session: Session, row: Client, scopes: list[str], actor: Actor, now: datetime) -> Approval | None:
    """What is left out ends now; what is new waits: the request, or None where nothing is. Raises Blocked."""
    directory.fits(session, row.agency_id, scopes)
    held = row.scopes.split()
    row.scopes = " ".join(scope for scope in held if scope in scopes)
    session.add(row)
    new = set(scopes).difference(held)
    return approving.ask(session, Widening.SCOPES, row.id, sorted(new), actor, now) if new else None


def ask_for_key(session: Session, row: Client, pem: str, actor: Actor, now: datetime) -> tuple[Approval, str]:
    """The request, and the key's fingerprint, which is to be compared. Raises BadForm or Blocked."""
    _, mark = clients.new_key(session, row, pem)
    return approving.ask(session, Widening.KEY, row.id, [KEY + mark, pem.strip()], actor, now), mark


def ask_for_secret(session: Session, row: Client, actor: Actor, now: datetime) -> tuple[Approval, str]:
    """The request, and the secret. Raises Blocked."""
    clients.expect_room(row)
    secret = new_secret()
    return approving.ask(session, Widening.SECRET, row.id, [DIGEST + secret.stored], actor, now), secret.shown


def set_secrets_off(session: Session, row: Client, actor: Actor, now: datetime, *, off: bool) -> Approval | None:
    """Off at once; on again waits: the request, or None where nothing does. Raises Blocked."""
    if off or not row.secrets_off:
        clients.set_secrets_off(session, row, off=off)
        return None
    return approving.ask(session, Widening.SECRETS_ON, row.id, _secrets(row), actor, now)


def ask_to_enable(session: Session, row: Client, actor: Actor, now: datetime) -> Approval | None:
    """The request, with all that the client would come back with; None where it is not out. Raises Blocked."""
    return None if row.active else approving.ask(session, Widening.ON, row.id, powers(session, row), actor, now)


def powers(session: Session, row: Client) -> list[str]:
    """What a client may do, and by what it proves who it is."""
    secrets = [] if row.secrets_off else _secrets(row)
    return [*row.scopes.split(), *secrets, *(KEY + key.fingerprint for key in clients.keys_of(session, row.id))]


def carry_out(session: Session, approved: Approval, codes: list[str], now: datetime) -> None:
    """Give a client what was approved, and nothing else. Raises NotFound, Taken or Blocked where it fits no more."""
    kind, agency = Widening(approved.kind), approved.asked_agency
    if kind is Widening.ADD:
        scopes = [code for code in codes if not code.startswith(DIGEST)]
        new = directory.NewClient(id=approved.about, scopes=scopes)
        directory.put_client(session, agency, new, _digest_in(codes), now)
        return
    row = directory.find_client(session, agency, approved.about, hold=True)
    _GIVES[kind](session, row, codes, now)


def _give_scopes(session: Session, row: Client, codes: list[str], _: datetime) -> None:
    directory.fits(session, row.agency_id, codes)
    row.scopes = " ".join(dict.fromkeys([*row.scopes.split(), *codes]))
    session.add(row)


def _give_key(session: Session, row: Client, codes: list[str], now: datetime) -> None:
    pem = next(code for code in codes if not code.startswith(KEY))
    if KEY + clients.add_key(session, row, pem, now).fingerprint not in codes:
        raise Blocked(CHANGED)


def _give_secret(session: Session, row: Client, codes: list[str], _: datetime) -> None:
    clients.put_secret(session, row, _digest_in(codes))


def _give_secrets_back(session: Session, row: Client, codes: list[str], _: datetime) -> None:
    _expect_seen(_secrets(row), codes)
    clients.set_secrets_off(session, row, off=False)


def _turn_on(session: Session, row: Client, codes: list[str], _: datetime) -> None:
    _expect_seen(powers(session, row), codes)
    directory.enable_client(session, row.agency_id, row.id)


_GIVES: dict[Widening, Callable[[Session, Client, list[str], datetime], None]] = {
    Widening.SCOPES: _give_scopes,
    Widening.KEY: _give_key,
    Widening.SECRET: _give_secret,
    Widening.SECRETS_ON: _give_secrets_back,
    Widening.ON: _turn_on,
}


def _secrets(row: Client) -> list[str]:
    return [DIGEST + stored for stored in (row.secret_hash, row.second_secret_hash) if stored]


def _digest_in(codes: list[str]) -> str:
    return next(code.removeprefix(DIGEST) for code in codes if code.startswith(DIGEST))


def _expect_seen(held: Sequence[str], codes: list[str]) -> None:
    """It may have less than was approved by now, never more."""
    if set(held).difference(codes):
        raise Blocked(CHANGED)
