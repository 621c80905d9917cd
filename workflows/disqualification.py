"""R6, disqualification from protection: an overlay. It ends neither the case nor the decision, which must still be made.

No presumption in favour, and recovery needs weighed individually (R (ABW) v Home Secretary [2025] EWHC 3280 (Admin), grade B). The
grounds stand in the Nationality and Borders Act 2022, section 63 (grade A).
"""

from typing import Annotated, Literal

from pydantic import Field

from referral.access import May, Role
from workflows.facts import Effect, Facts
from workflows.forms import Because, Code, Form, Text
from workflows.guards import decides_here, strand_is
from workflows.states import States, by
from workflows.table import OPENING, Move, Workflow


class Disqualification(States):
    """Whether protection is taken away while the case goes on."""

    # fmt: off
    UNDER_CONSIDERATION = "under_consideration", "The authority considers whether protection should be taken away.", by(Role.CASEWORKER)
    DISQUALIFIED        = "disqualified", "There is no protection and no leave; the decision must still be made.", by(Role.CASEWORKER)
    RECONSIDERING       = "reconsidering", "The authority looks at the disqualification again.", by(Role.CASEWORKER)
    NOT_PURSUED         = "not_pursued", "It was considered and not pursued."
    LIFTED              = "lifted", "The disqualification no longer stands."
    # fmt: on


class Consideration(Form):
    """On which ground."""

    ground: Literal["public_order", "bad_faith"]
    note: Text | None = None


class Disqualify(Form):
    """Why, each person by themselves."""

    reasons: Annotated[list[Code], Field(min_length=1, max_length=20)]
    recovery_needs_weighed: Literal[True]  # this person's, one by one
    no_presumption: Literal[True]
    note: Text | None = None


class Lifting(Form):
    """Why it no longer stands."""

    reason: Literal["reconsidered", "court", "circumstances_changed", "policy_changed"]
    note: Text | None = None


def weighed(facts: Facts, _: Form) -> Effect:
    """From which day it holds."""
    return Effect(remember={"disqualified_at": facts.occurred.isoformat()})


def lifted(_facts: Facts, _: Form) -> Effect:
    """It no longer holds."""
    return Effect(forget=("disqualified_at",))


D = Disqualification
AFTER_POSITIVE = strand_is("decision", "recovery", "cg_pending", "cg_suspended", "cg_positive")
ALL = ("owner", "worker", "support", "first_responder", "authority")

# fmt: off
DISQUALIFICATION = Workflow("disqualification", Disqualification, {D.NOT_PURSUED, D.LIFTED}, again=True, holds_open=False, says="Is protection taken away?", moves=[
    #    move          leaves                             enters                 needs          asks           only if                         does     then  tells
    Move("consider",   OPENING,                           D.UNDER_CONSIDERATION, May.PROTECT,   Consideration, (decides_here, AFTER_POSITIVE), None,    (),   ("owner", "worker")),
    Move("disqualify", [D.UNDER_CONSIDERATION],           D.DISQUALIFIED,        May.PROTECT,   Disqualify,    (decides_here, AFTER_POSITIVE), weighed, (),   ALL),
    Move("drop",       [D.UNDER_CONSIDERATION],           D.NOT_PURSUED,         May.PROTECT,   Because,       (decides_here,),                None,    (),   ("owner", "worker")),
    Move("ask_again",  [D.DISQUALIFIED],                  D.RECONSIDERING,       May.CHALLENGE, Because,       (),                             None,    (),   ALL),
    Move("uphold",     [D.RECONSIDERING],                 D.DISQUALIFIED,        May.PROTECT,   Disqualify,    (decides_here,),                None,    (),   ALL),
    Move("lift",       [D.DISQUALIFIED, D.RECONSIDERING], D.LIFTED,              May.PROTECT,   Lifting,       (decides_here,),                lifted,  (),   ALL),
])
# fmt: on
