"""The two decisions: who may decide when, what is remembered, and how a case is closed or kept open."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from referral.access import Role
from tests.workflows.picturing import a, effect, machine, picture, why_not
from workflows.catalogue import find
from workflows.decision.table import DECISION, Decision

CASEWORKER = a(Role.CASEWORKER, "sca")
WHY = {"reasons": ["credible_account"]}
OUT_OF_REACH = {"reason": "missing", "evidence_is_not_enough": True}
LETTER = {"served_on": "2026-09-16", "to": "person", "not_where_exploited": True}


def test_nobody_but_a_panel_decides_conclusively_during_recovery() -> None:
    assert why_not("decision.find_conclusive", picture("decision.recovery"), **WHY) == ["recovery_runs"]
    assert why_not("decision.find_conclusive", picture("decision.recovery", authority="panel"), **WHY) == []
    assert why_not("decision.find_conclusive", picture("decision.cg_pending"), **WHY) == []


def test_a_case_kept_open_during_recovery_still_waits_for_the_minimum() -> None:
    early = picture("decision.cg_pending", running=frozenset({"recovery_minimum"}))
    assert why_not("decision.find_conclusive", early, **WHY) == ["floor_runs"]
    assert why_not("decision.find_not_conclusive", early, **WHY) == ["floor_runs"]


def test_only_a_panel_makes_both_decisions_at_once() -> None:
    assert why_not("decision.find_both", picture("decision.rg_pending"), **WHY) == ["not_a_panel"]
    assert why_not("decision.find_both", picture("decision.rg_pending", child="yes", authority="panel"), **WHY) == []


def test_a_decision_needs_at_least_one_reason() -> None:
    with pytest.raises(ValidationError):
        why_not("decision.find_reasonable", picture("decision.rg_pending"), reasons=[])


def test_a_positive_decision_remembers_its_day_and_the_test_of_that_day() -> None:
    done = effect("decision.find_reasonable", picture("decision.rg_pending"), **WHY)
    assert done.remember == {"reasonable_on": "2026-09-16", "test": "reasonable grounds to believe"}


def test_a_negative_decision_opens_the_window_about_itself_and_gives_notice() -> None:
    done = effect("decision.find_not_reasonable", picture("decision.rg_pending"), **WHY)
    assert done.brings["inquiry.open_window"] == [{"about": "reasonable"}]
    assert done.brings["support.give_notice"] == [{"reason": "negative_reasonable"}]
    done = effect("decision.find_not_conclusive", picture("decision.cg_pending"), **WHY)
    assert done.brings["inquiry.open_window"] == [{"about": "conclusive"}]


@pytest.mark.parametrize(
    ("contact", "child", "reason", "codes"),
    (
        ("missing", "before_authority", "missing", []),
        ("in_contact", "before_authority", "missing", ["not_out_of_reach"]),
        ("in_contact", "no_answer", "no_answer_at_eighteen", []),
        ("unreachable", "before_authority", "unreachable", []),
    ),
)
def test_a_suspension_needs_its_reason_recorded_where_it_belongs(
    contact: str, child: str, reason: str, codes: list[str]
) -> None:
    case = picture("decision.cg_pending", others={"contact": contact, "child": child})
    assert why_not("decision.suspend_conclusive", case, **OUT_OF_REACH | {"reason": reason}) == codes


def test_a_transfer_goes_to_another_authority_and_a_panel_is_for_children() -> None:
    case = picture("decision.rg_pending")
    assert why_not("decision.transfer", case, authority="SCA", reason="other") == ["same_authority"]
    assert why_not("decision.transfer", case, authority="panel", reason="other") == ["panel_is_for_children"]
    assert why_not("decision.transfer", case, authority="IECA", reason="detained", agency="eastshire") == [
        "not_an_authority"
    ]
    assert why_not("decision.transfer", case, authority="IECA", reason="detained") == []


def test_a_transfer_sets_the_authority_and_stays_in_its_state() -> None:
    done = effect("decision.transfer", picture("decision.rg_pending"), authority="IECA", reason="detained")
    assert done.case == {"authority": "IECA"}
    assert find("decision.transfer")[1].enters is None
    child = picture("decision.rg_pending", child="yes", authority="panel", others={"child": "before_panel"})
    assert effect("decision.transfer", child, authority="SCA", reason="moved_area").brings == {
        "child.go_to_authority": [{}]
    }


def test_a_letter_is_served_after_its_decision_and_only_to_those_who_may_read_it() -> None:
    told = {"reasonable_on": "2026-09-10"}
    case = picture("decision.recovery", told)
    assert why_not("decision.serve", case, about="reasonable", **LETTER) == []
    assert why_not("decision.serve", case, about="conclusive", **LETTER) == ["not_decided"]
    assert why_not("decision.serve", case, about="reasonable", **LETTER | {"served_on": "2026-09-09"}) == ["wrong_day"]
    assert why_not("decision.serve", case, about="reasonable", **LETTER | {"to": "agreed_person"}) == ["no_permission"]
    assert why_not(
        "decision.serve", picture("decision.recovery", told, child="not_sure"), about="reasonable", **LETTER
    ) == ["is_child"]


def test_a_letter_never_goes_to_an_address_of_exploitation() -> None:
    with pytest.raises(ValidationError):
        why_not(
            "decision.serve",
            picture("decision.recovery"),
            about="reasonable",
            **LETTER | {"not_where_exploited": False},
        )


def test_a_child_cannot_withdraw_except_by_the_answer_at_eighteen() -> None:
    ask = {"reason": "consent_withdrawn"}
    assert why_not("decision.ask_to_close", picture("decision.cg_pending", child="yes"), **ask) == [
        "child_cannot_withdraw"
    ]
    asked = picture("decision.cg_pending", others={"child": "eighteen"})
    assert why_not("decision.ask_to_close", asked, **ask) == ["child_cannot_withdraw"]
    answered = picture("decision.cg_pending", others={"child": "withdrew"})
    assert why_not("decision.ask_to_close", answered, reason="withdrawn_at_eighteen") == []
    assert why_not("decision.ask_to_close", picture("decision.cg_pending", child="yes"), reason="left_uk") == []


def test_closing_is_confirmed_by_a_person_and_by_what_is_recorded() -> None:
    told = {"reason": "consent_withdrawn"}
    assert why_not("decision.confirm_close", picture("decision.closing", told, who=CASEWORKER)) == []
    assert why_not("decision.confirm_close", picture("decision.closing", told, who=machine())) == ["needs_a_person"]
    agrees = picture("decision.closing", told, who=CASEWORKER, agreed=("referral",))
    assert why_not("decision.confirm_close", agrees) == ["consent_stands"]
    abroad = picture("decision.closing", {"reason": "left_uk"}, who=CASEWORKER, others={"contact": "in_contact"})
    assert why_not("decision.confirm_close", abroad) == ["not_recorded"]


def test_a_case_kept_open_goes_back_to_the_decision_that_was_awaited() -> None:
    first, second = picture("decision.closing"), picture("decision.closing", {"reasonable_on": "2026-08-01"})
    assert why_not("decision.keep_open_reasonable", first, reason="stays") == []
    assert why_not("decision.keep_open_conclusive", first, reason="stays") == ["not_reasonable_yet"]
    assert why_not("decision.keep_open_reasonable", second, reason="stays") == ["already_reasonable"]
    assert why_not("decision.keep_open_conclusive", second, reason="stays") == []


def test_closing_gives_notice_and_never_ends_support() -> None:
    done = effect(
        "decision.confirm_close", picture("decision.closing", {"reason": "consent_withdrawn"}, who=CASEWORKER)
    )
    assert done.brings["support.give_notice"] == [{"reason": "consent_withdrawn"}]
    assert "support.exit" not in find("decision.confirm_close")[1].then


def test_a_decided_case_is_not_concluded_while_it_may_be_reconsidered() -> None:
    case = picture("decision.cg_negative", others={"inquiry": "window_open"}, who=CASEWORKER)
    assert why_not("decision.conclude", case) == ["may_be_reconsidered"]
    assert why_not("decision.conclude", case, reason="deceased") == []
    assert (
        why_not("decision.conclude", picture("decision.cg_negative", others={"inquiry": "lapsed"}, who=CASEWORKER))
        == []
    )


def test_disqualification_stops_no_decision() -> None:
    case = picture("decision.cg_pending", others={"disqualification": "disqualified"})
    for name in ("find_conclusive", "find_not_conclusive"):
        assert why_not(f"decision.{name}", case, **WHY) == []
    assert DECISION.arrow(DECISION.moves["find_conclusive"], "cg_pending") == Decision.CG_POSITIVE


def test_a_further_round_is_counted() -> None:
    assert effect("decision.reconsider", picture("decision.rg_negative"), reason="reconsidered").remember == {
        "round": 2
    }


def test_the_day_of_a_decision_is_the_local_day() -> None:
    late = picture("decision.rg_pending")
    late = replace(late, occurred=late.occurred.replace(hour=23, minute=30))
    assert effect("decision.find_reasonable", late, **WHY).remember["reasonable_on"] == "2026-09-17"
