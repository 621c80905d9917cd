"""Two services that may know one person: each is asked, and only when both agree is either told of the other's case.

Each of the two cases has a strand of its own; what ties them together lies in a table that no answer shows. A person may be
hunted through a service that is curious: so nobody is told a name, an agency or a reference before both duty teams have said yes.
"""

from typing import Annotated

from pydantic import StringConstraints

from referral.access import May, Role
from referral.errors import Reason
from workflows.facts import Facts
from workflows.forms import Because, Code, Form, Note, Nothing
from workflows.states import States, by
from workflows.table import OPENING, Move, Workflow

ANSWER = (Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.SUPPORT_COORDINATOR, Role.CASEWORKER)


class Introduction(States):
    """How far the two services have come."""

    # fmt: off
    ASKED    = "asked", "Another service may know this person: the duty team says whether the two may speak.", by(*ANSWER, deadline="introduction_answer")
    AGREED   = "agreed", "This side has agreed; the other has not answered yet.", by(*ANSWER, deadline="introduction_answer")
    SHARED   = "shared", "Both have agreed, and each has the other's reference."
    DECLINED = "declined", "One of the two would rather not, and nothing was told."
    LAPSED   = "lapsed", "One of the two did not answer, and nothing was told."
    # fmt: on


class Question(Form):
    """Which question it is; the id says nothing to anybody."""

    introduction: Code


class Other(Form):
    """The reference of the other case, once both have agreed."""

    with_reference: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z-]{1,16}$")]


def answers_here(facts: Facts) -> Reason | None:
    """Only the service that is accountable for the case answers for it."""
    if facts.actor.is_system or facts.actor.agency == facts.case.owner_agency:
        return None
    return Reason("not_accountable", "The service that is accountable for this case answers.")


I = Introduction  # noqa: E741  one letter, as in every table
OPEN = [I.ASKED, I.AGREED]
DUTY = ("manager",)  # the duty team of the accountable agency

# fmt: off
INTRODUCTION = Workflow("introduction", Introduction, {I.SHARED, I.DECLINED, I.LAPSED}, many=True, holds_open=False, outlasts=True, says="Does another service know this person, and may the two speak?", moves=[
    #    move           leaves     enters      needs              asks      only if          does            then  tells
    Move("open",        OPENING,   I.ASKED,    May.ACT_AS_SYSTEM, Question, (),              None,           (),   DUTY),
    Move("agree",       [I.ASKED], I.AGREED,   May.INTRODUCE,     Note,     (answers_here,)),
    Move("decline",     OPEN,      I.DECLINED, May.INTRODUCE,     Because,  (answers_here,)),
    Move("be_declined", OPEN,      I.DECLINED, May.ACT_AS_SYSTEM, Nothing,  (),              None,           (),   DUTY),
    Move("share",       [I.AGREED], I.SHARED,  May.ACT_AS_SYSTEM, Other,    (),              None,           (),   DUTY),
    Move("lapse",       OPEN,      I.LAPSED,   May.ACT_AS_SYSTEM, Nothing,  (),              None,           (),   DUTY),
])
# fmt: on
