import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from referral.access import Role
from referral.errors import Unavailable
from referral.settings import Settings
from tests.told import told
from tests.workflows.walks import (
    accepted,
    beats,
    damage,
    in_recovery,
    met,
    offered_to_harbour,
    proposed,
    rows,
    submitted,
)
from tests.world import World, a
from workflows import heartbeat
from workflows.ask import Ask
from workflows.checking import check
from workflows.engine import perform
from workflows.explaining import explain_case
from workflows.heartbeat import Beat, Heartbeat


def said(world: World, name: str) -> list[tuple[str, str, str | None]]:
    """The messages about a deadline or a move, in order: kind, agency, worker."""
    wanted = "select kind, agency_id, user_id from messages where about = :name order by created_at, id"
    return [(kind, agency, user and "worker") for kind, agency, user in rows(world, wanted, name=name)]


def deadline(world: World, name: str) -> tuple[Any, ...]:
    return rows(
        world, "select state, marked_at is not null, next_at is not null from deadlines where name = :name", name=name
    )[-1]


def state_of(world: World, workflow: str) -> str:
    return str(rows(world, "select state from strands where workflow = :workflow", workflow=workflow)[-1][0])


def test_nothing_happens_before_its_time(world: World, tmp_path: Path) -> None:
    met(world)
    assert beats(world, tmp_path, minutes=1) == Beat()


def test_a_step_of_the_ladder_reminds_everybody_once(world: World, tmp_path: Path) -> None:
    met(world)
    assert beats(world, tmp_path, days=1).reminded == 2
    assert beats(world, tmp_path) == Beat()
    team, officer = ("eastshire-police", None), ("eastshire-police", "worker")
    assert sorted(said(world, "referral_after_encounter"), key=str) == sorted(
        [("due", *officer), ("due", *team)], key=str
    )


def test_steps_that_were_slept_through_become_one_message(world: World, tmp_path: Path) -> None:
    met(world)
    done = beats(world, tmp_path, days=20)
    assert (done.looked, done.marked, done.reminded) == (1, 1, 2)
    assert {kind for kind, *_ in said(world, "referral_after_encounter")} == {"overdue"}
    assert deadline(world, "referral_after_encounter") == ("running", True, True)
    assert beats(world, tmp_path, hours=24).reminded == 2  # and daily from there on


def test_a_floor_is_met_and_never_late_and_brings_its_move(world: World, tmp_path: Path) -> None:
    case = in_recovery(world)
    done = beats(world, tmp_path, days=31)
    assert done.fired >= 1
    assert deadline(world, "recovery_minimum") == ("met", True, False)
    assert {kind for kind, *_ in said(world, "recovery_minimum")} == {"may_end"}
    assert state_of(world, "decision") == "cg_pending"
    told = {row["name"]: row for row in explain_case(world.db, world.law, case)["deadlines"]}
    assert told["recovery_minimum"]["ended_at"] == told["recovery_minimum"]["due_at"]
    due = rows(world, "select min(due_at) from deadlines where state = 'running'")
    assert rows(world, "select next_due_at from cases") == due


def test_the_move_says_that_it_happened_when_the_deadline_ended(world: World, tmp_path: Path) -> None:
    submitted(world)
    beats(world, tmp_path, days=3)
    assert state_of(world, "intake") == "submission_unconfirmed"
    entered = rows(world, "select entered_at from strands where workflow = 'intake'")
    assert entered == rows(world, "select due_at from deadlines where name = 'acknowledgement'")
    assert said(world, "intake.confirm_unsent")


def test_an_offer_that_nobody_answered_is_late_and_the_search_goes_on(world: World, tmp_path: Path) -> None:
    offered_to_harbour(world)
    beats(world, tmp_path, days=2)
    assert state_of(world, "assignment") == "unassigned"
    assert deadline(world, "offer_answer")[0] == "late"
    assert deadline(world, "service_found")[0] == "running"


