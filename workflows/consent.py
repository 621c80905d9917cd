"""R8, what the person has agreed to: one strand for each purpose, given and taken back each by itself.

Withdrawing from the referral closes the case with the authority and ends funded support; a later referral stays possible
(Home Office, First Responder Toolkit, April 2026, grade A). A child is never asked to consent and cannot withdraw.
"""

from typing import Literal

from pydantic import Field

from referral.access import May, Part, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import AgencyId, Code, Day, Form, Line, Nothing, Text
from workflows.guards import adult, day_of, signed_as_the_law_asks, strand_is_not
from workflows.spoken import Signed, Spoken
from workflows.states import States, because, by
from workflows.table import OPENING, STAY, Move, Workflow

Purpose = Literal["referral", "support", "police", "sharing"]


class Consent(States):
    """Whether the person agrees to one purpose."""

    # fmt: off
    GIVEN     = "given", "The person agrees.", because("It holds until it is withdrawn or the agreed day comes.")
    REFUSED   = "refused", "The person does not agree.", because("The person may agree later; nobody presses them.")
    EXPIRED   = "expired", "It was agreed until a day that has passed.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.SUPPORT_WORKER, deadline="consent_renewal")
    WITHDRAWN = "withdrawn", "The person has taken it back."
    # fmt: on


class Given(Signed):
    """What was agreed to, and how it was explained."""

    purpose: Purpose
    notice_version: Code  # which privacy notice was explained
    due_on: Day | None = None  # the last day for which it was agreed
    shared_with: AgencyId | None = None  # for sharing
    shared_with_person: Line | None = None


class Refused(Spoken):
    """What was not agreed to."""

    purpose: Purpose
    shared_with: AgencyId | None = None
    note: Text | None = None


class Agreed(Signed):
    """The same purpose, agreed to after all or once more."""

    notice_version: Code
    due_on: Day | None = None  # the last day for which it was agreed


class TakenBack(Signed):
    """How the person took it back. No reason is needed."""

    reason: Code | None = None
    note: Text | None = None
    others_present: list[Code] = Field(default_factory=list, max_length=10)  # taken back under pressure?


def only_one(facts: Facts) -> Reason | None:
    """Not two strands of one purpose; sharing counts for each agency."""
    if not isinstance(facts.form, (Given, Refused)):
        return None
    named = (facts.form.purpose, facts.form.shared_with)
    for strand in facts.each("consent"):
        if strand.state != "withdrawn" and (strand.facts.get("purpose"), strand.facts.get("shared_with")) == named:
            return Reason("consent_stands", f"Consent to this purpose is recorded already: it is {strand.state}.")
    return None


def may_last(facts: Facts) -> Reason | None:
    """The agreed day lies ahead."""
    last = getattr(facts.form, "due_on", None)
    return Reason("already_over", "The agreed day has already passed.") if last and last < day_of(facts) else None


def agreed_again(_: Facts, form: Agreed) -> Effect:
    """An earlier last day holds no more, unless a new one was agreed."""
    return Effect(forget=() if form.due_on else ("due_on",))


def let_follow(facts: Facts, _: Form) -> Effect:
    """What ends with this purpose and no other."""
    purpose = facts.told().get("purpose")
    told = (
        facts.form.model_dump(mode="json", include={"how", "signed_by", "language", "interpreter"})
        if facts.form
        else {}
    )
    return Effect(
        leave=_see_no_more(facts),
        brings={
            "intake.withdraw": [told] if purpose == "referral" else [],
            "decision.ask_to_close": [{"reason": "consent_withdrawn"}] if purpose == "referral" else [],
            "support.decline": [{"reason": "consent_withdrawn"}] if purpose == "support" else [],
            "support.give_notice": [{"reason": "consent_withdrawn"}] if purpose == "support" else [],
        },
    )


def _see_no_more(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Who took part on this agreement alone: the police, or the agency it was shared with. The accountable agency stays."""
    told, parts = facts.told(), sorted(facts.parts)
    if told.get("purpose") == "police":
        return tuple(pair for pair in parts if pair[1] == Part.POLICE)
    if told.get("purpose") != "sharing" or told.get("shared_with") == facts.case.owner_agency:
        return ()
    return tuple((who, part) for who, part in parts if who == told.get("shared_with") and part in ON_AGREEMENT)


C = Consent
ON_AGREEMENT = (Part.PARTNER, Part.POLICE)
ENDS = ("intake.withdraw", "decision.ask_to_close", "support.decline", "support.give_notice")
ALL = ("owner", "worker", "referrer", "first_responder", "support", "authority")

# fmt: off
CONSENT = Workflow("consent", Consent, {C.WITHDRAWN}, many=True, holds_open=False, says="What has the person agreed to?", moves=[
    #    move              leaves                             enters       needs               asks       only if                                               does          then  tells
    Move("give",           OPENING,                           C.GIVEN,     May.RECORD_CONSENT, Given,     (adult, only_one, may_last)),
    Move("refuse",         OPENING,                           C.REFUSED,   May.RECORD_CONSENT, Refused,   (adult, only_one)),
    Move("give_after_all", [C.REFUSED, C.EXPIRED],            C.GIVEN,     May.RECORD_CONSENT, Agreed,    (adult, may_last),                                    agreed_again, (),   ("owner", "worker", "referrer", "first_responder")),
    Move("expire",         [C.GIVEN],                         C.EXPIRED,   May.ACT_AS_SYSTEM,  Nothing,   (strand_is_not("contact", "deceased"),),              None,         (),   ("owner", "worker")),
    Move("renew",          [C.GIVEN],                         STAY,        May.RECORD_CONSENT, Agreed,    (adult, may_last),                                    agreed_again),
    Move("withdraw",       [C.GIVEN, C.EXPIRED],              C.WITHDRAWN, May.RECORD_CONSENT, TakenBack, (adult, signed_as_the_law_asks),                      let_follow,   ENDS, ALL),
])
# fmt: on
