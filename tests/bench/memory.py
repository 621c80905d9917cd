"""Firing one event in memory: the definition looked up by name, one guard, the arrow.

A step is a batch, so that the timing itself does not count.
"""
# mypy: disable-error-code="import-not-found"

from typing import Any

from tests.bench import unit
from tests.bench.child import Step

BATCH = 99  # whole rounds of the ring


def ours(index: int) -> Step:
    """find(), the guards of the row, and the shared machine's arrow."""
    from tests.factories import facts
    from tests.factories import strand as row
    from workflows import catalogue

    del index
    seen, name, state = facts(row("intake", "identified"), child="no"), "intake.explain", "identified"

    def step() -> None:
        for _ in range(BATCH):
            workflow, move = catalogue.find(name)
            if move.blockers(seen):
                raise RuntimeError(name)
            workflow.arrow(move, state)

    return step


def listing(index: int) -> Step:
    """The names of the moves that leave the state of a strand."""
    from workflows import catalogue

    del index
    standing = [("intake", "drafting"), ("contact", "in_contact"), ("consent", "given")]

    def step() -> None:
        for _ in range(BATCH):
            for workflow, state in standing:
                [move.name for move in catalogue.WORKFLOWS[workflow].leaving[state]]

    return step


ARROWS = [
    {"trigger": move, "source": before, "dest": after, "conditions": "ok"}
    for move, before, after in unit.RING + unit.SIDE
]


class Token:
    """What a machine drives."""

    def __init__(self) -> None:
        self.state = "asked"

    def ok(self) -> bool:
        """The guard."""
        return True


def shared(index: int) -> Step:
    """One shared `transitions` machine, nothing bound to it."""
    from transitions import Machine

    del index
    machine = Machine(model=None, states=unit.STATES, transitions=ARROWS, initial="met", auto_transitions=False)

    def step() -> None:
        for _ in range(BATCH):
            machine.events["to_drafted"].trigger(Token())

    return step


def per_case(index: int) -> Step:
    """A new `transitions` machine for every case, as its documentation shows."""
    from transitions import Machine

    del index

    def step() -> None:
        for _ in range(BATCH):
            token: Any = Token()
            Machine(model=token, states=unit.STATES, transitions=ARROWS, initial="asked")
            token.to_drafted()

    return step


def statemachine(index: int) -> Step:
    """python-statemachine, one machine kept."""
    from statemachine import State, StateMachine

    del index
    states = {name: State(name, initial=name == "met") for name in unit.STATES}
    moves = {move: states[before].to(states[after], cond="ok") for move, before, after in unit.RING}
    kind: Any = type("Peer", (StateMachine,), {**states, **moves, "ok": lambda _: True, "__module__": __name__})
    machine, ring = kind(), [move for move, _, _ in unit.RING]

    def step() -> None:
        for number in range(BATCH):
            machine.send(ring[number % len(ring)])

    return step
