"""Intake as a table: who is referred on what ground, what is remembered, and what never is. No database."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from referral.access import SYSTEM, Role
from referral.form.fields import IDENTITY
from tests.factories import CASE, NOON, codes, facts, strand
from tests.world import a
from workflows.facts import Effect
from workflows.intake import INTAKE
from workflows.intake import effects as do
from workflows.intake import forms as ask

POLICE = a(Role.FIRST_RESPONDER)
SAID: dict[str, Any] = {"language": "ro", "interpreter": "professional"}
SIGNED: dict[str, Any] = {**SAID, "how": "verbal", "signed_by": "professional"}
CONSENTS: dict[str, Any] = {**SIGNED, "referral": True, "support": True, "police": False, "notice_version": "2024-10"}


def row(effect: Effect, table: str) -> Mapping[str, Any]:
    return next(one.values for one in effect.rows if one.table == table)


@pytest.mark.parametrize("form", (ask.Consents, ask.Explanation))
def test_a_companion_never_interprets(form: Any) -> None:
    told = CONSENTS if form is ask.Consents else {**SAID, "private": True, "notice_version": "2024-10"}
    form.model_validate(told)
    with pytest.raises(ValidationError, match="a companion is never the interpreter"):
        form.model_validate({**told, "interpreter": "companion"})


def test_nothing_is_explained_while_somebody_else_listens() -> None:
    with pytest.raises(ValidationError):
        ask.Explanation.model_validate({**SAID, "private": False, "notice_version": "2024-10"})


def test_consent_to_anything_without_the_referral_is_a_refusal() -> None:
    with pytest.raises(ValidationError, match="has refused"):
        ask.Consents(**{**CONSENTS, "referral": False})


def test_a_child_met_begins_the_child_track_and_an_adult_does_not() -> None:
    child = do.meet(facts(), ask.Encounter(place_kind="raid", under_18="not_sure"))
    adult = do.meet(facts(), ask.Encounter(place_kind="raid", under_18="no"))
    assert (child.brings["child.identify"], child.case) == ([{}], {"child": "not_sure"})
    assert (adult.brings["child.identify"], adult.case) == ([], {"child": "no"})


def test_the_day_of_birth_is_kept_with_the_person_and_nowhere_else() -> None:
    form = ask.Encounter(place_kind="airport", under_18="yes", born=date(2012, 2, 29))
    effect = do.meet(facts(), form)
    assert row(effect, "people")["date_of_birth"] == date(2012, 2, 29)
    assert effect.case["adult_on"] == date(2030, 3, 1)
    assert "born" not in form.facts()
    assert "born" not in form.notes()
    assert "2012" not in str(effect.remember)


def test_answer_and_day_of_birth_must_not_contradict_each_other() -> None:
    form = ask.Encounter(place_kind="raid", under_18="no", born=date(2010, 1, 1))
    assert codes(INTAKE, "encounter", facts(form=form)) == ["age_contradiction"]


def test_a_person_met_in_an_operation_stands_in_its_list() -> None:
    form = ask.Encounter(place_kind="airport", under_18="no", outcome="referred", indicators=["fear"])
    line = row(do.meet(facts(operation_id="b" * 32), form), "encounters")
    assert (line["operation_id"], line["case_id"], line["outcome"], line["met_at"]) == (
        "b" * 32,
        CASE,
        "referred",
        NOON,
    )


def test_a_child_becomes_an_adult_by_assessment_only() -> None:
    form = ask.Age(under_18="no")
    seen = facts(strand("intake", "drafting"), strand("child", "identified"), form=form, child="not_sure")
    assert codes(INTAKE, "answer_age", seen) == ["needs_assessment"]


def test_nothing_is_explained_before_the_person_is_safe() -> None:
    seen = facts(strand("intake", "identified", exploiter_nearby="yes"), child="no")
    assert codes(INTAKE, "explain", seen) == ["not_safe_yet"]


def test_three_answers_become_three_consents() -> None:
    effect = do.consent(facts(strand("intake", "consent_pending"), answers={}, child="no"), ask.Consents(**CONSENTS))
    assert [form["purpose"] for form in effect.brings["consent.give"]] == ["referral", "support"]
    assert [form["purpose"] for form in effect.brings["consent.refuse"]] == ["police"]


def test_who_lacks_capacity_neither_agrees_nor_refuses() -> None:
    seen = facts(strand("intake", "consent_pending", capacity="lacks"), child="no")
    assert [codes(INTAKE, move, seen) for move in ("consent", "refuse", "refer_in_best_interests")] == [
        ["lacks_capacity"], ["lacks_capacity"], [],
    ]  # fmt: skip


def test_a_refusal_without_cooperation_leaves_nobody_in_the_record() -> None:
    effect = do.refuse(
        facts(strand("intake", "consent_pending"), answers={}, child="no"), ask.Refusal(will_cooperate=False)
    )
    assert row(effect, "people") == {"case_id": CASE, "basis": "notify_anonymous", **dict.fromkeys(IDENTITY)}
    assert effect.case == {"adult_on": None}


def test_a_refusal_with_cooperation_keeps_the_name() -> None:
    effect = do.refuse(
        facts(strand("intake", "consent_pending"), answers={}, child="no"), ask.Refusal(will_cooperate=True)
    )
    assert row(effect, "people") == {"case_id": CASE, "basis": "notify_named"}


def test_an_anonymous_notification_takes_no_identity() -> None:
    moving = strand("intake", "notify_drafting", basis="notify_anonymous")
    form = ask.Draft(identity={"first_name": "A"})
    assert codes(INTAKE, "save", facts(moving, form=form, child="no")) == ["anonymous"]


def test_a_draft_keeps_anything_and_adds_to_what_was_there() -> None:
    moving = strand("intake", "drafting", basis="referral")
    form = ask.Draft(answers={"family": "two sisters"}, identity={"first_name": "A", "date_of_birth": "2000-01-02"})
    seen = facts(moving, form=form, child="no", answers={"education": "none"})
    effect = do.save(seen, form)
    assert codes(INTAKE, "save", seen) == []
    assert orjson.loads(row(effect, "answers")["answers"]) == {"education": "none", "family": "two sisters"}
    assert row(effect, "people") == {
        "case_id": CASE, "basis": "referral", "first_name": "A", "date_of_birth": date(2000, 1, 2),
    }  # fmt: skip
    assert (form.facts(), form.notes()) == ({}, {})


def test_answers_that_were_not_read_are_not_overwritten() -> None:
    assert do.answers(facts(strand("intake", "drafting")), under_18="no") == ()


@pytest.mark.parametrize("told", ({"first_name": "x" * 251}, {"date_of_birth": "soon"}, {"first_name": "\x00"}))
def test_what_the_database_cannot_hold_is_refused_with_a_reason(told: Any) -> None:
    moving = strand("intake", "drafting")
    assert codes(INTAKE, "save", facts(moving, form=ask.Draft(identity=told), child="no")) == ["cannot_be_kept"]


def test_identity_among_the_answers_is_refused() -> None:
    with pytest.raises(ValidationError, match="under `identity`"):
        ask.Draft(answers={"first_name": "A"})


def test_a_navigator_never_submits_and_an_unlisted_service_is_never_asked_to() -> None:
    seen = facts(strand("intake", "drafting"), form=ask.Handing(to="harbour"), child="no")
    assert codes(INTAKE, "prepare", seen) == ["not_listed"]
    assert "not_listed" in codes(INTAKE, "submit", facts(strand("intake", "drafting"), child="no"))


def test_only_the_organisation_that_was_asked_adopts() -> None:
    moving = strand("intake", "prepared", to="eastshire-police")
    assert codes(INTAKE, "adopt", facts(moving, actor=POLICE)) == []
    assert codes(INTAKE, "adopt", facts(moving, actor=a(Role.FIRST_RESPONDER, "border"))) == ["not_yours_to_answer"]


def test_what_is_missing_and_what_is_not_lawful_are_both_said() -> None:
    seen = facts(strand("intake", "drafting"), actor=POLICE, child="no", answers={}, identity={})
    assert codes(INTAKE, "submit", seen) == ["no_consent", "incomplete"]


def test_a_child_is_submitted_once_the_local_authority_knows_and_without_consent() -> None:
    before = facts(strand("intake", "drafting"), strand("child", "identified"), actor=POLICE, child="yes")
    after = facts(strand("intake", "drafting"), strand("child", "authority_told"), actor=POLICE, child="yes")
    assert "authority_not_told" in codes(INTAKE, "submit", before)
    assert codes(INTAKE, "submit", after) == ["incomplete"]


def test_the_label_is_never_the_name() -> None:
    form = ask.Submission(authority="sca", reference="Popescu raid")
    seen = facts(strand("intake", "drafting"), actor=POLICE, form=form, child="no", identity={"last_name": "Popescu"})
    assert "name_in_reference" in codes(INTAKE, "submit", seen)


def test_who_prepared_and_who_sent_are_both_remembered() -> None:
    moving = strand("intake", "adopted", to="eastshire-police", prepared_by="n" * 32, prepared_agency="navigators")
    consent = strand("consent", "given", purpose="support")
    effect = do.submit(facts(moving, consent, actor=POLICE, child="no"), ask.Submission(authority="sca"))
    assert effect.remember == {
        "prepared_by": "n" * 32, "prepared_agency": "navigators",
        "submitted_by": POLICE.id, "submitted_agency": "eastshire-police",
    }  # fmt: skip
    assert effect.join == (("eastshire-police", "first_responder"), ("sca", "authority"))
    assert effect.brings == {"child.submit": [], "justice.open": [{}], "support.request": [{}]}


def test_only_a_body_with_the_duty_notifies_and_never_about_a_child() -> None:
    moving = strand("intake", "notify_drafting", basis="notify_anonymous")
    assert "no_duty" in codes(INTAKE, "notify", facts(moving, child="no"))
    assert "no_duty" not in codes(INTAKE, "notify", facts(moving, actor=POLICE, child="no"))
    assert "is_child" in codes(INTAKE, "notify", facts(moving, actor=POLICE, child="not_sure"))


def test_a_child_cannot_withdraw_and_spoken_words_need_a_listed_organisation() -> None:
    moving = strand("intake", "drafting")
    spoken = ask.Withdrawal(**SIGNED)
    assert codes(INTAKE, "withdraw", facts(moving, form=spoken, child="yes", actor=POLICE)) == ["is_child"]
    assert codes(INTAKE, "withdraw", facts(moving, form=spoken, child="no")) == ["not_listed"]
    assert codes(INTAKE, "withdraw", facts(moving, form=spoken, child="no", actor=POLICE)) == []
    assert codes(INTAKE, "withdraw", facts(moving, form=spoken, child="no", actor=SYSTEM)) == []
    early = NOON.replace(month=2, day=12)
    assert codes(INTAKE, "withdraw", facts(moving, form=spoken, child="no", actor=POLICE, at=early)) == [
        "must_be_written"
    ]


@pytest.mark.parametrize(
    ("child", "outcome", "expected"),
    (
        (None, "checked", []),
        (None, "advised", ["age_unknown"]),
        ("no", "declined_help", []),
        ("yes", "checked", ["is_child"]),
    ),
)
def test_only_adults_leave_with_advice(child: Any, outcome: Any, expected: Any) -> None:
    seen = facts(strand("intake", "identified"), form=ask.Advice(outcome=outcome), child=child)
    assert codes(INTAKE, "advise", seen) == expected


def test_advice_ends_nothing_while_any_organisation_that_takes_part_must_notify() -> None:
    moving = strand("intake", "notify_drafting")
    form = ask.Advice(outcome="advised")
    seen = facts(moving, form=form, child="no", parts=(("navigators", "referrer"), ("eastshire-police", "police")))
    assert codes(INTAKE, "advise", seen) == ["has_duty"]
    assert codes(INTAKE, "advise", facts(moving, form=form, child="no", parts=(("navigators", "referrer"),))) == []


@pytest.mark.parametrize(
    ("contact", "child", "expected"),
    (
        ("in_contact", "no", ["not_recorded"]),
        ("unreachable", "no", ["not_recorded"]),
        ("deceased", "no", []),
        ("deceased", "yes", []),
        ("left_uk", "yes", ["is_child"]),
    ),
)
def test_a_referral_is_given_up_only_for_what_is_recorded(contact: str, child: str, expected: list[str]) -> None:
    form = ask.Closing(reason="deceased")
    seen = facts(strand("intake", "adopted"), strand("contact", contact), form=form, child=child)
    assert codes(INTAKE, "close", seen) == expected


def test_support_that_was_asked_for_ends_with_the_referral() -> None:
    moving = strand("intake", "submitted")
    form = ask.Duplicate(case="d" * 32)
    asked = do.end_support(facts(moving, strand("support", "requested"), strand("assignment", "unassigned")), form)
    begun = do.end_support(facts(moving, strand("support", "emergency_support")), form)
    assert [name for name, forms in asked.brings.items() if forms] == ["support.end_request"]
    assert [name for name, forms in begun.brings.items() if forms] == ["support.give_notice"]


def test_an_earlier_case_must_be_one_that_the_asker_sees_and_is_remembered() -> None:
    form = ask.Encounter(place_kind="raid", earlier="d" * 32)
    assert codes(INTAKE, "encounter", facts(form=form)) == ["no_such_case"]
    assert codes(INTAKE, "encounter", facts(form=form, cases={"d" * 32: "person"})) == []
    assert form.facts()["earlier"] == "d" * 32


def test_a_panel_does_not_receive_an_adult_and_an_unknown_word_is_no_authority() -> None:
    form = ask.Receipt(reference="R1", authority="panel")
    moving = strand("intake", "submitted")
    assert codes(INTAKE, "acknowledge", facts(moving, form=form, child="no")) == ["panel_is_for_children"]
    assert codes(INTAKE, "acknowledge", facts(moving, form=form, child="not_sure")) == []
    with pytest.raises(ValidationError):
        ask.Receipt.model_validate({"reference": "R1", "authority": "anybody"})


def test_terms_are_those_of_the_day_where_the_case_is() -> None:
    late = datetime(2026, 2, 12, 23, 30, tzinfo=UTC)
    assert facts(at=late).term("verbal_consent") is False
    summer = datetime(2025, 6, 8, 23, 30, tzinfo=UTC)  # already 9 June in summer time
    assert facts(at=summer).term("stay_decisions_paused") == "people under deportation orders"


def test_a_duplicate_names_the_case_of_a_person_and_not_itself() -> None:
    moving, other = strand("intake", "drafting"), "d" * 32
    assert codes(INTAKE, "link_duplicate", facts(moving, form=ask.Duplicate(case=other), cases={other: "person"})) == []
    for case, known in ((CASE, {CASE: "person"}), (other, {other: "concern"}), (other, {})):
        seen = facts(moving, form=ask.Duplicate(case=case), cases=known)
        assert codes(INTAKE, "link_duplicate", seen) == ["not_the_other_case"]
