"""Two services that may know one person: each is asked, and neither is told before both have agreed."""

import pytest

from referral import finding
from referral.access import Role
from referral.errors import Blocked, NotAllowed
from referral.models import Participant
from tests.workflows.walks import met, rows
from tests.world import World, a
from workflows.ask import Ask
from workflows.engine import perform
from workflows.introducing import introduce

OFFICER = Role.FIRST_RESPONDER
ELSEWHERE = a(OFFICER, "stranger")


def tied(world: World) -> tuple[str, str]:
    """A case of the police and one of a service elsewhere, of which somebody asked."""
    one = met(world)
    form = {"place_kind": "street", "under_18": "no"}
    other = perform(world.db, world.law, Ask(ELSEWHERE, "intake.encounter", world.now, form=form)).case
    with world.db.write() as session:
        finding.ask_both(session, one, [other], world.now)
    return one, other


def states(world: World, *cases: str) -> list[list[str]]:
    said = "select state from strands where workflow = 'introduction' and case_id = :case order by number"
    return [[state for (state,) in rows(world, said, case=case)] for case in cases]


def beat(world: World) -> None:
    """Until there is nothing left to do."""
    while introduce(world.db, world.law, world.now) != (0, 0):
        pass


def test_both_duty_teams_are_asked_and_told_only_that_a_question_waits(world: World) -> None:
    one, other = tied(world)
    beat(world)
    assert states(world, one, other) == [["asked"], ["asked"]]
    told = rows(world, "select case_id, agency_id, user_id, about from messages where about like 'introduction.%'")
    assert sorted(told) == sorted(
        [(one, "eastshire-police", None, "introduction.open"), (other, "stranger", None, "introduction.open")]
    )
    for case, hidden in ((one, other), (other, one)):
        known = str(rows(world, "select body from events where case_id = :case", case=case))
        known += str(rows(world, "select facts from strands where case_id = :case", case=case))
        [(reference,)] = rows(world, "select reference from cases where id = :case", case=hidden)
        assert hidden not in known
        assert reference not in known


def test_each_side_learns_the_others_reference_only_when_both_agree(world: World) -> None:
    one, other = tied(world)
    beat(world)
    world.ask(OFFICER, "introduction.agree", one)
    beat(world)
    assert states(world, one, other) == [["agreed"], ["asked"]]
    world.ask(ELSEWHERE, "introduction.agree", other)
    beat(world)
    assert states(world, one, other) == [["shared"], ["shared"]]
    for case, shown in ((one, other), (other, one)):
        [(facts,)] = rows(world, "select facts from strands where workflow = 'introduction' and case_id = :c", c=case)
        [(reference,)] = rows(world, "select reference from cases where id = :case", case=shown)
        assert reference in facts
    assert rows(world, "select count(*) from introductions where settled_at is null") == [(0,)]


@pytest.mark.parametrize("agreed_before", (True, False))
def test_where_one_would_rather_not_both_end_and_nothing_was_told(world: World, agreed_before: bool) -> None:
    one, other = tied(world)
    beat(world)
    if agreed_before:
        world.ask(OFFICER, "introduction.agree", one)
    world.ask(ELSEWHERE, "introduction.decline", other, reason="not_safe")
    beat(world)
    assert states(world, one, other) == [["declined"], ["declined"]]
    [(facts,)] = rows(world, "select facts from strands where workflow = 'introduction' and case_id = :c", c=one)
    assert "with_reference" not in facts
    assert "not_safe" not in facts


def test_silence_ends_it_after_two_weeks(world: World) -> None:
    one, other = tied(world)
    beat(world)
    [(due,)] = rows(world, "select min(due_at) from deadlines where name = 'introduction_answer'")
    assert str(due)[:10] in ("2026-09-30", "2026-10-01")
    perform(world.db, world.law, Ask(a(Role.SYSTEM), "introduction.lapse", world.now, case=one))
    beat(world)
    assert states(world, one, other) == [["lapsed"], ["lapsed"]]


def test_only_the_accountable_service_answers(world: World) -> None:
    one, _ = tied(world)
    beat(world)
    world.ask(OFFICER, "intake.explain", one, private=True, capacity="has_capacity",
              language="en", interpreter="none_needed", notice_version="2024-10")  # fmt: skip
    with pytest.raises(NotAllowed):
        world.ask(a(Role.HOUSING_COORDINATOR, "eastshire-police"), "introduction.agree", one)
    with world.db.write() as session:
        session.add(Participant(case_id=one, agency_id="navigators", part="referrer", since=world.now,
                                opened_at=world.now, open=True))  # fmt: skip
    with pytest.raises(Blocked) as refused:
        world.ask(Role.NAVIGATOR, "introduction.agree", one)
    assert [reason.code for reason in refused.value.reasons] == ["not_accountable"]


def test_several_others_are_asked_one_after_the_other_so_that_nobody_can_count_them(world: World) -> None:
    one, first = tied(world)
    form = {"place_kind": "street", "under_18": "no"}
    second = perform(world.db, world.law, Ask(ELSEWHERE, "intake.encounter", world.now, form=form)).case
    for _ in range(3):
        with world.db.write() as session:
            finding.ask_both(session, one, [first, second], world.now)
        beat(world)
    assert states(world, one, first, second) == [["asked"], ["asked"], []]
    world.ask(OFFICER, "introduction.decline", one, reason="not_them")
    beat(world)
    with world.db.write() as session:
        finding.ask_both(session, one, [first, second], world.now)
    beat(world)
    assert states(world, one, first, second) == [["declined", "asked"], ["declined"], ["asked"]]


def test_whatever_was_left_half_done_is_done_by_the_next_beat_and_nothing_twice(world: World) -> None:
    one, other = tied(world)
    [(introduction,)] = rows(world, "select id from introductions")
    half = Ask(a(Role.SYSTEM), "introduction.open", world.now, case=one, form={"introduction": introduction})
    perform(world.db, world.law, half)
    beat(world)
    assert states(world, one, other) == [["asked"], ["asked"]]
    assert introduce(world.db, world.law, world.now) == (0, 0)
