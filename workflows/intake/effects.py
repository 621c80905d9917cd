"""What the moves of intake do beside their arrows. Values only; nothing here touches a database."""

from datetime import date
from typing import Any

import orjson

from referral.access import Part
from referral.form.branching import NOTIFY_ANONYMOUS, NOTIFY_NAMED, REFERRAL
from referral.form.codes import INDICATORS
from referral.form.draft import tidy
from referral.form.fields import IDENTITY
from referral.ids import new_id
from workflows.child import comes_of_age
from workflows.facts import Effect, Facts, Row
from workflows.forms import Form
from workflows.guards import consents_to
from workflows.intake.forms import (
    Age,
    Closing,
    Consents,
    Draft,
    Encounter,
    Handing,
    Notice,
    Receipt,
    Refusal,
    Submission,
)
from workflows.intake.rules import basis_of
from workflows.withdrawal import freezes, who_leaves

ASKED = ("requested", "emergency_referred", "contact_attempts", "contact_failed")  # support that has not begun
BEGUN = ("emergency_support", "in_assessment", "in_support", "move_on", "rna_pending", "extended")
NOBODY: dict[str, None] = dict.fromkeys(sorted(IDENTITY))  # every identity column, empty


def person(facts: Facts, basis: str, **columns: Any) -> Row:
    """The row of the people table."""
    return Row("people", {"case_id": facts.case.id, "basis": basis, **columns})


def answers(facts: Facts, **told: Any) -> tuple[Row, ...]:
    """The referral form with these answers; None takes one back. Nothing where the form so far was not read."""
    if facts.answers is None and facts.strand is not None:
        return ()
    merged = {name: value for name, value in {**(facts.answers or {}), **told}.items() if value is not None}
    text = orjson.dumps(merged, option=orjson.OPT_SORT_KEYS).decode()
    return (Row("answers", {"case_id": facts.case.id, "answers": text, "saved_at": facts.now}),)


def meet(facts: Facts, form: Encounter) -> Effect:
    """What the first meeting told already is not asked again."""
    seen = [code for code in form.indicators if code in INDICATORS]
    still = form.still_in_exploitation if form.still_in_exploitation != "not_sure" else None
    effect = Effect(
        remember={"met_at": (form.met_at or facts.occurred).isoformat(), "basis": REFERRAL},
        brings={"contact.open": [{}], "child.identify": [{}] if form.under_18 in ("yes", "not_sure") else []},
        rows=(
            *answers(facts, under_18=form.under_18, indicators=seen or None, indicators_seen="yes" if seen else None,
                     still_in_situation=still),
            *_met(facts, form),
        ),
    )  # fmt: skip
    if form.under_18:
        effect.case["child"] = form.under_18
    _born(facts, effect, form.born, REFERRAL)
    return effect


def answer_age(facts: Facts, form: Age) -> Effect:
    """The track of the case. There is no notification for a child: from now on it is a referral."""
    child = form.under_18 in ("yes", "not_sure")
    basis = REFERRAL if child else basis_of(facts)
    effect = Effect(
        remember={"basis": basis},
        case={"child": form.under_18},
        brings={"child.identify": [{}] if child and facts.state("child") in (None, "found_adult") else []},
        rows=answers(facts, under_18=form.under_18),
    )
    _born(facts, effect, form.born, basis)
    return effect


def consent(facts: Facts, form: Consents) -> Effect:
    """Three answers, three strands."""
    said = form.model_dump(mode="json", include={"language", "interpreter"})
    signed = form.model_dump(mode="json", include={"how", "signed_by", "notice_version"})
    purposes = {"referral": form.referral, "support": form.support, "police": form.police}
    return Effect(
        remember={"basis": REFERRAL},
        forget=("best_interests", "due_on", "reason", "will_cooperate"),
        brings={
            "consent.give": [{**said, **signed, "purpose": purpose} for purpose, yes in purposes.items() if yes],
            "consent.refuse": [{**said, "purpose": purpose} for purpose, yes in purposes.items() if not yes],
        },
        rows=(
            person(facts, REFERRAL),
            *answers(facts, wants_referral="yes", needs_support=_yes(form.support), cooperates=_yes(form.police)),
        ),
    )


