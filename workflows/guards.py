"""Guards that more than one workflow uses. Pure: a picture of the case in, a reason against the move or None out."""

from collections.abc import Iterable
from datetime import date

from referral.access import Part
from referral.errors import Reason
from referral.form.codes import NATIONS, duty_to_notify, may_submit
from referral.reckoning import local_day
from workflows.facts import Facts
from workflows.sharing import running
from workflows.table import Guard

DECIDES_ELSEWHERE = Reason("decides_elsewhere", "Your agency is not the authority that decides this case.")


def day_of(facts: Facts) -> date:
    """The day on which the move happened, where the person is."""
    return local_day(facts.occurred, facts.law.zone)


def adult(facts: Facts) -> Reason | None:
    """Somebody who is a child, or may be one, is never asked to decide this alone."""
    if facts.case.child is None:
        return Reason("age_unknown", "The age question has not been answered.")
    return Reason("is_child", "This is not for a child, or for somebody who may be one.") if facts.is_child else None


def child(facts: Facts) -> Reason | None:
    """Only for a child, or for somebody who may be one."""
    return None if facts.is_child else Reason("not_child", "This is only for a child, or for somebody who may be one.")


def consents_to(purpose: str) -> Guard:
    """The person has agreed to a purpose, and the consent holds today."""

    def given(facts: Facts) -> Reason | None:
        if any(strand.state == "given" and strand.facts.get("purpose") == purpose for strand in facts.each("consent")):
            return None
        return Reason("no_consent", f"Consent to {purpose} is not recorded, or no longer holds.")

    return given


def agreed_between(facts: Facts, receiver: str, purpose: str, classes: Iterable[str] = ("C1",)) -> Reason | None:
    """Where the law of the case asks for it, the accountable agency shares only under a running agreement with the receiver."""
    if receiver == facts.case.owner_agency or not facts.term("sharing_needs_agreement"):
        return None
    if running(facts.agreements, facts.case.owner_agency, receiver, purpose, classes, day_of(facts)):
        return None
    return Reason("no_agreement", "No running agreement lets the accountable agency share this with that agency.")


def strand_is(workflow: str, *states: str) -> Guard:
    """Another workflow of the case stands in one of these states."""

    def stands(facts: Facts) -> Reason | None:
        if facts.state(workflow) in states:
            return None
        return Reason(f"{workflow}_not_ready", f"This needs {workflow} to be {' or '.join(states)}.")

    return stands


def strand_is_not(workflow: str, *states: str) -> Guard:
    """Another workflow of the case does not stand in one of these states."""

    def stands_elsewhere(facts: Facts) -> Reason | None:
        state = facts.state(workflow)
        return Reason(f"{workflow}_stands", f"Not while {workflow} is {state}.") if state in states else None

    return stands_elsewhere


def listed(facts: Facts, agency: str) -> bool:
    """Whether this agency is on the list of those that may submit a referral under the law of this case."""
    row = facts.agencies.get(agency)
    if row is None or not row.active:
        return False
    # An agency that works in several nations, or in another country, is judged by its kind alone.
    return may_submit(row.kind, row.nation if row.nation in NATIONS else "england")


def has_duty_to_notify(facts: Facts, agency: str) -> bool:
    """Whether this agency notifies about adults who refuse: by law, or by policy as the Home Office does."""
    row = facts.agencies.get(agency)
    if row is None or not row.active or not facts.term("duty_to_notify"):
        return False
    return duty_to_notify(row.kind, row.nation or "england") is not None


def from_listed_organisation(facts: Facts) -> Reason | None:
    """Only a listed first responder organisation may do this. A navigator's charity prepares; it never submits."""
    if facts.actor.is_system or listed(facts, facts.actor.agency):
        return None
    return Reason("not_listed", "Your organisation is not on the list of first responder organisations.")


def signed_as_the_law_asks(facts: Facts) -> Reason | None:
    """Spoken words count only where the law of that day says so, and only through a professional of a listed organisation.

    Home Office changes live on 13 February 2026, as relayed by a safeguarding partnership (grade B); before, the person signed.
    """
    if getattr(facts.form, "how", None) != "verbal":
        return None
    if not facts.term("verbal_consent"):
        return Reason("must_be_written", "On that day this had to be written and signed by the person.")
    return from_listed_organisation(facts)


def by_a_person(facts: Facts) -> Reason | None:
    """A person confirms this, never a machine."""
    return (
        None if facts.actor.kind == "user" else Reason("needs_a_person", "A person has to confirm this, not a machine.")
    )


def found_reasonable(facts: Facts) -> Reason | None:
    """There was a positive reasonable-grounds decision; a system that follows a decision needs no second look."""
    if facts.actor.is_system or facts.told("decision").get("reasonable_on"):
        return None
    return Reason("no_reasonable_grounds", "There is no positive reasonable-grounds decision.")


def found_conclusive(facts: Facts) -> Reason | None:
    """There was a positive conclusive-grounds decision that still stands; likewise."""
    if facts.actor.is_system or facts.told("decision").get("conclusive_on"):
        return None
    return Reason("no_conclusive_grounds", "There is no positive conclusive-grounds decision.")


def no_floor_runs(facts: Facts) -> Reason | None:
    """What the law grants at least is not cut short: no floor of the moving workflow still runs."""
    moving = facts.strand.workflow if facts.strand else ""
    rules = (facts.law.rules.get(name) for name in sorted(facts.running))
    floor = next((rule for rule in rules if rule and rule.kind == "floor" and rule.of == moving), None)
    return Reason("floor_runs", f"This may not end yet: {floor.says}") if floor else None


def decides_here(facts: Facts) -> Reason | None:
    """Only the agency that decides this case records what was decided; one that was merely told of it does not."""
    if facts.actor.is_system or facts.takes_part(facts.actor.agency, Part.AUTHORITY):
        return None
    return DECIDES_ELSEWHERE
