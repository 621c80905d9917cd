"""R3, an adult's support: asked for, begun, reviewed and brought to a planned end. Beds are housing's matter, workers assignment's.

Support before the first decision is allowed in an emergency (Home Office, First Responder Toolkit, April 2026, grade A). Nobody's
support ends by itself: a decision or a withdrawal gives notice, and a person confirms the exit, which must be safe and appropriate.
"""

from typing import Annotated, Literal

from pydantic import Field

from referral.access import May, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import Because, Code, Day, Form, Note, Nothing, Text
from workflows.guards import (
    adult,
    by_a_person,
    consents_to,
    day_of,
    found_conclusive,
    found_reasonable,
    no_floor_runs,
    strand_is,
)
from workflows.states import States, because, by
from workflows.table import OPENING, STAY, Move, Workflow


class Support(States):
    """Is the person in support, since when, until when?"""

    # fmt: off
    REQUESTED          = "requested", "Support is wanted and begins with a positive first decision.", by(Role.SUPPORT_COORDINATOR)
    EMERGENCY_REFERRED = "emergency_referred", "The person is destitute or at risk; the service must answer at once.", by(Role.SUPPORT_COORDINATOR)
    EMERGENCY_SUPPORT  = "emergency_support", "The person is supported before the first decision.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    REFUSED            = "refused", "There is no support for now, with the reason given; it can be asked for again.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.SUPPORT_COORDINATOR)
    CONTACT_ATTEMPTS   = "contact_attempts", "The service tries to reach the person.", by(Role.SUPPORT_COORDINATOR)
    CONTACT_FAILED     = "contact_failed", "The person was not reached in time; whoever knows a current number gives it.", by(Role.SUPPORT_COORDINATOR, Role.FIRST_RESPONDER, Role.NAVIGATOR)
    DECLINED           = "declined", "The person does not want support now.", because("It is the person's choice, and the door stays open.")
    IN_ASSESSMENT      = "in_assessment", "The person was reached; needs and risks are assessed.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    IN_SUPPORT         = "in_support", "A plan is agreed and followed.", by(Role.SUPPORT_WORKER)
    MOVE_ON            = "move_on", "The final decision was positive; moving on is prepared.", by(Role.SUPPORT_WORKER)
    RNA_PENDING        = "rna_pending", "The authority looks at an assessment of the needs that remain.", by(Role.CASEWORKER)
    EXTENDED           = "extended", "Support goes on until a stated day.", by(Role.SUPPORT_WORKER)
    EXIT_NOTICE        = "exit_notice", "Support will end; the exit is planned.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    EXITED             = "exited", "Support has ended.", because("After a positive final decision the person may come back for new needs.")
    REACH_IN           = "reach_in", "The person came back with a new need.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    CLOSED             = "closed", "Nothing more is to be done; support can be asked for anew."
    # fmt: on


Need = Literal[
    "safety", "health", "legal", "money", "immigration", "interpreter", "children", "work", "housing", "move_on"
]
Needs = Annotated[list[Need], Field(min_length=1)]


class Request(Form):
    """How the person can be reached; the person's own number, somebody else's, or why there is none."""

    reach_by: Literal["own_phone", "other_phone", "none"] | None = None
    relationship: Code | None = None  # whose phone it is
    no_phone_reason: Code | None = None
    note: Text | None = None


class Urgent(Request):
    """Why it cannot wait."""

    risks: Annotated[list[Literal["destitute", "re_exploitation", "unsafe_tonight", "health"]], Field(min_length=1)]


class InitialAssessment(Form):
    """The first look at risk and needs."""

    risk: Literal["low", "medium", "high"]
    needs_accommodation: bool
    note: Text | None = None


class Refusal(Form):
    """Why there is no support for now. It goes back to whoever referred."""

    reason: Literal["under_eighteen", "no_indicators", "outside_area", "support_elsewhere", "other"]
    note: Text | None = None


class Attempt(Form):
    """One try: several ways, at several times of the day."""

    channel: Literal["phone", "text", "email", "through_first_responder", "through_lawyer", "in_person"]
    time_of_day: Literal["morning", "afternoon", "evening"]
    note: Text | None = None


class Reached(Form):
    """The person was spoken to and accepts."""

    accepts: Literal[True]
    note: Text | None = None


class Plan(Form):
    """The plan that was agreed with the person."""

    kind: Literal["safe_house", "outreach"]
    needs: Needs
    agreed_with_person: Literal[True]
    due_on: Day  # when it is looked at next
    note: Text | None = None


class Review(Form):
    """What has changed. Whoever is no longer safe is assessed for a safe place again."""

    needs: Needs
    risk: Literal["low", "medium", "high"]
    needs_accommodation: bool = False
    due_on: Day  # when it is looked at next
    note: Text | None = None


