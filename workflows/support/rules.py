"""The guards and effects of support: pure, a picture of the case in, a reason or a value out."""

from typing import Any

from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import Form
from workflows.guards import adult, consents_to, day_of, no_floor_runs
from workflows.support.forms import Exit, Extension, InitialAssessment, Plan, Refusal, Request, Review

WANTED = (adult, consents_to("support"))


def can_be_reached(facts: Facts) -> Reason | None:
    """Most of those who were lost could not be called: a number, or why there is none. What follows a referral has it from there."""
    form = facts.form
    if not isinstance(form, Request) or facts.actor.is_system:
        return None
    if form.reach_by is None:
        return Reason("no_number", "Say how the person can be reached.")
    if form.reach_by == "other_phone" and form.relationship is None:
        return Reason("whose_number", "Say whose phone it is.")
    if form.reach_by == "none" and form.no_phone_reason is None:
        return Reason("why_no_number", "Say why there is no number.")
    return None


def looks_ahead(facts: Facts) -> Reason | None:
    """The next review, or the new end, lies in the future."""
    form = facts.form
    day = form.until if isinstance(form, Extension) else form.due_on if isinstance(form, (Plan, Review)) else None
    return Reason("not_ahead", "This day must lie in the future.") if day and day <= day_of(facts) else None


def contact_is_due(facts: Facts) -> bool:
    """A positive first decision stands, and the person is an adult who wants support: somebody must reach them now."""
    decision, state = facts.told("decision"), facts.state("decision")
    stands = state not in ("rg_negative", "cg_negative") and (state != "closed" or decision.get("conclusive_on"))
    return bool(decision.get("reasonable_on") and stands) and all(guard(facts) is None for guard in WANTED)


def notice_has_ground(facts: Facts) -> Reason | None:
    """A decision, the end of the referral, a disqualification where the law says so, or consent to support withdrawn."""
    if facts.actor.is_system or facts.state("decision") in ("rg_negative", "cg_negative", "closed"):
        return None
    if facts.state("intake") in ("withdrawn", "linked_duplicate") or disqualified(facts):
        return None
    if any(
        strand.state == "withdrawn" and strand.facts.get("purpose") == "support" for strand in facts.each("consent")
    ):
        return None
    return Reason("no_ground_for_notice", "Neither a decision nor the person's withdrawal gives ground for notice.")


def disqualified(facts: Facts) -> bool:
    """A disqualification stands, and on that day the law lets support end with it. A person looks at each, never a machine."""
    ends = "disqualification_ends_support" in facts.law.terms and facts.term("disqualification_ends_support")
    return bool(ends) and facts.state("disqualification") == "disqualified" and facts.actor.kind == "user"


def place_is_settled(facts: Facts) -> Reason | None:
    """Nobody leaves support while a bed is held for them, or while a place is still looked for."""
    state = facts.state("housing")
    if state in (None, "left", "not_eligible"):
        return None
    return Reason(
        "housing_not_settled", f"Housing is {state}: the place is left, or no longer needed, before support ends."
    )


def deputy_is_named(facts: Facts) -> Reason | None:
    """Somebody stands in for the worker before a plan begins."""
    if facts.told("assignment").get("deputy"):
        return None
    return Reason("no_deputy", "Name a deputy first: somebody must stand in for the worker.")


def period_is_over(facts: Facts) -> Reason | None:
    """What was granted is not cut short, unless the person wants to leave."""
    form = facts.form
    if not isinstance(form, Exit) or form.by_choice:
        return None
    until = str(facts.told().get("until", ""))
    if facts.strand and facts.strand.state == "extended" and day_of(facts).isoformat() <= until:
        return Reason("extension_runs", f"Support was extended until {until}.")
    return no_floor_runs(facts)


def house_if_needed(facts: Facts, form: InitialAssessment) -> Effect:
    """A place for tonight is asked for at once; after a positive first decision support carries on from here."""
    asked = [{"safe_tonight": False, "reason": "emergency"}] if form.needs_accommodation else []
    return Effect(brings={"housing.ask": asked, "support.carry_on": [{}] if contact_is_due(facts) else []})


def count(facts: Facts, _: Form) -> Effect:
    """How often it was tried."""
    return Effect(remember={"attempts": int(facts.told().get("attempts", 0)) + 1})


def house_again(_: Facts, form: Review) -> Effect:
    """Whoever lives outside and is no longer safe is assessed for a place again."""
    asked = [{"safe_tonight": False, "reason": "no_longer_safe"}] if form.needs_accommodation else []
    return Effect(brings={"housing.ask": asked, "housing.assess_again": asked})


def since_positive(facts: Facts, _: Form) -> Effect:
    """From when the move-on period counts."""
    return Effect(remember={"move_on_from": facts.told("decision").get("conclusive_on", day_of(facts).isoformat())})


def forgone(_facts: Facts, _: Form) -> Effect:
    """The assessment of remaining needs was offered and not wanted."""
    return Effect(remember={"rna": "forgone"})


def _somebody_responsible(facts: Facts) -> list[dict[str, Any]]:
    return [{}] if facts.state("assignment") in (None, "ended") else []


def contact_if_due(facts: Facts, _: Form) -> Effect:
    """After a positive first decision the person is reached at once; before it, support begins with that decision."""
    contact: list[dict[str, Any]] = [{}] if contact_is_due(facts) else []
    return Effect(brings={"assignment.open": _somebody_responsible(facts), "support.begin_contact": contact})


def find_somebody(facts: Facts, _: Form) -> Effect:
    """Who is responsible already stays so."""
    return Effect(brings={"assignment.open": _somebody_responsible(facts)})


def contact_or_nobody(facts: Facts, form: Refusal) -> Effect:
    """Not urgent is not unsupported: after a positive first decision the person is reached in the ordinary way."""
    contact = form.reason != "under_eighteen" and contact_is_due(facts)
    return Effect(brings={
        "support.begin_contact": [{}] if contact else [],
        "assignment.end": [] if contact else [{"reason": "support_ended"}],
    })  # fmt: skip


def after_death(facts: Facts, _: Form) -> Effect:
    """The place is free again, and nobody needs to be responsible any more."""
    place = [{"reason": "died", "going_to": "died"}]
    state, with_bed = facts.state("housing"), ("offer_made", "accepted", "placed", "moving", "absent")
    no_bed = state not in (None, "left", *with_bed)
    return Effect(brings={
        "housing.leave": place if state in with_bed else [], "housing.no_longer_needed": place if no_bed else [],
        "assignment.end": [{"reason": "support_ended"}] if facts.state("assignment") not in (None, "ended") else [],
    })  # fmt: skip


def nobody_responsible(_facts: Facts, _: Form) -> Effect:
    """Nobody needs to be responsible any more."""
    return Effect(brings={"assignment.end": [{"reason": "support_ended"}]})
