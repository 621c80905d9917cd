"""R15, breaking the glass: one hour in which somebody reads one case that is otherwise hidden from them; then a review.

Grounds, hour and review follow the seals of NHS records, which are overridden for consent, law and overriding public
interest, told to a privacy officer without identities; the two working days are a house rule, grade D: no published
number was found. What the hour opens stands in referral/access/policy.py, and that it runs in api/seeing.py.
"""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal

from referral.access import May, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts, Row
from workflows.forms import Form, Nothing, Text
from workflows.guards import by_a_person
from workflows.states import States, by
from workflows.table import OPENING, Move, Workflow

LASTS = timedelta(minutes=60)
LETTERS = 20  # of a reason, at the least
DIFFERENT = 6  # letters among them


class Glass(States):
    """How far it has come."""

    # fmt: off
    RUNNING   = "running", "Somebody broke the glass: for an hour they may read this case. Look who it was, and why.", by(Role.MANAGER, deadline="glass_hour")
    OVER      = "over", "Somebody broke the glass and the hour is over. A manager reviews whether it was justified.", by(Role.MANAGER, deadline="glass_review")
    ESCALATED = "escalated", "Nobody has reviewed in time why the glass was broken: do it now.", by(Role.MANAGER, deadline="glass_overdue")
    REVIEWED  = "reviewed", "It was reviewed why the glass was broken."
    # fmt: on


class Ground(Form):
    """On which of three grounds, and why in words."""

    ground: Literal["threat_to_life", "legal_duty", "persons_request"]
    why: Text


class Review(Form):
    """Whether it was justified, and in words if more is to be said."""

    review: Literal["justified", "not_justified"]
    note: Text | None = None


def says_why(words: str) -> bool:
    """Twenty letters or more, and not one key held down."""
    letters = [letter for letter in words.casefold() if letter.isalpha()]
    return len(letters) >= LETTERS and len(set(letters)) >= DIFFERENT


def a_real_reason(facts: Facts) -> Reason | None:
    """Somebody will have to read it."""
    if not isinstance(facts.form, Ground) or says_why(facts.form.why):
        return None
    return Reason("reason_too_short", "Say in words why, with at least 20 letters: a manager will read it.")


def not_of_the_team(facts: Facts) -> Reason | None:
    """Whoever is of the team sees the case as their role does, and needs no hour."""
    return (
        Reason("of_the_team", "You are of this case's team, and see it as your role does.") if facts.of_team else None
    )


def none_runs(facts: Facts) -> Reason | None:
    """One hour at a time."""
    mine = [str(one.facts["until"]) for one in facts.each("glass") if one.facts.get("user") == facts.actor.id]
    if any(_when(until) > facts.now for until in mine):
        return Reason("runs_already", "Your hour on this case still runs.")
    return None


def another_reviews(facts: Facts) -> Reason | None:
    """Neither who broke the glass, nor anybody else who ever broke it on this case."""
    if any(one.facts.get("user") == facts.actor.id for one in facts.each("glass")):
        return Reason("own_glass", "You broke the glass on this case yourself: another person has to review it.")
    return None


def reviews_here(facts: Facts) -> Reason | None:
    """A manager of the accountable agency; once it has waited too long, of any other that takes part but their own line.

    Where the accountable agency's own people broke it, another manager of that agency reviews.
    """
    if facts.actor.agency == facts.case.owner_agency:
        return None
    strand = facts.strand
    if strand is not None and strand.state == Glass.ESCALATED and strand.facts.get("agency") != facts.actor.agency:
        return None
    return Reason("not_accountable", "A manager of the accountable agency reviews this.")


def begin(facts: Facts, form: Ground) -> Effect:
    """From now on they may read, for an hour; nobody joins the team by it."""
    told = {
        "grant": _named(facts), "seq": facts.case.version + 1, "user": facts.actor.id, "agency": facts.actor.agency,
        "since": facts.now.isoformat(), "until": (facts.now + LASTS).isoformat(),
    }  # fmt: skip
    return Effect(remember=told, rows=(Row("glass_grants", _row(facts, {**told, "ground": form.ground})),))


def escalate(facts: Facts, _: Form) -> Effect:
    """Since when it has waited too long."""
    return _changed(facts, escalated=facts.now.isoformat())


def review(facts: Facts, form: Review) -> Effect:
    """What was found, by whom. An hour that still runs ends with it."""
    until = min(facts.now, _when(facts.told().get("until", facts.now.isoformat()))).isoformat()
    found = {"reviewed_by": facts.actor.id, "reviewed_at": facts.now.isoformat(), "until": until}
    return _changed(facts, **found, review=form.review)


def _changed(facts: Facts, **more: str) -> Effect:
    told = {**facts.told(), **more}
    return Effect(remember=more, changes=(Row("glass_grants", _row(facts, told)),) if "grant" in told else ())


def _row(facts: Facts, told: dict[str, Any]) -> dict[str, Any]:
    """The whole row, from what the strand remembers."""
    return {
        "id": told["grant"], "case_id": facts.case.id, "seq": told["seq"], "user_id": told["user"],
        "agency_id": told["agency"], "ground": told["ground"], "at": _when(told["since"]),
        "ends_at": _when(told["until"]), "reviewed_by": told.get("reviewed_by"),
        "reviewed_at": _when(told["reviewed_at"]) if told.get("reviewed_at") else None, "review": told.get("review"),
        "escalated_at": _when(told["escalated"]) if told.get("escalated") else None,
    }  # fmt: skip


def _when(told: str) -> datetime:
    return datetime.fromisoformat(told)


def _named(facts: Facts) -> str:
    """A new id, named after the case's version so that nothing random is needed."""
    return blake2b(f"{facts.case.id}:{facts.case.version}:glass".encode(), digest_size=16).hexdigest()


G = Glass
WAITS = [G.RUNNING, G.OVER, G.ESCALATED]
TOLD = ("owner", "team", "manager")

# What opens it needs the system's right: api/v1/glass.py alone makes it, for a person, once it has decided that they
# may, has counted the try and has seen a fresh second factor.
# fmt: off
GLASS = Workflow("glass", Glass, {G.REVIEWED}, many=True, holds_open=False, outlasts=True, says="Did somebody break the glass, and was it justified?", moves=[
    #    move        leaves              enters       needs              asks     only if                                            does      then  tells
    Move("begin",    OPENING,            G.RUNNING,   May.ACT_AS_SYSTEM, Ground,  (by_a_person, not_of_the_team, none_runs, a_real_reason), begin,    (),   TOLD),
    Move("end",      [G.RUNNING],        G.OVER,      May.ACT_AS_SYSTEM, Nothing),
    Move("escalate", [G.RUNNING, G.OVER], G.ESCALATED, May.ACT_AS_SYSTEM, Nothing, (),                                               escalate, (),   ("owner", "manager")),
    Move("review",   WAITS,              G.REVIEWED,  May.REVIEW_GLASS,  Review,  (by_a_person, another_reviews, reviews_here),      review,   (),   ("owner", "manager")),
])
# fmt: on
