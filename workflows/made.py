"""One arrow that was made, and what its event says of it: ids, codes, times and digests, nothing personal."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from referral import audit
from referral.snapshot import CaseRow, StrandRow
from workflows.ask import Ask
from workflows.forms import Form
from workflows.table import Move, Workflow


@dataclass(slots=True)
class Made:
    """One arrow that was made: the material of an event."""

    workflow: Workflow
    move: Move
    strand: StrandRow
    came_from: str | None
    went_to: str
    form: Form
    leads: bool  # False for a follower
    rules: list[str] = field(default_factory=list)  # rule versions it started or stopped
    not_followed: list[str] = field(default_factory=list)
    seq: int = 0

    @property
    def name(self) -> str:
        """workflow.move"""
        return f"{self.workflow.name}.{self.move.name}"

    def body(self, case: CaseRow, ask: Ask, occurred: datetime, law: str) -> dict[str, Any]:
        """What is hashed of it."""
        actor = ask.actor
        told: dict[str, Any] = {
            "schema": audit.SCHEMA, "case": case.id, "seq": self.seq, "move": self.name, "strand": self.strand.number,
            "from": self.came_from, "to": self.went_to, "occurred": occurred.isoformat(),
            "recorded": ask.now.isoformat(),
            "actor": {"id": actor.id, "kind": actor.kind, "agency": actor.agency, "roles": list(actor.roles),
                      "for": actor.on_behalf_of},
            "by_rule": not self.leads, "reason": getattr(self.form, "reason", None), "law": law, "rules": self.rules,
            "digest": audit.digest(case.salt, self.form.facts()),
        }  # fmt: skip
        if self.not_followed:
            told["not_followed"] = self.not_followed
        return told
