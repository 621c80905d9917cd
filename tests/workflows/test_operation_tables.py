"""Operations, concerns and contact as tables. No database."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from tests.factories import CASE, NOON, codes, facts, strand
from workflows import operation as op
from workflows.concern import CONCERN, Link, Tip
from workflows.contact import CONTACT, Channel, Found, Missing, found
from workflows.facts import Facts
from workflows.intake.forms import Encounter


def running(**told: Any) -> Facts:
    return facts(strand("operation", "running", kind="airport", **told), kind="operation")


def test_an_operation_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValidationError, match="ends before it starts"):
        op.Plan(kind="raid", name="tern", starts_on=date(2026, 9, 19), ends_on=date(2026, 9, 16))


def test_only_the_lead_decides_about_the_operation() -> None:
    moving = strand("operation", "planned")
    assert codes(op.OPERATION, "start", facts(moving, parts=(("navigators", "partner"),))) == ["not_the_lead"]
    assert codes(op.OPERATION, "start", facts(moving, parts=(("navigators", "lead"),))) == []


def test_places_add_up_and_leave_nothing_else_behind() -> None:
    form = op.Place(place_kind="house", label="house-2", region="east")
    effect = op.add_place(running(places=[{"label": "house-1"}]), form)
    assert [place["label"] for place in effect.remember["places"]] == ["house-1", "house-2"]
    assert effect.forget == ("place_kind", "label", "region")


def test_counters_add_up_and_never_fall_below_nothing() -> None:
    seen = running(counters={"flights_watched": 12})
    assert op.tally(seen, op.Tally(flights_watched=8, passengers_spoken_to=700)).remember["counters"] == {
        "flights_watched": 20, "passengers_spoken_to": 700,
    }  # fmt: skip
    below = facts(seen.strand, form=op.Tally(flights_watched=-13), kind="operation")
    assert codes(op.OPERATION, "tally", below) == ["below_zero"]


def test_who_needs_more_than_advice_has_a_case_and_the_rest_a_line() -> None:
    form = op.Capture.model_validate({"people": [
        {"outcome": "checked"},
        {"outcome": "advised", "under_18": "no", "indicators": ["fear", "isolated"]},
        {"outcome": "referred", "under_18": "no", "needs": ["food"]},
        {"outcome": "child", "under_18": "not_sure", "place_kind": "street"},
    ]})  # fmt: skip
    effect = op.capture(running(people_met=3), form)
    assert [(row.table, row.values["outcome"], row.values["case_id"]) for row in effect.rows] == [
        ("encounters", "checked", None), ("encounters", "advised", None),
    ]  # fmt: skip
    assert (effect.rows[1].values["operation_id"], effect.rows[1].values["met_at"]) == (CASE, NOON)
    assert effect.rows[1].values["indicators"] == "fear isolated"
    opened = [Encounter.model_validate(told) for _, told, _ in effect.opens]
    assert [(one.outcome, one.place_kind, one.under_18) for one in opened] == [
        ("referred", "airport", "no"), ("child", "street", "not_sure"),
    ]  # fmt: skip
    assert (effect.remember, effect.forget) == ({"people_met": 7}, ("people",))


@pytest.mark.parametrize(
    "told",
    (
        {"outcome": "child", "under_18": "no"},
        {"outcome": "notified", "under_18": "yes"},
        {"outcome": "advised", "under_18": "not_sure", "indicators": ["fear"]},
    ),
)
def test_a_child_with_signs_is_never_only_advised_or_notified(told: Any) -> None:
    with pytest.raises(ValidationError, match="child"):
        op.Met(**told)


def test_a_concern_holds_no_words_in_its_strand_and_is_linked_to_work() -> None:
    tip = Tip(
        jurisdiction="scotland", channel="helpline", categories=["labour"], account="A car wash.", place="By the bridge"
    )
    assert "account" not in tip.facts()
    assert "place" not in tip.facts()
    moving, other = strand("concern", "received"), "d" * 32
    for kind, expected in (("operation", []), ("person", []), ("concern", ["not_linkable"])):
        seen = facts(moving, form=Link(case=other), cases={other: kind}, kind="concern")
        assert codes(CONCERN, "link", seen) == expected


def test_the_police_reference_is_kept_out_of_the_strand_and_the_force_is_one() -> None:
    form = Missing(police_reference="CAD 12/3", force="harbour")
    assert "police_reference" not in form.facts()
    assert codes(CONTACT, "report_missing", facts(strand("contact", "in_contact"), form=form)) == ["not_a_force"]


def test_contact_that_came_back_forgets_the_alarm() -> None:
    assert "risk" in found(facts(strand("contact", "missing", risk="high")), Found()).forget


def test_the_way_to_the_person_is_remembered_by_ticks_alone() -> None:
    assert Channel(channel="own_phone", safe_to_call=True, details="0123").facts() == {
        "channel": "own_phone", "safe_to_call": True,
    }  # fmt: skip
