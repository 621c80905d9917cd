"""R13, how long what is known of a person is kept: reviewed by a person, held where the law asks, erased by two people.

Nothing is deleted by time alone, and nothing while the case is open. To erase is to destroy the key of the case and the rows
that it sealed; the history stays whole, since it names only digests of sealed bytes, and so do the figures for statistics.
The periods are house rules, grade D: no published number was found.
"""

from datetime import date, datetime
from typing import Any, Literal

from referral.access import May, Role
from referral.errors import Reason
from referral.form.statistics import counted
from referral.reckoning import local_day, months_later
from workflows.facts import Effect, Facts
from workflows.forms import Code, Day, Form, Nothing
from workflows.four_eyes import Request, account_since, may_approve
from workflows.guards import by_a_person, day_of, strand_is_not
from workflows.states import States, because, by
from workflows.table import OPENING, Move, Workflow

PERIOD = "keep_person_months"  # the dated term: months after a closed case came to rest


class Keeping(States):
    """What is to become of what is known of the person."""

    # fmt: off
    REVIEW_DUE     = "review_due", "The period of keeping has passed: somebody reads the file and decides.", by(Role.MANAGER)
    KEPT           = "kept", "It was looked through and is kept until a stated day.", because("It is looked at again after that day.")
    HELD           = "held", "A legal hold: nothing may be erased.", because("It stays until the hold is released by two people.")
    RELEASE_ASKED  = "release_asked", "Somebody asked to release the hold; another person must agree.", by(Role.MANAGER)
    ERASURE_ASKED  = "erasure_asked", "Somebody asked to erase the person; another person must agree.", by(Role.MANAGER)
    ERASED         = "erased", "Who the person is and what they told is erased. The history stays whole."
    # fmt: on


class Hold(Form):
    """Which duty of law, and whose request, if anybody's."""

    law: Code  # court_order, criminal_proceedings, inquiry, complaint, claim ...
    reference: Code | None = None


class Why(Form):
    """Why, as a code."""

    reason: Code


class Erasure(Form):
    """Why it is to be erased, and that somebody has read the file."""

    reason: Literal["period_over", "person_asked", "unlawfully_held", "court_order"]
    file_was_read: Literal[True]


class Agreed(Form):
    """That whoever agrees has looked as well."""

    file_was_read: Literal[True]


class Kept(Form):
    """Why it is kept, and until when."""

    reason: Code
    until_on: Day


def closed(facts: Facts) -> Reason | None:
    """Nothing goes while the case is open."""
    return Reason("case_is_open", "Nothing is erased while the case is open.") if facts.case.open else None


def keeps_here(facts: Facts) -> Reason | None:
    """The accountable agency answers for what is kept."""
    if facts.actor.is_system or facts.actor.agency == facts.case.owner_agency:
        return None
    return Reason("not_accountable", "Only the accountable agency decides what is kept and what is erased.")


def another_person(facts: Facts) -> Reason | None:
    """Whoever asked does not agree to it themselves."""
    if facts.told().get("asked_by") != facts.actor.id:
        return None
    return Reason("own_request", "You asked for this yourself: somebody else must agree.")


def approves(facts: Facts) -> Reason | None:
    """A second person agrees: within 72 hours, and with an account that was neither made nor promoted just now."""
    told, strand = facts.told(), facts.strand
    by, at = told.get("asked_by"), told.get("asked_at") or (strand.entered_at.isoformat() if strand else None)
    if by is None or at is None:
        return Reason("not_asked", "Nobody has asked for this.")
    return may_approve(Request(str(by), datetime.fromisoformat(str(at))), facts.actor, facts.now, account_since(facts))


def lies_ahead(facts: Facts) -> Reason | None:
    """A day until which it is kept has not passed yet."""
    if isinstance(facts.form, Kept) and facts.form.until_on <= day_of(facts):
        return Reason("already_over", "Name a day that lies ahead.")
    return None


def period_over(facts: Facts) -> Reason | None:
    """The period of the law of this case has passed since the case rested; after a review, the day that was named."""
    until = facts.told().get("until_on") if facts.strand else None
    if until is not None and date.fromisoformat(str(until)) >= day_of(facts):
        return Reason("kept_until", "It is kept until a day that has not passed.")
    if until is None and months_later(_rests_since(facts), int(facts.term(PERIOD))) > day_of(facts):
        return Reason("period_runs", "The period of keeping has not passed.")
    return None


