"""R14, when a person asks what is held about them: asked by whoever works with them, released by somebody else, handed over once.

UK GDPR, articles 12 and 15: within one month of the request (grade C, not re-read; confirm with your data protection
officer). That two people see it first, and that it can be fetched for some days only, are house rules.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import StringConstraints

from referral.access import May, Role
from referral.errors import Reason
from workflows import four_eyes
from workflows.facts import Effect, Facts
from workflows.forms import Code, Form, Nothing
from workflows.guards import by_a_person, strand_is_not
from workflows.keeping import another_person, keeps_here
from workflows.states import States, by
from workflows.table import OPENING, Move, Workflow

DAYS = "account_days"  # the dated term: how long a released account can be fetched
Content = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # the digest of what was read or is handed out


class Account(States):
    """Where a request stands."""

    # fmt: off
    ASKED       = "asked", "The person has asked what is held about them; somebody must read the account first.", by(Role.MANAGER, deadline="account_answer")
    RELEASED    = "released", "The account may be handed to the person.", by(Role.NAVIGATOR, Role.SUPPORT_COORDINATOR, Role.CASEWORKER, deadline="account_answer")
    HANDED_OVER = "handed_over", "The person has been given the account."
    REFUSED     = "refused", "The account is not given; the person was told why, and how to complain."
    # fmt: on


class Request(Form):
    """Who asks, how it is known that it is they, and in which language they want to read it."""

    requested_by: Literal["person", "lawyer_with_authority"]
    known_by: Literal["known_in_person", "documents", "called_back_on_safe_number"]
    alone: Literal[True]  # nobody stood beside them who may have made them ask
    language: Code


class Release(Form):
    """That the account was read to its end, what exactly was read, and the two ticks."""

    content: Content  # as the preview tells it
    third_parties_removed: Literal[True]
    no_serious_harm: Literal[True]  # to the person or to anybody else, if it falls into wrong hands


class HandOver(Form):
    """What is handed out, and in which language."""

    content: Content
    given_in: Code


class Refusal(Form):
    """Why it is not given, and that the person was told so, and how to complain."""

    reason: Literal["not_the_person", "under_pressure", "serious_harm", "unfounded", "court_order"]
    person_was_told: Literal[True]


def asker(facts: Facts) -> Reason | None:
    """Only whoever asked hands it over: it is they who know the person."""
    if facts.told().get("asked_by") == facts.actor.id:
        return None
    return Reason("not_your_request", "Only whoever asked for this account can fetch it; ask again to take it over.")


def in_time(facts: Facts) -> Reason | None:
    """A released account can be fetched for some days; then it is looked at anew."""
    released = datetime.fromisoformat(str(facts.told().get("released_at", facts.now.isoformat())))
    if facts.now <= released + timedelta(days=int(facts.term(DAYS))):
        return None
    return Reason("no_longer_available", "This account was released too long ago. Ask again.")


def as_released(facts: Facts) -> Reason | None:
    """What is handed out is what was read."""
    if not isinstance(facts.form, HandOver) or facts.form.content == facts.told().get("content"):
        return None
    return Reason("account_changed", "What is held has changed since the account was released. Ask again.")


def no_new_account(facts: Facts) -> Reason | None:
    """Whoever releases it has an account that was neither made nor promoted just now. The person's request lasts a month."""
    request = four_eyes.Request(str(facts.told().get("asked_by")), facts.now)
    return four_eyes.may_approve(request, facts.actor, facts.now, four_eyes.account_since(facts))


def ask(facts: Facts, _: Form) -> Effect:
    """Who asked is remembered, and up to which event the account reaches: the request itself is no part of it."""
    return Effect(remember={"asked_by": facts.actor.id, "covers": facts.case.version})


def ask_again(facts: Facts, _: Form) -> Effect:
    """Whoever asks again takes the request over, and what was released holds no more."""
    gone = ("content", "released_by", "released_at", "third_parties_removed", "no_serious_harm")
    return Effect(remember={"asked_by": facts.actor.id, "covers": facts.case.version}, forget=gone)


def release(facts: Facts, _: Form) -> Effect:
    """Who released it, and when."""
    return Effect(remember={"released_by": facts.actor.id, "released_at": facts.now.isoformat()})


A = Account
NEAR = ("referrer", "first_responder", "support", "authority")
NOT_ERASED = strand_is_not("keeping", "erased")
APART = (by_a_person, keeps_here, another_person)

# fmt: off
ACCOUNT = Workflow("account", Account, {A.HANDED_OVER, A.REFUSED}, again=True, holds_open=False, outlasts=True, says="Was the person told what is held about them?", moves=[
    #    move         leaves                   enters         needs             asks      only if                                            does       then  tells
    Move("ask",       OPENING,                 A.ASKED,       May.ASK_ACCOUNT,  Request,  (by_a_person, NOT_ERASED),                         ask,       (),   ("manager",)),
    Move("ask_again", [A.ASKED, A.RELEASED],   A.ASKED,       May.ASK_ACCOUNT,  Nothing,  (by_a_person, NOT_ERASED),                         ask_again, (),   ("manager",)),
    Move("release",   [A.ASKED],               A.RELEASED,    May.KEEP_RECORDS, Release,  (by_a_person, keeps_here, no_new_account, NOT_ERASED), release,   (),   NEAR, ("approver",)),
    Move("hand_over", [A.RELEASED],            A.HANDED_OVER, May.ASK_ACCOUNT,  HandOver, (by_a_person, asker, in_time, as_released)),
    Move("refuse",    [A.ASKED, A.RELEASED],   A.REFUSED,     May.KEEP_RECORDS, Refusal,  APART,                                             None,      (),   NEAR),
])
# fmt: on
