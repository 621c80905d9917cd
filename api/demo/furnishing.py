"""Puts the invented agencies, staff, partner systems and beds into a migrated database, once."""

from datetime import datetime

from sqlmodel import select

from api import directory
from api.demo.cast import AGENCIES, BEDS, PASSWORD, STAFF, SYSTEMS
from referral.db import Database
from referral.ids import new_id
from referral.models import Agency
from referral.models import Bed as BedRow


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
    return secrets


def is_empty(db: Database) -> bool:
    """Whether nobody works with this installation yet."""
    with db.read() as session:
        return session.exec(select(Agency.id).limit(1)).first() is None