def test_a_move_that_the_case_has_outrun_is_refused_and_not_tried_again(world: World, tmp_path: Path) -> None:
    offered_to_harbour(world)
    damage(world, "update strands set state = 'held' where workflow = 'assignment'")
    assert beats(world, tmp_path, days=2).refused == 1
    assert beats(world, tmp_path, minutes=10).refused == 0
    assert rows(world, "select count(*) from refusals where move = 'assignment.lapse_offer'") == [(1,)]


@pytest.mark.parametrize("death", (KeyboardInterrupt, MemoryError, Unavailable))
def test_a_death_between_mark_and_move_loses_no_move_and_repeats_no_message(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, death: type[BaseException]
) -> None:
    submitted(world)

    def dies(*_: Any) -> None:
        raise death

    with monkeypatch.context() as patched:
        patched.setattr(heartbeat, "perform", dies)
        with suppress(KeyboardInterrupt):
            beats(world, tmp_path, days=3)
    written = rows(world, "select id from messages where deadline_id is not null order by id")
    assert written
    assert beats(world, tmp_path, minutes=1).fired == 0  # the lease of the dead one still holds
    assert beats(world, tmp_path, minutes=1).fired == 1
    assert state_of(world, "intake") == "submission_unconfirmed"
    assert [
        row
        for row in rows(world, "select id from messages where deadline_id is not null order by id")
        if row in written
    ] == written
    first = "select count(*) from messages where about = 'acknowledgement' and agency_id = 'sca'"
    assert rows(world, first)[0][0] <= 1


def test_a_row_that_cannot_be_understood_keeps_no_other_waiting(world: World, tmp_path: Path) -> None:
    met(world)
    damage(world, "update deadlines set how = '{' where name = 'contact_check'")
    damage(world, "update deadlines set next_at = :at where name = 'contact_check'", at=world.now.replace(tzinfo=None))
    done = beats(world, tmp_path, days=1)
    assert (done.failed, done.reminded) == (1, 2)


def test_a_paused_deadline_is_left_alone(world: World, tmp_path: Path) -> None:
    met(world)
    damage(world, "update deadlines set state = 'paused'")
    assert beats(world, tmp_path, days=60) == Beat()


def test_a_longer_period_is_marked_anew_when_it_ends(world: World, tmp_path: Path) -> None:
    case = in_recovery(world)
    world.ask(Role.CASEWORKER, "inquiry.ask", case, asked_of="eastshire-police", wants=["account"])
    beats(world, tmp_path, days=15)
    assert state_of(world, "inquiry") == "overdue"
    until = (world.now + timedelta(days=10)).date().isoformat()
    world.ask(Role.CASEWORKER, "inquiry.extend", case, until=until, reason="illness")
    assert deadline(world, "information_request") == ("running", False, True)
    beats(world, tmp_path, days=12)
    assert deadline(world, "information_request")[:2] == ("running", True)
    assert state_of(world, "inquiry") == "overdue"


def test_a_child_comes_of_age_on_the_day_and_is_reminded_of_before_and_after(world: World, tmp_path: Path) -> None:
    born = world.now.date().replace(year=world.now.year - 18) + timedelta(days=100)
    case = world.ask(
        Role.FIRST_RESPONDER, "intake.encounter", place_kind="raid", under_18="yes", born=born.isoformat()
    ).case
    damage(world, "update strands set state = 'before_authority' where workflow = 'child'")
    damage(world, "update strands set workflow = 'decision', state = 'cg_pending' where workflow = 'contact'")
    for _ in range(100):
        beats(world, tmp_path, days=1)
    assert state_of(world, "child") == "eighteen"
    assert deadline(world, "turning_eighteen") == ("ended", True, False)
    for _ in range(20):
        beats(world, tmp_path, days=1)
    told = rows(
        world,
        "select created_at, kind from messages where about = 'turning_eighteen' and user_id is not null order by 1",
    )
    assert [kind for _, kind in told] == ["expires"] * 4  # 90, 60, 30 and 7 days before
    asked = rows(world, "select count(*) from messages where about = 'answer_at_eighteen' and user_id is not null")
    assert asked == [(2,)]  # 7 and 14 days after
    assert case


