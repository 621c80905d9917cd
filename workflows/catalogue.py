"""All workflows by name: one line for each. What must hold between them is checked when this is imported."""

from importlib import import_module

from referral.access import Role
from referral.errors import UnknownMove
from workflows import tables
from workflows.jurisdiction import Jurisdiction, Known
from workflows.table import Move, Workflow

# Each names a module beside this one and the workflow that it declares. The order is that of every list and diagram.
NAMES = (
    "intake",
    "decision",
    "support",
    "housing",
    "assignment",
    "disqualification",
    "contact",
    "consent",
    "acknowledgement",
    "child",
    "inquiry",
    "stay",
    "justice",
    "keeping",
    "account",
    "glass",
    "operation",
    "concern",
    "introduction",
)


def _declared(name: str) -> Workflow:
    """The workflow of this name, from the module of this name."""
    for found in vars(import_module(f"workflows.{name}")).values():
        if isinstance(found, Workflow) and found.name == name:
            return found
    raise ValueError(f"workflows.{name} declares no workflow of that name")


WORKFLOWS: dict[str, Workflow] = tables.collect(_declared(name) for name in NAMES)
# The workflow whose opening opens a case of each kind.
_ROOTS = {"person": "intake", "operation": "operation", "concern": "concern"}
ROOTS: dict[str, Workflow] = {kind: WORKFLOWS[name] for kind, name in _ROOTS.items()}
FINAL: dict[str, frozenset[str]] = {name: workflow.final for name, workflow in WORKFLOWS.items()}
HOLDS_OPEN = frozenset(name for name, workflow in WORKFLOWS.items() if workflow.holds_open)
OUTLASTS = frozenset(name for name, workflow in WORKFLOWS.items() if workflow.outlasts)

tables.check(WORKFLOWS)
tables.check_permissions(WORKFLOWS)

_MOVES = tables.moves_of(WORKFLOWS)
_KINDS = {kind: tuple(workflow for workflow in WORKFLOWS.values() if workflow.of == kind) for kind in ROOTS}


def find(name: str) -> tuple[Workflow, Move]:
    """The move of this name, such as support.reach, with its workflow. Raises UnknownMove."""
    try:
        return _MOVES[name]
    except KeyError:
        raise UnknownMove(move=name) from None


def of_kind(kind: str) -> tuple[Workflow, ...]:
    """The workflows that belong to a kind of case."""
    return _KINDS[kind]


def known() -> Known:
    """The names that a rule file may use."""
    states = frozenset(f"{name}.{state}" for name, workflow in WORKFLOWS.items() for state in workflow.states)
    roles = frozenset(role.value for role in Role)
    return Known(moves=frozenset(_MOVES), workflows=frozenset(WORKFLOWS), roles=roles, states=states)


def check_against(law: Jurisdiction) -> None:
    """Refuse a jurisdiction that lacks a deadline on which alone a state waits."""
    tables.check_against(WORKFLOWS, law)
