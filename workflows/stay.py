"""R11, permission to stay, considered after a positive final decision for people without leave. Decides nothing about support.

It is for recovery from harm, compensation or cooperation (Nationality and Borders Act 2022, section 65, grade A). Policy pauses
happen: an external hold stops a decision without ending it (Home Office notices of 11 July 2024 and 9 June 2025, grade A).
"""

from typing import Annotated, Literal

from pydantic import Field

from referral.access import May, Role
from referral.errors import Reason
from referral.reckoning import months_later
from workflows.facts import Effect, Facts
from workflows.forms import Because, Code, Day, Form, Note, Nothing, Text
from workflows.guards import decides_here, found_conclusive, strand_is_not
from workflows.states import States, because, by
from workflows.table import OPENING, STAY, Move, Workflow


class Stay(States):
    """Where permission to stay stands."""

    # fmt: off
    TO_CONSIDER = "to_consider", "Permission to stay is to be considered.", by(Role.CASEWORKER)
    ON_HOLD     = "on_hold", "Something outside the case holds the decision up; it is not lost.", by(Role.CASEWORKER)
    GRANTED     = "granted", "The person may stay until a stated day.", because("It holds until its last day.")
    REFUSED     = "refused", "Permission was refused.", by(Role.CASEWORKER)
    EXPIRED     = "expired", "The last day has passed.", by(Role.CASEWORKER)
    NOT_NEEDED  = "not_needed", "The person needs no permission."
    CLOSED      = "closed", "Nothing more is to be decided here."
    # fmt: on


class Hold(Form):
    """What holds it up, since when, and until when if that is known."""

    reason: Code
    held_since: Day
    held_until: Day | None = None
    note: Text | None = None


class Grant(Form):
    """For how long, from when, and what it is needed for."""

    months: Annotated[int, Field(ge=1, le=120)]
    begins: Day
    due_on: Day  # the last day, as the letter names it
    under_deportation_order: bool = False
    needed_for: Annotated[list[Literal["recovery", "compensation", "cooperation"]], Field(min_length=1, max_length=3)]
    note: Text | None = None


def lasts_as_granted(facts: Facts) -> Reason | None:
    """The last day that the letter names fits the months that were granted."""
    form = facts.form
    if not isinstance(form, Grant) or 0 <= (months_later(form.begins, form.months) - form.due_on).days <= 1:
        return None
    return Reason("months_do_not_fit", "The last day does not fit the months that were granted.")


def not_paused(facts: Facts) -> Reason | None:
    """Nothing is granted while decisions of this sort are paused; hold it instead."""
    form = facts.form
    if not isinstance(form, Grant) or "stay_decisions_paused" not in facts.law.terms:
        return None
    paused = facts.term("stay_decisions_paused")
    if (
        paused == "everybody"
        or (paused == "recovery" and form.needed_for == ["recovery"])
        or (paused == "people under deportation orders" and form.under_deportation_order)
    ):
        return Reason(
            "decisions_paused", "Decisions on permission to stay are paused for this person. Hold it for now."
        )
    return None


def ordered(facts: Facts) -> Reason | None:
    """A hold does not end before it began."""
    form = facts.form
    if isinstance(form, Hold) and form.held_until and form.held_until < form.held_since:
        return Reason("ends_before_it_begins", "The hold would end before it began.")
    return None


def freed(_facts: Facts, _: Form) -> Effect:
    """The hold is over."""
    return Effect(forget=("held_since", "held_until"))


S = Stay
NOT_DISQUALIFIED = strand_is_not("disqualification", "disqualified", "reconsidering")
GRANTABLE = (decides_here, found_conclusive, NOT_DISQUALIFIED, lasts_as_granted, not_paused)
ALL = ("owner", "worker", "support", "first_responder")

# fmt: off
STAY_PERMISSION = Workflow("stay", Stay, {S.NOT_NEEDED, S.CLOSED}, again=True, holds_open=False, says="May the person stay in the country?", moves=[
    #    move              leaves                                        enters         needs              asks     only if                           does   then  tells
    Move("open",           OPENING,                                      S.TO_CONSIDER, May.DECIDE_STAY,   Note,    (decides_here, found_conclusive)),
    Move("hold",           [S.TO_CONSIDER],                              S.ON_HOLD,     May.DECIDE_STAY,   Hold,    (decides_here, ordered),          None,  (),   ALL),
    Move("release",        [S.ON_HOLD],                                  S.TO_CONSIDER, May.DECIDE_STAY,   Because, (decides_here,),                  freed, (),   ALL),
    Move("grant",          [S.TO_CONSIDER],                              S.GRANTED,     May.DECIDE_STAY,   Grant,   GRANTABLE,                        None,  (),   ALL),
    Move("refuse",         [S.TO_CONSIDER],                              S.REFUSED,     May.DECIDE_STAY,   Because, (decides_here,),                  None,  (),   ALL),
    Move("not_needed",     [S.TO_CONSIDER, S.ON_HOLD],                   S.NOT_NEEDED,  May.DECIDE_STAY,   Because, (decides_here,),                  None,  (),   ("owner", "worker")),
    Move("renew",          [S.GRANTED],                                  STAY,          May.DECIDE_STAY,   Grant,   GRANTABLE,                        None,  (),   ALL),
    Move("expire",         [S.GRANTED],                                  S.EXPIRED,     May.ACT_AS_SYSTEM, Nothing, (),                               None,  (),   (*ALL, "authority")),
    Move("consider_again", [S.REFUSED, S.EXPIRED],                       S.TO_CONSIDER, May.DECIDE_STAY,   Because, (decides_here, found_conclusive), None,  (),   ALL),
    Move("close",          [S.ON_HOLD, S.GRANTED, S.REFUSED, S.EXPIRED], S.CLOSED,      May.DECIDE_STAY,   Because, (decides_here,),                  None,  (),   ("owner", "worker")),
])
# fmt: on
