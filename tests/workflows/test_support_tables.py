"""Support: who may have it, what ends it, and that nobody is let go without a plan."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from referral.access import Role
from tests.workflows.picturing import LAW, a, effect, machine, picture, why_not
from workflows.catalogue import find
from workflows.facts import Facts
from workflows.support.table import IN_CARE, SUPPORT

NAVIGATOR = a(Role.NAVIGATOR)
PHONE = {"reach_by": "own_phone"}
PLAN = {"kind": "outreach", "needs": ["health"], "agreed_with_person": True, "due_on": "2026-10-14"}
EXIT = {"safe_and_appropriate": True, "plan": ["housing"], "going_to": "own_home", "person_told": True}


def with_deputy(case: Facts) -> Facts:
    return remembers(case, "assignment", deputy="d" * 32)


def remembers(case: Facts, workflow: str, **told: str) -> Facts:
    strand = case.newest(workflow)
    assert strand is not None
    strand.facts.update(told)
    return case


def test_support_is_asked_for_by_an_adult_who_agrees_and_can_be_reached() -> None:
    assert why_not("support.request", picture(agreed=("support",), who=NAVIGATOR), **PHONE) == []
    assert why_not("support.request", picture(who=NAVIGATOR), **PHONE) == ["no_consent"]
    assert why_not("support.request", picture(agreed=("support",), who=NAVIGATOR)) == ["no_number"]
    assert why_not("support.request", picture(agreed=("support",), who=NAVIGATOR), reach_by="none") == ["why_no_number"]


@pytest.mark.parametrize(("child", "code"), (("yes", "is_child"), ("not_sure", "is_child"), (None, "age_unknown")))
def test_a_child_is_supported_by_the_local_authority(child: str | None, code: str) -> None:
    case = picture(agreed=("support",), child=child, who=NAVIGATOR)
    assert why_not("support.refer_urgently", case, risks=["destitute"], **PHONE) == [code]


def test_in_an_emergency_support_begins_before_any_decision() -> None:
    case = picture(agreed=("support",), others={"decision": "rg_pending"}, who=NAVIGATOR)
    assert why_not("support.refer_urgently", case, risks=["destitute"], **PHONE) == []


def test_an_emergency_asks_for_a_place_only_where_one_is_needed() -> None:
    case = picture("support.emergency_referred")
    assert effect("support.accept_urgent", case, risk="high", needs_accommodation=False).brings["housing.ask"] == []
    brought = effect("support.accept_urgent", case, risk="high", needs_accommodation=True).brings["housing.ask"]
    find("housing.ask")[1].asks.model_validate(brought[0])


def test_a_plan_needs_somebody_responsible_who_has_accepted() -> None:
    assert why_not(
        "support.agree_plan", picture("support.in_assessment", others={"assignment": "proposed"}), **PLAN
    ) == ["assignment_not_ready", "no_deputy"]
    for state in ("accepted", "active"):
        case = with_deputy(picture("support.in_assessment", others={"assignment": state}))
        assert why_not("support.agree_plan", case, **PLAN) == []


def test_a_review_lies_ahead() -> None:
    case = with_deputy(picture("support.in_assessment", others={"assignment": "active"}))
    assert why_not("support.agree_plan", case, **PLAN | {"due_on": "2026-09-16"}) == ["not_ahead"]


def test_an_exit_says_that_it_is_safe_and_has_a_plan() -> None:
    wrongs: list[dict[str, object]] = [{"safe_and_appropriate": False}, {"plan": []}, {"person_told": False}]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            why_not("support.exit", picture("support.move_on"), **EXIT | wrong)


def test_an_exit_waits_for_the_floor_unless_the_person_wants_to_leave() -> None:
    early = picture("support.move_on", running=frozenset({"move_on_minimum"}))
    assert why_not("support.exit", early, **EXIT) == ["floor_runs"]
    assert why_not("support.exit", early, **EXIT, by_choice=True) == []
    assert why_not("support.exit", picture("support.move_on", running=frozenset({"needs_assessment"})), **EXIT) == []


def test_an_exit_waits_for_the_end_of_an_extension() -> None:
    assert why_not("support.exit", picture("support.extended", {"until": "2026-09-16"}), **EXIT) == ["extension_runs"]
    assert why_not("support.exit", picture("support.extended", {"until": "2026-09-15"}), **EXIT) == []


def test_a_machine_never_ends_support() -> None:
    assert why_not("support.exit", picture("support.move_on", who=machine("harbour")), **EXIT) == ["needs_a_person"]


def test_notice_needs_a_decision_or_the_persons_withdrawal() -> None:
    why = {"reason": "end"}
    assert why_not("support.give_notice", picture("support.in_support", others={"decision": "cg_pending"}), **why) == [
        "no_ground_for_notice"
    ]
    assert (
        why_not("support.give_notice", picture("support.in_support", others={"decision": "cg_negative"}), **why) == []
    )


def test_whoever_is_in_care_leaves_only_by_notice_or_exit() -> None:
    ends = {"exited", "closed", "declined", "refused"}
    ways = {m.name for m in SUPPORT.moves.values() for s in m.leaves if s in IN_CARE and m.enters in ends}
    assert ways == {"decline", "exit", "end_after_death"}
    assert [str(s) for s in SUPPORT.moves["decline"].leaves if s in IN_CARE] == ["in_assessment"]


def test_coming_back_is_for_those_with_a_positive_final_decision() -> None:
    case = picture("support.exited", agreed=("support",), others={"decision": "closed"})
    assert why_not("support.reach_in", case, reason="new_need") == ["no_conclusive_grounds"]


def test_a_positive_decision_after_reconsideration_finds_the_person_again() -> None:
    for state in ("requested", "refused", "exited"):
        assert any(leaves == state for leaves in SUPPORT.moves["begin_contact"].leaves)
    assert any(leaves == "exit_notice" for leaves in SUPPORT.moves["carry_on"].leaves)


def test_every_try_is_counted() -> None:
    again = picture("support.contact_attempts", {"attempts": 2})
    assert effect("support.record_attempt", again, channel="phone", time_of_day="evening").remember == {"attempts": 3}


def test_what_support_brings_to_others_fits_their_forms() -> None:
    review = {"needs": ["safety"], "risk": "high", "needs_accommodation": True, "due_on": "2026-10-14"}
    for name, forms in effect("support.review", picture("support.in_support"), **review).brings.items():
        find(name)[1].asks.model_validate(forms[0])
    for name, forms in effect("support.exit", picture("support.move_on"), **EXIT).brings.items():
        find(name)[1].asks.model_validate(forms[0])


def positive(moving: str | None, agreed: tuple[str, ...] = ("support",), decision: str = "recovery") -> Facts:
    return remembers(
        picture(moving, others={"decision": decision}, agreed=agreed), "decision", reasonable_on="2026-09-10"
    )


def test_asked_for_after_a_positive_first_decision_contact_begins_at_once() -> None:
    assert effect("support.request", positive(None), **PHONE).brings["support.begin_contact"] == [{}]
    assert effect("support.reopen", positive("support.refused"), **PHONE).brings["support.begin_contact"] == [{}]
    for case in (positive(None, agreed=()), positive(None, decision="cg_negative"), picture(agreed=("support",))):
        assert effect("support.request", case, **PHONE).brings["support.begin_contact"] == []


def test_whoever_is_not_urgent_after_a_positive_first_decision_is_reached_all_the_same() -> None:
    urgent = "support.emergency_referred"
    brought = effect("support.refuse_urgent", positive(urgent), reason="no_indicators").brings
    assert (brought["support.begin_contact"], brought["assignment.end"]) == ([{}], [])
    brought = effect("support.refuse_urgent", picture(urgent), reason="no_indicators").brings
    assert brought["support.begin_contact"] == []
    find("assignment.end")[1].asks.model_validate(brought["assignment.end"][0])


def test_after_a_death_support_and_the_place_end_and_nothing_is_asked_of_the_dead() -> None:
    alive = picture("support.in_support", others={"contact": "in_contact"})
    assert why_not("support.end_after_death", alive) == ["contact_not_ready"]
    case = picture("support.in_support", others={"contact": "deceased", "housing": "placed", "assignment": "active"})
    assert why_not("support.end_after_death", case) == []
    brought = effect("support.end_after_death", case).brings
    assert (len(brought["housing.leave"]), brought["housing.no_longer_needed"]) == (1, [])
    for name in ("housing.leave", "assignment.end"):
        find(name)[1].asks.model_validate(brought[name][0])


def test_a_referral_that_ended_before_its_receipt_is_ground_for_notice() -> None:
    for state, codes in (("withdrawn", []), ("linked_duplicate", []), ("received", ["no_ground_for_notice"])):
        case = picture("support.emergency_support", others={"intake": state})
        assert why_not("support.give_notice", case, reason="end") == codes


def test_a_disqualification_is_ground_for_notice_where_and_when_the_law_says_so_and_for_a_person_alone() -> None:
    around = {"decision": "recovery", "disqualification": "disqualified"}
    case = picture("support.in_support", others=around)
    assert why_not("support.give_notice", case, reason="disqualified") == []
    refused = ["no_ground_for_notice"]
    german = picture("support.in_support", others=around, law=LAW["germany"])
    assert why_not("support.give_notice", german, reason="disqualified") == refused
    early = picture("support.in_support", others=around, occurred=datetime(2023, 1, 15, 12, tzinfo=UTC))
    assert why_not("support.give_notice", early, reason="disqualified") == refused
    by_machine = picture("support.in_support", others=around, who=machine("harbour"))
    assert why_not("support.give_notice", by_machine, reason="disqualified") == refused


def test_nobody_leaves_support_while_a_bed_is_held_for_them() -> None:
    placed = picture("support.move_on", others={"housing": "placed"})
    assert why_not("support.exit", placed, **EXIT) == ["housing_not_settled"]
    for state in ("left", "not_eligible"):
        assert why_not("support.exit", picture("support.move_on", others={"housing": state}), **EXIT) == []
