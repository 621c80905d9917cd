"""Whether a text says where a house lies in which a case has or had a bed. It opens the address for that.

An address has a store of its own, which few ever see; a note is read by everybody who works on the case.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlmodel import Session, col

from referral import free_text, places
from referral.db import EVERYBODY, Database
from referral.errors import Refusal
from referral.models import Address, Bed, BedHold
from referral.models import Participant as Part
from referral.taking_part import takes_part


def said(
    db: Database, case: str, agency: str, told: Sequence[tuple[str, str]], texts: Collection[str], now: datetime
) -> tuple[str, ...]:
    """The kinds of what is said of such a house, by the names in `free_text.SAYS`; `told` are fields with their texts.

    Nothing is opened for an agency that takes no part in the case, and nothing is said of a text that lists places.
    """
    forms = [(name, free_text.said(text)) for name, text in told]
    if any(free_text.lists(one) for _, one in forms):
        return ()
    found = set[str]()
    with db.acting_for(EVERYBODY).read() as session:  # the key of a house belongs to no agency's cases
        for address in _addresses(session, case, agency, now):
            try:
                where = places.opened(session, db.vault, address)
            except Refusal:  # its key is gone: nobody can be shown it, and nobody can compare it
                continue
            known = free_text.own(
                {"address_postcode": where.postcode, "address_street": where.street, "phone": where.phone}
            )
            for name, one in forms:
                kinds = free_text.SAYS if name in texts else free_text.PLACE
                found |= {kind for kind in kinds if kind in one and known[kind] & one[kind]}
    return tuple(kind for kind in free_text.SAYS if kind in found)


def _addresses(session: Session, case: str, agency: str, now: datetime) -> Sequence[Address]:
    """Of every house in which the case has or had a bed: all its addresses, those to come as well."""
    here = exists().where(col(Part.case_id) == case, col(Part.agency_id) == agency, takes_part(now))
    houses = (
        select(col(Bed.place_id))
        .join(BedHold, col(BedHold.bed_id) == col(Bed.id))
        .where(col(BedHold.case_id) == case, col(Bed.place_id).is_not(None), here)
    )
    return session.execute(select(Address).where(col(Address.place_id).in_(houses))).scalars().all()
