"""Whoever was given a role a moment ago approves nothing with it, wherever two people are asked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from api import directory
from referral.access import Actor, Role
from referral.errors import Blocked
from referral.models import User
from tests.sheltered import COORDINATOR, KEEPER, asked_for, houses, reasons, sheltered
from tests.workflows.test_keeping_tables import FIRST, SECOND, a_closed_case, managers
from tests.workflows.walks import OFFICER
from tests.world import World, a
from workflows import catalogue

Told = dict[str, Any]
CONTENT = {"content": "ab" * 32, "third_parties_removed": True, "no_serious_harm": True}


def need_to_know(world: World) -> tuple[Actor, str, str, Told]:
    houses(world)
    case = sheltered(world)
    return a(COORDINATOR), "housing.let_know", case, {"entry": asked_for(world, case)}


def a_lock(world: World) -> tuple[Actor, str, str, Told]:
    houses(world)
    case = sheltered(world)
    world.ask(COORDINATOR, "housing.lock_addresses", case)
    world.ask(COORDINATOR, "housing.ask_to_unlock", case)
    return a(KEEPER), "housing.unlock_addresses", case, {}


def an_erasure(world: World) -> tuple[Actor, str, str, Told]:
    case = closed(world)
    world.ask(FIRST, "keeping.ask_erasure", case, reason="person_asked", file_was_read=True)
    return SECOND, "keeping.erase", case, {"file_was_read": True}


def a_legal_hold(world: World) -> tuple[Actor, str, str, Told]:
    case = closed(world)
    world.ask(FIRST, "keeping.place_hold", case, law="court_order")
    world.ask(FIRST, "keeping.ask_release", case, reason="proceedings_over")
    return SECOND, "keeping.release", case, {}


def an_account(world: World) -> tuple[Actor, str, str, Told]:
    case = closed(world)
    navigator = Actor("8" * 32, "user", OFFICER_AGENCY, "police", ("navigator",), a(Role.NAVIGATOR).may)
    asked = {"requested_by": "person", "known_by": "documents", "alone": True, "language": "ro"}
    world.ask(navigator, "account.ask", case, **asked)
    return SECOND, "account.release", case, CONTENT


OFFICER_AGENCY = a(OFFICER).agency
APPROVED: tuple[Callable[[World], tuple[Actor, str, str, Told]], ...] = (
    need_to_know, a_lock, an_erasure, a_legal_hold, an_account,
)  # fmt: skip
EXPIRE = APPROVED[:-1]  # a person's own request for an account lasts a month


def closed(world: World) -> str:
    managers(world.db)
    return a_closed_case(world, "Invented words.", "Zorica")


def promote(session: Session, who: Actor, world: World) -> None:
    """They lose what they hold, and are given it back: as good as new."""
    row = session.get_one(User, who.id)
    row.roles = ""
    directory.give_roles(session, who.agency, who.id, list(who.roles), world.now)


@pytest.mark.parametrize("waits", APPROVED)
def test_whoever_was_promoted_within_a_day_approves_nothing(
    world: World, waits: Callable[[World], tuple[Actor, str, str, Told]]
) -> None:
    who, move, case, form = waits(world)
    with world.db.write() as session:
        promote(session, who, world)
    world.later(hours=23)
    with pytest.raises(Blocked) as refused:
        world.ask(who, move, case, **form)
    assert reasons(refused) == ["new_account"]
    world.later(hours=1)
    world.ask(who, move, case, **form)


@pytest.mark.parametrize("waits", EXPIRE)
def test_nothing_is_approved_after_72_hours(
    world: World, waits: Callable[[World], tuple[Actor, str, str, Told]]
) -> None:
    who, move, case, form = waits(world)
    world.later(hours=72)
    with pytest.raises(Blocked) as refused:
        world.ask(who, move, case, **form)
    assert reasons(refused) == ["request_expired"]


def test_an_erasure_that_waited_too_long_is_asked_for_again(world: World) -> None:
    who, move, case, form = an_erasure(world)
    world.later(hours=100)
    world.ask(FIRST, "keeping.ask_erasure_after_review", case, reason="person_asked", file_was_read=True)
    world.later(hours=71)
    assert world.ask(who, move, case, **form).state == "erased"


def test_roles_that_are_taken_away_make_nobody_new(world: World) -> None:
    keeper = a(KEEPER)
    with world.db.write() as session:
        directory.give_roles(session, keeper.agency, keeper.id, [*keeper.roles, "support_worker"], world.now)
        given = session.get_one(User, keeper.id).roles_since
        directory.give_roles(session, keeper.agency, keeper.id, list(keeper.roles), world.later(days=3))
        assert session.get_one(User, keeper.id).roles_since == given == world.now - timedelta(days=3)


def test_every_move_that_a_second_person_makes_reads_their_account() -> None:
    for name in ("housing.let_know", "housing.unlock_addresses", "keeping.erase", "keeping.release", "account.release"):
        assert {"approver", "whereabouts"} & set(catalogue.find(name)[1].reads), name
