"""R9, a child or somebody who may be one: the local authority, a guardian, the authority or a panel, and turning eighteen.

Not sure is treated as a child until the age has been assessed. A child cannot withdraw. The eighteenth birthday always makes an
adult; before the referral is sent, consent is asked for from then on, and while the conclusive decision is pending the young adult
is asked whether to go on, then or when it is pending again (Home Office changes live on 13 February 2026, grade B).
"""

from datetime import date, datetime
from typing import Literal

from referral.access import AgencyKind, May, Part, Role
from referral.errors import Reason
from referral.reckoning import Born, birthday, local_day
from workflows.facts import Effect, Facts
from workflows.forms import AgencyId, Code, Day, Form, Line, Note, Nothing, Text
from workflows.guards import child, day_of, decides_here, signed_as_the_law_asks, strand_is_not
from workflows.spoken import Signed, Spoken
from workflows.states import States, because, by
from workflows.table import OPENING, STAY, Move, Workflow

UNDECIDED = (None, "rg_pending", "rg_suspended", "recovery", "cg_pending", "cg_suspended", "closing")


class Child(States):
    """Where a child's case stands beside the decision itself."""

    # fmt: off
    IDENTIFIED       = "identified", "The person is a child, or may be one; the local authority has not been told.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, deadline="local_authority_told")
    AUTHORITY_TOLD   = "authority_told", "The local authority knows, and the referral can go on.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, deadline="child_referred")
    SUBMITTED        = "submitted", "The referral was sent; who decides is not recorded.", by(Role.CASEWORKER, deadline="child_authority_named")
    BEFORE_AUTHORITY = "before_authority", "The competent authority decides.", by(Role.CASEWORKER, deadline="child_review")
    BEFORE_PANEL     = "before_panel", "A local panel decides.", by(Role.CASEWORKER, deadline="child_review")
    EIGHTEEN         = "eighteen", "The decision is pending and an answer is needed: does the person want to go on?", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, deadline="answer_at_eighteen")
    NO_ANSWER        = "no_answer", "No answer could be had; the authority decides how to go on.", by(Role.CASEWORKER, Role.FIRST_RESPONDER, deadline="no_answer_review")
    REMAINS          = "remains", "The young adult stays in the process."
    WITHDREW         = "withdrew", "The young adult took themselves out."
    FOUND_ADULT      = "found_adult", "The person was found to be an adult."
    DECIDED          = "decided", "The conclusive decision was made, or the case concluded.", because("Only the eighteenth birthday is still to come, and the question if it is decided again.")
    # fmt: on


class LocalAuthority(Form):
    """Whom at the local authority: the referral cannot be sent without them."""

    contact: Line
    phone: Line
    email: Line
    agency: AgencyId | None = None  # where it works with this system, it takes part from now on
    reference: Line | None = None


class Guardian(Form):
    """Which guardian service was asked."""

    service: Code  # ictg, independent_guardian, guardianship_scotland
    note: Text | None = None


class Allocation(Form):
    """The guardian, or the coordinator where a parental figure is there."""

    kind: Literal["direct_worker", "regional_coordinator", "independent_guardian"]
    name: Line
    phone: Line | None = None


class Discussion(Form):
    """The strategy discussion of the safeguarding partners."""

    held_on: Day
    outcome: Code | None = None
    note: Text | None = None


class ToPanel(Form):
    """The panel's site, and its date where known."""

    site: Code
    agency: AgencyId | None = None  # where the panel's authority works with this system, it decides from now on
    panel_on: Day | None = None


class PanelDate(Form):
    """When the panel meets."""

    panel_on: Day


class Remaining(Signed):
    """The answer on staying, and, asked for itself, on support as an adult."""

    wants_support: bool
    notice_version: Code


class Leaving(Signed):
    """The answer that the young adult wants to leave."""

    reason: Code | None = None
    note: Text | None = None


class FoundAdult(Form):
    """How it was found that the person is an adult. Nothing is sent without consent from then on; what was sent stands, and consent is due."""

    how: Literal["age_assessment", "document", "birthday"]
    assessed_on: Day
    assessed_by: AgencyId | None = None
    note: Text | None = None


class FoundChild(Form):
    """How it was found that the person is a child."""

    how: Literal["age_assessment", "document"]
    assessed_on: Day
    note: Text | None = None


def decision_pending(facts: Facts) -> Reason | None:
    """Eighteen matters only while the conclusive decision is still to be made, also where receipt is not yet confirmed."""
    if facts.state("decision") in UNDECIDED:
        return None
    return Reason("decision_not_pending", "No conclusive decision is pending.")


def birthday_reached(facts: Facts) -> Reason | None:
    """The young adult is asked on or after the birthday, never before."""
    adult_on = facts.case.adult_on
    if adult_on is not None and day_of(facts) < adult_on:
        return Reason("not_yet_eighteen", "The person is asked on the birthday or after it.")
    return None


