"""Disqualification, inquiries, permission to stay and justice."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from referral.access import Role
from tests.workflows.picturing import a, effect, picture, why_not
from workflows.catalogue import WORKFLOWS, find

CASEWORKER = a(Role.CASEWORKER, "sca")
deciding = partial(picture, who=CASEWORKER)
REQUEST = {"grounds": ["new_evidence"], "asked_by": "lawyer", "person_agrees": True, "all_evidence_attached": True}
GRANT: dict[str, Any] = {"months": 12, "begins": "2026-10-01", "due_on": "2027-09-30", "needed_for": ["recovery"]}
POSITIVE = {"decision": "cg_positive"}


@pytest.mark.parametrize("state", ("recovery", "cg_pending", "cg_suspended", "cg_positive"))
def test_disqualification_attaches_after_a_positive_decision(state: str) -> None:
    assert why_not("disqualification.consider", deciding(others={"decision": state}), ground="bad_faith") == []


@pytest.mark.parametrize("state", ("rg_pending", "rg_negative", "cg_negative", "closed"))
def test_disqualification_attaches_to_nothing_else(state: str) -> None:
    assert why_not("disqualification.consider", deciding(others={"decision": state}), ground="bad_faith") == [
        "decision_not_ready"
    ]


def test_recovery_needs_are_weighed_one_by_one() -> None:
    told = {"reasons": ["sentence"], "no_presumption": True}
    with pytest.raises(ValidationError):
        why_not("disqualification.disqualify", deciding("disqualification.under_consideration"), **told)


def test_disqualification_is_an_overlay_that_brings_nothing_and_keeps_nothing_open() -> None:
    table = WORKFLOWS["disqualification"]
    assert all(move.then == () for move in table.moves.values())
    assert not table.holds_open


def test_only_a_participant_is_asked_and_only_it_answers() -> None:
    asked = {"asked_of": "harbour", "wants": ["chronology"]}
    assert why_not("inquiry.ask", deciding(), **asked) == []
    assert why_not("inquiry.ask", deciding(), **asked | {"asked_of": "eastshire"}) == ["not_a_participant"]
    assert why_not("inquiry.ask", deciding(), **asked, due_on="2026-09-15") == ["day_has_passed"]
    assert why_not("inquiry.answer", picture("inquiry.open", {"asked_of": "harbour"})) == []
    assert why_not("inquiry.answer", picture("inquiry.open", {"asked_of": "eastshire"})) == ["not_yours_to_answer"]


def test_all_evidence_goes_with_a_request() -> None:
    case = picture("inquiry.window_open", {"about": "reasonable"}, others={"decision": "rg_negative"})
    assert why_not("inquiry.request", case, **REQUEST) == []
    with pytest.raises(ValidationError):
        why_not("inquiry.request", case, **REQUEST | {"all_evidence_attached": False})


def test_a_late_request_needs_exceptional_circumstances() -> None:
    case = picture("inquiry.lapsed", {"about": "reasonable"}, others={"decision": "rg_negative"})
    with pytest.raises(ValidationError):
        why_not("inquiry.request_late", case, **REQUEST)
    assert why_not("inquiry.request_late", case, **REQUEST, exceptional_circumstances="in_hospital") == []


@pytest.mark.parametrize(
    ("about", "state", "follows", "stays"),
    (
        ("reasonable", "rg_negative", "decision.reconsider", "decision.reconsider_conclusive"),
        ("conclusive", "cg_negative", "decision.reconsider_conclusive", "decision.reconsider"),
    ),
)
def test_a_changed_decision_opens_the_one_it_is_about(about: str, state: str, follows: str, stays: str) -> None:
    case = deciding("inquiry.under_review", {"about": about}, others={"decision": state})
    brings = effect("inquiry.change", case, reason="new_evidence").brings
    assert brings == {follows: [{"reason": "reconsidered"}], stays: []}
    assert why_not("inquiry.change", case, reason="new_evidence") == []


def test_a_decision_that_no_longer_stands_is_not_asked_about() -> None:
    case = picture("inquiry.window_open", {"about": "conclusive"}, others={"decision": "cg_pending"})
    assert why_not("inquiry.request", case, **REQUEST) == ["decision_does_not_stand"]


def granting(**more: Any) -> list[str]:
    case = picture("stay.to_consider", others=POSITIVE, who=a(Role.SYSTEM))
    at = more.pop("at", None)
    return why_not("stay.grant", replace(case, occurred=at) if at else case, **GRANT | more)


def test_permission_to_stay_lasts_as_long_as_was_granted() -> None:
    assert granting() == []
    assert granting(due_on="2027-03-31") == ["months_do_not_fit"]


def test_nothing_is_granted_while_decisions_are_paused() -> None:
    assert granting(under_deportation_order=True) == ["decisions_paused"]
    assert granting(at=datetime(2024, 8, 1, tzinfo=UTC)) == ["decisions_paused"]
    assert granting(at=datetime(2024, 9, 1, tzinfo=UTC)) == ["decisions_paused"]
    assert granting(at=datetime(2024, 9, 1, tzinfo=UTC), needed_for=["cooperation"]) == []


def test_disqualification_blocks_permission_to_stay() -> None:
    case = picture("stay.to_consider", others=POSITIVE | {"disqualification": "disqualified"}, who=a(Role.SYSTEM))
    assert why_not("stay.grant", case, **GRANT) == ["disqualification_stands"]


def test_permission_to_stay_needs_a_positive_final_decision() -> None:
    assert why_not("stay.open", deciding(others={"decision": "recovery"})) == ["no_conclusive_grounds"]


def test_a_hold_does_not_end_before_it_began() -> None:
    told = {"reason": "policy_pause", "held_since": "2026-09-10", "held_until": "2026-09-01"}
    assert why_not("stay.hold", deciding("stay.to_consider"), **told) == ["ends_before_it_begins"]


def test_the_police_learn_who_an_adult_is_only_if_the_adult_agrees() -> None:
    told = {"force": "eastshire", "with_identity": True}
    assert why_not("justice.report", picture("justice.not_reported"), **told) == ["no_consent"]
    assert why_not("justice.report", picture("justice.not_reported", agreed=("police",)), **told) == []
    assert why_not("justice.report", picture("justice.not_reported"), **told | {"with_identity": False}) == []
    assert effect("justice.report", picture("justice.not_reported"), **told | {"with_identity": False}).join == ()
    assert effect("justice.report", picture("justice.not_reported", agreed=("police",)), **told).join == (
        ("eastshire", "police"),
    )


def test_only_a_police_force_is_told_of_the_crime() -> None:
    assert why_not("justice.report", picture("justice.not_reported"), force="harbour", with_identity=False) == [
        "not_a_force"
    ]


def test_a_crime_reference_is_kept_apart_from_what_a_strand_remembers() -> None:
    form = find("justice.record_crime")[1].asks.model_validate(
        {"force": "eastshire", "crime_reference": "42/invented/26", "recorded_on": "2026-09-16"}
    )
    assert "crime_reference" not in form.facts()
    assert form.notes() == {"crime_reference": "42/invented/26"}


OVERLAYS = [
    ("disqualification", "protection:decide", 5),
    ("stay", "stay:decide", 9),
    ("inquiry", "inquiry:ask", 3),
    ("inquiry", "decision:record", 4),
]


@pytest.mark.parametrize(("workflow", "needs", "many"), OVERLAYS)
def test_only_the_authority_of_the_case_disqualifies_asks_and_grants(workflow: str, needs: str, many: int) -> None:
    elsewhere, here = picture(who=a(Role.CASEWORKER)), deciding()
    moves = [move for move in WORKFLOWS[workflow].moves.values() if move.needs == needs]
    assert len(moves) == many
    for move in moves:
        assert "decides_elsewhere" in [reason.code for reason in move.blockers(elsewhere)], move.name
        assert "decides_elsewhere" not in [reason.code for reason in move.blockers(here)], move.name


@pytest.mark.parametrize("state", ("open", "extended", "overdue"))
def test_the_authority_takes_back_a_question_that_it_no_longer_asks(state: str) -> None:
    assert why_not("inquiry.take_back", deciding(f"inquiry.{state}"), reason="no_longer_needed") == []
    table = WORKFLOWS["inquiry"]
    assert table.arrow(table.moves["take_back"], state) == "taken_back"
    assert "taken_back" in table.final


def test_permission_to_stay_is_considered_by_the_authority_after_a_positive_final_decision_alone() -> None:
    case = deciding(others={"decision": "recovery"})
    assert why_not("stay.open", case) == ["no_conclusive_grounds"]
    for strand in case.strands:
        strand.facts.update(conclusive_on="2026-09-01")
    assert why_not("stay.open", case) == []


def test_the_crime_behind_a_duplicate_is_followed_in_the_case_that_goes_on() -> None:
    assert why_not("justice.open", picture(others={"intake": "linked_duplicate"})) == ["intake_stands"]
    assert why_not("justice.open", picture(others={"intake": "submitted"})) == []
