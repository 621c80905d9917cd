"""Houses with addresses, and somebody who lives in one. Each address is invented, in words that stand nowhere else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from referral import places, reveals
from referral.access import Actor, Role
from referral.errors import Blocked, Refusal
from referral.models import Place
from referral.places import Where
from tests.examples import Form
from tests.workflows.walks import accepted, rows
from tests.world import START, World, a

WILLOW = Where(
    "17 Quillfeather Passage", "Ormsgarth", "QX9 7ZJ", "Behind the old Threllkeld mill, blue gate", "01632 960417"
)
CEDAR = Where("4 Brindlewick Steps", "Netherhollow", "ZK3 4QV")
KEEPER, COORDINATOR, WORKER = Role.HOUSING_COORDINATOR, Role.SUPPORT_COORDINATOR, Role.SUPPORT_WORKER
BED, OTHER_BED = f"{1:032x}", f"{3:032x}"


def strong(world: World, role: Role, agency: str | None = None, **how: Any) -> Actor:
    """A member of staff who has just shown their passkey."""
    shown: dict[str, Any] = {"factor": "passkey", "stepped_up_at": world.now} | how
    return replace(a(role, agency), **shown)


def houses(world: World) -> tuple[str, str]:
    """Two houses of Harbour with an address each, Willow with beds 1 and 2, Cedar with bed 3."""
    made = []
    with world.db.write() as session:
        for name, beds, where in (("Willow", ["Willow 1", "Willow 2"], WILLOW), ("Cedar", ["Willow 3"], CEDAR)):
            place = places.add_place(session, world.db.vault, "harbour", name, "north-west", beds, world.now)
            address(session, world, place, where)
            made.append(place.id)
    return made[0], made[1]


def address(session: Session, world: World, place: Place, where: Where, from_at: datetime | None = None) -> str:
    """A new address, in force from now or from later on."""
    keeper = a(KEEPER).id
    return places.set_address(
        session, world.db.vault, place, where, from_at=from_at or world.now, who=keeper, now=world.now
    ).id


def moved(world: World, place: str, where: Where, from_at: datetime | None = None) -> str:
    """The house gets another address."""
    with world.db.write() as session:
        return address(session, world, places.hold(session, "harbour", place), where, from_at)


def sheltered(world: World, bed: str = BED, told: Form | None = None) -> str:
    """Somebody lives in a bed of Harbour's; every account is older than a day."""
    if world.now == START:
        world.later(days=2)
    case = accepted(world, told)
    world.ask(COORDINATOR, "support.escalate", case, reach_by="own_phone", risks=["unsafe_tonight"])
    world.ask(WORKER, "support.accept_urgent", case, risk="high", needs_accommodation=False)
    world.ask(WORKER, "housing.ask", case, reason="unsafe", safe_tonight=False)
    world.ask(KEEPER, "housing.find_eligible", case, risk_assessed_on=world.now.date().isoformat(),
              risk_to_others="none")  # fmt: skip
    world.ask(KEEPER, "housing.offer", case, bed=bed, from_date=world.now.date().isoformat(), meets=[],
              family_together="no_family", others_there_checked=True)  # fmt: skip
    world.ask(WORKER, "housing.accept", case, agrees="yes")
    world.ask(KEEPER, "housing.place", case, arrived_on=world.now.date().isoformat(), transport="taxi")
    return case


def asked_for(world: World, case: str, who: Actor | None = None, *, days: int = 30) -> str:
    """Somebody is asked to be put on the list; gives back the entry."""
    until = (world.now + timedelta(days=days)).isoformat()
    world.ask(KEEPER, "housing.ask_to_know", case, user=(who or a(WORKER)).id, purpose="visit", until=until)
    wanted = "select id from address_readers where case_id = :case and user_id = :user order by asked_at desc"
    return str(rows(world, wanted, case=case, user=(who or a(WORKER)).id)[0][0])


def on_the_list(world: World, case: str, who: Actor | None = None) -> str:
    """Somebody who needs to know: asked for by one person, approved by another."""
    entry = asked_for(world, case, who)
    world.ask(COORDINATOR, "housing.let_know", case, entry=entry)
    return entry


def revealed(world: World, case: str, who: Role = WORKER) -> str:
    """A reveal, which has shown nothing yet."""
    done = world.ask(strong(world, who), "housing.reveal", case, purpose="visit")
    assert done.reveal
    return done.reveal


def reasons(refused: pytest.ExceptionInfo[Blocked]) -> list[str]:
    """The codes of what stood in the way."""
    return [reason.code for reason in refused.value.reasons]


def shown(world: World, case: str, reveal: str, who: Role = WORKER) -> dict[str, str] | Refusal:
    """What somebody is shown of a reveal, or why not."""
    with world.db.write() as session:
        return reveals.show(session, world.db.vault, case, reveal, a(who).id, world.now)