def turned_here(facts: Facts) -> Reason | None:
    """A birthday makes an adult of a child who was met as one. A day of birth long before that is a matter of assessment."""
    if facts.case.adult_on is None:
        return Reason("birthday_unknown", "The date of birth is not known.")
    met = facts.told("intake").get("met_at")
    began = min(facts.case.opened_at, datetime.fromisoformat(met)) if met else facts.case.opened_at
    if facts.case.adult_on < local_day(began, facts.law.zone):
        return Reason("needs_assessment", "By this day of birth the person was met as an adult: have the age assessed.")
    return birthday_reached(facts)


def is_panel_authority(facts: Facts) -> Reason | None:
    """The agency that is named must be one that can decide."""
    if not isinstance(facts.form, ToPanel) or facts.form.agency is None:
        return None
    agency = facts.agencies.get(facts.form.agency)
    if agency and agency.active and agency.kind in (AgencyKind.COMPETENT_AUTHORITY, AgencyKind.LOCAL_AUTHORITY):
        return None
    return Reason("not_an_authority", "This agency cannot decide.")


def birthday_reached_if_named(facts: Facts) -> Reason | None:
    """That a birthday made somebody an adult can only be said of a known birthday that has come."""
    if not isinstance(facts.form, FoundAdult) or facts.form.how != "birthday":
        return None
    if facts.case.adult_on is None:
        return Reason("birthday_unknown", "The date of birth is not known.")
    return birthday_reached(facts)


def panel_may_decide(facts: Facts) -> Reason | None:
    """A panel takes children whose age is certain and who are strictly more than so many days from eighteen.

    Home Office, devolving child decision-making pilot, guidance 2023 and statistics annex, 7 November 2024; grade A.
    """
    known = "panel_scope_days" in facts.law.terms
    scope = facts.term("panel_scope_days", _referred_on(facts)) if known else None
    if scope is None:
        return Reason("no_panels", "There are no panels here.")
    if facts.case.child != "yes" or facts.case.adult_on is None:
        return Reason("age_uncertain", "A panel does not decide while the age is uncertain.")
    if (facts.case.adult_on - _referred_on(facts)).days <= scope:
        return Reason(
            "too_near_eighteen", f"A panel decides only more than {scope} days before the eighteenth birthday."
        )
    return None


def join_authority(_: Facts, form: LocalAuthority) -> Effect:
    """The local authority takes part from the moment it is told."""
    return Effect(join=((form.agency, Part.LOCAL_AUTHORITY),) if form.agency else ())


def is_local_authority(facts: Facts) -> Reason | None:
    """The agency that is named must be a local authority, or the trust that stands in its place."""
    if not isinstance(facts.form, LocalAuthority) or facts.form.agency is None:
        return None
    agency = facts.agencies.get(facts.form.agency)
    if agency is None or not agency.active or agency.kind not in ("local_authority", "health_trust_ni"):
        return Reason("not_a_local_authority", "This agency is not a local authority.")
    return None


def sent_on(facts: Facts, _: Form) -> Effect:
    """The day of the referral, from which the panel's scope is counted."""
    return Effect(remember={"referred_on": day_of(facts).isoformat()})


def join_panel(_: Facts, form: ToPanel) -> Effect:
    """The panel's authority takes part from now on."""
    return Effect(join=((form.agency, Part.AUTHORITY),) if form.agency else ())


def come_of_age(facts: Facts, _: Form) -> Effect:
    """From the first minute of the birthday the person decides for themselves: on being referred at all, or on going on."""
    early = facts.strand is not None and facts.strand.state in (Child.IDENTIFIED, Child.AUTHORITY_TOLD)
    found = [{"how": "birthday", "assessed_on": day_of(facts).isoformat()}]
    pending = not early and decision_pending(facts) is None
    return Effect(
        case={"child": "no"},
        brings={"child.assess_as_adult": found if early else [], "child.await_answer": [{}] if pending else []},
    )


def stay_in(_: Facts, form: Remaining) -> Effect:
    """Consent to the referral is now the young adult's own; support is a question of its own."""
    said = form.model_dump(mode="json", include={"how", "signed_by", "language", "interpreter", "notice_version"})
    unsigned = {"language": form.language, "interpreter": form.interpreter, "purpose": "support"}
    agreed = [{**said, "purpose": "referral"}, *([{**said, "purpose": "support"}] if form.wants_support else [])]
    return Effect(
        brings={
            "consent.give": agreed,
            "consent.refuse": [] if form.wants_support else [unsigned],
            "support.request": [{}] if form.wants_support else [],
        }
    )


def leave_it(_: Facts, form: Leaving) -> Effect:
    """The authority confirms the closing."""
    said = form.model_dump(mode="json", include={"how", "signed_by", "language", "interpreter"})
    return Effect(brings={"decision.ask_to_close": [{"reason": "withdrawn_at_eighteen"}], "intake.withdraw": [said]})


def adult_now(facts: Facts, _: Form) -> Effect:
    """No panel decides on an adult; consent is asked for as of any adult."""
    before_panel = facts.case.authority == "panel" and decision_pending(facts) is None
    transfer = [{"authority": "SCA", "reason": "age_disputed"}] if before_panel else []
    return Effect(
        case={"child": "no", "adult_on": None}, brings={"decision.transfer": transfer, "intake.ask_consent": [{}]}
    )


