"""A safe place: which bed may be offered, that it is held once, and that a refusal costs nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

from referral.access import Role
from referral.snapshot import BedRow
from tests.workflows.picturing import BED, BEDS, COLLEAGUE, NOW, OTHER_BED, a, effect, picture, why_not
from workflows.catalogue import find
from workflows.facts import Facts
from workflows.housing.forms import Offer

KEEPER = a(Role.HOUSING_COORDINATOR)
OFFER = {
    "bed": BED,
    "from_date": "2026-09-17",
    "meets": ["step_free"],
    "family_together": "no_family",
    "others_there_checked": True,
}
HELD = {"hold": "9" * 32, "bed": BED, "from": "2026-09-17"}
MOVE = {
    "reason": "traced",
    "to_bed": OTHER_BED,
    "to_from": "2026-09-20",
    "meets": [],
    "risk": "high",
    "transport": "taxi",
    "agrees": "yes",
}


def waiting(told: dict[str, object] | None = None, bed: BedRow | None = None) -> Facts:
    more: dict[str, Any] = {"beds": {BED: bed}} if bed else {}
    return picture("housing.eligible", told, others={"support": "in_support"}, agreed=("support",), who=KEEPER, **more)


def test_a_free_bed_of_ours_can_be_offered() -> None:
    assert why_not("housing.offer", waiting(), **OFFER) == []


def test_a_bed_that_is_held_or_out_of_use_or_not_ours_is_not_offered() -> None:
    assert why_not("housing.offer", waiting(bed=replace(BEDS[BED], held=True)), **OFFER) == ["bed_not_free"]
    assert why_not("housing.offer", waiting(bed=replace(BEDS[BED], active=False)), **OFFER) == ["bed_not_free"]
    assert why_not("housing.offer", waiting(bed=replace(BEDS[BED], agency="lantern")), **OFFER) == ["not_your_bed"]


def test_nobody_is_placed_near_those_who_hurt_them() -> None:
    assert why_not("housing.offer", waiting({"avoid_regions": ["kent"]}), **OFFER) == ["avoided_region"]
    case = picture("housing.placed", {"avoid_regions": ["Essex"]}, others={"support": "in_support"}, who=KEEPER)
    assert why_not("housing.start_move", case, **MOVE) == ["avoided_region"]


def test_a_bed_meets_all_that_it_must() -> None:
    assert why_not("housing.offer", waiting({"must": ["step_free"]}), **OFFER) == []
    assert why_not("housing.offer", waiting({"must": ["step_free", "women_only"]}), **OFFER) == ["must_not_met"]


def test_an_offer_holds_the_bed_and_names_no_address() -> None:
    done = effect("housing.offer", waiting(), **OFFER)
    (row,) = done.rows
    assert (row.table, row.values["bed_id"], row.values["held_until"]) == ("bed_holds", BED, None)
    assert done.remember == {"hold": row.values["id"], "from": "2026-09-17", "offers": 1}
    assert not any("address" in name for name in Offer.model_fields)


def test_a_second_offer_is_a_hold_of_its_own() -> None:
    first = waiting()
    later = picture(
        "housing.offer_refused", {"offers": 1}, others={"support": "in_support"}, agreed=("support",), who=KEEPER
    )
    assert later.strand is not None
    later.strand.version = 9
    again = effect("housing.offer", later, **OFFER)
    assert again.rows[0].values["id"] != effect("housing.offer", first, **OFFER).rows[0].values["id"]
    assert again.remember["offers"] == 2


def test_a_refusal_frees_the_bed_and_touches_nothing_else() -> None:
    refusal = {"reason": "too_far", "capacity": "yes", "consequences_explained": True}
    case = picture("housing.offer_made", HELD)
    (row,) = effect("housing.refuse", case, **refusal).rows
    assert row.values == {
        "id": "9" * 32,
        "bed_id": BED,
        "case_id": "0" * 32,
        "held_from": date(2026, 9, 17),
        "held_until": NOW,
    }
    assert find("housing.refuse")[1].then == ()
    assert why_not("housing.refuse", case, **refusal | {"capacity": "no"}) == ["no_capacity"]


def test_a_move_holds_both_beds_until_the_person_has_arrived() -> None:
    case = picture("housing.placed", HELD, others={"support": "in_support"}, who=KEEPER)
    started = effect("housing.start_move", case, **MOVE)
    assert [row.values["bed_id"] for row in started.rows] == [OTHER_BED]
    moving = HELD | {"to_bed": OTHER_BED, "to_from": "2026-09-20", **started.remember}
    arrived = effect(
        "housing.complete_move", picture("housing.moving", moving), arrived_on="2026-09-20", transport="taxi"
    )
    assert [(row.values["bed_id"], row.values["held_until"]) for row in arrived.rows] == [(BED, NOW)]
    assert arrived.remember == {"hold": started.remember["to_hold"], "bed": OTHER_BED, "from": "2026-09-20"}


def test_a_move_that_is_called_off_frees_the_new_bed() -> None:
    moving = HELD | {"to_bed": OTHER_BED, "to_from": "2026-09-20", "to_hold": "8" * 32}
    called_off = effect("housing.call_off_move", picture("housing.moving", moving), reason="no_transport")
    assert [row.values["id"] for row in called_off.rows] == ["8" * 32]
    assert why_not("housing.call_off_move", picture("housing.moving", {}), reason="no_transport") == ["no_old_bed"]


def test_leaving_in_the_middle_of_a_move_frees_both_beds() -> None:
    moving = HELD | {"to_bed": OTHER_BED, "to_from": "2026-09-20", "to_hold": "8" * 32}
    left = effect("housing.leave", picture("housing.moving", moving), reason="own_choice", going_to="own_home")
    assert {row.values["id"] for row in left.rows} == {"9" * 32, "8" * 32}


def test_an_exclusion_is_answered_for_and_looked_at_again() -> None:
    told = {
        "reason": "risk",
        "decided_by": COLLEAGUE,
        "risk_assessed_on": "2026-09-15",
        "due_on": "2026-09-30",
        "alternative": "hotel",
    }
    case = picture("housing.eligible", who=KEEPER)
    assert why_not("housing.exclude", case, **told) == []
    assert why_not("housing.exclude", case, **told | {"due_on": "2026-09-16"}) == ["not_ahead"]
    assert why_not("housing.exclude", case, **told | {"decided_by": "7" * 32}) == ["not_your_colleague"]


def test_only_somebody_in_support_is_offered_a_bed() -> None:
    case = picture("housing.eligible", others={"support": "exited"}, agreed=("support",), who=KEEPER)
    assert why_not("housing.offer", case, **OFFER) == ["support_not_ready"]


def test_a_service_that_is_to_find_the_place_takes_part_and_leaves_with_it() -> None:
    ask = {"reason": "traced", "safe_tonight": False, "housed_by": "harbour"}
    assert why_not("housing.ask", picture(), **ask) == ["no_consent"]
    assert why_not("housing.ask", picture(agreed=("support",)), **ask) == []
    assert why_not("housing.ask", picture(agreed=("support",)), **ask | {"housed_by": "sca"}) == [
        "not_a_housing_service"
    ]
    assert effect("housing.ask", picture(), **ask).join == (("harbour", "housing"),)
    case = picture("housing.placed", HELD, parts=frozenset({("harbour", "housing"), ("sca", "authority")}))
    assert effect("housing.leave", case, reason="moved_on", going_to="own_home").leave == (("harbour", "housing"),)
