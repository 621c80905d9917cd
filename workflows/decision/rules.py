"""The guards and effects of the decision: pure, a picture of the case in, a reason or a value out."""

from datetime import date, datetime
from typing import Any

from referral.access import AgencyKind, Part
from referral.errors import Reason
from referral.reckoning import local_day
from workflows.decision.forms import AskClose, Conclusion, Served, Suspension, Transfer
from workflows.facts import Effect, Facts
from workflows.forms import Form
from workflows.guards import day_of, no_floor_runs

ASKED, WINDOWS = ("open", "extended", "overdue"), ("window_open", "lapsed")
PANEL = "panel"  # a devolved panel for children decides both at one meeting and need not wait for the recovery minimum


def after_receipt(facts: Facts) -> Reason | None:
    """What is recorded late still happened after the referral was received."""
    intake = facts.newest("intake")
    if facts.actor.is_system or intake is None or intake.state != "received" or facts.occurred >= intake.entered_at:
        return None
    return Reason("before_receipt", "The authority decides nothing before it has received the referral.")


def panel_decides(facts: Facts) -> bool:
    """Whether a panel has the case of a child; nobody else becomes a panel's by a word."""
    return facts.case.authority == PANEL and facts.is_child


def is_panel(facts: Facts) -> Reason | None:
    """Both decisions at one meeting are the panels' practice, and panels are for children."""
    return None if panel_decides(facts) else Reason("not_a_panel", "Only a panel makes both decisions at once.")


def recovery_is_over(facts: Facts) -> Reason | None:
    """Nobody but a panel decides conclusively before the recovery minimum has passed, whichever time is told."""
    if panel_decides(facts):
        return None
    strand, decided_at = facts.strand, min(facts.occurred, facts.now)
    ends = _minimum_ends(facts)
    if strand and (strand.state == "recovery" or decided_at < strand.entered_at or (ends and decided_at < ends)):
        return Reason("recovery_runs", "The recovery period has not yet reached its minimum.")
    return no_floor_runs(facts)


def is_out_of_reach(facts: Facts) -> Reason | None:
    """What is given as the reason must be recorded where it belongs."""
    if not isinstance(facts.form, Suspension):
        return None
    contact, child = facts.state("contact"), facts.state("child")
    holds = {
        "missing": contact == "missing",
        "unreachable": contact in ("unreachable", "missing"),
        "no_answer_at_eighteen": child == "no_answer",
    }[facts.form.reason]
    return (
        None
        if holds
        else Reason("not_out_of_reach", "It is not recorded that the person is out of reach for this reason.")
    )


def is_another_authority(facts: Facts) -> Reason | None:
    """A transfer leads to another authority, which decides for such people and can see the case."""
    form = facts.form
    if not isinstance(form, Transfer):
        return None
    moves_on = form.agency is not None and not facts.takes_part(form.agency, Part.AUTHORITY)
    if form.authority == facts.case.authority and not moves_on:
        return Reason("same_authority", "This authority has the case already.")
    if form.authority == PANEL and not facts.is_child:
        return Reason("panel_is_for_children", "A panel decides for children only.")
    if form.authority == PANEL and "panel_scope_days" not in facts.law.terms:
        return Reason("no_panels", "There are no panels here.")
    row = facts.agencies.get(form.agency) if form.agency else None
    kinds = [AgencyKind.COMPETENT_AUTHORITY, *([AgencyKind.LOCAL_AUTHORITY] if form.authority == PANEL else [])]
    if form.agency and (row is None or not row.active or row.kind not in kinds):
        return Reason("not_an_authority", "This agency cannot decide.")
    return None


def can_be_served(facts: Facts) -> Reason | None:
    """A letter follows its decision, and goes only to those who may read it."""
    form, told = facts.form, facts.told()
    if not isinstance(form, Served):
        return None
    decided = told.get(f"{form.about}_on") or told.get(f"not_{form.about}_on")
    if decided is None:
        return Reason("not_decided", "This decision has not been made.")
    if not str(decided) <= form.served_on.isoformat() <= local_day(facts.now, facts.law.zone).isoformat():
        return Reason("wrong_day", "A letter is served on or after the day of the decision, and not in the future.")
    if form.to == "agreed_person" and not form.permission_recorded:
        return Reason("no_permission", "The person's permission to send the letter to somebody else is not recorded.")
    if form.to in ("person", "agreed_person") and facts.is_child:
        return Reason(
            "is_child", "A child's letter goes to the local authority, the representative or the first responder."
        )
    return None


