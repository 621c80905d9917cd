"""Guards of intake: who may send what about whom. Pure; each gives a reason against the move, or None."""

from collections.abc import Mapping
from typing import Any

from referral.errors import Reason
from referral.form.branching import NOTIFY_ANONYMOUS, REFERRAL
from referral.form.checks import a_date
from referral.form.complete import blocking, problems
from referral.form.draft import tidy
from referral.form.field import SHORT_LIMIT
from referral.form.names import name_found
from workflows.child import comes_of_age
from workflows.facts import Facts
from workflows.guards import consents_to, day_of, has_duty_to_notify, listed
from workflows.intake.forms import (
    Advice,
    Age,
    Closing,
    Draft,
    Duplicate,
    Encounter,
    Handing,
    Notice,
    Receipt,
    Submission,
)

SHOWN = 5  # how many of the missing answers a refusal names


def basis_of(facts: Facts) -> str:
    """What is about to be sent: a referral, or a notification with or without a name."""
    return str(facts.told("intake").get("basis", REFERRAL))


def known_operation(facts: Facts) -> Reason | None:
    """A meeting can only belong to an operation."""
    if not isinstance(facts.form, Encounter) or facts.form.operation is None:
        return None
    known = facts.cases.get(facts.form.operation) == "operation"
    return None if known else Reason("no_such_operation", "There is no such operation.")


def known_earlier(facts: Facts) -> Reason | None:
    """An earlier case is that of a person, and one in which the asker's agency takes part."""
    if not isinstance(facts.form, Encounter) or facts.form.earlier is None:
        return None
    known = facts.cases.get(facts.form.earlier) == "person"
    return None if known else Reason("no_such_case", "There is no such earlier case.")


def age_fits(facts: Facts) -> Reason | None:
    """The answer and the day of birth say the same."""
    form = facts.form
    if not isinstance(form, (Encounter, Age)) or form.born is None:
        return None
    today = day_of(facts)
    if form.born > today:
        return Reason("born_ahead", "The day of birth lies ahead.")
    under_18 = today < comes_of_age(facts, form.born)
    if (form.under_18 == "no" and under_18) or (form.under_18 == "yes" and not under_18):
        return Reason("age_contradiction", "The answer and the day of birth contradict each other.")
    return None


def not_doubted(facts: Facts) -> Reason | None:
    """Who was a child, or may have been one, becomes an adult by an assessment and not by another answer."""
    if not isinstance(facts.form, Age) or facts.form.under_18 != "no":
        return None
    if facts.is_child and facts.state("child") is not None:
        return Reason(
            "needs_assessment", "The person is treated as a child until an age assessment: record that instead."
        )
    return None


def out_of_danger(facts: Facts) -> Reason | None:
    """Immediate safety comes before any explanation."""
    told = facts.told()
    if told.get("immediate_danger") or told.get("exploiter_nearby") == "yes":
        return Reason("not_safe_yet", "Make the person safe first: they are in danger, or who exploits them is nearby.")
    return None


def has_capacity(facts: Facts) -> Reason | None:
    """Nobody agrees or refuses who cannot decide this now."""
    if facts.told().get("capacity") == "lacks":
        return Reason(
            "lacks_capacity", "The person cannot decide this now: decide in their best interests, or safeguard only."
        )
    return None


def lacks_capacity(facts: Facts) -> Reason | None:
    """Nobody decides for an adult who can."""
    if facts.told().get("capacity", "has_capacity") == "has_capacity":
        return Reason("has_capacity", "The person can decide this; ask them.")
    return None


def keeps(facts: Facts) -> Reason | None:
    """What is told is of a kind that can be kept; it need not be complete."""
    form = facts.form
    if not isinstance(form, Draft):
        return None
    refused = tidy({**form.answers, **form.identity})[1]
    wrong = [f"{problem.field}: {problem.says}" for problem in refused[:SHOWN]]
    wrong += [
        f"{name}: This is too long to keep."
        for name, told in form.identity.items()
        if isinstance(told, str) and len(told) > SHORT_LIMIT
    ]
    born = form.identity.get("date_of_birth")
    if born is not None and a_date(born) is None:
        wrong.append("date_of_birth: This is not a day, such as 1999-12-31.")
    return Reason("cannot_be_kept", " ".join(wrong)) if wrong else None


def nobody_named(facts: Facts) -> Reason | None:
    """An anonymous notification holds nothing that says who the person is."""
    form = facts.form
    if basis_of(facts) != NOTIFY_ANONYMOUS:
        return None
    named = isinstance(form, Draft) and any(told is not None for told in form.identity.values())
    if named or (isinstance(form, Age) and form.born and form.under_18 == "no"):
        return Reason("anonymous", "An anonymous notification holds nothing that says who the person is.")
    return None


def asks_listed(facts: Facts) -> Reason | None:
    """Only a listed first responder organisation can be asked to adopt and submit."""
    if not isinstance(facts.form, Handing) or listed(facts, facts.form.to):
        return None
    return Reason("not_listed", "This organisation is not on the list of first responder organisations.")


def asks_duty_body(facts: Facts) -> Reason | None:
    """Only a body that notifies can be asked to."""
    if not isinstance(facts.form, Handing) or has_duty_to_notify(facts, facts.form.to):
        return None
    return Reason("no_duty", "This organisation does not notify under the law of this case.")


def was_asked(facts: Facts) -> Reason | None:
    """Only the organisation that was asked can answer, and only it goes on."""
    if facts.actor.is_system or facts.told().get("to") in (None, facts.actor.agency):
        return None
    return Reason("not_yours_to_answer", "Another organisation was asked.")


