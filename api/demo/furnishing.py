"""Puts the invented agencies, staff, partner systems and beds into a migrated database, once."""

from datetime import datetime

from sqlmodel import Session, select

from api import directory
from api.demo.cast import AGENCIES, BEDS, BY_NAME, HOUSES, PASSWORD, STAFF, SYSTEMS
from referral import places
from referral.db import Database
from referral.ids import new_id
from referral.models import Agency, User
from referral.models import Bed as BedRow

KEEPER = "hugo"  # keeps the houses


def furnish(db: Database, now: datetime) -> dict[str, str]:
    """Everybody in one transaction; the secrets of the partner systems, which are shown only here."""
    secrets = {}
    with db.write() as session:
        for one in AGENCIES:
            email = f"duty@{one.id}.invalid"
            told = {"id": one.id, "name": one.name, "kind": one.kind, "nation": one.nation, "email": email}
            directory.add_agency(session, directory.read(directory.NewAgency, told), now)
        for who in STAFF:
            person = {"name": who.full, "email": who.email, "roles": list(who.roles), "password": PASSWORD}
            directory.add_user(session, who.agency, directory.read(directory.NewUser, person), now)
        for system in SYSTEMS:
            own = {"id": system.id, "scopes": list(system.scopes)}
            secrets[system.id] = directory.add_client(
                session, system.agency, directory.read(directory.NewClient, own), now
            )[1]
        for bed in BEDS:
            session.add(
                BedRow(id=new_id(), agency_id=bed.agency, code_name=bed.name, region=bed.region, created_at=now)
            )
        session.flush()
        _house(session, db, now)
    return secrets


def _house(session: Session, db: Database, now: datetime) -> None:
    """The beds stand in places, whose addresses nobody sees who need not."""
    keeper = session.exec(select(User.id).where(User.email == BY_NAME[KEEPER].email)).one()
    agency, regions = BY_NAME[KEEPER].agency, {bed.name: bed.region for bed in BEDS}
    for house in HOUSES:
        place = places.add_place(session, db.vault, agency, house.name, regions[house.beds[0]], house.beds, now)
        places.set_address(session, db.vault, place, places.Where(*house.address), from_at=now, who=keeper, now=now)


def is_empty(db: Database) -> bool:
    """Whether nobody works with this installation yet."""
    with db.read() as session:
        return session.exec(select(Agency.id).limit(1)).first() is None
