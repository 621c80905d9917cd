"""R8, what the person has agreed to: one strand for each purpose, given and taken back each by itself.

Withdrawing from the referral closes the case with the authority and ends funded support; a later referral stays possible
(Home Office, First Responder Toolkit, April 2026, grade A). A child is never asked to consent and cannot withdraw; where the law
and not consent carries a case, that is a strand of its own.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from referral.access import May, Part, Role
from referral.basis import NEVER_SHARED
from referral.errors import Reason
from referral.reckoning import months_later
from workflows.facts import Effect, Facts
from workflows.forms import AgencyId, Code, Day, Form, Line, Nothing, Text, UserId
from workflows.guards import adult, agreed_between, day_of, signed_as_the_law_asks, strand_is_not
from workflows.sharing import AS_WHAT
from workflows.spoken import Signed, Spoken
from workflows.states import States, because, by
from workflows.table import OPENING, STAY, Move, Workflow
from workflows.withdrawal import FREEZES, freezes, who_leaves

Purpose = Literal["referral", "support", "police", "sharing"]
DataClass = Literal["C1", "C2", "C3", "C4"]  # workflow, personal, special, where the person is
Classes = Annotated[list[DataClass], Field(max_length=4)]
# What a purpose covers where nothing narrower was agreed; sharing always names its classes.
COVERED = {purpose: list(classes) for purpose, classes in AS_WHAT.values() if purpose != "sharing"}


class Consent(States):
    """Whether the person agrees to one purpose."""

    # fmt: off
    GIVEN     = "given", "The person agrees.", because("It holds until it is withdrawn or the agreed day comes.")
    REFUSED   = "refused", "The person does not agree.", because("The person may agree later; nobody presses them.")
    EXPIRED   = "expired", "It was agreed until a day that has passed.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.SUPPORT_WORKER, deadline="consent_renewal")
    WITHDRAWN = "withdrawn", "The person has taken it back."
    BY_LAW    = "by_law", "Not consent but the law carries this: a child, a notification, or an adult who cannot decide."
    # fmt: on


class Witnessed(Signed):
    """Who was there when it was said or signed, beside whoever recorded it."""

    witness: Literal["advocate", "colleague", "guardian", "interpreter", "lawyer"] | None = None
    witnessed_by: UserId | None = None  # where the witness is a person of staff


class Given(Witnessed):
    """What was agreed to, and how it was explained."""

    purpose: Purpose
    notice_version: Code  # which privacy notice was explained
    classes: Classes = Field(default_factory=list)  # which data; empty means all that the purpose needs
    due_on: Day | None = None  # the last day for which it was agreed
    shared_with: AgencyId | None = None  # for sharing
    shared_with_person: Line | None = None


class Refused(Spoken):
    """What was not agreed to."""

    purpose: Purpose
    shared_with: AgencyId | None = None
    note: Text | None = None


class Agreed(Witnessed):
    """The same purpose, agreed to after all or once more."""

    notice_version: Code
    classes: Classes = Field(default_factory=list)  # empty means as before
    due_on: Day | None = None  # the last day for which it was agreed


class TakenBack(Witnessed):
    """How the person took it back. No reason is needed."""

    reason: Code | None = None
    note: Text | None = None
    others_present: list[Code] = Field(default_factory=list, max_length=10)  # taken back under pressure?


class ByLaw(Form):
    """What carries the case instead of consent."""

    basis: Literal["child_safeguarding", "legal_duty", "notify_only", "vital_interests"]


def only_one(facts: Facts) -> Reason | None:
    """Not two strands of one purpose; sharing counts for each agency."""
    if not isinstance(facts.form, (Given, Refused)):
        return None
    named = (facts.form.purpose, facts.form.shared_with)
    for strand in facts.each("consent"):
        if strand.state != "withdrawn" and (strand.facts.get("purpose"), strand.facts.get("shared_with")) == named:
            return Reason("consent_stands", f"Consent to this purpose is recorded already: it is {strand.state}.")
    return None


def may_last(facts: Facts) -> Reason | None:
    """The agreed day lies ahead; sharing has one, and it is not too far ahead."""
    last = getattr(facts.form, "due_on", None)
    if last and last < day_of(facts):
        return Reason("already_over", "The agreed day has already passed.")
    purpose = facts.form.purpose if isinstance(facts.form, Given) else facts.told().get("purpose")
    if not isinstance(facts.form, (Given, Agreed)) or purpose != "sharing":
        return None
    if last is None:
        return Reason("needs_end", "Sharing ends by itself: say until which day it was agreed.")
    months = facts.term("sharing_lasts_at_most")
    if months and last > months_later(day_of(facts), int(months)):
        return Reason(
            "lasts_too_long", f"Sharing is agreed for {months} months at most; the person is asked again then."
        )
    return None


def names_what_is_shared(facts: Facts) -> Reason | None:
    """Sharing with an agency names classes of data, and never where the person is."""
    form = facts.form
    if not isinstance(form, (Given, Agreed)) or not _shared_with(facts):
        return None
    if NEVER_SHARED in form.classes:
        return Reason("never_shared", "Where the person is, is never shared by consent to sharing.")
    if (isinstance(form, Given) or form.classes) and "C1" not in form.classes:
        return Reason(
            "needs_classes", "Say which classes of data may be shared; C1, how the case stands, is one of them."
        )
    return None


def binds(facts: Facts) -> Reason | None:
    """Sharing with an agency is agreed in writing, or spoken before a witness."""
    form = facts.form
    if not isinstance(form, (Given, Agreed)) or not _shared_with(facts):
        return None
    if form.how == "written" or form.witness:
        return None
    return Reason("needs_witness", "Sharing is agreed in writing, or spoken before a witness.")


def can_receive(facts: Facts) -> Reason | None:
    """Only a working agency receives, and only under an agreement where the law of the case asks for one."""
    receiver = _shared_with(facts) if isinstance(facts.form, (Given, Agreed)) else None
    if receiver is None:
        return None
    if facts.actor.kind == "client":
        return Reason("needs_a_person", "A person lets another agency see a case, never a machine.")
    row = facts.agencies.get(receiver)
    if isinstance(facts.form, Given) and (row is None or not row.active):
        return Reason("no_such_agency", "There is no such working agency.")
    return agreed_between(facts, receiver, "sharing", facts.form.classes)  # type: ignore[union-attr]


def taken_back_as_the_law_asks(facts: Facts) -> Reason | None:
    """The law says how one leaves the referral. Sharing, and speaking with the police, end at any word of the person."""
    return None if facts.told().get("purpose") in ("sharing", "police") else signed_as_the_law_asks(facts)


def share(_: Facts, form: Given) -> Effect:
    """The agency that it was shared with sees the case from now on, for as long as was agreed."""
    joins = ((form.shared_with, Part.PARTNER),) if form.purpose == "sharing" and form.shared_with else ()
    return Effect(join=joins, remember={} if form.classes else {"classes": COVERED.get(form.purpose, ["C1"])})


def agreed_again(facts: Facts, form: Agreed) -> Effect:
    """An earlier last day holds no more, unless a new one was agreed. Whoever it ended for sees the case again."""
    told = facts.told()
    joins = [tuple(pair.split(" ")) for pair in told.get("ended_for", ())]
    if told.get("purpose") == "sharing" and told.get("shared_with"):
        joins.append((told["shared_with"], Part.PARTNER))
    forget = ("ended_for",) if form.due_on else ("due_on", "ended_for")
    kept: dict[str, Any] = {} if form.classes else {"classes": told.get("classes", [])}
    return Effect(join=tuple(dict.fromkeys((who, str(part)) for who, part in joins)), forget=forget, remember=kept)


def end_by_itself(facts: Facts, _: Form) -> Effect:
    """What was shared until this day is recorded as ended; it ended already, by itself."""
    told = facts.told()
    if told.get("purpose") not in ("sharing", "police"):
        return Effect()  # support and referral go on: a deadline asks the person anew
    gone = who_leaves(facts, told["purpose"], told.get("shared_with"))
    return Effect(leave=gone, remember={"ended_for": [" ".join(pair) for pair in gone]})


def let_follow(facts: Facts, _: Form) -> Effect:
    """What ends with this purpose and no other."""
    purpose = str(facts.told().get("purpose"))
    told = (
        facts.form.model_dump(mode="json", include={"how", "signed_by", "language", "interpreter"})
        if facts.form
        else {}
    )
    return Effect(
        leave=who_leaves(facts, purpose, facts.told().get("shared_with")),
        brings={
            **freezes(facts, purpose),
            "intake.withdraw": [told] if purpose == "referral" else [],
            "decision.ask_to_close": [{"reason": "consent_withdrawn"}] if purpose == "referral" else [],
            "support.decline": [{"reason": "consent_withdrawn"}] if purpose == "support" else [],
            "support.give_notice": [{"reason": "consent_withdrawn"}] if purpose == "support" else [],
        },
    )


def _shared_with(facts: Facts) -> str | None:
    """The agency that a consent to sharing names, in its form or in what its strand remembers."""
    if isinstance(facts.form, Given):
        return facts.form.shared_with if facts.form.purpose == "sharing" else None
    told = facts.told()
    return told.get("shared_with") if told.get("purpose") == "sharing" else None


C = Consent
SHARES = (may_last, names_what_is_shared, binds, can_receive)
ENDS = (*FREEZES, "intake.withdraw", "decision.ask_to_close", "support.decline", "support.give_notice")
ALL = ("owner", "worker", "referrer", "first_responder", "support", "authority")
PAPERS = ("agreements",)

# fmt: off
CONSENT = Workflow("consent", Consent, {C.WITHDRAWN, C.BY_LAW}, many=True, holds_open=False, says="What has the person agreed to?", moves=[
    #    move              leaves                             enters       needs               asks       only if                                               does           then  tells
    Move("give",           OPENING,                           C.GIVEN,     May.RECORD_CONSENT, Given,     (adult, only_one, *SHARES),                           share,         (),   (),     PAPERS),
    Move("refuse",         OPENING,                           C.REFUSED,   May.RECORD_CONSENT, Refused,   (adult, only_one)),
    Move("rest_on_law",    OPENING,                           C.BY_LAW,    May.ACT_AS_SYSTEM,  ByLaw),
    Move("give_after_all", [C.REFUSED, C.EXPIRED],            C.GIVEN,     May.RECORD_CONSENT, Agreed,    (adult, *SHARES),                                     agreed_again,  (),   ("owner", "worker", "referrer", "first_responder"), PAPERS),
    Move("expire",         [C.GIVEN],                         C.EXPIRED,   May.ACT_AS_SYSTEM,  Nothing,   (strand_is_not("contact", "deceased"),),              end_by_itself, (),   ("owner", "worker")),
    Move("renew",          [C.GIVEN],                         STAY,        May.RECORD_CONSENT, Agreed,    (adult, *SHARES),                                     agreed_again,  (),   (),     PAPERS),
    Move("withdraw",       [C.GIVEN, C.EXPIRED],              C.WITHDRAWN, May.RECORD_CONSENT, TakenBack, (adult, taken_back_as_the_law_asks),                  let_follow,    ENDS, ALL),
])
# fmt: on
