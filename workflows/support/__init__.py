"""R3, an adult's support. The table is in table.py, what a move is told in forms.py, its guards and effects in rules.py."""

from workflows.support.table import SUPPORT

__all__ = ["SUPPORT"]
