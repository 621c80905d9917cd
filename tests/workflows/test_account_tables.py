"""The table of requests: who asks, who releases, who hands over, and when not."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from referral.access import Actor, Role, rights
from referral.errors import Blocked
from tests.workflows.picturing import NOW, a, effect, machine, picture, why_not
from tests.workflows.test_keeping_tables import FIRST, SECOND, closed  # noqa: F401  a fixture
from tests.workflows.walks import beats, rows, submitted
from tests.world import World
from workflows.catalogue import WORKFLOWS, find
from workflows.checking import check

CONTENT = "ab" * 32
REQUEST: dict[str, Any] = {"requested_by": "person", "known_by": "documents", "alone": True, "language": "ro"}
RELEASE: dict[str, Any] = {"content": CONTENT, "third_parties_removed": True, "no_serious_harm": True}
OUT = {"content": CONTENT, "given_in": "en"}
COORDINATOR = a(Role.SUPPORT_COORDINATOR)
MANAGER = Actor("9" * 32, "user", "harbour", "support_provider", ("manager",), rights(("manager",)))
ELSEWHERE = Actor("7" * 32, "user", "eastshire", "police", ("manager",), MANAGER.may)
NAVIGATOR = Actor("8" * 32, "user", "eastshire-police", "police", ("navigator",), rights(("navigator",)))
asked = partial(picture, "account.asked", {"asked_by": COORDINATOR.id, "covers": 5})
RELEASED = {"asked_by": COORDINATOR.id, "content": CONTENT, "released_at": NOW.isoformat()}
released = partial(picture, "account.released", RELEASED)


def test_who_asks_and_how_far_it_reaches_is_remembered() -> None:
    assert effect("account.ask", picture(who=COORDINATOR), **REQUEST).remember == {
        "asked_by": COORDINATOR.id,
        "covers": 5,
    }


def test_a_machine_asks_for_no_account() -> None:
    assert why_not("account.ask", picture(who=machine()), **REQUEST) == ["needs_a_person"]


def test_an_erased_person_has_no_account() -> None:
    assert why_not("account.ask", picture(others={"keeping": "erased"}, who=COORDINATOR), **REQUEST) == [
        "keeping_stands"
    ]


@pytest.mark.parametrize("missing", ("known_by", "alone", "requested_by", "language"))
def test_a_request_says_how_it_is_known_who_asks(missing: str) -> None:
    with pytest.raises(ValidationError):
        find("account.ask")[1].asks.model_validate({name: told for name, told in REQUEST.items() if name != missing})


@pytest.mark.parametrize("tick", ("third_parties_removed", "no_serious_harm"))
@pytest.mark.parametrize("told", (False, None))
def test_a_release_needs_both_ticks(tick: str, told: bool | None) -> None:
    with pytest.raises(ValidationError):
        find("account.release")[1].asks.model_validate(RELEASE | {tick: told})


def test_another_person_of_the_accountable_agency_releases() -> None:
    assert why_not("account.release", asked(who=MANAGER), **RELEASE) == []
    themselves = picture("account.asked", {"asked_by": MANAGER.id}, who=MANAGER)
    assert why_not("account.release", themselves, **RELEASE) == ["own_request"]
    assert why_not("account.release", asked(who=ELSEWHERE), **RELEASE) == ["not_accountable"]


def test_only_whoever_asked_hands_over_what_was_released_in_time() -> None:
    assert why_not("account.hand_over", released(who=COORDINATOR), **OUT) == []
    assert why_not("account.hand_over", released(who=MANAGER), **OUT) == ["not_your_request"]
    assert why_not("account.hand_over", released(who=COORDINATOR), **OUT | {"content": "cd" * 32}) == [
        "account_changed"
    ]
    week = NOW + timedelta(days=7)
    assert why_not("account.hand_over", released(who=COORDINATOR, now=week), **OUT) == []
    late = released(who=COORDINATOR, now=week + timedelta(seconds=1))
    assert why_not("account.hand_over", late, **OUT) == ["no_longer_available"]


def test_whoever_asks_again_takes_over_and_it_is_read_anew() -> None:
    told = effect("account.ask_again", released(who=MANAGER))
    assert told.remember["asked_by"] == MANAGER.id
    assert {"content", "released_at", "third_parties_removed", "no_serious_harm"} <= set(told.forget)


def test_a_request_keeps_no_case_open_and_can_come_again() -> None:
    table = WORKFLOWS["account"]
    assert (table.again, table.many, table.holds_open) == (True, False, False)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_each_right_lies_with_whom_it_should(role: Role) -> None:
    asks = role in (Role.NAVIGATOR, Role.SUPPORT_COORDINATOR, Role.CASEWORKER)
    assert ("account:ask" in rights((role.value,))) == asks
    assert ("records:keep" in rights((role.value,))) == (role is Role.MANAGER)


def test_the_month_runs_on_an_open_case_and_ends_with_the_answer(world: World) -> None:
    case = submitted(world)
    done = world.ask(Role.CASEWORKER, "account.ask", case, **REQUEST)
    assert [(one["rule"], one["due"][:10]) for one in done.started] == [("H190", "2026-10-16")]
    manager = Actor(MANAGER.id, "user", "eastshire-police", "police", ("manager",), MANAGER.may)
    assert world.ask(manager, "account.refuse", case, reason="not_the_person", person_was_told=True).ended == (
        "account_answer",
    )


def test_on_a_closed_case_the_month_runs_too(world: World, closed: str, tmp_path: Path) -> None:  # noqa: F811
    done = world.ask(NAVIGATOR, "account.ask", closed, **REQUEST)
    assert (done.state, done.ended) == ("asked", ())
    running = "select name, due_at from deadlines where case_id = :case and state = 'running'"
    ((name, due),) = rows(world, running, case=closed)
    assert (name, str(due)[:10]) == ("account_answer", "2026-10-16")
    assert check(world.db, world.law, world.now) == []
    for _ in range(32):
        beats(world, tmp_path, days=1)
    told = rows(world, "select kind from messages where case_id = :case and about = 'account_answer'", case=closed)
    assert {kind for (kind,) in told} == {"reminder", "due", "overdue"}
    assert rows(world, "select open from cases where id = :case", case=closed) in ([(0,)], [(False,)])
    ended = world.ask(FIRST, "account.refuse", closed, reason="under_pressure", person_was_told=True)
    assert ended.ended == ("account_answer",)
    assert rows(world, "select id from deadlines where case_id = :case and next_at is not null", case=closed) == []


def test_what_a_person_asks_to_be_told_is_not_erased_under_it(world: World, closed: str) -> None:  # noqa: F811
    world.ask(NAVIGATOR, "account.ask", closed, **REQUEST)
    world.ask(FIRST, "keeping.ask_erasure", closed, reason="person_asked", file_was_read=True)
    with pytest.raises(Blocked) as refused:
        world.ask(SECOND, "keeping.erase", closed, file_was_read=True)
    assert [reason.code for reason in refused.value.reasons] == ["account_stands"]
    world.ask(FIRST, "account.refuse", closed, reason="under_pressure", person_was_told=True)
    assert world.ask(SECOND, "keeping.erase", closed, file_was_read=True).state == "erased"
