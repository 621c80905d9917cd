"""Who may know where somebody lives: a list that two people keep, and that ends by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from referral.access import SYSTEM, Actor, Role
from referral.errors import (
    Blocked,
    NotAllowed,
    RevealEnded,
)
from tests.sheltered import (
    COORDINATOR,
    KEEPER,
    WORKER,
    asked_for,
    on_the_list,
    reasons,
    revealed,
    shown,
)
from tests.workflows.walks import damage, rows
from tests.world import START, World, a
from workflows.four_eyes import LASTS, NEW, Request, may_approve


def newcomer(world: World) -> Actor:
    """A navigator's account that is younger than a day."""
    actor = replace(a(COORDINATOR), id="7" * 32)
    damage(world, "insert into users (id, agency_id, name, email, password_hash, roles, active, created_at) values "
           "(:id, 'harbour', 'Invented', 'new@example.invalid', '-', 'support_coordinator', :yes, :at)",
           id=actor.id, yes=True, at=world.now - timedelta(hours=23) if world.db.is_postgres
           else (world.now - timedelta(hours=23)).strftime("%Y-%m-%d %H:%M:%S.%f"))  # fmt: skip
    return actor


@pytest.mark.parametrize(("who", "why"), ((newcomer, "new_account"), (lambda _: a(COORDINATOR), "own_access")))
def test_nobody_approves(world: World, home: str, who: Callable[[World], Actor], why: str) -> None:
    entry = asked_for(world, home, a(COORDINATOR))
    actor = who(world)
    if actor.id != a(COORDINATOR).id:
        world.ask(COORDINATOR, "contact.add_member", home, colleague=actor.id)
    with pytest.raises(Blocked) as refused:
        world.ask(actor, "housing.let_know", home, entry=entry)
    assert reasons(refused) == [why]


def test_who_asks_never_approves_whatever_their_roles(world: World, home: str) -> None:
    both = replace(a(KEEPER), roles=(*a(KEEPER).roles, *a(COORDINATOR).roles), may=a(KEEPER).may | a(COORDINATOR).may)
    entry = asked_for(world, home)
    with pytest.raises(Blocked) as refused:
        world.ask(both, "housing.let_know", home, entry=entry)
    assert reasons(refused) == ["own_request"]
    with pytest.raises(NotAllowed):
        world.ask(KEEPER, "housing.let_know", home, entry=entry)


def test_a_request_is_approved_once_and_within_72_hours(world: World, home: str) -> None:
    first = on_the_list(world, home)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.let_know", home, entry=first)
    assert reasons(refused) == ["used_before"]
    second = asked_for(world, home, a(KEEPER))
    world.later(hours=72)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.let_know", home, entry=second)
    assert reasons(refused) == ["request_expired"]


def test_only_who_takes_part_in_a_fitting_role_can_be_put_on_the_list(world: World, home: str) -> None:
    for who in (a(WORKER, "lantern"), a(Role.CASEWORKER), a(Role.FIRST_RESPONDER)):
        with pytest.raises(Blocked) as refused:
            asked_for(world, home, who)
        assert reasons(refused) == ["cannot_know"]
    with pytest.raises(Blocked) as refused:
        asked_for(world, home, days=91)
    assert reasons(refused) == ["bad_until"]
    asked_for(world, home)
    with pytest.raises(Blocked) as refused:
        asked_for(world, home)
    assert reasons(refused) == ["already_listed"]


def test_an_entry_ends_by_itself_and_at_once_when_somebody_takes_it_off(world: World, home: str) -> None:
    entry = on_the_list(world, home)
    reveal = revealed(world, home)
    world.ask(KEEPER, "housing.take_off_list", home, entry=entry)
    assert isinstance(shown(world, home, reveal), RevealEnded)
    world.later(hours=1)
    with pytest.raises(Blocked) as refused:
        revealed(world, home)
    assert reasons(refused) == ["not_on_the_list"]
    on_the_list(world, home)
    world.later(days=30)
    with pytest.raises(Blocked) as refused:
        revealed(world, home)
    assert reasons(refused) == ["not_on_the_list"]


@pytest.mark.parametrize(("asked_by", "hours", "age", "used", "why"), (
    ("another", 0, 48, False, None), ("another", 71.9, 48, False, None), ("another", 72, 48, False, "request_expired"),
    ("another", 0, 24, False, None), ("another", 0, 23.9, False, "new_account"),
    ("another", 0, None, False, "new_account"),
    ("me", 0, 48, False, "own_request"), ("another", 0, 48, True, "used_before"),
))  # fmt: skip
def test_four_eyes(asked_by: str, hours: float, age: float | None, used: bool, why: str | None) -> None:
    actor = a(COORDINATOR)
    request = Request(actor.id if asked_by == "me" else asked_by, START - timedelta(hours=hours), used)
    since = None if age is None else START - timedelta(hours=age)
    reason = may_approve(request, actor, START, since)
    assert (reason.code if reason else None) == why
    assert (timedelta(hours=72), timedelta(hours=24)) == (LASTS, NEW)


def test_a_machine_approves_nothing() -> None:
    machine = replace(a(COORDINATOR), kind="client")
    for actor in (machine, SYSTEM):
        reason = may_approve(Request("another", START), actor, START, START - timedelta(days=9))
        assert reason is not None
        assert reason.code == "needs_a_person"


def test_what_a_move_of_the_list_was_told_stays_out_of_the_strand(world: World, home: str) -> None:
    entry = on_the_list(world, home)
    revealed(world, home)
    world.ask(KEEPER, "housing.lock_addresses", home)
    ((facts,),) = rows(world, "select facts from strands where case_id = :case and workflow = 'housing'", case=home)
    kept = orjson.loads(facts) if isinstance(facts, str) else facts
    assert not {"user", "purpose", "until", "entry"} & set(kept)
    assert entry not in str(facts)
