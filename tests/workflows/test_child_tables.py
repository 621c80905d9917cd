"""The child track as a table: panels, the eighteenth birthday, and being found an adult. No database."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from referral.access import SYSTEM, Role
from tests.factories import NOON, codes, facts, strand
from tests.world import a
from workflows.child import (
    CHILD,
    FoundAdult,
    Leaving,
    LocalAuthority,
    Remaining,
    ToPanel,
    adult_now,
    come_of_age,
    comes_of_age,
    join_authority,
    join_panel,
    leave_it,
    sent_on,
    stay_in,
)
from workflows.forms import Nothing

POLICE = a(Role.FIRST_RESPONDER)
SIGNED: dict[str, Any] = {"language": "vi", "interpreter": "professional", "how": "verbal", "signed_by": "professional"}


@pytest.mark.parametrize(
    ("referred_on", "child", "adult_on", "where", "expected"),
    (
        ("2026-11-20", "yes", date(2027, 3, 1), "england-and-wales", []),  # 101 days
        ("2026-11-21", "yes", date(2027, 3, 1), "england-and-wales", ["too_near_eighteen"]),  # exactly 100
        ("2026-09-01", "not_sure", date(2027, 3, 1), "england-and-wales", ["age_uncertain"]),
        ("2026-09-01", "yes", None, "england-and-wales", ["age_uncertain"]),
        ("2026-09-01", "yes", date(2027, 3, 1), "northern-ireland", ["no_panels"]),
    ),
)
def test_a_panel_takes_children_strictly_more_than_so_many_days_from_eighteen(
    referred_on: Any, child: Any, adult_on: Any, where: Any, expected: Any
) -> None:
    moving = strand("child", "submitted", referred_on=referred_on)
    seen = facts(moving, child=child, adult_on=adult_on, where=where, actor=SYSTEM)
    assert codes(CHILD, "go_to_panel", seen) == expected


def test_the_day_of_the_referral_is_the_day_where_the_child_is() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # 2 July in summer time
    assert sent_on(facts(strand("child", "authority_told"), at=late), Nothing()).remember == {
        "referred_on": "2026-07-02"
    }


def test_somebody_born_on_29_february_comes_of_age_on_1_march() -> None:
    assert comes_of_age(facts(), date(2008, 2, 29)) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("decision", "expected"), (("recovery", []), ("cg_suspended", []), ("cg_positive", ["decision_not_pending"]))
)
def test_eighteen_matters_only_while_the_decision_is_pending(decision: Any, expected: Any) -> None:
    seen = facts(strand("child", "before_authority"), strand("decision", decision), actor=SYSTEM, child="yes",
                 adult_on=date(2026, 9, 16))  # fmt: skip
    assert codes(CHILD, "await_answer", seen) == expected
    assert codes(CHILD, "turn_eighteen", seen) == []
    effect = come_of_age(seen, Nothing())
    assert effect.case == {"child": "no"}
    assert effect.brings == {"child.assess_as_adult": [], "child.await_answer": [] if expected else [{}]}


def test_a_birthday_before_the_referral_is_sent_asks_for_consent_as_of_any_adult() -> None:
    seen = facts(strand("child", "authority_told"), actor=SYSTEM, child="yes", adult_on=date(2026, 9, 16))
    found = [{"how": "birthday", "assessed_on": "2026-09-16"}]
    assert come_of_age(seen, Nothing()).brings == {"child.assess_as_adult": found, "child.await_answer": []}


def test_nobody_met_as_a_possible_child_becomes_an_adult_by_a_day_of_birth_long_past() -> None:
    seen = facts(strand("child", "authority_told"), actor=SYSTEM, child="not_sure", adult_on=date(2026, 9, 15))
    assert codes(CHILD, "turn_eighteen", seen) == ["needs_assessment"]


def test_nobody_who_has_died_is_asked_at_eighteen() -> None:
    seen = facts(strand("child", "before_authority"), strand("contact", "deceased"), actor=SYSTEM, child="yes",
                 adult_on=date(2026, 9, 16))  # fmt: skip
    assert codes(CHILD, "turn_eighteen", seen) == ["contact_stands"]


def test_only_the_authority_of_the_case_sends_a_child_to_a_panel_which_then_takes_part() -> None:
    moving = strand("child", "submitted", referred_on="2026-09-01")
    seen = facts(moving, actor=a(Role.CASEWORKER), child="yes", adult_on=date(2027, 3, 1))
    assert codes(CHILD, "go_to_panel", seen) == ["decides_elsewhere"]
    form = ToPanel(site="north", agency="harbour")
    parts = (("sca", "authority"),)
    here = facts(moving, actor=SYSTEM, child="yes", adult_on=date(2027, 3, 1), parts=parts, form=form)
    assert codes(CHILD, "go_to_panel", here) == ["not_an_authority"]
    assert join_panel(here, ToPanel(site="north", agency="sca")).join == (("sca", "authority"),)


def test_the_young_adult_is_asked_on_the_birthday_and_not_before() -> None:
    moving, decision = strand("child", "eighteen"), strand("decision", "recovery")
    form = Remaining(**SIGNED, wants_support=True, notice_version="2024-10")
    early = facts(moving, decision, form=form, actor=POLICE, child="no", adult_on=date(2026, 9, 17))
    on_the_day = facts(moving, decision, form=form, actor=POLICE, child="no", adult_on=date(2026, 9, 16))
    assert codes(CHILD, "remain", early) == ["not_yet_eighteen"]
    assert codes(CHILD, "remain", on_the_day) == []


def test_spoken_words_at_eighteen_count_from_13_february_2026_and_through_a_listed_organisation() -> None:
    moving, decision = strand("child", "eighteen"), strand("decision", "recovery")
    form = Leaving(**SIGNED)
    before = facts(moving, decision, form=form, actor=POLICE, child="no", at=NOON.replace(month=2, day=12))
    assert codes(CHILD, "withdraw", before) == ["must_be_written"]
    assert codes(CHILD, "withdraw", facts(moving, decision, form=form, child="no")) == ["not_listed"]
    assert codes(CHILD, "withdraw", facts(moving, decision, form=form, child="no", actor=POLICE)) == []


def test_staying_and_support_are_two_answers() -> None:
    stays = stay_in(facts(), Remaining(**SIGNED, wants_support=False, notice_version="2024-10"))
    assert [form["purpose"] for form in stays.brings["consent.give"]] == ["referral"]
    assert [form["purpose"] for form in stays.brings["consent.refuse"]] == ["support"]
    assert stays.brings["support.request"] == []
    both = stay_in(facts(), Remaining(**SIGNED, wants_support=True, notice_version="2024-10"))
    assert both.brings["support.request"] == [{}]


def test_leaving_at_eighteen_asks_the_authority_to_close() -> None:
    assert leave_it(facts(), Leaving(**SIGNED)).brings["decision.ask_to_close"] == [{"reason": "withdrawn_at_eighteen"}]


def test_an_adult_does_not_stay_before_a_panel_and_is_asked_for_consent() -> None:
    form = FoundAdult(how="age_assessment", assessed_on=date(2026, 9, 1))
    effect = adult_now(facts(strand("child", "before_panel"), authority="panel", child="not_sure"), form)
    assert effect.case == {"child": "no", "adult_on": None}
    assert effect.brings["decision.transfer"] == [{"authority": "SCA", "reason": "age_disputed"}]
    assert effect.brings["intake.ask_consent"] == [{}]


def test_a_birthday_makes_an_adult_only_once_it_has_come() -> None:
    form = FoundAdult(how="birthday", assessed_on=date(2026, 9, 16))
    moving = strand("child", "identified")
    assert codes(CHILD, "assess_as_adult", facts(moving, form=form, child="yes")) == ["birthday_unknown"]
    soon = facts(moving, form=form, child="yes", adult_on=date(2026, 9, 17))
    assert codes(CHILD, "assess_as_adult", soon) == ["not_yet_eighteen"]


def test_the_contact_at_the_local_authority_is_never_remembered_by_the_strand() -> None:
    form = LocalAuthority(contact="A. Contact", phone="01234 567890", email="a@b.example", agency="eastshire-police")
    assert form.facts() == {"agency": "eastshire-police"}
    assert codes(CHILD, "tell_local_authority", facts(strand("child", "identified"), form=form)) == [
        "not_a_local_authority"
    ]
    assert join_authority(facts(), form).join == (("eastshire-police", "local_authority"),)
