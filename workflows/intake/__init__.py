"""R1, the referral. The table is in table.py, what a move is told in forms.py, its guards in rules.py, its effects in effects.py."""

from workflows.intake.table import INTAKE

__all__ = ["INTAKE"]
