"""R10, what is asked about a case: information that the authority wants, and reconsideration of its decisions. Many may run at once.

All evidence goes with a request for reconsideration; a late one needs exceptional circumstances (Home Office, reasons for accepting
reconsideration requests, 8 May 2025, grade A).
"""

from typing import Annotated, Literal

from pydantic import Field

from referral.access import May, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import AgencyId, Because, Code, Day, Form, Note, Nothing, Text
from workflows.guards import day_of, decides_here, strand_is
from workflows.states import States, because, by
from workflows.table import OPENING, Move, Workflow


class Inquiry(States):
    """A question of the authority, or a wish that it decides again."""

    # fmt: off
    OPEN         = "open", "The authority waits for information from one agency.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.SUPPORT_WORKER)
    EXTENDED     = "extended", "The agency has been given more time.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.SUPPORT_WORKER)
    OVERDUE      = "overdue", "The agency has not answered in time.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.SUPPORT_WORKER, Role.CASEWORKER)
    ANSWERED     = "answered", "The information was given."
    NOTHING_HELD = "nothing_held", "The agency holds nothing on it."
    TAKEN_BACK   = "taken_back", "The authority no longer needs to know."
    WINDOW_OPEN  = "window_open", "Reconsideration of a negative decision can be asked for.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.SUPPORT_WORKER)
    LAPSED       = "lapsed", "The time to ask has passed.", because("Only exceptional circumstances allow a late request.")
    REQUESTED    = "requested", "Reconsideration was asked for.", by(Role.CASEWORKER)
    UNDER_REVIEW = "under_review", "The authority looks at its decision again.", by(Role.CASEWORKER)
    REJECTED     = "rejected", "The request was not accepted for review."
    CHANGED      = "changed", "The decision is made anew."
    UPHELD       = "upheld", "The decision stands."
    CLOSED       = "closed", "Nobody asked, and nobody will."
    # fmt: on


class Question(Form):
    """What the authority wants to know, from whom, and by the day in its letter."""

    asked_of: AgencyId
    wants: Annotated[list[Code], Field(min_length=1, max_length=30)]
    due_on: Day | None = None
    note: Text | None = None


class MoreTime(Form):
    """Until when, and why."""

    until: Day
    reason: Code
    note: Text | None = None


class Window(Form):
    """Which decision can be reconsidered."""

    about: Literal["reasonable", "conclusive"]


class Request(Form):
    """On what ground, by whom, and with all the evidence there is."""

    grounds: Annotated[list[Literal["new_evidence", "not_in_line_with_guidance"]], Field(min_length=1, max_length=2)]
    asked_by: Literal["person", "first_responder", "support_worker", "lawyer"]
    person_agrees: Literal[True]
    all_evidence_attached: Literal[True]
    evidence: list[Code] = Field(default_factory=list, max_length=50)
    note: Text | None = None


class LateRequest(Request):
    """The same, and why it could not be asked for in time."""

    exceptional_circumstances: Code


class Rejection(Form):
    """Why the request is not looked at."""

    reason: Literal["late", "no_grounds", "no_evidence", "not_entitled"]
    note: Text | None = None


def can_be_asked(facts: Facts) -> Reason | None:
    """Only an agency that takes part in the case is asked, and not by a day that has passed."""
    form = facts.form
    if not isinstance(form, Question):
        return None
    if not facts.takes_part(form.asked_of):
        return Reason("not_a_participant", "This agency does not take part in the case.")
    if form.due_on and form.due_on < day_of(facts):
        return Reason("day_has_passed", "The day to answer by has already passed.")
    return None


def was_asked(facts: Facts) -> Reason | None:
    """Only the agency that was asked can answer."""
    if facts.told().get("asked_of") == facts.actor.agency:
        return None
    return Reason("not_yours_to_answer", "Another agency was asked.")


def looks_ahead(facts: Facts) -> Reason | None:
    """More time is time that has not passed."""
    late = isinstance(facts.form, MoreTime) and facts.form.until <= day_of(facts)
    return Reason("not_ahead", "This day must lie in the future.") if late else None


