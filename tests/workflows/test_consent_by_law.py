"""Where the law and not consent carries a case, and who is asked after a withdrawal. Mostly without a database."""

from dataclasses import replace

import orjson
import pytest
from pydantic import ValidationError

from tests.factories import codes, facts, strand
from tests.told import told
from tests.workflows.walks import OFFICER, rows
from tests.world import World, a
from workflows.acknowledgement import ACKNOWLEDGEMENT, Acknowledged
from workflows.consent import CONSENT, Given
from workflows.forms import Because
from workflows.intake import effects
from workflows.intake.forms import Notice
from workflows.withdrawal import freezes, who_leaves, who_must_acknowledge


def test_a_child_s_case_rests_on_the_duty_to_safeguard_and_nobody_asks_the_child(world: World) -> None:
    case = world.ask(OFFICER, "intake.encounter", place_kind="raid", under_18="yes").case
    world.ask(OFFICER, "child.tell_local_authority", case, **told("child.tell_local_authority"))
    assert "consent.rest_on_law" in world.ask(OFFICER, "intake.start_child", case).followed
    ((state, told_then),) = rows(world, "select state, facts from strands where workflow = 'consent'")
    assert (state, orjson.loads(told_then)) == ("by_law", {"basis": "child_safeguarding"})
    assert rows(world, "select distinct basis from participants") == [("child_safeguarding",)]


@pytest.mark.parametrize(
    ("intake", "basis"), (("notify_anonymous", "notify_only"), ("notify_named", "legal_duty")),
)  # fmt: skip
def test_a_notification_rests_on_the_duty_to_notify(intake: str, basis: str) -> None:
    form = Notice(**told("intake.notify"))
    seen = facts(strand("intake", "notify_drafting", basis=intake), form=form, child="no")
    assert effects.notify(seen, form).brings == {"consent.rest_on_law": [{"basis": basis}]}


@pytest.mark.parametrize("child", ("yes", "not_sure"))
def test_nobody_shares_a_child_s_case_by_consent(child: str) -> None:
    form = Given(**{**told("consent.give"), "purpose": "sharing", "shared_with": "border"})
    assert "is_child" in codes(CONSENT, "give", facts(None, form=form, child=child))


PARTS = (
    ("navigators", "referrer"), ("harbour", "support"), ("lantern", "support"), ("lantern", "housing"),
    ("border", "partner"), ("border", "police"), ("eastshire-police", "police"), ("sca", "authority"),
    ("eastshire-police", "first_responder"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("purpose", "housing", "gone"),
    (
        ("police",   None,         {("border", "police"), ("eastshire-police", "police")}),
        ("sharing",  None,         {("border", "partner"), ("border", "police")}),
        ("support",  None,         {("lantern", "support"), ("lantern", "housing")}),  # harbour is accountable
        ("support",  "placed",     {("lantern", "support")}),  # nobody loses the people of the house they sleep in
        ("referral", "offer_made", {("lantern", "support"), ("lantern", "housing")}),
    ),
)  # fmt: skip
def test_who_leaves_is_who_took_part_on_this_agreement_alone(
    purpose: str, housing: str | None, gone: set[tuple[str, str]]
) -> None:
    others = [strand("housing", housing)] if housing else []
    seen = facts(strand("consent", "given", purpose=purpose), *others, parts=PARTS, owner_agency="harbour", child="no")
    assert set(who_leaves(seen, purpose, "border")) == gone


def test_whoever_is_asked_to_adopt_and_has_not_leaves_with_the_referral() -> None:
    moving, intake = strand("consent", "given", purpose="referral"), strand("intake", "prepared", to="eastshire-police")
    seen = facts(moving, intake, parts=PARTS, owner_agency="navigators", child="no")
    assert ("eastshire-police", "first_responder") in who_leaves(seen, "referral")
    assert ("eastshire-police", "first_responder") not in who_leaves(seen, "support")


def test_the_accountable_agency_never_loses_sight_of_the_case() -> None:
    moving = strand("consent", "given", purpose="police")
    alone = facts(moving, parts=(("border", "police"),), owner_agency="border", child="no")
    assert who_leaves(alone, "police") == ()
    assert who_leaves(alone, "sharing", "border") == ()


def test_offers_are_frozen_by_what_ends_support_and_by_nothing_else() -> None:
    stands = (strand("assignment", "offered"), strand("housing", "offer_made"))
    for purpose, off in (("referral", 1), ("support", 1), ("police", 0), ("sharing", 0)):
        brings = freezes(facts(strand("consent", "given", purpose=purpose), *stands, child="no"), purpose)
        assert len(brings["assignment.recall"]) == len(brings["housing.withdraw_offer"]) == off


def test_a_holder_is_asked_once_for_each_withdrawal() -> None:
    standing = strand("acknowledgement", "asked", holder="border", purpose="police", consent=1)
    seen = facts(strand("consent", "given", 1, purpose="police"), standing, actor=a(OFFICER), child="no")
    seen = replace(seen, holders=frozenset({"border", "sca"}))
    assert who_must_acknowledge(seen, "police") == ["sca"]
    again = replace(seen, strand=strand("consent", "given", 2, purpose="police"))
    assert who_must_acknowledge(again, "police") == ["border", "sca"]


@pytest.mark.parametrize(("what", "law", "fits"), (
    ("deleted", None, True), ("returned", None, True), ("kept_by_law", "cpia-1996", True),
    ("kept_by_law", None, False), ("deleted", "cpia-1996", False), ("sold", None, False),
))  # fmt: skip
def test_what_is_kept_names_the_law_and_nothing_else_does(what: str, law: str | None, fits: bool) -> None:
    told_then = {"what": what, "law": law}
    if fits:
        assert Acknowledged.model_validate(told_then).what == what
    else:
        with pytest.raises(ValidationError):
            Acknowledged.model_validate(told_then)


def test_each_holder_answers_for_itself_and_only_the_accountable_agency_gives_up() -> None:
    asked = strand("acknowledgement", "chased", holder="border")
    other, holder, owner = (a(OFFICER, agency) for agency in ("stranger", "border", "eastshire-police"))
    form, silent = Acknowledged(what="deleted"), Because(reason="silent")
    for who, expected in ((holder, []), (other, ["not_the_holder"]), (owner, ["not_the_holder"])):
        assert codes(ACKNOWLEDGEMENT, "acknowledge", facts(asked, form=form, actor=who)) == expected
    for who, expected in ((owner, []), (other, ["not_accountable"]), (holder, ["not_accountable"])):
        seen = facts(asked, form=silent, actor=who, owner_agency="eastshire-police")
        assert codes(ACKNOWLEDGEMENT, "record_silence", seen) == expected
