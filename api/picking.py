"""One word for reading columns without making objects of them, for whatever is read often."""

from typing import Any

from sqlalchemy import Select, select


def pick(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Select these columns; the rows are named tuples."""
    return select(*columns)