def _rests_since(facts: Facts) -> date:
    """The day of the last change of a state, where the case is."""
    return local_day(max((strand.entered_at for strand in facts.strands), default=facts.case.opened_at), facts.law.zone)


def asked(facts: Facts, _: Form) -> Effect:
    """Who asked, and when, is remembered: somebody else must agree."""
    return Effect(remember={"asked_by": facts.actor.id, "asked_at": facts.now.isoformat()})


def answered(_facts: Facts, _: Form) -> Effect:
    """What was asked is answered."""
    return Effect(forget=("asked_by", "asked_at"))


def erase(facts: Facts, _: Form) -> Effect:
    """The key goes, and all that it sealed. What the statistics count is kept as codes, without who it was."""
    told = dict(facts.answers or {})
    kept: dict[str, Any] = {}
    if told:
        figures = counted(told)
        kept = {
            "categories": list(figures.categories), "county_lines": figures.county_lines,
            "age_group": figures.age_group, "gender": figures.gender, "place": figures.place,
        }  # fmt: skip
    return Effect(
        remember={"erased_on": day_of(facts).isoformat(), "counted": kept},
        forget=("file_was_read",),
        case={"adult_on": None},
        forgets=("people", "answers", "notes", "marks"),
        destroys_key=True,
    )


K = Keeping
STANDING = [K.REVIEW_DUE, K.KEPT, K.ERASURE_ASKED]
HERE = (by_a_person, keeps_here)
APPROVER = ("approver",)
NOBODY_ASKS = strand_is_not("account", "asked", "released")  # what a person asks to be told is not destroyed under it

# fmt: off
KEEPING = Workflow("keeping", Keeping, {K.ERASED}, holds_open=False, says="How long is what is known of the person kept?", moves=[
    #    move               leaves                     enters           needs              asks     only if                                does      then  tells
    Move("fall_due",        OPENING,                   K.REVIEW_DUE,    May.ACT_AS_SYSTEM, Nothing, (closed, period_over),                 None,     (),   ("manager",)),
    Move("fall_due_again",  [K.KEPT],                  K.REVIEW_DUE,    May.ACT_AS_SYSTEM, Nothing, (closed, period_over),                 None,     (),   ("manager",)),
    Move("place_hold",      OPENING,                   K.HELD,          May.KEEP_RECORDS,  Hold,    HERE,                                  None,     (),   ("manager",)),
    Move("hold",            STANDING,                  K.HELD,          May.KEEP_RECORDS,  Hold,    HERE,                                  answered, (),   ("manager",)),
    Move("ask_release",     [K.HELD],                  K.RELEASE_ASKED, May.KEEP_RECORDS,  Why,     HERE,                                  asked,    (),   ("manager",)),
    Move("release",         [K.RELEASE_ASKED],         K.REVIEW_DUE,    May.KEEP_RECORDS,  Nothing, (*HERE, approves),                     answered, (),   ("manager",), APPROVER),
    Move("refuse_release",  [K.RELEASE_ASKED],         K.HELD,          May.KEEP_RECORDS,  Why,     (*HERE, another_person),               answered, (),   ("manager",)),
    Move("ask_erasure",     OPENING,                   K.ERASURE_ASKED, May.KEEP_RECORDS,  Erasure, (*HERE, closed),                       asked,    (),   ("manager",)),
    Move("ask_erasure_after_review", [K.REVIEW_DUE, K.KEPT, K.ERASURE_ASKED], K.ERASURE_ASKED, May.KEEP_RECORDS, Erasure, (*HERE, closed),   asked,    (),   ("manager",)),
    Move("keep",            [K.REVIEW_DUE, K.ERASURE_ASKED], K.KEPT,    May.KEEP_RECORDS,  Kept,    (*HERE, lies_ahead),                   answered, (),   ("manager",)),
    Move("erase",           [K.ERASURE_ASKED],         K.ERASED,        May.KEEP_RECORDS,  Agreed,  (*HERE, approves, closed, NOBODY_ASKS), erase,          (),   ("manager",), ("answers", *APPROVER)),
])
# fmt: on
