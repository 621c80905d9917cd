"""Consent as a table: each purpose by itself, and what ends with it. No database."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from referral.access import Role
from tests.factories import codes, facts, strand
from tests.world import a
from workflows.consent import CONSENT, Given, Refused, TakenBack, let_follow

POLICE = a(Role.FIRST_RESPONDER)
SAID: dict[str, Any] = {"language": "ro", "interpreter": "phone"}
GIVEN: dict[str, Any] = {**SAID, "how": "written", "purpose": "referral", "notice_version": "2024-10"}


def test_two_strands_of_one_purpose_never_stand() -> None:
    standing = strand("consent", "given", purpose="referral")
    assert codes(CONSENT, "give", facts(None, standing, form=Given(**GIVEN), child="no")) == ["consent_stands"]
    assert codes(CONSENT, "refuse", facts(None, standing, form=Refused(**SAID, purpose="support"), child="no")) == []
    ended = strand("consent", "withdrawn", purpose="referral")
    assert codes(CONSENT, "give", facts(None, ended, form=Given(**GIVEN), child="no")) == []


def test_nobody_asks_a_child_to_consent_or_lets_one_withdraw() -> None:
    assert codes(CONSENT, "give", facts(form=Given(**GIVEN), child="not_sure")) == ["is_child"]
    given = strand("consent", "given", purpose="referral")
    form = TakenBack(**SAID, how="written")
    assert codes(CONSENT, "withdraw", facts(given, form=form, child="yes", actor=POLICE)) == ["is_child"]


def test_what_is_spoken_is_signed_by_the_professional() -> None:
    with pytest.raises(ValidationError, match="signed by the professional"):
        TakenBack(**SAID, how="verbal", signed_by="person")


def test_consent_is_not_agreed_until_a_day_that_has_passed() -> None:
    form = Given(**GIVEN, due_on=date(2026, 9, 15))
    assert codes(CONSENT, "give", facts(form=form, child="no")) == ["already_over"]


def test_withdrawal_takes_the_case_out_of_sight_of_those_who_saw_it_on_that_agreement_alone() -> None:
    form = TakenBack(**SAID, how="written")
    parts = (("eastshire-police", "police"), ("eastshire-police", "first_responder"), ("border", "partner"))
    police = facts(strand("consent", "given", purpose="police"), form=form, child="no", parts=parts)
    assert let_follow(police, form).leave == (("eastshire-police", "police"),)
    sharing = facts(strand("consent", "given", purpose="sharing", shared_with="border"), form=form, parts=parts)
    assert let_follow(sharing, form).leave == (("border", "partner"),)
    support = facts(strand("consent", "given", purpose="support"), form=form, parts=parts)
    assert let_follow(support, form).leave == ()


@pytest.mark.parametrize(
    ("purpose", "ends"),
    (
        ("referral", {"intake.withdraw", "decision.ask_to_close"}),
        ("support", {"support.decline", "support.give_notice"}),
        ("police", set()),
        ("sharing", set()),
    ),
)
def test_what_ends_is_what_the_purpose_was_for(purpose: Any, ends: Any) -> None:
    form = TakenBack(**SAID, how="written")
    seen = facts(strand("consent", "given", purpose=purpose), form=form, child="no")
    brings = let_follow(seen, form).brings
    assert {name for name, forms in brings.items() if forms} == ends