def may_withdraw(facts: Facts) -> Reason | None:
    """A child cannot withdraw; at eighteen the person can, by the answer that is asked for then and not before it."""
    form = facts.form
    if not isinstance(form, AskClose) or form.reason not in ("consent_withdrawn", "withdrawn_at_eighteen"):
        return None
    if "child_may_withdraw" in facts.law.terms and facts.term("child_may_withdraw"):
        return None
    if facts.is_child or facts.state("child") in ("eighteen", "no_answer"):
        return Reason(
            "child_cannot_withdraw", "A child cannot withdraw; somebody who has turned eighteen is asked first."
        )
    return None


def names_the_other(facts: Facts) -> Reason | None:
    """A duplicate is closed for another case of the same person, and says which."""
    form = facts.form
    if not isinstance(form, AskClose) or form.reason != "duplicate":
        return None
    if form.case is None or form.case == facts.case.id or facts.cases.get(form.case) != "person":
        return Reason("not_the_other_case", "Name the other case of the same person.")
    return None


def is_recorded(facts: Facts) -> Reason | None:
    """What is said to have ended the case must be recorded where it belongs before the case is closed for it."""
    reason = facts.told().get("reason")
    agrees = any(
        strand.state == "given" and strand.facts.get("purpose") == "referral" for strand in facts.each("consent")
    )
    if reason == "consent_withdrawn" and agrees:
        return Reason("consent_stands", "Consent to the referral still stands: record its withdrawal first.")
    if reason == "withdrawn_at_eighteen" and facts.state("child") != "withdrew":
        return Reason("not_recorded", "The answer at eighteen is not recorded as a withdrawal.")
    if reason in ("left_uk", "deceased") and facts.state("contact") != reason:
        return Reason("not_recorded", f"It is not recorded that the person is {reason}.")
    return None


def before_reasonable(facts: Facts) -> Reason | None:
    """The first decision was still open."""
    return (
        Reason("already_reasonable", "Reasonable grounds were found already.")
        if facts.told().get("reasonable_on")
        else None
    )


def after_reasonable(facts: Facts) -> Reason | None:
    """The first decision was positive."""
    return (
        None
        if facts.told().get("reasonable_on")
        else Reason("not_reasonable_yet", "Reasonable grounds have not been found.")
    )


def nothing_under_review(facts: Facts) -> Reason | None:
    """A decided case is concluded only once nobody can or does ask for reconsideration in time."""
    if isinstance(facts.form, Conclusion) and facts.form.reason != "decided":
        return None
    if any(strand.state in ("window_open", "requested", "under_review") for strand in facts.each("inquiry")):
        return Reason("may_be_reconsidered", "Reconsideration can still be asked for, or is being looked at.")
    return None


def _today(facts: Facts) -> str:
    return day_of(facts).isoformat()


def _minimum_ends(facts: Facts) -> datetime | None:
    """When the recovery period that began with the positive first decision reaches its minimum."""
    rule, began = facts.law.rules.get("recovery_minimum"), facts.told().get("reasonable_on")
    version = rule.on(date.fromisoformat(str(began))) if rule and began else None
    return facts.law.reckon(version, date.fromisoformat(str(began))).due_at if version else None


def received(facts: Facts, _: Form) -> Effect:
    """The day of receipt, from which the first deadline counts whoever decides in the end."""
    return Effect(remember={"received_on": _today(facts)})


def _test(facts: Facts) -> dict[str, Any]:
    """The wording of the first test has changed more than once: keep the one that was in force."""
    return {"test": facts.term("recognised_test")} if "recognised_test" in facts.law.terms else {}


def reasonable(facts: Facts, _: Form) -> Effect:
    """Remember the day, on which support and closing depend."""
    return Effect(remember={"reasonable_on": _today(facts), **_test(facts)}, forget=("not_reasonable_on",))