def child_now(_facts: Facts, _: Form) -> Effect:
    """The age is no longer doubted."""
    return Effect(case={"child": "yes"})


def comes_of_age(facts: Facts, born: date) -> date:
    """The eighteenth birthday under the law of this case, also of those born on 29 February."""
    leap_day = facts.term("leap_birthday") if "leap_birthday" in facts.law.terms else None
    return birthday(Born(born, str(leap_day or "1 March")))


def _referred_on(facts: Facts) -> date:
    kept = facts.told("child").get("referred_on")
    return date.fromisoformat(kept) if kept else day_of(facts)


C = Child
BEFORE = [C.SUBMITTED, C.BEFORE_AUTHORITY, C.BEFORE_PANEL]
TRACK = [C.IDENTIFIED, C.AUTHORITY_TOLD, *BEFORE, C.DECIDED]
ASKED = [C.EIGHTEEN, C.NO_ANSWER]
ROUND = ("owner", "worker", "first_responder", "local_authority", "authority")
ALIVE = strand_is_not("contact", "deceased")

# fmt: off
CHILD = Workflow("child", Child, {C.REMAINS, C.WITHDREW, C.FOUND_ADULT}, again=True, holds_open=False, says="Is the child looked after, and what happens at eighteen?", moves=[
    #    move                       leaves                     enters              needs               asks            only if                                                       does            then  tells
    Move("identify",                OPENING,                   C.IDENTIFIED,       May.RECORD_CHILD,   Nothing,        (child,)),
    Move("tell_local_authority",    [C.IDENTIFIED],            C.AUTHORITY_TOLD,   May.RECORD_CHILD,   LocalAuthority, (is_local_authority,),                                        join_authority, (),   ("owner", "first_responder", "local_authority")),
    Move("refer_to_guardian",       TRACK,                     STAY,               May.RECORD_CHILD,   Guardian),
    Move("allocate_guardian",       TRACK,                     STAY,               May.RECORD_CHILD,   Allocation,     (),                                                           None,           (),   ("owner", "first_responder", "local_authority")),
    Move("hold_strategy_discussion", TRACK,                    STAY,               May.RECORD_CHILD,   Discussion),
    Move("assess_as_child",         TRACK,                     STAY,               May.RECORD_CHILD,   FoundChild,     (),                                                           child_now,      (),   ROUND),
    Move("assess_as_adult",         TRACK,                     C.FOUND_ADULT,      May.RECORD_CHILD,   FoundAdult,     (birthday_reached_if_named,),                                 adult_now,      ("decision.transfer", "intake.ask_consent"), ROUND, ("answers",)),
    Move("submit",                  [C.AUTHORITY_TOLD],        C.SUBMITTED,        May.ACT_AS_SYSTEM,  Nothing,        (),                                                           sent_on),
    Move("go_to_authority",         [C.SUBMITTED, C.BEFORE_PANEL], C.BEFORE_AUTHORITY, May.DECIDE_CHILD, Note,         (decides_here,),                                                           None,           (),   ROUND),
    Move("go_to_panel",             [C.SUBMITTED],             C.BEFORE_PANEL,     May.DECIDE_CHILD,   ToPanel,        (decides_here, panel_may_decide, is_panel_authority),         join_panel,     (),   ROUND),
    Move("set_panel_date",          [C.BEFORE_PANEL],          STAY,               May.DECIDE_CHILD,   PanelDate,      (decides_here,),                                                           None,           (),   ROUND),
    Move("turn_eighteen",           TRACK,                     STAY,               May.ACT_AS_SYSTEM,  Nothing,        (turned_here, ALIVE),                                         come_of_age,    ("child.assess_as_adult", "child.await_answer"), (*ROUND, "manager"), ("answers",)),
    Move("await_answer",            [*BEFORE, C.DECIDED],      C.EIGHTEEN,         May.ACT_AS_SYSTEM,  Nothing,        (birthday_reached, decision_pending)),
    Move("explain_at_eighteen",     ASKED,                     STAY,               May.RECORD_CHILD,   Spoken,         (birthday_reached,)),
    Move("remain",                  ASKED,                     C.REMAINS,          May.RECORD_CHILD,   Remaining,      (birthday_reached, decision_pending, signed_as_the_law_asks), stay_in,        ("consent.give", "consent.refuse", "support.request"), (*ROUND, "support")),
    Move("withdraw",                ASKED,                     C.WITHDREW,         May.RECORD_CHILD,   Leaving,        (birthday_reached, decision_pending, signed_as_the_law_asks), leave_it,       ("decision.ask_to_close", "intake.withdraw"), (*ROUND, "support")),
    Move("give_no_answer",          [C.EIGHTEEN],              C.NO_ANSWER,        May.RECORD_CHILD,   Note,           (birthday_reached,),                                          None,           (),   (*ROUND, "manager")),
    Move("finish",                  [*BEFORE, *ASKED],         C.DECIDED,          May.ACT_AS_SYSTEM,  Nothing),
])
# fmt: on
