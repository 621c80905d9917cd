"""R2, the two decisions. The table is in table.py, what a move is told in forms.py, its guards and effects in rules.py."""

from workflows.decision.table import DECISION

__all__ = ["DECISION"]
