"""R4, a safe place. The table is in table.py, what a move is told in forms.py."""

from workflows.housing.table import HOUSING

__all__ = ["HOUSING"]
