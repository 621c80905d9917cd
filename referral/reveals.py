"""Shows an address once, to whom its reveal belongs, and reads the ledger of who ever saw one."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from referral import places
from referral.errors import AddressChanged, Locked, NotFound, Refusal, RevealEnded, ShownAlready
from referral.models import AddressLock, AddressReader, Case, Place, Reveal
from referral.vault import Vault

ENDED: dict[str, type[Refusal]] = {"locked": Locked, "address_changed": AddressChanged}  # why it was closed


def find(session: Session, case: str, reveal: str, user: str) -> Reveal:
    """A reveal of this case that belongs to this person. Raises NotFound."""
    row = session.get(Reveal, reveal)
    if row is None or row.case_id != case or row.user_id != user:
        raise NotFound
    return row


def refusal(row: Reveal, now: datetime) -> Refusal | None:
    """Why it cannot be shown any more, from its own row."""
    if row.closed_at is not None:
        return ENDED.get(str(row.closed_why), RevealEnded)()
    if row.shown_at is not None:
        return ShownAlready()
    return None if now < row.until else RevealEnded()


def show(
    session: Session, vault: Vault | None, case: str, reveal: str, user: str, now: datetime
) -> dict[str, str] | Refusal:  # fmt: skip
    """The address, which is marked as shown; or why not, and then the reveal is closed. The caller commits either way.

    Holds the case, then the place, then the reveal: a panic lock holds the first, a change of address the other two.
    """
    session.execute(select(col(Case.id)).where(col(Case.id) == case).with_for_update(key_share=True))
    mine = and_(col(Reveal.id) == reveal, col(Reveal.case_id) == case, col(Reveal.user_id) == user)
    place = session.execute(select(col(Reveal.place_id)).where(mine)).scalar()
    session.execute(select(col(Place.id)).where(col(Place.id) == place).with_for_update(key_share=True))
    row = session.execute(select(Reveal).where(mine).with_for_update()).scalar()
    if row is None:
        return NotFound()
    if why := refusal(row, now):
        return why
    if ended := _ended(session, row, now):
        row.closed_at, row.closed_why = now, ended
        session.add(row)
        return ENDED.get(ended, RevealEnded)()
    address = places.in_force(session, row.place_id, now)
    if address is None:
        return AddressChanged()
    told = asdict(places.opened(session, vault, address))  # before it is marked: without keys nothing was shown
    row.shown_at = now
    session.add(row)
    return {name: text for name, text in told.items() if text is not None}


def close(session: Session, row: Reveal, now: datetime) -> None:
    """Whoever has seen it is done with it, and may ask for the next."""
    if row.closed_at is None:
        row.closed_at, row.closed_why = now, "done"
        session.add(row)


def ledger(session: Session, case: str) -> list[Reveal]:
    """Who was ever let see where the person of a case lives, oldest first."""
    wanted = select(Reveal).where(col(Reveal.case_id) == case).order_by(col(Reveal.at), col(Reveal.id))
    return list(session.execute(wanted).scalars())


def readers(session: Session, case: str) -> list[AddressReader]:
    """The need-to-know list of a case with all that was ever on it, oldest first."""
    wanted = select(AddressReader).where(col(AddressReader.case_id) == case)
    return list(
        session.execute(wanted.order_by(col(AddressReader.asked_at), col(AddressReader.id))).scalars()
    )  # fmt: skip


def _ended(session: Session, row: Reveal, now: datetime) -> str | None:
    """What has happened since it was asked for: a lock, also one that is open again; off the list; another address."""
    on_it = or_(col(AddressLock.case_id) == row.case_id, col(AddressLock.place_id) == row.place_id)
    since = or_(col(AddressLock.opened_at).is_(None), col(AddressLock.locked_at) >= row.at)
    if session.execute(select(col(AddressLock.id)).where(on_it, since).limit(1)).first():
        return "locked"
    listed = select(col(AddressReader.id)).where(
        col(AddressReader.case_id) == row.case_id, col(AddressReader.user_id) == row.user_id,
        col(AddressReader.removed_at).is_(None), col(AddressReader.since) <= now, col(AddressReader.until) > now,
    )  # fmt: skip
    if session.execute(listed.limit(1)).first() is None:
        return "removed"
    address = places.in_force(session, row.place_id, now)
    same = address is not None and address.id == row.address_id
    return None if same and row.case_id in places.cases_in(session, row.place_id) else "address_changed"
