"""What moves do to deadlines: counted from another decision, started only where they make sense, truly named."""

import json
from datetime import timedelta
from pathlib import Path

from referral.access import Role
from referral.settings import Settings
from tests.told import told
from tests.workflows.walks import OFFICER, SPOKEN, damage, in_recovery, met, rows, submitted
from tests.world import World, a
from workflows.ask import Ask
from workflows.checking import check
from workflows.engine import perform
from workflows.heartbeat import beat

PHONE = {"reach_by": "own_phone"}
RUNNING = "select due_day from deadlines where case_id = :case and name = :name and state = 'running'"


def late(world: World, place: str) -> str:
    """Reasonable grounds were found; two days later the person wants support after all."""
    case = in_recovery(world)
    damage(world, "update cases set jurisdiction = :place", place=place)
    support = world.ask(OFFICER, "support.decline", case, reason="not_now")
    assert support.state == "declined"
    world.later(days=2)
    return case


def test_support_asked_for_after_the_decision_has_its_48_hours_and_its_statutory_period(world: World) -> None:
    case = late(world, "scotland")
    done = world.ask(OFFICER, "support.reopen", case, **PHONE)
    assert done.state == "contact_attempts"
    assert "support.begin_contact" in done.followed
    ((first_contact,),) = rows(world, RUNNING, case=case, name="first_contact")
    assert str(first_contact) == (world.now + timedelta(hours=48)).date().isoformat()
    ((owed,),) = rows(world, RUNNING, case=case, name="scottish_support")
    assert str(owed) == "2026-12-14"  # day 90, the day of the decision being day 1


def test_a_period_that_counts_from_another_decision_does_not_start_without_it(world: World) -> None:
    case = submitted(world)
    assert rows(world, RUNNING, case=case, name="move_on_minimum") == []
    assert rows(world, RUNNING, case=case, name="support_expected") != []


def test_a_deadline_to_leave_support_starts_only_for_those_who_are_in_it(world: World) -> None:
    case = submitted(world)
    world.ask(Role.CASEWORKER, "intake.acknowledge", case, reference="R1", authority="SCA")
    world.ask(Role.CASEWORKER, "decision.find_not_reasonable", case, reasons=["account"])
    assert rows(world, RUNNING, case=case, name="exit_after_negative_reasonable") == []


def test_an_event_names_the_versions_that_its_move_truly_started_or_stopped(world: World) -> None:
    case = in_recovery(world)
    bodies = [json.loads(body) for (body,) in rows(world, "select body from events where case_id = :case", case=case)]
    named = {body["move"]: set(body["rules"]) for body in bodies}
    assert {"C1@C1", "C2@C2b"} <= named["decision.find_reasonable"]
    started = {f"{rule}@{version}" for rule, version in rows(world, "select rule, rule_version from deadlines")}
    assert set().union(*named.values()) <= started


def test_a_pause_that_is_told_as_if_before_the_start_takes_nothing_away(world: World) -> None:
    case = met(world)
    world.ask(OFFICER, "intake.explain", case, private=True, capacity="has_capacity", **SPOKEN)
    before, form = world.now - timedelta(hours=5), told("intake.needs_time")
    perform(world.db, world.law, Ask(a(OFFICER), "intake.needs_time", world.now, case=case, form=form, occurred=before))
    ((paused, started),) = rows(
        world, "select paused_at, started_at from deadlines where name = 'referral_after_encounter'"
    )
    assert paused == started


def test_a_pause_that_nothing_keeps_up_is_told_on(world: World) -> None:
    case = submitted(world)
    world.ask(Role.CASEWORKER, "intake.acknowledge", case, reference="R1", authority="SCA")
    world.ask(OFFICER, "contact.lose", case)
    world.ask(Role.CASEWORKER, "decision.suspend", case, reason="unreachable", evidence_is_not_enough=True)
    assert check(world.db, world.law, world.now) == []
    damage(world, "update strands set state = 'rg_pending' where workflow = 'decision'")
    seen = [violation.what for violation in check(world.db, world.law, world.now)]
    assert any("reasonable_grounds is paused" in what for what in seen), seen


def test_a_case_that_nothing_calls_to_mind_and_nobody_can_go_on_with_is_told_on(world: World) -> None:
    submitted(world)
    assert check(world.db, world.law, world.now) == []
    damage(world, "delete from deadlines")
    seen = [violation.what for violation in check(world.db, world.law, world.now)]
    assert "No deadline of the case runs." in seen
    assert any(what.startswith("support is requested: nothing calls it to mind") for what in seen), seen


def test_a_sweep_does_not_ask_each_time_for_what_is_not_offered(world: World, tmp_path: Path) -> None:
    case = submitted(world)
    damage(world, "update strands set state = 'gone' where workflow = 'contact'")
    damage(world, "update users set active = false where id = :worker", worker=a(OFFICER).id)
    for _ in range(2):
        beat(world.db, world.law, Settings(data=tmp_path), world.now)
    asked = "select count(*) from refusals where case_id = :case and move = 'contact.worker_leaves'"
    assert rows(world, asked, case=case) == [(0,)]