def test_a_right_that_nobody_used_lapses_and_is_not_late(world: World, tmp_path: Path) -> None:
    case = submitted(world)
    world.ask(Role.CASEWORKER, "intake.acknowledge", case, reference="R1", authority="SCA")
    world.ask(Role.CASEWORKER, "decision.find_not_reasonable", case, reasons=["account"])
    for _ in range(32):
        beats(world, tmp_path, days=1)
    assert state_of(world, "inquiry") == "lapsed"
    assert deadline(world, "reconsideration_window")[0] == "ended"
    assert {kind for kind, *_ in said(world, "reconsideration_window")} == {"window_closes"}
    assert said(world, "inquiry.lapse")


@pytest.mark.parametrize("stand", (proposed, accepted), ids=["asked", "accepted"])
@pytest.mark.parametrize("gone", ("active = false", "left_at = created_at"))
def test_a_worker_who_leaves_puts_every_case_into_handover(world: World, tmp_path: Path, stand: Any, gone: str) -> None:
    cases = [stand(world) for _ in range(3)]
    damage(world, f"update users set {gone} where id = :id", id=a(Role.SUPPORT_WORKER).id)  # noqa: S608
    assert beats(world, tmp_path).left == len(cases)
    assert rows(world, "select state, count(*) from strands where workflow = 'assignment' group by 1") == [
        ("handover_pending", 3)
    ]
    assert rows(world, "select distinct owner_agency, owner_user from cases") == [("harbour", None)]
    assert beats(world, tmp_path).left == 0


def test_the_scheduler_beats_at_once_and_stops_when_told(world: World, tmp_path: Path) -> None:
    world.now = datetime.now(UTC) - timedelta(days=3)
    met(world)
    waker = Heartbeat(world.db, world.law, Settings(data=tmp_path, heartbeat_seconds=3600))
    waker.start()
    give_up = time.monotonic() + 20
    while waker.last is None and time.monotonic() < give_up:
        time.sleep(0.02)
    waker.stop()
    waker.stop()
    assert waker.last
    assert waker.last.reminded
    assert waker.last_at


def test_a_beat_that_fails_says_its_kind_alone_and_does_not_stop_the_next(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("Testina Muster")

    waker = Heartbeat(world.db, world.law, Settings(data=tmp_path))
    monkeypatch.setattr(heartbeat, "beat", fails)
    waker._job()
    said = capsys.readouterr().out
    assert "RuntimeError" in said
    assert "Testina" not in said
    assert waker.last_at is None


def test_what_somebody_held_who_has_left_goes_to_the_duty_team(world: World, tmp_path: Path) -> None:
    for opening in ("intake.encounter", "operation.plan", "concern.receive"):
        world.ask(Role.NAVIGATOR, opening, **told(opening))
    damage(world, "update users set active = false where id = :user", user=a(Role.NAVIGATOR).id)
    assert beats(world, tmp_path, minutes=1).left == 3
    assert rows(world, "select distinct owner_agency, owner_user from cases") == [("navigators", None)]
    assert check(world.db, world.law, world.now) == []


def test_the_answer_to_a_repeated_request_is_kept_for_seven_days(world: World, tmp_path: Path) -> None:
    ask = Ask(a(Role.NAVIGATOR), "concern.receive", world.now, form=told("concern.receive"), key="once", request="same")
    first = perform(world.db, world.law, ask)
    beats(world, tmp_path, days=6, hours=23)
    assert perform(world.db, world.law, replace(ask, now=world.now)).case == first.case
    beats(world, tmp_path, hours=2)
    assert rows(world, "select count(*) from repeats") == [(0,)]
