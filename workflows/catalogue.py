"""All workflows by name: one import and one word for each. What must hold between them is checked when this is imported."""

from referral.access import Role
from referral.errors import UnknownMove
from workflows import tables
from workflows.assignment import ASSIGNMENT
from workflows.child import CHILD
from workflows.concern import CONCERN
from workflows.consent import CONSENT
from workflows.contact import CONTACT
from workflows.decision import DECISION
from workflows.disqualification import DISQUALIFICATION
from workflows.housing import HOUSING
from workflows.inquiry import INQUIRY
from workflows.intake import INTAKE
from workflows.jurisdiction import Jurisdiction, Known
from workflows.justice import JUSTICE
from workflows.operation import OPERATION
from workflows.stay import STAY_PERMISSION
from workflows.support import SUPPORT
from workflows.table import Move, Workflow

# fmt: off
WORKFLOWS: dict[str, Workflow] = tables.collect((
    INTAKE, DECISION, SUPPORT, HOUSING, ASSIGNMENT, DISQUALIFICATION, CONTACT, CONSENT, CHILD, INQUIRY, STAY_PERMISSION, JUSTICE,
    OPERATION, CONCERN,
))
# fmt: on
# The workflow whose opening opens a case of each kind.
ROOTS: dict[str, Workflow] = {"person": INTAKE, "operation": OPERATION, "concern": CONCERN}
FINAL: dict[str, frozenset[str]] = {name: workflow.final for name, workflow in WORKFLOWS.items()}
HOLDS_OPEN = frozenset(name for name, workflow in WORKFLOWS.items() if workflow.holds_open)

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
    return Known(moves=frozenset(_MOVES), workflows=frozenset(WORKFLOWS), roles=frozenset(role.value for role in Role))


def check_against(law: Jurisdiction) -> None:
    """Refuse a jurisdiction that lacks a deadline on which alone a state waits."""
    tables.check_against(WORKFLOWS, law)