def refer_child(facts: Facts, _: Form) -> Effect:
    """A child is always referred: neither consent nor support is asked."""
    return Effect(
        brings={"consent.rest_on_law": [{"basis": "child_safeguarding"}]},
        remember={"basis": REFERRAL},
        rows=(
            person(facts, REFERRAL),
            *answers(facts, under_18=facts.case.child, wants_referral=None, needs_support=None, refusal_reason=None),
        ),
    )


def decide_for(facts: Facts, _: Form) -> Effect:
    """An adult who cannot decide is referred on a decision in their best interests."""
    return Effect(
        brings={"consent.rest_on_law": [{"basis": "vital_interests"}]},
        remember={"basis": REFERRAL, "best_interests": True},
        rows=(person(facts, REFERRAL), *answers(facts, wants_referral="yes")),
    )


def refuse(facts: Facts, form: Refusal) -> Effect:
    """Without cooperation nothing that says who the person is may stay in the record."""
    basis = NOTIFY_NAMED if form.will_cooperate else NOTIFY_ANONYMOUS
    nobody = {} if form.will_cooperate else NOBODY
    return Effect(
        remember={"basis": basis},
        case={} if form.will_cooperate else {"adult_on": None},
        forgets=() if form.will_cooperate else ("notes",),
        rows=(
            person(facts, basis, **nobody),
            *answers(facts, wants_referral="no", needs_support=None, cooperates=_yes(form.will_cooperate)),
        ),
    )


def ask_afresh(facts: Facts, _: Form) -> Effect:
    """What was answered about agreeing holds no more."""
    return Effect(
        remember={"basis": REFERRAL},
        forget=("reason", "will_cooperate", "best_interests"),
        rows=(
            person(facts, REFERRAL),
            *answers(facts, under_18=facts.case.child, wants_referral=None, needs_support=None, cooperates=None),
        ),
    )


def save(facts: Facts, form: Draft) -> Effect:
    """Everything that was told is kept at once, complete or not; identity apart."""
    clean = tidy({**form.answers, **form.identity})[0]
    effect = Effect(rows=answers(facts, **{name: told for name, told in clean.items() if name not in IDENTITY}))
    columns = {name: told for name, told in clean.items() if name in IDENTITY}
    if basis_of(facts) == NOTIFY_ANONYMOUS or not columns:
        return effect
    if "date_of_birth" in columns:
        born = date.fromisoformat(columns["date_of_birth"]) if columns["date_of_birth"] else None
        columns["date_of_birth"] = born
        effect.case["adult_on"] = _adult_on(facts, born, facts.case.child)
    effect.rows = (*effect.rows, person(facts, basis_of(facts), **columns))
    return effect


def hand_over(facts: Facts, form: Handing) -> Effect:
    """The organisation that is asked sees the case; who prepared it is remembered to the end."""
    return Effect(
        remember={"prepared_by": facts.actor.id, "prepared_agency": facts.actor.agency},
        join=((form.to, Part.FIRST_RESPONDER),),
    )


def ask_to_notify(_: Facts, form: Handing) -> Effect:
    """The body that is asked sees the case."""
    return Effect(join=((form.to, Part.FIRST_RESPONDER),))


def hand_back(facts: Facts, _: Form) -> Effect:
    """The organisation that was asked takes part no longer."""
    return Effect(leave=((str(facts.told().get("to")), Part.FIRST_RESPONDER),), forget=("to",))


def adopt(facts: Facts, _: Form) -> Effect:
    """Who answers for the referral from now on."""
    return Effect(remember={"adopted_by": facts.actor.id, "adopted_agency": facts.actor.agency})


