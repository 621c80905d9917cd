"""The authority's decisions as the door makes them: who records them, and what becomes of the first deadline."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from referral.access import SYSTEM, Actor, AgencyKind, Role, rights
from referral.errors import Blocked
from referral.models import Agency, Participant, Strand
from tests.told import told
from tests.workflows.walks import in_recovery, rows, submitted
from tests.world import START, World, a
from workflows.ask import Ask
from workflows.engine import perform

OFFICER, CASEWORKER = Role.FIRST_RESPONDER, Role.CASEWORKER
COUNCIL = Actor(
    "9" * 32, "user", "council", AgencyKind.LOCAL_AUTHORITY, (CASEWORKER,), rights((CASEWORKER,)), nation="england"
)
CLOSE: dict[str, Any] = {"reason": "left_uk"}


def first_deadline(world: World, case: str) -> list[tuple[Any, ...]]:
    return rows(world, "select state, due_day from deadlines where case_id = :c and rule = 'C1' order by started_at, "
                       "started_seq", c=case)  # fmt: skip


def received(world: World) -> str:
    case = submitted(world)
    world.ask(CASEWORKER, "intake.acknowledge", case, reference="R1", authority="SCA")
    return case


def council_joins(world: World, case: str) -> None:
    with world.db.write() as session:
        kind, mail = AgencyKind.LOCAL_AUTHORITY, "duty@council.example.invalid"
        session.add(Agency(id="council", name="Council", kind=kind, nation="england", email=mail, created_at=START))
        session.flush()
        session.add(
            Participant(
                case_id=case, agency_id="council", part="local_authority", since=START, opened_at=START, open=True
            )
        )


def test_a_council_that_takes_part_cannot_decide_what_the_authority_decides(world: World) -> None:
    case = received(world)
    council_joins(world, case)
    with pytest.raises(Blocked) as refused:
        world.ask(COUNCIL, "decision.find_reasonable", case, reasons=["account"])
    assert [reason.code for reason in refused.value.reasons] == ["decides_elsewhere"]
    assert world.ask(CASEWORKER, "decision.find_reasonable", case, reasons=["account"]).state == "recovery"


def test_the_first_responder_cannot_open_a_decision_that_nobody_has_received(world: World) -> None:
    case = submitted(world)
    with pytest.raises(Blocked):
        world.ask(OFFICER, "decision.open", case)


def test_the_first_deadline_goes_on_when_a_suspended_case_is_kept_open(world: World) -> None:
    case = received(world)
    world.ask(OFFICER, "contact.lose", case, **told("contact.lose"))
    world.ask(
        CASEWORKER, "decision.suspend", case, reason="unreachable", evidence_is_not_enough=True
    )  # fmt: skip
    assert [state for state, _ in first_deadline(world, case)] == ["paused"]
    world.later(days=7)
    world.ask(CASEWORKER, "decision.resume", case, reason="reached")
    world.ask(CASEWORKER, "decision.suspend", case, reason="unreachable", evidence_is_not_enough=True)
    world.ask(CASEWORKER, "decision.ask_to_close", case, **CLOSE)
    world.ask(CASEWORKER, "decision.keep_open_reasonable", case, reason="stays")
    assert [state for state, _ in first_deadline(world, case)] == ["running"]


def test_a_closed_case_takes_back_every_open_question_and_ends(world: World) -> None:
    case = received(world)
    for agency in ("eastshire-police", "eastshire-police"):
        world.ask(CASEWORKER, "inquiry.ask", case, asked_of=agency, wants=["account"])
    world.ask(OFFICER, "contact.leave_uk", case, **told("contact.leave_uk"))
    world.ask(CASEWORKER, "decision.ask_to_close", case, **CLOSE)
    done = world.ask(CASEWORKER, "decision.confirm_close", case)
    assert done.followed.count("inquiry.take_back") == 2
    assert {state for (state,) in rows(world, "select state from strands where workflow = 'inquiry'")} == {"taken_back"}


def test_what_was_decided_before_the_receipt_is_refused(world: World) -> None:
    case = received(world)
    early = Ask(a(CASEWORKER), "decision.find_reasonable", world.now, case=case, form={"reasons": ["account"]},
                occurred=world.now.replace(year=2025))  # fmt: skip
    with pytest.raises(Blocked) as refused:
        perform(world.db, world.law, early)
    assert [reason.code for reason in refused.value.reasons] == ["before_receipt"]


def test_revoking_a_decision_opens_the_way_to_challenge_it(world: World) -> None:
    case = in_recovery(world)
    world.later(days=31)
    perform(world.db, world.law, Ask(SYSTEM, "decision.reach_minimum", world.now, case=case))
    world.ask(CASEWORKER, "decision.find_conclusive", case, reasons=["account"])
    done = world.ask(CASEWORKER, "decision.revoke", case, reasons=["deception"])
    assert {"inquiry.open_window", "support.end_request"} & set(done.followed)


def test_before_a_panel_the_first_deadline_ends_and_afterwards_counts_from_the_receipt(world: World) -> None:
    case = received(world)
    due = first_deadline(world, case)[0][1]
    with world.db.write() as session:
        session.add(
            Strand(
                id="7" * 32, case_id=case, workflow="child", number=1, state="submitted", version=1, opened_at=START,
                entered_at=START, facts='{"referred_on": "2026-09-16"}',
            )
        )  # fmt: skip
        session.execute(
            text("update cases set child = 'yes', adult_on = :day where id = :c"),
            {"c": case, "day": date(2027, 6, 1)},
        )
    world.later(days=1)
    world.ask(CASEWORKER, "child.go_to_panel", case, **told("child.go_to_panel"))
    assert [state for state, _ in first_deadline(world, case)] == ["met"]
    world.later(days=1)
    world.ask(CASEWORKER, "child.go_to_authority", case)
    assert first_deadline(world, case) == [("met", due), ("running", due)]
