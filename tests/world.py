"""A small invented world: agencies, staff of every role, and the shortest way to ask for a move. Nobody is real."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from referral.access import SYSTEM, Actor, AgencyKind, Role, rights
from referral.db import Database
from referral.models import Agency, Bed, User
from referral.vault import Vault
from workflows import catalogue
from workflows.ask import Ask, Done
from workflows.engine import perform
from workflows.jurisdiction import Law
from workflows.law_files import read_law

START = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)  # a Wednesday

AGENCIES = {
    "navigators": (AgencyKind.NAVIGATOR_SERVICE, "england"),
    "eastshire-police": (AgencyKind.POLICE, "england"),
    "border": (AgencyKind.BORDER_FORCE, "england"),
    "harbour": (AgencyKind.SUPPORT_PROVIDER, "england"),
    "lantern": (AgencyKind.SUPPORT_PROVIDER, "england"),
    "sca": (AgencyKind.COMPETENT_AUTHORITY, None),
    "stranger": (AgencyKind.POLICE, "scotland"),
    "system": (AgencyKind.INSTALLATION, None),
}

WORKS_FOR = {
    Role.NAVIGATOR: "navigators",
    Role.FIRST_RESPONDER: "eastshire-police",
    Role.SUPPORT_COORDINATOR: "harbour",
    Role.SUPPORT_WORKER: "harbour",
    Role.HOUSING_COORDINATOR: "harbour",
    Role.CASEWORKER: "sca",
    Role.MANAGER: "navigators",
    Role.AGENCY_ADMIN: "navigators",
    Role.SYSTEM_ADMIN: "system",
}


@cache
def vault() -> Vault:
    """Keys that lie nowhere but here."""
    ring = {"20260101": bytes(range(32))}
    return Vault(ring, {"20260101": bytes(range(32, 64))}, lambda: ring)


@cache
def law() -> Law:
    """The shipped rules."""
    return read_law(catalogue.known())


def a(role: Role, agency: str | None = None) -> Actor:
    """An invented member of staff of this role."""
    if role is Role.SYSTEM:
        return SYSTEM
    home = agency or WORKS_FOR[role]
    kind, nation = AGENCIES[home]
    return Actor(user_id(role, home), "user", home, kind, (role.value,), rights((role.value,)), nation=nation)


def user_id(role: Role, agency: str) -> str:
    """The id of that member of staff, always the same."""
    return sha256(f"{role.value}@{agency}".encode()).hexdigest()[:32]


def furnish(db: Database) -> None:
    """Put the agencies, the staff and three beds into a migrated database."""
    with db.write() as session:
        session.add_all(
            Agency(
                id=key,
                name=f"Invented {key}",
                kind=kind,
                nation=nation,
                email=f"{key}@example.invalid",
                created_at=START,
            )
            for key, (kind, nation) in AGENCIES.items()
        )
        session.flush()
        homes = [
            *WORKS_FOR.items(), (Role.SUPPORT_WORKER, "lantern"), (Role.SUPPORT_COORDINATOR, "lantern"),
            (Role.FIRST_RESPONDER, "stranger"), (Role.FIRST_RESPONDER, "border"),
        ]  # fmt: skip
        session.add_all(
            User(id=user_id(role, agency), agency_id=agency, name=f"Invented {role.value}", roles=role.value,
                 email=f"{role.value}@{agency}.example.invalid", password_hash="-", created_at=START)
            for role, agency in homes
        )  # fmt: skip
        session.add_all(
            Bed(
                id=f"{number:032x}",
                agency_id="harbour",
                code_name=f"Willow {number}",
                region="north-west",
                created_at=START,
            )
            for number in (1, 2, 3)
        )


@dataclass
class World:
    """A database, the rules, and a time that only moves when told to."""

    db: Database
    law: Law = field(default_factory=law)
    now: datetime = START

    def ask(self, who: Actor | Role, move: str, case: str | None = None, **form: Any) -> Done:
        """Make a move. The words given are the form."""
        actor = a(who) if isinstance(who, Role) else who
        return perform(self.db, self.law, Ask(actor, move, self.now, case=case, form=form))

    def later(self, **how: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**how)
        return self.now