def submit(facts: Facts, form: Submission) -> Effect:
    """Who prepared and who sent it are both remembered; a child's support hangs on no answer."""
    told, actor = facts.told(), facts.actor
    support = not facts.is_child and consents_to("support")(facts) is None
    return Effect(
        remember={
            "prepared_by": told.get("prepared_by", actor.id),
            "prepared_agency": told.get("prepared_agency", actor.agency),
            "submitted_by": actor.id,
            "submitted_agency": actor.agency,
        },
        join=((actor.agency, Part.FIRST_RESPONDER), (form.authority, Part.AUTHORITY)),
        brings={
            "child.submit": [{}] if facts.is_child else [],
            "justice.open": [{}],
            "support.request": [{}] if support else [],
        },
        rows=answers(facts, reference=form.reference) if form.reference else (),
    )


def acknowledge(_: Facts, form: Receipt) -> Effect:
    """The authority that has it decides."""
    return Effect(case={"authority": form.authority})


def end_support(facts: Facts, form: Form) -> Effect:
    """What was asked for with the referral ends with it: a person confirms the exit of whoever is already in support."""
    reason = {"reason": form.reason if isinstance(form, Closing) else "referral_ended"}
    standing = facts.newest("assignment") is not None and facts.state("assignment") != "ended"
    begun = facts.state("support") in BEGUN
    asked = facts.state("support") in ASKED
    return Effect(
        brings={
            "support.give_notice": [reason] if begun else [],
            "support.end_request": [reason] if asked else [],
            "assignment.end": [reason] if standing and not (begun or asked) else [],
        }
    )


def withdraw(facts: Facts, form: Form) -> Effect:
    """The same, and what a withdrawal brings wherever it is recorded."""
    ended = end_support(facts, form)
    ended.brings |= freezes(facts, "referral")
    ended.leave = who_leaves(facts, "referral")
    return ended


def notify(facts: Facts, form: Notice) -> Effect:
    """Who notified, and where it went. The duty carries it, not consent; without a name it is never more than that."""
    basis = "legal_duty" if basis_of(facts) == NOTIFY_NAMED else "notify_only"
    return Effect(
        brings={"consent.rest_on_law": [{"basis": basis}]},
        remember={"notified_by": facts.actor.id, "notified_agency": facts.actor.agency},
        join=((form.authority, Part.AUTHORITY),) if form.authority else (),
    )


def _born(facts: Facts, effect: Effect, born: date | None, basis: str) -> None:
    """The day of birth goes into the people table, the eighteenth birthday to the case, neither into the strand."""
    anonymous = basis == NOTIFY_ANONYMOUS
    effect.rows = (*effect.rows, person(facts, basis, **({"date_of_birth": born} if born and not anonymous else {})))
    if not born and facts.identity and (kept := facts.identity.get("date_of_birth")):
        born = date.fromisoformat(kept)
    if born and not anonymous:
        effect.case["adult_on"] = _adult_on(facts, born, effect.case.get("child", facts.case.child))


def _adult_on(facts: Facts, born: date | None, child: str | None) -> date | None:
    """The eighteenth birthday, kept in the open only where the machine must act on it: of an adult it would tell the day of birth."""
    return None if born is None or child == "no" else comes_of_age(facts, born)


def _met(facts: Facts, form: Encounter) -> tuple[Row, ...]:
    """The line in the operation's list of people met."""
    if facts.case.operation_id is None:
        return ()
    return (
        Row("encounters", {
            "id": new_id(), "operation_id": facts.case.operation_id, "case_id": facts.case.id,
            "met_at": form.met_at or facts.occurred, "outcome": form.outcome, "child": form.under_18,
            "indicators": " ".join(form.indicators),
        }),
    )  # fmt: skip


def _yes(answer: bool) -> str:  # noqa: FBT001  one answer in, one answer out
    return "yes" if answer else "no"
