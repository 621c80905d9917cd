"""The shortest ways to where a test begins: a referral, a decision, an accepted worker. All through the door."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from referral.access import Role
from referral.settings import Settings
from tests.examples import Form, complete_adult_referral
from tests.roles import unguarded
from tests.world import World, a
from workflows.heartbeat import Beat, beat

OFFICER = Role.FIRST_RESPONDER
SPOKEN = {"language": "en", "interpreter": "none_needed", "notice_version": "2024-10"}


def met(world: World) -> str:
    """An adult was met."""
    return world.ask(OFFICER, "intake.encounter", place_kind="raid", under_18="no").case


def submitted(world: World, told: Form | None = None) -> str:
    """The referral was sent and waits for its receipt."""
    answers, identity = told or complete_adult_referral()
    case = met(world)
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", **SPOKEN)
    world.ask(OFFICER, "intake.consent", case, how="written", referral=True, support=True, police=True, **SPOKEN)
    world.ask(OFFICER, "intake.save", case, answers=answers, identity=identity)
    world.ask(OFFICER, "intake.submit", case, authority="sca")
    return case


def in_recovery(world: World) -> str:
    """Reasonable grounds were found."""
    case = submitted(world)
    world.ask(Role.CASEWORKER, "intake.acknowledge", case, reference="R1", authority="SCA")
    world.ask(Role.CASEWORKER, "decision.find_reasonable", case, reasons=["account"])
    return case


def offered_to_harbour(world: World, told: Form | None = None) -> str:
    """A support service was asked to take the case."""
    case = submitted(world, told)
    world.ask(a(Role.SUPPORT_COORDINATOR, "eastshire-police"), "assignment.offer", case, provider="harbour")
    return case


def proposed(world: World, told: Form | None = None) -> str:
    """A worker was asked."""
    case = offered_to_harbour(world, told)
    world.ask(Role.SUPPORT_COORDINATOR, "assignment.take", case)
    world.ask(Role.SUPPORT_COORDINATOR, "assignment.propose", case, worker=a(Role.SUPPORT_WORKER).id)
    return case


def accepted(world: World, told: Form | None = None) -> str:
    """The worker has accepted."""
    case = proposed(world, told)
    world.ask(Role.SUPPORT_WORKER, "assignment.accept", case)
    return case


def beats(world: World, data: Path, **later: float) -> Beat:
    """One beat, after some time; what it sends goes to the message log in this folder."""
    return beat(world.db, world.law, Settings(data=data), world.later(**later))


def rows(world: World, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """What the database holds, in plain SQL."""
    with world.db.read() as session:
        return [tuple(row) for row in session.execute(text(statement), values)]


def damage(world: World, statement: str, **values: Any) -> None:
    """Change the database as nobody should."""
    with unguarded(world.db) as session:
        session.execute(text(statement), values)
