"""Every state, every move, every role, of every table: what is offered and what the door does never disagree."""

from collections import Counter

import pytest

from referral.access import Actor, Role
from referral.errors import BadForm, Blocked, NotAllowed, NotFound, NotOffered, Refusal
from referral.snapshot import Snapshot
from tests.standing import snapshot, store
from tests.told import told
from tests.world import START, World, a, law, vault
from workflows import catalogue
from workflows.ask import Ask
from workflows.engine import decide, perform, understood
from workflows.offered import Offer, offers
from workflows.table import Move, Workflow

ACTORS = [a(role) for role in Role]
CIRCUMSTANCES = [
    pytest.param({"alone": True}, id="alone"),
    pytest.param({}, id="adult"),
    pytest.param({"child": "yes"}, id="child"),
]
PLACES = [(workflow.name, str(state)) for workflow in catalogue.WORKFLOWS.values() for state in workflow.states]


def moves(workflow: Workflow) -> list[Move]:
    return [move for move in workflow.moves.values() if move.leaves or catalogue.ROOTS[workflow.of] is not workflow]


def judge(seen: Snapshot, actor: Actor, offer: Offer, refusal: Refusal | None) -> str:
    """Hold the door's answer against what was offered; give back what kind of answer it was."""
    workflow = offer.move.split(".")[0]
    where = f"{offer.move} by {actor.roles[0]} in {[s.state for s in seen.strands if s.workflow == workflow]}"
    if refusal is None:
        assert offer.yes, f"{where} was done and not offered"
        return "done"
    assert refusal.code, where
    if offer.yes:
        # Only what the form says can speak against a move that was offered; without a form nobody could know.
        assert isinstance(refusal, (Blocked, BadForm)), f"{where} was offered, but {refusal!r}"
        return "form"
    codes = {reason.code for reason in offer.reasons}
    assert codes, where
    assert offer.who, where
    assert all(reason.says for reason in offer.reasons), where
    expected = "not_allowed" if isinstance(refusal, NotAllowed) else None
    told_codes = {expected} if expected else {reason.code for reason in refusal.reasons}
    agree = told_codes <= codes or (isinstance(refusal, Blocked) and codes & told_codes)
    assert agree, f"{where}: {told_codes} {codes}"
    assert refusal.who == offer.who, where
    assert isinstance(refusal, (NotAllowed, NotOffered, Blocked)), where
    return refusal.code


@pytest.mark.parametrize("around", CIRCUMSTANCES)
@pytest.mark.parametrize(("name", "state"), PLACES)
def test_what_is_decided_is_what_was_offered(name: str, state: str, around: dict[str, object]) -> None:
    workflow = catalogue.WORKFLOWS[name]
    seen = snapshot(workflow.of, name, state, **around)  # type: ignore[arg-type]
    answers: Counter[str] = Counter()
    for actor in ACTORS:
        for offer in offers(law(), seen, actor, START):
            if offer.move.startswith(f"{name}."):
                answers[judge(seen, actor, offer, answer_of_the_tables(seen, actor, offer))] += 1
    assert sum(answers.values()) >= len(ACTORS) * len(moves(workflow))


def answer_of_the_tables(seen: Snapshot, actor: Actor, offer: Offer) -> Refusal | None:
    assert seen.case is not None
    workflow, move = catalogue.find(offer.move)
    ask = Ask(actor, offer.move, START, case=seen.case.id, strand=str(offer.strand) if offer.strand else None)
    try:
        decide(law(), seen, ask, workflow, move, understood(move, told(offer.move)), vault())
    except Refusal as why:
        return why
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue.WORKFLOWS)
def test_the_door_itself_answers_as_offered(world: World, name: str) -> None:
    """Through perform(), on both databases: every state and move, by one who may, one who may not, and a stranger."""
    workflow = catalogue.WORKFLOWS[name]
    stranger = a(Role.FIRST_RESPONDER, "stranger")
    for state in workflow.states:
        seen = snapshot(workflow.of, name, str(state))
        case = store(world.db, seen)
        for move in moves(workflow):
            called = f"{name}.{move.name}"
            with pytest.raises(NotFound):
                perform(world.db, world.law, Ask(stranger, called, world.now, case=case, form=told(called)))
            able = next(actor for actor in ACTORS if move.needs in actor.may)
            unable = next(actor for actor in ACTORS if move.needs not in actor.may and actor.kind == "user")
            for actor in (unable, able):
                refusal = None
                offer = next(o for o in reversed(offers(world.law, seen, actor, world.now)) if o.move == called)
                strand = str(offer.strand) if offer.strand else None
                ask = Ask(actor, called, world.now, case=case, form=told(called), strand=strand)
                try:
                    perform(world.db, world.law, ask)
                except Refusal as why:
                    refusal = why
                if judge(seen, actor, offer, refusal) == "done":
                    seen = snapshot(workflow.of, name, str(state))
                    case = store(world.db, seen)