class RemainingNeeds(Form):
    """An assessment of the needs that remain, to which the person agrees."""

    agreed_by_person: Literal[True]
    needs: Needs
    note: Text | None = None


class NoRemainingNeeds(Form):
    """The person does not want such an assessment."""

    persons_choice: Literal[True]
    explained: Literal[True]  # that it is the way to support beyond the move-on period
    note: Text | None = None


class Extension(Form):
    """Until when support goes on, and for what."""

    until: Day
    needs: Needs
    note: Text | None = None


class Exit(Form):
    """The planned end, which the worker answers for."""

    safe_and_appropriate: Literal[True]
    plan: Annotated[list[Need], Field(min_length=1)]  # what the plan takes care of
    going_to: Literal["own_home", "family_or_friends", "local_authority", "asylum", "abroad", "other"]
    by_choice: bool = False  # the person wants to leave before the period has ended
    person_told: Literal[True]
    note: Text | None = None


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


def notice_has_ground(facts: Facts) -> Reason | None:
    """A negative or closed decision, or consent to support withdrawn: nothing else gives notice."""
    if facts.actor.is_system or facts.state("decision") in ("rg_negative", "cg_negative", "closed"):
        return None
    if any(
        strand.state == "withdrawn" and strand.facts.get("purpose") == "support" for strand in facts.each("consent")
    ):
        return None
    return Reason("no_ground_for_notice", "Neither a decision nor the person's withdrawal gives ground for notice.")


def period_is_over(facts: Facts) -> Reason | None:
    """What was granted is not cut short, unless the person wants to leave."""
    form = facts.form
    if not isinstance(form, Exit) or form.by_choice:
        return None
    until = str(facts.told().get("until", ""))
    if facts.strand and facts.strand.state == Support.EXTENDED and day_of(facts).isoformat() <= until:
        return Reason("extension_runs", f"Support was extended until {until}.")
    return no_floor_runs(facts)


def house_if_needed(_: Facts, form: InitialAssessment) -> Effect:
    """A place for tonight is asked for at once."""
    return Effect(
        brings={"housing.ask": [{"safe_tonight": False, "reason": "emergency"}] if form.needs_accommodation else []}
    )


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


def nobody_responsible(_facts: Facts, _: Form) -> Effect:
    """Nobody needs to be responsible any more."""
    return Effect(brings={"assignment.end": [{"reason": "support_ended"}]})


S = Support
IN_CARE = [S.EMERGENCY_SUPPORT, S.IN_ASSESSMENT, S.IN_SUPPORT, S.MOVE_ON, S.RNA_PENDING, S.EXTENDED]
NOT_BEGUN = [S.REQUESTED, S.EMERGENCY_REFERRED, S.CONTACT_ATTEMPTS, S.CONTACT_FAILED]
WANTED = (adult, consents_to("support"))
REFERRED_BY = ("owner", "referrer", "first_responder")

