"""The steps inside a decision: whose case it is, which strand moves, the arrow, and those that follow it. All on values."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from referral import audit, free_text
from referral.access import SYSTEM, Act, Actor, Context, Matter, Outcome, Part, Relation, decide, who_may
from referral.errors import BadForm, BadTime, Blocked, NotAllowed, NotFound, NotOffered, Reason, Refusal
from referral.ids import new_id, new_reference
from referral.snapshot import CaseRow, Snapshot, StrandRow
from referral.storage import Change
from referral.vault import Vault
from workflows import binding, catalogue, marking, sealing, telling, winding
from workflows.ask import Ask, Done
from workflows.forms import Form
from workflows.jurisdiction import Law
from workflows.made import Made
from workflows.plan import Plan
from workflows.table import Move, Workflow

DEFAULT_LAW = "england-and-wales"
BACK = timedelta(days=366 * 30)  # nothing that is recorded now happened longer ago
AHEAD = timedelta(minutes=5)  # how far the asker's time may run ahead of ours


def begin(law: Law, snapshot: Snapshot, ask: Ask, workflow: Workflow, move: Move, form: Form) -> Plan:
    """The plan for the case that is named, if the actor may see it, or for a new one. Raises NotFound."""
    if ask.case is None:
        if move.leaves or catalogue.ROOTS[workflow.of] is not workflow:
            raise NotFound
        return _new_plan(
            law, snapshot, ask, workflow, form, jurisdiction=None, operation=getattr(form, "operation", None)
        )
    case = snapshot.case
    relation = snapshot.relation(ask.actor, ask.now)
    if (
        case is None
        or not (ask.let_in or shows_itself(relation, ask.actor, ask.now) or _is_named(snapshot, move, ask))
        or case.kind != workflow.of
        or (not move.leaves and catalogue.ROOTS[workflow.of] is workflow)
    ):
        raise NotFound
    plan = Plan(snapshot, case, ask, law[case.jurisdiction], relation)
    plan.enlist_asker()
    return plan


def shows_itself(relation: Relation, actor: Actor, now: datetime) -> bool:
    """Whether the actor, who stands to a case like this, may know that there is one."""
    found = decide(actor, Act.READ_CASE, Matter(relation), Context(now))
    return found.outcome is not Outcome.DENY_HIDDEN


def expect_right(plan: Plan, move: Move) -> None:
    """The right to make the move, in a role in which the actor is of the team. Raises NotAllowed."""
    if plan.ask.let_in or (_is_named(plan.snapshot, move, plan.ask) and plan.ask.actor.holds(move.needs)):
        return
    if not decide(plan.ask.actor, move.needs, Matter(plan.relation), Context(plan.ask.now)).allowed:
        raise NotAllowed(who=who_may(move.needs), needs=str(move.needs))


def _is_named(snapshot: Snapshot, move: Move, ask: Ask) -> bool:
    """The one exception: a strand that names the asker's agency, for the one move that is theirs to make."""
    named = next((strand.facts.get(move.named) for strand in snapshot.strands if strand.id == ask.strand), None)
    return bool(move.named) and named == ask.actor.agency


def expect_time(ask: Ask) -> None:
    """Backdated events are welcome; those in the future, or long before anybody worked here, are mistakes."""
    if ask.occurred is None or ask.now - BACK <= ask.occurred <= ask.now + AHEAD:
        return
    raise BadTime(Reason("bad_time", "Give the time at which it happened: not in the future, and within thirty years."))


def strand_for(plan: Plan, workflow: Workflow, move: Move, named: str | None) -> StrandRow | None:
    """The strand that the move acts on; None for one that opens. Raises NotOffered where the table has no such arrow."""
    standing = [strand for strand in plan.strands if strand.workflow == workflow.name]
    if not move.leaves:
        if not workflow.many and standing and not (workflow.again and standing[-1].state in workflow.final):
            raise NotOffered(
                Reason("already_open", f"{workflow.title} is already {standing[-1].state}."), who=who_may(move.needs)
            )
        return None
    if named is not None:
        standing = [strand for strand in standing if named in (strand.id, str(strand.number))]
    for strand in reversed(standing):
        if strand.state in move.leaves:
            return strand
    stands = f"is {standing[-1].state}" if standing else "has not begun"
    needs = " or ".join(str(state) for state in move.leaves)
    raise NotOffered(
        Reason("wrong_state", f"{workflow.title} {stands}; this needs it to be {needs}."), who=who_may(move.needs)
    )


