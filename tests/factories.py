"""The smallest true picture of a case, for tests of guards, effects and forms alone. Touches no database."""

from datetime import UTC, datetime
from typing import Any

from referral.access import Actor, Role
from referral.snapshot import AgencyRow, CaseRow, StrandRow
from tests.world import AGENCIES, a, law
from workflows.facts import Facts
from workflows.forms import Form

NOON = datetime(2026, 9, 16, 12, 0, tzinfo=UTC)
CASE = "c" * 32


def strand(workflow: str, state: str, number: int = 1, /, **told: Any) -> StrandRow:
    """One running of a workflow, with what it was told."""
    return StrandRow(f"{workflow}-{number}", workflow, number, state, 1, NOON, told)


def facts(
    moving: StrandRow | None = None,
    *others: StrandRow,
    form: Form | None = None,
    actor: Actor | None = None,
    at: datetime = NOON,
    where: str = "england-and-wales",
    parts: tuple[tuple[str, str], ...] = (),
    answers: dict[str, Any] | None = None,
    identity: dict[str, Any] | None = None,
    cases: dict[str, str] | None = None,
    **case: Any,
) -> Facts:
    """A case with these strands, of which the first is the one that moves."""
    columns: dict[str, Any] = {
        "id": CASE, "reference": "7KQ4-2MX9-T", "kind": "person", "jurisdiction": where, "opened_at": at, "version": 1,
        "head": b"", "salt": b"", "open": True, "child": None, "adult_on": None, "authority": None,
        "owner_agency": "navigators", "owner_user": None, "operation_id": None, "next_due_at": None,
    }  # fmt: skip
    return Facts(
        case=CaseRow(**{**columns, **case}),
        strand=moving,
        strands=tuple(one for one in (*others, moving) if one),
        parts=frozenset(parts),
        actor=actor or a(Role.NAVIGATOR),
        now=at,
        occurred=at,
        law=law()[where],
        form=form,
        agencies={name: AgencyRow(name, kind, True, nation) for name, (kind, nation) in AGENCIES.items()},
        answers=answers,
        identity=identity,
        cases=cases or {},
    )


def codes(workflow: Any, move: str, seen: Facts) -> list[str]:
    """The codes of every reason against a move."""
    return [reason.code for reason in workflow.moves[move].blockers(seen)]