# fmt: off
SUPPORT = Workflow("support", Support, {S.CLOSED}, again=True, says="Is the person supported, and until when?", moves=[
    #    move              leaves                                               enters                needs               asks               only if                      does                then                  tells
    Move("request",        OPENING,                                             S.REQUESTED,          May.ASK_SUPPORT,    Request,           (*WANTED, can_be_reached),   None,               ("assignment.open",), ("support",)),
    Move("refer_urgently", OPENING,                                             S.EMERGENCY_REFERRED, May.ASK_SUPPORT,    Urgent,            (*WANTED, can_be_reached),   None,               ("assignment.open",), ("support", "owner")),
    Move("escalate",       [S.REQUESTED],                                       S.EMERGENCY_REFERRED, May.ASK_SUPPORT,    Urgent,            (*WANTED, can_be_reached),   None,               (),                   ("support", "owner")),
    Move("accept_urgent",  [S.EMERGENCY_REFERRED],                              S.EMERGENCY_SUPPORT,  May.WORK_SUPPORT,   InitialAssessment, WANTED,                      house_if_needed,    ("housing.ask",),     REFERRED_BY),
    Move("refuse_urgent",  [S.EMERGENCY_REFERRED],                              S.REFUSED,            May.WORK_SUPPORT,   Refusal,           (),                          nobody_responsible, ("assignment.end",),  REFERRED_BY),
    Move("begin_contact",  [S.REQUESTED, S.REFUSED, S.EXITED],                  S.CONTACT_ATTEMPTS,   May.WORK_SUPPORT,   Nothing,           (*WANTED, found_reasonable), None,               ("assignment.open",), ("support", "owner", "worker")),
    Move("carry_on",       [S.EMERGENCY_SUPPORT, S.EXIT_NOTICE],                S.IN_ASSESSMENT,      May.WORK_SUPPORT,   Nothing,           (*WANTED, found_reasonable), None,               (),                   ("support", "worker")),
    Move("record_attempt", [S.REQUESTED, S.CONTACT_ATTEMPTS, S.CONTACT_FAILED], STAY,                 May.WORK_SUPPORT,   Attempt,           (),                          count),
    Move("reach",          [S.CONTACT_ATTEMPTS, S.CONTACT_FAILED],              S.IN_ASSESSMENT,      May.WORK_SUPPORT,   Reached,           WANTED,                      None,               (),                   REFERRED_BY),
    Move("fail_contact",   [S.CONTACT_ATTEMPTS],                                S.CONTACT_FAILED,     May.ACT_AS_SYSTEM,  Nothing,           (),                          None,               (),                   (*REFERRED_BY, "support", "worker")),
    Move("decline",        [*NOT_BEGUN, S.IN_ASSESSMENT],                       S.DECLINED,           May.SPEAK_FOR,      Because,           (adult,),                    nobody_responsible, ("assignment.end",),  (*REFERRED_BY, "support")),
    Move("end_request",    NOT_BEGUN,                                           S.REFUSED,            May.WORK_SUPPORT,   Because,           (notice_has_ground,),        nobody_responsible, ("assignment.end",),  (*REFERRED_BY, "support")),
    Move("reopen",         [S.DECLINED, S.REFUSED],                             S.REQUESTED,          May.ASK_SUPPORT,    Request,           (*WANTED, can_be_reached),   None,               ("assignment.open",), ("support", "owner")),
    Move("agree_plan",     [S.IN_ASSESSMENT],                                   S.IN_SUPPORT,         May.WORK_SUPPORT,   Plan,              (strand_is("assignment", "accepted", "active"), looks_ahead), None, (), ("owner", "first_responder")),
    Move("review",         [S.IN_SUPPORT, S.MOVE_ON, S.EXTENDED, S.EXIT_NOTICE, S.REACH_IN], STAY,    May.WORK_SUPPORT,   Review,            (looks_ahead,),              house_again,        ("housing.ask", "housing.assess_again")),
    Move("move_on",        [S.EMERGENCY_SUPPORT, S.IN_ASSESSMENT, S.IN_SUPPORT, S.EXIT_NOTICE], S.MOVE_ON, May.WORK_SUPPORT, Note,           (found_conclusive,),         since_positive,     (),                   ("support", "worker", "owner")),
    Move("submit_rna",     [S.MOVE_ON, S.EXTENDED],                             S.RNA_PENDING,        May.WORK_SUPPORT,   RemainingNeeds,    (found_conclusive,),         None,               (),                   ("authority", "owner")),
    Move("forgo_rna",      [S.MOVE_ON],                                         STAY,                 May.WORK_SUPPORT,   NoRemainingNeeds,  (),                          forgone),
    Move("extend_by_rna",  [S.RNA_PENDING],                                     S.EXTENDED,           May.EXTEND_SUPPORT, Extension,         (looks_ahead,),              None,               (),                   ("support", "worker", "owner")),
    Move("end_by_rna",     [S.RNA_PENDING],                                     S.MOVE_ON,            May.EXTEND_SUPPORT, Because,           (),                          None,               (),                   ("support", "worker", "owner")),
    Move("give_notice",    IN_CARE,                                             S.EXIT_NOTICE,        May.WORK_SUPPORT,   Because,           (notice_has_ground,),        None,               (),                   ("support", "worker", "housing", "owner")),
    Move("extend_notice",  [S.EXIT_NOTICE],                                     S.EXTENDED,           May.EXTEND_SUPPORT, Extension,         (looks_ahead,),              None,               (),                   ("support", "worker", "owner")),
    Move("exit",           [S.EXIT_NOTICE, S.MOVE_ON, S.EXTENDED],              S.EXITED,             May.WORK_SUPPORT,   Exit,              (by_a_person, period_is_over), nobody_responsible, ("assignment.end",), (*REFERRED_BY, "authority", "housing")),
    Move("reach_in",       [S.EXITED],                                          S.REACH_IN,           May.ASK_SUPPORT,    Because,           (*WANTED, found_conclusive), None,               ("assignment.open",), ("support", "owner")),
    Move("end_reach_in",   [S.REACH_IN],                                        S.EXITED,             May.WORK_SUPPORT,   Because,           (),                          nobody_responsible, ("assignment.end",),  ("owner",)),
    Move("close",          [S.EXITED, S.DECLINED, S.REFUSED],                   S.CLOSED,             May.ASK_SUPPORT,    Because,           (by_a_person,),              None,               (),                   ("owner", "support")),
])
# fmt: on