def step(plan: Plan, workflow: Workflow, move: Move, form: Form, strand: StrandRow | None, *, leads: bool) -> None:
    """One arrow, then those that follow it. A follower is made by the system where it is possible, and noted where not."""
    facts = plan.facts(strand, form, actor=plan.ask.actor if leads else SYSTEM)
    reasons = move.blockers(facts)
    if leads:  # what follows by itself says nothing freely
        reasons += free_text.reasons(kind for kind in plan.snapshot.said if kind not in free_text.NAME)
    if reasons:
        raise Blocked(*reasons, who=who_may(move.needs))
    effect = move.does(facts, form) if move.does else None
    before = strand.state if strand else None
    after = _arrow(workflow, move.name, before)
    strand = strand or plan.open_strand(workflow, after)
    made = Made(workflow, move, strand, before, after, form, leads)
    plan.made.append(made)
    plan.apply(strand, after, form, effect)
    for name in move.then:
        for told in [{}] if effect is None or name not in effect.brings else effect.brings[name]:
            if not _followed(plan, name, told):
                made.not_followed.append(name)


def finish(plan: Plan, law: Law, vault: Vault | None) -> tuple[Done, Change]:
    """Everything that the moves bring with them: deadlines, events, messages, further cases."""
    children = [_child(plan, law, *wish) for wish in plan.opens]
    for one in (plan, *children):
        one.share()
        one.number(catalogue.HOLDS_OPEN, catalogue.FINAL)
        # Before the events are hashed: they name what it truly started and stopped.
        winding.wind(one, catalogue.FINAL, catalogue.OUTLASTS)
        one.note()
        marking.mark(marking.key_of(vault), one)
        sealing.seal(one, vault, plan.ask.now)
        one.chain(binding.told(one))
        telling.post(one)
        one.settle()
    plan.change.rows = {
        "cases": plan.change.rows.get("cases", []),
        **plan.change.rows,
    }  # a case before what points at it
    for child in children:
        for table, rows in child.change.rows.items():
            plan.change.rows.setdefault(table, []).extend(rows)
    case, first = plan.case, plan.made[0]
    reveals = plan.change.rows.get("reveals")
    done = Done(
        case.id, case.reference, first.workflow.name, first.strand.number, first.strand.state, case.version, first.seq,
        followed=tuple(made.name for made in plan.made[1:]), not_followed=tuple(first.not_followed),
        started=tuple(plan.started), ended=tuple(plan.ended),
        reveal=reveals[0]["id"] if reveals else None,
        opened=tuple({"case": child.case.id, "reference": child.case.reference} for child in children),
    )  # fmt: skip
    return done, plan.change


@lru_cache(maxsize=4096)
def _arrow(workflow: Workflow, move: str, before: str | None) -> str:
    """Where an arrow leads. The table's machine says so once for each arrow: it keeps nothing, so it cannot change its mind."""
    return workflow.arrow(workflow.moves[move], before)


def _followed(plan: Plan, name: str, told: dict[str, Any]) -> bool:
    workflow, move = catalogue.find(name)
    try:
        form = move.asks.model_validate(told)
        step(plan, workflow, move, form, strand_for(plan, workflow, move, None), leads=False)
    except (Refusal, ValidationError):
        return False
    return True


def _child(plan: Plan, law: Law, opening: str, told: dict[str, Any], case_id: str) -> Plan:
    """A further case that a move opens, such as that of a person met in an operation."""
    workflow, move = catalogue.find(opening)
    form = move.asks.model_validate(told)
    child = _new_plan(law, plan.snapshot, plan.ask, workflow, form, jurisdiction=plan.law.key, operation=plan.case.id)
    child.case.id = case_id
    child.join(child.case.owner_agency, Part.REFERRER)
    child.enlist_asker()
    step(child, workflow, move, form, None, leads=True)
    return child


def _new_plan(
    law: Law, snapshot: Snapshot, ask: Ask, workflow: Workflow, form: Form, *, jurisdiction: str | None,
    operation: str | None,
) -> Plan:  # fmt: skip
    key = getattr(form, "jurisdiction", None) or jurisdiction or DEFAULT_LAW
    if key not in law:
        raise BadForm(Reason("unknown_jurisdiction", "There are no rules for this jurisdiction."))
    actor = ask.actor
    case = CaseRow(
        id=new_id(), reference=new_reference(), kind=workflow.of, jurisdiction=key, opened_at=ask.now, version=0,
        head=audit.GENESIS, salt=bytes.fromhex(new_id()), open=True, child=None, adult_on=None, authority=None,
        owner_agency=actor.agency, owner_user=actor.id if actor.kind == "user" else None, operation_id=operation,
        next_due_at=None,
    )  # fmt: skip
    plan = Plan(snapshot, case, ask, law[key])
    if jurisdiction is None:
        plan.join(actor.agency, Part.LEAD if workflow.of == "operation" else Part.REFERRER)
        plan.enlist_asker()
    return plan
