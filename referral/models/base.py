"""How a column is declared: it says what it holds, and whether that is personal. Names every constraint."""

from typing import Any

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def col(says: str, *, personal: bool = False, **more: Any) -> Any:
    """A column with a sentence about what it holds."""
    note = f"{says} PERSONAL." if personal else says
    return Field(description=note, sa_column_kwargs={"comment": note}, **more)


def sealed(says: str, **more: Any) -> Any:
    """A column of personal text that only the vault can read, see referral/vault.py."""
    note = f"{says} PERSONAL, SEALED."
    return Field(
        description=note, sa_type=LargeBinary, sa_column_kwargs={"comment": note, "info": {"sealed": True}}, **more
    )


def sealed_columns(table: str) -> tuple[str, ...]:
    """The names of a table's sealed columns."""
    return tuple(column.name for column in SQLModel.metadata.tables[table].columns if column.info.get("sealed"))


def ref(target: str, says: str, **more: Any) -> Any:
    """A column that points at another row."""
    return col(says, foreign_key=target, **more)


# For rows that only the door writes, in one statement with their case: a foreign key would look the case up again for
# each, which was measured at a tenth of a move. `lodestar verify` and `lodestar check` name any row without a case.
OF_A_CASE = "the case, which the same statement changes"
