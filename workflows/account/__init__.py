"""R14, what a person is told of what is held about them. The table is in table.py, the account itself in telling.py."""

from workflows.account.table import ACCOUNT

__all__ = ["ACCOUNT"]