def decision_is_negative(facts: Facts) -> Reason | None:
    """What is to be reconsidered must still stand."""
    stands = {"reasonable": "rg_negative", "conclusive": "cg_negative"}.get(str(facts.told().get("about")))
    if facts.state("decision") == stands:
        return None
    return Reason("decision_does_not_stand", "The decision that this is about no longer stands as it was.")


def decide_again(facts: Facts, _: Form) -> Effect:
    """The one decision that it is about is opened anew."""
    about, why = facts.told().get("about"), [{"reason": "reconsidered"}]
    first = about == "reasonable"
    return Effect(
        brings={"decision.reconsider": why if first else [], "decision.reconsider_conclusive": [] if first else why}
    )


I = Inquiry  # noqa: E741 - the letter of the table, as in its sisters
ASKED = [I.OPEN, I.EXTENDED, I.OVERDUE]
ANEW = ("decision.reconsider", "decision.reconsider_conclusive")
ASKERS = ("owner", "worker", "referrer", "first_responder", "support")
HOLDERS = ("first_responder", "referrer", "support", "police", "local_authority")

# fmt: off
INQUIRY = Workflow("inquiry", Inquiry, {I.ANSWERED, I.NOTHING_HELD, I.TAKEN_BACK, I.REJECTED, I.CHANGED, I.UPHELD, I.CLOSED}, many=True, says="What is asked about the case, and is a decision looked at again?", moves=[
    #    move            leaves                     enters          needs              asks         only if                               does          then  tells
    # information
    Move("ask",          OPENING,                   I.OPEN,         May.INQUIRE,       Question,    (decides_here, can_be_asked),         None,         (),   HOLDERS),
    Move("answer",       ASKED,                     I.ANSWERED,     May.ANSWER,        Note,        (was_asked,),                         None,         (),   ("authority", "owner")),
    Move("hold_nothing", ASKED,                     I.NOTHING_HELD, May.ANSWER,        Note,        (was_asked,),                         None,         (),   ("authority", "owner")),
    Move("extend",       [I.OPEN, I.OVERDUE],       I.EXTENDED,     May.INQUIRE,       MoreTime,    (decides_here, looks_ahead),          None,         (),   HOLDERS),
    Move("fall_overdue", [I.OPEN, I.EXTENDED],      I.OVERDUE,      May.ACT_AS_SYSTEM, Nothing,     (),                                   None,         (),   (*HOLDERS, "authority")),
    Move("take_back",    ASKED,                     I.TAKEN_BACK,   May.INQUIRE,       Because,     (decides_here,),                      None,         (),   HOLDERS),
    # reconsideration
    Move("open_window",  OPENING,                   I.WINDOW_OPEN,  May.ACT_AS_SYSTEM, Window,      (strand_is("decision", "rg_negative", "cg_negative"),),                              None,         (),   ASKERS),
    Move("request",      [I.WINDOW_OPEN],           I.REQUESTED,    May.CHALLENGE,     Request,     (decision_is_negative,),              None,         (),   ("authority", *ASKERS)),
    Move("request_late", [I.LAPSED],                I.REQUESTED,    May.CHALLENGE,     LateRequest, (decision_is_negative,),              None,         (),   ("authority", *ASKERS)),
    Move("lapse",        [I.WINDOW_OPEN],           I.LAPSED,       May.ACT_AS_SYSTEM, Nothing,     (),                                   None,         (),   (*ASKERS, "authority")),
    Move("accept",       [I.REQUESTED],             I.UNDER_REVIEW, May.DECIDE,        Note,        (decides_here,),                      None,         (),   ASKERS),
    Move("reject",       [I.REQUESTED],             I.REJECTED,     May.DECIDE,        Rejection,   (decides_here,),                      None,         (),   ASKERS),
    Move("change",       [I.UNDER_REVIEW],          I.CHANGED,      May.DECIDE,        Because,     (decides_here, decision_is_negative), decide_again, ANEW, ASKERS),
    Move("uphold",       [I.UNDER_REVIEW],          I.UPHELD,       May.DECIDE,        Because,     (decides_here,),                      None,         (),   ASKERS),
    Move("close",        [I.WINDOW_OPEN, I.LAPSED], I.CLOSED,       May.CHALLENGE,     Because,     (),                                   None,         (),   ("owner", "authority")),
])
# fmt: on
