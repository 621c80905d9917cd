"""Who has said what became of the data: after a withdrawal each holder answers for itself, also one that sees the case no more.

A house rule where no published number exists: two working days, then the accountable agency chases.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from referral.access import May, Role
from referral.errors import Reason
from workflows.facts import Facts
from workflows.forms import AgencyId, Because, Code, Form, Nothing, Text
from workflows.states import States, by
from workflows.table import OPENING, Move, Workflow

STAFF = (Role.MANAGER, Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.SUPPORT_COORDINATOR, Role.CASEWORKER)


class Acknowledgement(States):
    """Whether one holder has answered."""

    # fmt: off
    ASKED        = "asked", "Somebody has withdrawn. Say what became of what your agency holds.", by(*STAFF, deadline="acknowledge_withdrawal")
    CHASED       = "chased", "A holder has not said what became of what it holds; the accountable agency chases.", by(*STAFF, deadline="acknowledgement_overdue")
    ACKNOWLEDGED = "acknowledged", "The holder has said what became of what it holds."
    UNANSWERED   = "unanswered", "The holder never answered; the accountable agency has recorded why."
    # fmt: on


class Asked(Form):
    """Who holds something, and which consent was taken back."""

    holder: AgencyId
    purpose: Literal["referral", "support", "police", "sharing"]
    consent: int = Field(default=0, ge=0, le=10_000)  # the number of the consent; 0 where none was recorded


class Acknowledged(Form):
    """What was done with the data."""

    what: Literal["deleted", "returned", "kept_by_law"]
    law: Code | None = None  # under which law it is kept
    note: Text | None = None

    @model_validator(mode="after")
    def _law_is_named(self) -> Self:
        if (self.law is not None) != (self.what == "kept_by_law"):
            raise ValueError("what is kept by law names the law, and nothing else does")
        return self


def is_the_holder(facts: Facts) -> Reason | None:
    """Each holder answers for itself; nobody does it for them."""
    if facts.told().get("holder") == facts.actor.agency:
        return None
    return Reason("not_the_holder", "Another agency was asked.")


def is_accountable(facts: Facts) -> Reason | None:
    """Only the agency that answers for the case gives up chasing."""
    if facts.actor.is_system or facts.case.owner_agency == facts.actor.agency:
        return None
    return Reason("not_accountable", "Only the accountable agency records that a holder never answered.")


A = Acknowledgement
WAITS = [A.ASKED, A.CHASED]

# fmt: off
ACKNOWLEDGEMENT = Workflow("acknowledgement", Acknowledgement, {A.ACKNOWLEDGED, A.UNANSWERED}, many=True, says="Has every holder said what became of the data?", moves=[
    #    move              leaves      enters          needs               asks          only if            does  then  tells
    Move("ask",            OPENING,    A.ASKED,        May.ACT_AS_SYSTEM,  Asked,        (),                None, (),   ("holder",)),
    Move("chase",          [A.ASKED],  A.CHASED,       May.ACT_AS_SYSTEM,  Nothing,      (),                None, (),   ("holder", "owner", "manager")),
    Move("acknowledge",    WAITS,      A.ACKNOWLEDGED, May.ACKNOWLEDGE,    Acknowledged, (is_the_holder,),  None, (),   ("owner",), named="holder"),
    Move("record_silence", [A.CHASED], A.UNANSWERED,   May.RECORD_CONSENT, Because,      (is_accountable,), None, (),   ("owner", "manager")),
])
# fmt: on
