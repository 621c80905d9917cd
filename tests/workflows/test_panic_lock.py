"""One act locks where somebody lives, and two people open it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from referral.access import Role
from referral.errors import (
    Blocked,
    Locked,
    Refusal,
)
from tests.sheltered import (
    BED,
    CEDAR,
    COORDINATOR,
    KEEPER,
    WORKER,
    asked_for,
    moved,
    on_the_list,
    reasons,
    revealed,
    shown,
)
from tests.workflows.walks import rows
from tests.world import World, a


def test_one_act_locks_and_two_people_open(world: World, home: str) -> None:
    waiting = asked_for(world, home, a(KEEPER))
    on_the_list(world, home)
    reveal = revealed(world, home)
    world.ask(WORKER, "housing.lock_addresses", home)
    assert isinstance(shown(world, home, reveal), Locked)
    world.later(minutes=20)
    for act in (
        lambda: revealed(world, home), lambda: asked_for(world, home, a(COORDINATOR)),
        lambda: world.ask(COORDINATOR, "housing.let_know", home, entry=waiting),
        lambda: world.ask(KEEPER, "housing.lock_addresses", home),
    ):  # fmt: skip
        with pytest.raises(Blocked) as refused:
            act()
        assert "locked" in reasons(refused)
    place = str(rows(world, "select place_id from beds where id = :bed", bed=BED)[0][0])
    with pytest.raises(Locked):
        moved(world, place, CEDAR)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.unlock_addresses", home)
    assert reasons(refused) == ["not_asked"]
    world.ask(COORDINATOR, "housing.ask_to_unlock", home)
    with pytest.raises(Blocked) as refused:
        world.ask(COORDINATOR, "housing.unlock_addresses", home)
    assert reasons(refused) == ["own_request"]
    world.ask(KEEPER, "housing.unlock_addresses", home)
    assert isinstance(shown(world, home, revealed(world, home)), dict)


def test_a_reveal_from_before_a_lock_stays_ended_once_it_is_open_again(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    world.later(minutes=1)
    world.ask(WORKER, "housing.lock_addresses", home)
    world.ask(COORDINATOR, "housing.ask_to_unlock", home)
    world.ask(KEEPER, "housing.unlock_addresses", home)
    assert isinstance(shown(world, home, reveal), Locked)


def test_a_lock_and_its_opening_tell_owner_worker_and_manager(world: World, home: str) -> None:
    world.ask(KEEPER, "housing.lock_addresses", home)
    told = rows(world, "select agency_id, user_id, audience from messages where about = 'housing.lock_addresses'")
    assert {tuple(row) for row in told} == {("harbour", a(WORKER).id, "owner"), ("harbour", None, "manager")}


def test_a_force_that_is_no_longer_accountable_cannot_open_a_lock(world: World, home: str) -> None:
    with pytest.raises(Blocked) as refused:
        world.ask(Role.FIRST_RESPONDER, "housing.lock_addresses", home)
    assert reasons(refused) == ["not_accountable"]


def test_whoever_looks_while_the_case_is_locked_sees_it_before_or_never(world: World, home: str) -> None:
    on_the_list(world, home)
    for _ in range(8):
        reveal = revealed(world, home)
        with ThreadPoolExecutor(2) as pool:
            seen = pool.submit(shown, world, home, reveal)
            pool.submit(world.ask, COORDINATOR, "housing.lock_addresses", home).result()
            assert isinstance(seen.result(), dict | Locked)
        assert isinstance(shown(world, home, reveal), Refusal)
        world.ask(COORDINATOR, "housing.ask_to_unlock", home)
        world.ask(KEEPER, "housing.unlock_addresses", home)
        world.later(hours=1)
