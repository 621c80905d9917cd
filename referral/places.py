"""Houses, their beds and their sealed addresses: added, changed, listed. An address is never given back here.

Every function works in a session that its caller has opened. Whoever changes an address or a lock holds the row of the
place until the end, as whoever shows an address does: so nobody is shown one that has just been changed or locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from referral.errors import BadTime, Locked, NoKeys, NotFound, Reason, Taken
from referral.ids import new_id
from referral.models import Address, AddressLock, Bed, BedHold, Key, Place, Reveal
from referral.vault import SubjectKey, Vault, Wrapped

BACK, AHEAD = timedelta(minutes=5), timedelta(days=366)  # between these an address may begin
SEALED = ("street", "town", "postcode", "way", "phone")
CLASH = Reason("code_name_used", "There is a place of this code name already, or a bed stands elsewhere.")


@dataclass(frozen=True, slots=True)
class Where:
    """An address as a person enters it. It prints as nothing, so that no log or error can hold it."""

    street: str = field(repr=False)
    town: str = field(repr=False)
    postcode: str = field(repr=False)
    way: str | None = field(default=None, repr=False)  # how to get there
    phone: str | None = field(default=None, repr=False)


def add_place(
    session: Session, vault: Vault | None, agency: str, code_name: str, region: str, beds: Sequence[str], now: datetime
) -> Place:  # fmt: skip
    """A place with a key of its own. Beds are named by code; those that are not there yet are made. Taken, NoKeys."""
    if vault is None:
        raise NoKeys
    place = Place(id=new_id(), agency_id=agency, code_name=code_name, region=region, created_at=now)
    kept = vault.make(place.id)[1]
    session.add_all([place, Key(id=place.id, ring=kept.ring, wrapped=kept.wrapped, made_at=now)])
    try:
        session.flush()
    except IntegrityError:
        raise Taken(CLASH) from None
    known = select(Bed).where(col(Bed.agency_id) == agency, col(Bed.code_name).in_(beds))
    standing = {bed.code_name: bed for bed in session.execute(known).scalars()}
    if any(bed.place_id is not None or bed.region != region for bed in standing.values()):
        raise Taken(CLASH)
    for name in dict.fromkeys(beds):
        new = Bed(id=new_id(), agency_id=agency, code_name=name, region=region, created_at=now)
        bed = standing.get(name, new)
        bed.place_id = place.id
        session.add(bed)
    session.flush()
    return place


def hold(session: Session, agency: str, place: str) -> Place:
    """One of the agency's own places, held until the session ends. Raises NotFound."""
    wanted = select(Place).where(col(Place.id) == place, col(Place.agency_id) == agency)
    row: Place | None = session.execute(wanted.with_for_update(key_share=True)).scalar()
    if row is None:
        raise NotFound
    return row


def set_address(
    session: Session, vault: Vault | None, place: Place, where: Where, *, from_at: datetime, who: str, now: datetime
) -> Address:  # fmt: skip
    """A new address from a time on; the one before ends then. The place must be held. Locked, BadTime, NoKeys."""
    if locks(session, place.id):
        raise Locked
    if not now - BACK <= from_at <= now + AHEAD:
        raise BadTime(Reason("bad_time", "An address begins now or later, within a year."))
    later = or_(col(Address.until_at).is_(None), col(Address.until_at) > from_at)
    for before in session.execute(select(Address).where(col(Address.place_id) == place.id, later)).scalars():
        before.until_at = max(before.from_at, from_at)  # one that was to begin later never does
        session.add(before)
    row, key = new_id(), key_of(session, vault, place.id)
    told = {name: getattr(where, name) for name in SEALED}
    hidden: dict[str, Any] = key.seal_row("addresses", row, told)
    made = Address(id=row, place_id=place.id, from_at=from_at, set_by=who, set_at=now, **hidden)
    session.add(made)
    if from_at <= now:
        end_reveals(session, place.id, "address_changed", now)
    session.flush()
    return made


def in_force(session: Session, place: str, now: datetime) -> Address | None:
    """The address of a place that is in force, still sealed."""
    stands = and_(
        col(Address.from_at) <= now, or_(col(Address.until_at).is_(None), col(Address.until_at) > now)
    )  # fmt: skip
    return session.execute(select(Address).where(col(Address.place_id) == place, stands)).scalar()


def opened(session: Session, vault: Vault | None, address: Address) -> Where:
    """The address in plain words, for whoever may be shown it: referral/reveals.py alone asks. NoKeys, Erased."""
    key = key_of(session, vault, address.place_id)
    return Where(**key.open_row("addresses", address.id, {name: getattr(address, name) for name in SEALED}))


def key_of(session: Session, vault: Vault | None, place: str) -> SubjectKey:
    """The key of a place. Raises NoKeys, or Erased."""
    kept = session.get(Key, place)
    if vault is None or kept is None:
        raise NoKeys
    return vault.key(Wrapped(kept.id, kept.ring, kept.wrapped))


def locks(session: Session, place: str) -> list[AddressLock]:
    """Every panic lock that stands on a place or on a case in one of its beds."""
    here = or_(col(AddressLock.place_id) == place, col(AddressLock.case_id).in_(cases_in(session, place)))
    return list(session.execute(select(AddressLock).where(col(AddressLock.opened_at).is_(None), here)).scalars())


def lock_of(session: Session, place: str) -> AddressLock | None:
    """The lock that stands on the whole place."""
    stands = select(AddressLock).where(col(AddressLock.place_id) == place, col(AddressLock.opened_at).is_(None))
    return session.execute(stands).scalar()


def cases_in(session: Session, place: str) -> list[str]:
    """The cases that hold a bed there."""
    held = select(col(BedHold.case_id)).join_from(BedHold, Bed, col(Bed.id) == col(BedHold.bed_id))
    wanted = held.where(col(Bed.place_id) == place, col(BedHold.held_until).is_(None)).distinct()
    return sorted(session.execute(wanted).scalars())


def end_reveals(session: Session, place: str, why: str, now: datetime) -> None:
    """Whoever has an address of this place open, or could open it, no longer does."""
    ended = update(Reveal).where(
        col(Reveal.place_id) == place, col(Reveal.closed_at).is_(None), col(Reveal.until) > now
    )  # fmt: skip
    session.execute(ended.values(closed_at=now, closed_why=why))


def kept_by(session: Session, agency: str) -> list[tuple[Place, list[Bed]]]:
    """The places of an agency with their beds, by code name."""
    places = select(Place).where(col(Place.agency_id) == agency).order_by(col(Place.code_name))
    beds = select(Bed).where(col(Bed.agency_id) == agency).order_by(col(Bed.code_name), col(Bed.id))
    standing = list(session.execute(beds).scalars())
    return [
        (place, [bed for bed in standing if bed.place_id == place.id]) for place in session.execute(places).scalars()
    ]
