"""What a withdrawal brings, in one move: who sees the case no longer, which offers are off, and who must say what became of
what they hold. Pure.

Asked is every agency that takes part or ever did, for each of them may hold something. Only the accountable agency is left
out, where it recorded the withdrawal itself: it carries the withdrawal out, and answers for the list.
"""

from typing import Any

from referral.access import Part
from referral.errors import Reason
from workflows.facts import Facts
from workflows.sharing import ENDS_BY_ITSELF

WITHDRAWN = "withdrawn"
FREEZES = ("acknowledgement.ask", "assignment.recall", "housing.withdraw_offer")
ENDS_SUPPORT = ("referral", "support")  # withdrawing from the referral ends the support that came with it
SLEEPS_THERE = ("interim", "accepted", "placed", "moving", "absent")  # a person confirms when somebody leaves a bed


def who_leaves(facts: Facts, purpose: str, shared_with: str | None = None) -> tuple[tuple[str, str], ...]:
    """Who took part on this agreement alone. The accountable agency stays, and so does whoever must see a person out of a bed."""
    standing = sorted(facts.parts | facts.lapsed)
    owner = facts.case.owner_agency
    other_parts = {who for who, part in standing if part not in ENDS_BY_ITSELF}
    if purpose == "police":
        return tuple(
            (who, part) for who, part in standing if part == Part.POLICE and (who != owner or who in other_parts)
        )
    if purpose == "sharing":
        on_it = [pair for pair in standing if pair[0] == shared_with and pair[1] in ENDS_BY_ITSELF]
        return () if shared_with == owner else tuple(on_it)
    if purpose not in ENDS_SUPPORT:
        return ()
    gone = [pair for pair in standing if pair[0] != owner and pair[1] in _supporting(facts)]
    if purpose == "referral" and facts.state("intake") == "prepared" and facts.told("intake").get("to") != owner:
        gone += [(str(facts.told("intake").get("to")), Part.FIRST_RESPONDER.value)]  # asked to adopt, and has not
    return tuple(gone)


def freezes(facts: Facts, purpose: str) -> dict[str, list[dict[str, Any]]]:
    """The followers that freeze what was only offered, and ask every holder."""
    stops = purpose in ENDS_SUPPORT
    return {
        "acknowledgement.ask": [
            {"holder": holder, "purpose": purpose, "consent": _number(facts, purpose)}
            for holder in who_must_acknowledge(facts, purpose)
        ],
        "assignment.recall": [{}] if stops and facts.state("assignment") == "offered" else [],
        "housing.withdraw_offer": [{"reason": "consent_withdrawn"}]
        if stops and facts.state("housing") == "offer_made"
        else [],
    }


def who_must_acknowledge(facts: Facts, purpose: str) -> list[str]:
    """Every agency that takes part or ever did, once for each withdrawal."""
    number = _number(facts, purpose)
    asked = {
        strand.facts.get("holder")
        for strand in facts.each("acknowledgement")
        if (strand.facts.get("purpose"), strand.facts.get("consent")) == (purpose, number)
    }
    if facts.actor.is_system and facts.strand is not None and facts.strand.workflow == "intake":
        return []  # it follows from a consent that was taken back, which has asked already
    acts = {facts.case.owner_agency} & {facts.actor.agency}
    return sorted(facts.holders - acts - asked)


def has_not_withdrawn(facts: Facts) -> Reason | None:
    """Nothing new is offered to somebody who has withdrawn from the referral, until they agree anew."""
    stands = [strand.state for strand in facts.each("consent") if strand.facts.get("purpose") == "referral"]
    if facts.state("intake") == WITHDRAWN or stands[-1:] == [WITHDRAWN]:
        return Reason("withdrawn", "The person has withdrawn; nothing is offered until they agree anew.")
    return None


def _supporting(facts: Facts) -> tuple[str, ...]:
    return (Part.SUPPORT,) if facts.state("housing") in SLEEPS_THERE else (Part.SUPPORT, Part.HOUSING)


def _number(facts: Facts, purpose: str) -> int:
    """Which consent was taken back; 0 where the person withdrew before any was recorded."""
    if facts.strand is not None and facts.strand.workflow == "consent":
        return facts.strand.number
    return max((one.number for one in facts.each("consent") if one.facts.get("purpose") == purpose), default=0)