def lawful(facts: Facts) -> Reason | None:
    """An adult agreed, or it was decided in their best interests; for a child the local authority was told first."""
    if facts.is_child:
        return authority_was_told(facts)
    if facts.case.child is None:
        return Reason("age_unknown", "The age question has not been answered.")
    return None if facts.told().get("best_interests") else consents_to("referral")(facts)


def complete(facts: Facts) -> Reason | None:
    """All that the form asks for is there."""
    form, answers, identity = facts.form, dict(facts.answers or {}), _texts(facts.identity or {})
    if isinstance(form, Submission) and form.reference:
        answers["reference"] = form.reference
    basis = basis_of(facts)
    found = blocking(problems(answers, identity, facts.is_child, basis, day_of(facts)))
    if form is None:  # only asking what is possible: the reference is told with the move itself
        found = [problem for problem in found if problem.field != "reference"]
    if basis != REFERRAL:  # the notification's own reference comes with the answer to it
        found = [problem for problem in found if problem.field != "reference"]
    if not found:
        return None
    rest = f" And {len(found) - SHOWN} more." if len(found) > SHOWN else ""
    return Reason("incomplete", "Still to be seen to: " + " ".join(p.says for p in found[:SHOWN]) + rest)


def no_name_in_label(facts: Facts) -> Reason | None:
    """E-mails quote the sender's reference, so that it never is the person's name."""
    form = facts.form
    if isinstance(form, (Submission, Notice)) and name_found(form.reference, facts.identity or {}) in ("full", "part"):
        return Reason("name_in_reference", "E-mails quote this reference: leave the person's name out.")
    return None


def goes_to_authority(facts: Facts) -> Reason | None:
    """What is sent goes to a competent authority."""
    form = facts.form
    if not isinstance(form, (Submission, Notice)) or form.authority is None:
        return None
    agency = facts.agencies.get(form.authority)
    kinds = ("competent_authority", "local_authority")  # a local authority may host a panel
    if agency is None or not agency.active or agency.kind not in kinds:
        return Reason("not_an_authority", "This agency does not receive referrals.")
    return None


def from_duty_body(facts: Facts) -> Reason | None:
    """Modern Slavery Act 2015, section 52, since 1 November 2015 (grade A). Charities have no duty and send nothing."""
    if has_duty_to_notify(facts, facts.actor.agency):
        return None
    return Reason("no_duty", "Your organisation does not notify under the law of this case.")


def another_case(facts: Facts) -> Reason | None:
    """A duplicate points at the case of a person, and never at itself."""
    if not isinstance(facts.form, Duplicate):
        return None
    if facts.form.case == facts.case.id or facts.cases.get(facts.form.case) != "person":
        return Reason("not_the_other_case", "Name the other case of the same person.")
    return None


def may_end_with_advice(facts: Facts) -> Reason | None:
    """A child is always referred; without the age question only a mere check can end here; a duty to notify stays a duty."""
    outcome = facts.form.outcome if isinstance(facts.form, Advice) else "checked"
    if facts.is_child:
        return Reason("is_child", "A child, or somebody who may be one, is always referred.")
    if facts.case.child is None and outcome != "checked":
        return Reason("age_unknown", "The age question has not been answered.")
    return somebody_must_notify(facts)


def somebody_must_notify(facts: Facts) -> Reason | None:
    """Where an adult has refused, the duty of any organisation that takes part stands, not only the asker's."""
    if facts.strand is None or facts.strand.state != "notify_drafting":
        return None
    if any(has_duty_to_notify(facts, agency) for agency in {facts.actor.agency, *(who for who, _ in facts.parts)}):
        return Reason("has_duty", "An organisation that takes part must notify.")
    return None


def out_of_reach(facts: Facts) -> Reason | None:
    """What ends the referral is recorded where it belongs. A child is given up for nothing but death."""
    contact = facts.state("contact")
    if facts.is_child and contact != "deceased":
        return Reason("is_child", "A child, or somebody who may be one, is always referred.")
    stands = {"deceased": "deceased", "left_uk": "left_uk", "unreachable": "unreachable", "missing": "unreachable"}
    reason = stands.get(str(contact))
    if reason is None or (isinstance(facts.form, Closing) and facts.form.reason != reason):
        return Reason("not_recorded", "Record first that the person has died, has left or cannot be reached.")
    return None if reason == "deceased" else somebody_must_notify(facts)


def panel_takes_children(facts: Facts) -> Reason | None:
    """Panels decide about children alone."""
    if not isinstance(facts.form, Receipt) or facts.form.authority != "panel" or facts.is_child:
        return None
    return Reason("panel_is_for_children", "A panel decides for children only.")


def needs_consent(facts: Facts) -> Reason | None:
    """Only where an adult has never been asked."""
    if facts.is_child or facts.told("intake").get("best_interests"):
        return Reason("no_consent_needed", "Nobody needs to be asked.")
    given = consents_to("referral")(facts) is None
    return Reason("consent_stands", "Consent to the referral is recorded and holds.") if given else None


def authority_was_told(facts: Facts) -> Reason | None:
    """The local authority is told at once, before the form goes on."""
    told = facts.state("child") not in (None, "identified", "found_adult")
    return None if told else Reason("authority_not_told", "Tell the local authority first, and record whom.")


def adopter_writes(facts: Facts) -> Reason | None:
    """Once adopted, only the organisation that answers for the referral changes it."""
    return was_asked(facts) if facts.strand and facts.strand.state == "adopted" else None


def _texts(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Days as the form writes them."""
    return {name: told.isoformat() if hasattr(told, "isoformat") else told for name, told in identity.items()}
