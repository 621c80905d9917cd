"""A concern that came in without a name: a call to a helpline, a tip, a word from the public. It never holds who anybody is."""

from typing import Literal

from pydantic import Field

from referral.access import May, Part, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts, to_the_team
from workflows.forms import AgencyId, Because, CaseId, Code, Day, Form, Nothing, Text
from workflows.states import States, by
from workflows.table import OPENING, STAY, Move, Workflow


class Concern(States):
    """What has become of it."""

    # fmt: off
    RECEIVED = "received", "It has come in and nobody has judged it yet.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, deadline="concern_assessed")
    ASSESSED = "assessed", "It has been judged; it must be linked to an operation or a case, or closed.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, deadline="concern_settled")
    LINKED   = "linked", "It belongs to an operation or a case."
    CLOSED   = "closed", "It was closed with a reason."
    # fmt: on


class Tip(Form):
    """What was said, without who said it."""

    jurisdiction: Code
    channel: Literal["helpline", "tip_line", "public", "online", "other_agency"]
    categories: list[Code] = Field(min_length=1, max_length=30)
    region: Code | None = None
    seen_on: Day | None = None
    still_going_on: Literal["yes", "no", "not_sure"] = "not_sure"
    place: Text | None = None  # a description, such as a shop or a house
    account: Text | None = None


class Judgement(Form):
    """How urgent it is, and who should look."""

    urgent: bool
    danger_to_life: bool = False
    pass_to: AgencyId | None = None
    note: Text | None = None


class Link(Form):
    """Where it belongs."""

    case: CaseId


def links_to_work(facts: Facts) -> Reason | None:
    """It is linked to an operation or to a person's case, never to another concern."""
    if not isinstance(facts.form, Link) or facts.cases.get(facts.form.case) in ("operation", "person"):
        return None
    return Reason("not_linkable", "A concern is linked to an operation or to the case of a person.")


def passes_to_somebody(facts: Facts) -> Reason | None:
    """Only a working agency can be asked to look."""
    if not isinstance(facts.form, Judgement) or facts.form.pass_to is None:
        return None
    agency = facts.agencies.get(facts.form.pass_to)
    return None if agency and agency.active else Reason("no_such_agency", "There is no such working agency.")


def share(_: Facts, form: Judgement) -> Effect:
    """The agency that should look sees it from now on."""
    return Effect(join=((form.pass_to, Part.PARTNER),) if form.pass_to else ())


C = Concern

# fmt: off
CONCERN = Workflow("concern", Concern, {C.LINKED, C.CLOSED}, of="concern", says="What has become of what somebody told us?", moves=[
    #    move       leaves                     enters      needs                asks       only if                 does         then  tells
    Move("receive", OPENING,                   C.RECEIVED, May.RECEIVE_CONCERN, Tip,       (),                     None),
    Move("assess",  [C.RECEIVED],              C.ASSESSED, May.ASSESS_CONCERN,  Judgement, (passes_to_somebody,),  share,       (),   ("referrer", "partner")),
    Move("link",    [C.RECEIVED, C.ASSESSED],  C.LINKED,   May.ASSESS_CONCERN,  Link,      (links_to_work,),       None,        (),   ("referrer", "partner")),
    Move("worker_leaves", [C.RECEIVED, C.ASSESSED], STAY, May.ACT_AS_SYSTEM, Nothing,  (),                     to_the_team, (),  ("owner",)),
    Move("close",   [C.RECEIVED, C.ASSESSED],  C.CLOSED,   May.ASSESS_CONCERN,  Because,   (),                     None,        (),   ("referrer", "partner")),
])
# fmt: on