def not_reasonable(facts: Facts, _: Form) -> Effect:
    """A window for reconsideration opens, and whoever is in support already is given notice."""
    brings = {
        "inquiry.open_window": [{"about": "reasonable"}],
        "support.give_notice": [{"reason": "negative_reasonable"}],
    }
    return Effect(remember={"not_reasonable_on": _today(facts)}, brings=brings)


def both(facts: Facts, _: Form) -> Effect:
    """Two decisions on one day."""
    days = {"reasonable_on": _today(facts), "conclusive_on": _today(facts)}
    return Effect(remember=days | _test(facts), forget=("not_reasonable_on", "not_conclusive_on"))


def conclusive(facts: Facts, _: Form) -> Effect:
    """Remember the day, on which move-on, stay and reach-in depend. Who lost support by an older decision is looked for."""
    left_by_themselves = facts.state("support") == "exited" and "round" not in facts.told()
    brings: dict[str, list[dict[str, Any]]] = {"support.begin_contact": [] if left_by_themselves else [{}]}
    return Effect(remember={"conclusive_on": _today(facts)}, forget=("not_conclusive_on",), brings=brings)


def not_conclusive(facts: Facts, _: Form) -> Effect:
    """As for the first decision; whoever could not be reached yet is no longer looked for."""
    brings = {
        "inquiry.open_window": [{"about": "conclusive"}],
        "support.give_notice": [{"reason": "negative_conclusive"}],
        "support.end_request": [{"reason": "negative_conclusive"}],
    }
    return Effect(remember={"not_conclusive_on": _today(facts)}, forget=("conclusive_on",), brings=brings)


def revoked(facts: Facts, _: Form) -> Effect:
    """The positive decision no longer stands: whoever is in support is given notice, and it can be asked for again."""
    brings = {
        "inquiry.open_window": [{"about": "conclusive"}],
        "support.give_notice": [{"reason": "decision_revoked"}],
        "support.end_request": [{"reason": "decision_revoked"}],
    }
    return Effect(remember={"not_conclusive_on": _today(facts)}, forget=("conclusive_on",), brings=brings)


def again(facts: Facts, _: Form) -> Effect:
    """A further round: the open windows about the old decision are closed."""
    brings = {"inquiry.close": [{"reason": "decision_reconsidered"}] * _inquiries(facts, *WINDOWS)}
    return Effect(remember={"round": int(facts.told().get("round", 1)) + 1}, brings=brings)


def hand_to(facts: Facts, form: Transfer) -> Effect:
    """Another authority decides, and the old one no longer does; the day of receipt stays. What a panel gives up goes back."""
    effect = Effect(case={"authority": form.authority})
    effect.brings["child.go_to_authority"] = (
        [{}] if facts.state("child") == "before_panel" and form.authority != PANEL else []
    )
    deciding = [agency for agency, part in sorted(facts.parts) if part == Part.AUTHORITY]
    agency = form.agency
    if form.authority == PANEL and agency:
        effect.remember = dict([("before_panel", one) for one in deciding if one != agency][:1])
    elif facts.case.authority == PANEL:
        other = next((one for one in deciding if one != facts.told("child").get("agency")), None)  # not the panel's
        agency, effect.forget = agency or facts.told().get("before_panel") or other, ("before_panel",)
    if agency:
        effect.join = ((agency, Part.AUTHORITY),) if agency not in deciding else ()
        effect.leave = tuple((one, Part.AUTHORITY) for one in deciding if one != agency)
    return effect


def closed(facts: Facts, form: Form) -> Effect:
    """Notice for whoever is in support: only a person ends that. Nobody is left with a question about a finished case."""
    reason = form.reason if isinstance(form, Conclusion) else str(facts.told().get("reason", "closed"))
    notice = [] if reason == "decided" else [{"reason": reason}]
    ended = [{"reason": reason}]
    return Effect(
        brings={
            "support.give_notice": notice,
            "support.end_request": ended,
            "inquiry.close": ended * _inquiries(facts, *WINDOWS),
            "inquiry.take_back": ended * _inquiries(facts, *ASKED),
        }
    )


def _inquiries(facts: Facts, *states: str) -> int:
    """How many inquiries stand so; each needs a move of its own."""
    return sum(strand.state in states for strand in facts.each("inquiry"))
