"""What a row of a workflow is, and what a workflow is. A wrong table is refused when it is declared, not when it is used."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from transitions import Machine

from referral.access import May
from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import Form
from workflows.states import States

Guard = Callable[[Facts], Reason | None]
Does = Callable[[Facts, Any], Effect]  # (facts, the move's form) -> what else happens
OPENING: tuple[States, ...] = ()  # leaves nothing: the move opens the strand
STAY = None  # enters nothing: the state stays as it is


@dataclass(frozen=True, slots=True)
class Move:
    """One named change of state. The columns stand in the order in which they are written in a table."""

    name: str  # a verb of the trade
    leaves: Sequence[States]  # the states it starts from; OPENING for a move that opens the strand
    enters: States | None  # the state it leads to; STAY keeps the present one
    needs: May  # the one permission it asks for
    asks: type[Form]  # what it must be told
    only_if: tuple[Guard, ...] = ()  # pure; each gives a reason against it, or None
    does: Does | None = None  # what else happens, as a value
    then: tuple[str, ...] = ()  # moves of other workflows that follow, where they are possible
    tells: tuple[str, ...] = ()  # audiences: owner, worker, referrer, first_responder, authority, support, housing, ...
    reads: tuple[
        str, ...
    ] = ()  # more than the case: "answers", "identity", "partners" (who takes part), "agreements", "whereabouts",
    # "approver" (the account of whoever asks)
    named: str = ""  # the fact of the strand that names who may make it without taking part in the case any more

    def blockers(self, facts: Facts) -> list[Reason]:
        """Every reason against the move, not only the first."""
        return [reason for guard in self.only_if if (reason := guard(facts))]


class Workflow:
    """One table of moves, with one shared machine that makes the arrows."""

    def __init__(  # noqa: PLR0913  the head of a table
        self,
        name: str,
        states: type[States],
        final: Iterable[States],
        moves: Sequence[Move],
        *,
        of: str = "person",  # the kind of case it belongs to: person | operation | concern
        many: bool = False,  # several strands of it may run on one case at once
        again: bool = False,  # a new strand may be opened once the last one has ended
        holds_open: bool = True,  # the case stays open while such a strand has not ended
        outlasts: bool = False,  # it is about the file: its deadlines run although the case is closed
        says: str,
    ) -> None:
        """Check the table, then build its machine."""
        self.name, self.states, self.of, self.says = name, states, of, says
        self.final = frozenset(str(state) for state in final)
        self.title = name.capitalize()
        self.many, self.again, self.holds_open, self.outlasts = many, again, holds_open, outlasts
        self.moves = {move.name: move for move in moves}
        self._check(moves)
        self.leaving = {str(state): tuple(move for move in moves if state in move.leaves) for state in states}
        self.openings = tuple(move for move in moves if not move.leaves)
        self.machine = Machine(
            model=None,
            states=[str(state) for state in states],
            initial=None,
            auto_transitions=False,
            transitions=[
                {"trigger": move.name, "source": [str(state) for state in move.leaves], "dest": _dest(move)}
                for move in moves
                if move.leaves
            ],
        )
        self._events = self.machine.events

    def arrow(self, move: Move, state: str | None) -> str:
        """The state that the move leads to. Raises transitions' MachineError where the table has no such arrow."""
        if not move.leaves:
            return str(move.enters)
        token = _Token(state)
        self._events[move.name].trigger(token)
        return str(token.state)

    def _check(self, moves: Sequence[Move]) -> None:
        if len(self.moves) != len(moves):
            raise self._wrong(" has two moves of one name")
        for move in moves:
            self._check_move(move)
        arrows = {(str(state), str(move.enters)) for move in moves if move.enters is not None for state in move.leaves}
        reached = {str(move.enters) for move in moves if not move.leaves}
        while more := {to for start, to in arrows if start in reached} - reached:
            reached |= more
        left = {start for start, _ in arrows}
        for state in self.states:
            if str(state) not in reached:
                raise self._wrong(f" has the state {state}, which no move reaches")
            if str(state) not in self.final:
                self._check_waiting(state, left)

    def _check_move(self, move: Move) -> None:
        for state in (*move.leaves, *([move.enters] if move.enters is not None else [])):
            if not isinstance(state, self.states):
                raise self._wrong(f".{move.name} names {state!r}, which is no state of it")
        if not move.leaves and move.enters is None:
            raise self._wrong(f".{move.name} opens a strand but enters no state")
        for state in move.leaves:
            if str(state) in self.final:
                raise self._wrong(f".{move.name} leaves {state}, which is final")

    def _check_waiting(self, state: States, left: set[str]) -> None:
        if not state.waits:
            raise self._wrong(f" waits in {state} with neither owner nor deadline nor a reason for having none")
        if str(state) not in left:
            raise self._wrong(f" cannot leave {state}, which is not final")

    def _wrong(self, what: str) -> ValueError:
        return ValueError(f"{self.name}{what}")


class _Token:
    """What travels through the shared machine: a state and nothing else."""

    __slots__ = ("state",)

    def __init__(self, state: str | None) -> None:
        self.state = state


def _dest(move: Move) -> str:
    return "=" if move.enters is None else str(move.enters)
