"""A reveal of where somebody lives: to one person, for a reason, once, one at a time, and the owner is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pytest

from referral import reveals
from referral.access import SYSTEM, Role
from referral.errors import (
    BadForm,
    Blocked,
    NotAllowed,
    Refusal,
    RevealEnded,
    ShownAlready,
)
from tests.sheltered import (
    CEDAR,
    COORDINATOR,
    KEEPER,
    OTHER_BED,
    WILLOW,
    WORKER,
    asked_for,
    on_the_list,
    reasons,
    revealed,
    sheltered,
    shown,
    strong,
)
from tests.workflows.walks import rows
from tests.world import World, a
from workflows.ask import Ask
from workflows.engine import perform
from workflows.offered import offered


def test_two_people_let_a_third_see_where_the_person_lives_and_the_owner_is_told(world: World, home: str) -> None:
    on_the_list(world, home)
    before = {row[0] for row in rows(world, "select id from messages")}
    reveal = revealed(world, home)
    told = shown(world, home, reveal)
    assert told == {
        "street": WILLOW.street, "town": WILLOW.town, "postcode": WILLOW.postcode, "way": WILLOW.way,
        "phone": WILLOW.phone,
    }  # fmt: skip
    # The owner of the case is the worker who looked, and nobody is told of their own act.
    assert {row[0] for row in rows(world, "select id from messages")} == before


def test_the_owner_is_told_of_somebody_elses_reveal_at_once(world: World, home: str) -> None:
    entry = asked_for(world, home, a(KEEPER))
    world.ask(COORDINATOR, "housing.let_know", home, entry=entry)
    revealed(world, home, KEEPER)
    told = rows(world, "select user_id, kind, about, created_at from messages where about = 'housing.reveal'")
    assert [(user, kind) for user, kind, *_ in told] == [(a(WORKER).id, "moved")]


def test_an_address_is_shown_once(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    assert isinstance(shown(world, home, reveal), dict)
    assert isinstance(shown(world, home, reveal), ShownAlready)


def test_a_reveal_belongs_to_one_person_and_lasts_ten_minutes(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    assert isinstance(shown(world, home, reveal, KEEPER), Refusal)
    world.later(minutes=10)
    assert isinstance(shown(world, home, reveal), RevealEnded)


REFUSED: dict[str, tuple[str, Role, dict[str, Any]]] = {
    "without a second factor": ("step_up_needed", WORKER, {"factor": "none", "stepped_up_at": None}),
    "with a password alone": ("step_up_needed", WORKER, {"factor": "password"}),
    "with a code from an app": ("step_up_needed", WORKER, {"factor": "totp"}),
    "shown too long ago": ("step_up_needed", WORKER, {"stepped_up_at": timedelta(minutes=-5, seconds=-1)}),
    "shown in the future": ("step_up_needed", WORKER, {"stepped_up_at": timedelta(minutes=1)}),
    "by somebody not on the list": ("not_on_the_list", COORDINATOR, {}),
    "by a machine": ("needs_a_person", WORKER, {"kind": "client"}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nobody_reveals(world: World, home: str, what: str) -> None:
    why, role, how = REFUSED[what]
    how = {name: world.now + value if isinstance(value, timedelta) else value for name, value in how.items()}
    on_the_list(world, home)
    with pytest.raises(Blocked) as refused:
        world.ask(strong(world, role, **how), "housing.reveal", home, purpose="visit")
    assert why in reasons(refused)
    assert rows(world, "select count(*) from reveals") == [(0,)]
    revealed(world, home)  # and it was possible all the time


def test_roles_that_are_shown_no_address_hold_no_right_to_it(world: World, home: str) -> None:
    for role in (Role.FIRST_RESPONDER, Role.CASEWORKER):
        with pytest.raises(NotAllowed):
            world.ask(strong(world, role), "housing.reveal", home, purpose="visit")
    with pytest.raises(Blocked):
        world.ask(SYSTEM, "housing.reveal", home, purpose="visit")


def test_a_reveal_needs_a_reason_from_the_list(world: World, home: str) -> None:
    on_the_list(world, home)
    for form in ({}, {"purpose": "curious"}, {"purpose": "visit", "travels": "Zoe"}):
        with pytest.raises(BadForm):
            world.ask(strong(world, WORKER), "housing.reveal", home, **form)


@pytest.mark.parametrize(("setting", "factor", "can"), (
    ("passkey", "passkey", True), ("passkey", "totp", False), ("totp", "totp", True), ("totp", "passkey", True),
    ("totp", "password", False), ("none", "none", True),
))  # fmt: skip
def test_an_installation_says_what_an_address_asks_for(
    world: World, home: str, setting: str, factor: str, can: bool
) -> None:
    on_the_list(world, home)
    actor = strong(world, WORKER, factor=factor)
    ask = Ask(actor, "housing.reveal", world.now, case=home, form={"purpose": "visit"}, reveal_factor=setting)
    (offer,) = [o for o in offered(world.db, world.law, actor, home, world.now, setting) if o.move == "housing.reveal"]
    assert offer.yes is can
    if can:
        assert perform(world.db, world.law, ask).reveal
    else:
        with pytest.raises(Blocked):
            perform(world.db, world.law, ask)


def test_one_at_a_time_and_five_an_hour(world: World, home: str) -> None:
    other = sheltered(world, OTHER_BED)
    for case in (home, other):
        on_the_list(world, case)
    first = revealed(world, home)
    with pytest.raises(Blocked) as refused:
        revealed(world, other)
    assert reasons(refused) == ["still_open"]
    for _ in range(4):
        done(world, home, first)
        first = revealed(world, home)
    done(world, home, first)
    with pytest.raises(Blocked) as refused:
        revealed(world, other)
    assert reasons(refused) == ["too_many"]
    world.later(hours=1)
    revealed(world, other)


def done(world: World, case: str, reveal: str) -> None:
    with world.db.write() as session:
        reveals.close(session, reveals.find(session, case, reveal, a(WORKER).id), world.now)


def test_of_two_reveals_at_the_same_moment_in_two_cases_one_is_made(world: World, home: str) -> None:
    other = sheltered(world, OTHER_BED)
    for case in (home, other):
        on_the_list(world, case)

    def attempt(case: str) -> str:
        try:
            return revealed(world, case)
        except Blocked as refusal:
            return refusal.reasons[0].code

    for _ in range(10):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(attempt, [home, other, home, other]))
        assert sorted(answers, key=len)[:3] == ["still_open"] * 3
        world.later(hours=2)


def test_only_where_an_address_is_kept_can_one_be_shown(world: World) -> None:
    case = sheltered(world)  # in a bed that stands in no place
    on_the_list(world, case)
    with pytest.raises(Blocked) as refused:
        revealed(world, case)
    assert reasons(refused) == ["no_address"]


def test_on_the_way_the_next_place_is_shown(world: World, home: str) -> None:
    on_the_list(world, home)
    day = world.now.date().isoformat()
    world.ask(KEEPER, "housing.start_move", home, reason="traced", to_bed=OTHER_BED, to_from=day, meets=[], risk="high",
              transport="taxi", agrees="yes")  # fmt: skip
    told = shown(world, home, revealed(world, home))
    assert told == {"street": CEDAR.street, "town": CEDAR.town, "postcode": CEDAR.postcode}


def test_the_ledger_names_the_event_that_must_be_covered(world: World, home: str) -> None:
    on_the_list(world, home)
    reveal = revealed(world, home)
    ((body,),) = rows(world, """
        select e.body from reveals r join events e on e.case_id = r.case_id and e.seq = r.seq
        where r.id = :reveal""", reveal=reveal)  # fmt: skip
    event = orjson.loads(body)
    assert (event["move"], event["actor"]["id"]) == ("housing.reveal", a(WORKER).id)
    assert f"reveals:{reveal}" in event["rows"]
    assert "visit" not in str(body)  # what it was needed for stands in the ledger alone
