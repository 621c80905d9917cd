"""The two decisions: who may decide when, what is remembered, and how a case is closed or kept open."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from pydantic import ValidationError

from referral.access import SYSTEM, AgencyKind, Role
from referral.snapshot import AgencyRow, StrandRow
from tests.workflows import picturing
from tests.workflows.picturing import AGENCIES, LAW, NOW, a, effect, machine, why_not
from workflows.catalogue import find
from workflows.decision.table import DECISION, Decision

CASEWORKER = a(Role.CASEWORKER, "sca")
WHY = {"reasons": ["credible_account"]}
OUT_OF_REACH = {"reason": "missing", "evidence_is_not_enough": True}
picture = partial(picturing.picture, who=CASEWORKER)
LETTER = {"served_on": "2026-09-16", "to": "person", "not_where_exploited": True}


def test_nobody_but_a_panel_decides_conclusively_during_recovery() -> None:
    assert why_not("decision.find_conclusive", picture("decision.recovery"), **WHY) == ["recovery_runs"]
    panel = picture("decision.recovery", child="yes", authority="panel")
    assert why_not("decision.find_conclusive", panel, **WHY) == []
    assert why_not("decision.find_conclusive", picture("decision.cg_pending"), **WHY) == []


def test_a_case_kept_open_during_recovery_still_waits_for_the_minimum() -> None:
    early = picture("decision.cg_pending", running=frozenset({"recovery_minimum"}))
    assert why_not("decision.find_conclusive", early, **WHY) == ["floor_runs"]
    assert why_not("decision.find_not_conclusive", early, **WHY) == ["floor_runs"]


def test_only_a_panel_makes_both_decisions_at_once() -> None:
    assert why_not("decision.find_both", picture("decision.rg_pending"), **WHY) == ["not_a_panel"]
    named_so = picture("decision.rg_pending", child="no", authority="panel")
    assert why_not("decision.find_both", named_so, **WHY) == ["not_a_panel"]
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


def test_a_local_authority_that_was_told_of_a_child_decides_nothing() -> None:
    told = picture(
        "decision.rg_pending", child="yes", parts=frozenset({("harbour", "local_authority"), ("sca", "authority")}),
        who=a(Role.CASEWORKER),
    )  # fmt: skip
    assert why_not("decision.find_reasonable", told, **WHY) == ["decides_elsewhere"]
    assert why_not("decision.find_reasonable", replace(told, actor=CASEWORKER), **WHY) == []


def test_every_decision_is_recorded_by_the_authority_of_the_case() -> None:
    elsewhere = picture("decision.rg_pending", who=a(Role.CASEWORKER))
    deciding = [move for move in DECISION.moves.values() if move.needs == "decision:record"]
    assert len(deciding) > 10
    for move in deciding:
        assert "decides_elsewhere" in [reason.code for reason in move.blockers(elsewhere)], move.name


def test_the_decision_opens_only_once_the_referral_was_received() -> None:
    officer = a(Role.FIRST_RESPONDER)
    assert why_not("decision.open", picture(others={"intake": "submitted"}, who=officer)) == ["intake_not_ready"]
    assert why_not("decision.open", picture(who=officer)) == ["intake_not_ready"]
    received = picture(others={"intake": "received"}, who=officer)
    assert why_not("decision.open", received) == []
    assert effect("decision.open", received).remember == {"received_on": "2026-09-16"}


def test_nothing_is_decided_before_the_referral_was_received() -> None:
    case = picture("decision.rg_pending", others={"intake": "received"})
    assert why_not("decision.find_reasonable", case, **WHY) == []
    early = replace(case, occurred=NOW - timedelta(hours=1))
    assert why_not("decision.find_reasonable", early, **WHY) == ["before_receipt"]


def test_no_time_that_is_told_shortens_the_recovery_minimum() -> None:
    case = picture("decision.cg_pending", {"reasonable_on": "2026-08-18"})  # the thirtieth day is 16 September
    assert why_not("decision.find_conclusive", case, **WHY) == ["recovery_runs"]
    after = datetime(2026, 9, 17, 9, tzinfo=UTC)
    assert why_not("decision.find_conclusive", replace(case, now=after, occurred=after), **WHY) == []
    assert why_not("decision.find_conclusive", replace(case, now=after), **WHY) == ["recovery_runs"]
    ahead = replace(
        case, now=datetime(2026, 9, 16, 22, 59, tzinfo=UTC), occurred=datetime(2026, 9, 16, 23, 1, tzinfo=UTC)
    )
    assert why_not("decision.find_conclusive", ahead, **WHY) == ["recovery_runs"]


def test_nothing_is_decided_before_the_state_from_which_it_is_decided() -> None:
    case = picture("decision.cg_pending")
    assert why_not("decision.find_not_conclusive", replace(case, occurred=NOW - timedelta(days=1)), **WHY) == [
        "recovery_runs"
    ]


COUNCIL = AgencyRow("council", AgencyKind.LOCAL_AUTHORITY, True, "england")


def test_a_local_authority_takes_over_a_childs_case_as_a_panel_and_as_nothing_else() -> None:
    case = picture("decision.rg_pending", child="yes", agencies=AGENCIES | {"council": COUNCIL})
    to = {"reason": "moved_area", "agency": "council"}
    assert why_not("decision.transfer", case, authority="IECA", **to) == ["not_an_authority"]
    assert why_not("decision.transfer", case, authority="panel", **to) == []
    done = effect("decision.transfer", case, authority="panel", **to)
    assert (done.join, done.leave) == ((("council", "authority"),), (("sca", "authority"),))
    assert done.remember == {"before_panel": "sca"}
    nowhere = replace(case, law=LAW["northern-ireland"])
    assert why_not("decision.transfer", nowhere, authority="panel", **to) == ["no_panels"]


def test_what_a_panel_gives_up_goes_back_to_the_authority_that_had_it() -> None:
    case = picture(
        "decision.rg_pending", {"before_panel": "sca"}, authority="panel", who=SYSTEM,
        parts=frozenset({("council", "authority")}),
    )  # fmt: skip
    done = effect("decision.transfer", case, authority="SCA", reason="age_disputed")
    assert (done.join, done.leave) == ((("sca", "authority"),), (("council", "authority"),))
    both = frozenset({("council", "authority"), ("sca", "authority")})
    joined = replace(
        case,
        strand=None,
        parts=both,
        strands=(StrandRow("2" * 32, "child", 1, "found_adult", 1, NOW, {"agency": "council"}),),
    )
    assert effect("decision.transfer", joined, authority="SCA", reason="age_disputed").leave == (
        ("council", "authority"),
    )


def test_only_a_known_authority_can_be_named() -> None:
    with pytest.raises(ValidationError):
        why_not("decision.transfer", picture("decision.rg_pending"), authority="anybody", reason="other")


def test_a_successful_reconsideration_looks_for_the_person_again() -> None:
    again = picture("decision.cg_pending", {"round": 2}, others={"support": "exited"})
    assert effect("decision.find_conclusive", again, **WHY).brings == {"support.begin_contact": [{}]}
    assert "support.begin_contact" in find("decision.find_conclusive")[1].then
    left = picture("decision.cg_pending", others={"support": "exited"})
    assert effect("decision.find_conclusive", left, **WHY).brings == {"support.begin_contact": []}


def test_a_revoked_decision_gives_notice() -> None:
    done = effect("decision.revoke", picture("decision.cg_positive"), **WHY)
    assert done.brings["support.give_notice"] == [{"reason": "decision_revoked"}]
    assert "support.give_notice" in find("decision.revoke")[1].then


def test_a_duplicate_is_closed_for_the_case_that_goes_on() -> None:
    other = "e" * 32
    case = picture("decision.rg_pending", cases={other: "person"})
    assert why_not("decision.ask_to_close", case, reason="duplicate") == ["not_the_other_case"]
    assert why_not("decision.ask_to_close", case, reason="duplicate", case=case.case.id) == ["not_the_other_case"]
    assert why_not("decision.ask_to_close", case, reason="duplicate", case=other) == []


@pytest.mark.parametrize("name", ("confirm_close", "conclude"))
def test_a_finished_case_leaves_nobody_with_a_question(name: str) -> None:
    case = picture("decision.closing" if name == "confirm_close" else "decision.cg_positive", {"reason": "left_uk"})
    asked = [StrandRow(f"{n}" * 32, "inquiry", n, state, 1, NOW, {}) for n, state in enumerate(STANDING, 1)]
    brings = effect(f"decision.{name}", replace(case, strands=(*case.strands, *asked))).brings
    assert (len(brings["inquiry.take_back"]), len(brings["inquiry.close"])) == (3, 2)
    assert "inquiry.take_back" in find(f"decision.{name}")[1].then


STANDING = ("open", "extended", "overdue", "window_open", "lapsed", "answered")


@pytest.mark.parametrize("where", sorted(LAW))
def test_the_first_deadline_stands_still_before_a_panel_and_goes_on_when_a_case_is_kept_open(where: str) -> None:
    rule = LAW[where].rules["reasonable_grounds"]
    assert "child.go_to_panel" in rule.stops_on
    assert "child.go_to_authority" in rule.starts_on
    assert rule.counts_from == "received_on"
    assert set(rule.resumes_on) == {"decision.resume", "decision.keep_open_reasonable"}


def test_a_panels_deadline_ends_with_its_decision() -> None:
    stops = set(LAW["england-and-wales"].rules["panel_decision"].stops_on)
    assert {"decision.find_reasonable", "decision.find_not_reasonable", "decision.find_both"} <= stops
