"""What a state is: its name, a plain sentence, and what will call attention to it while a case waits there."""

from dataclasses import dataclass
from enum import Enum
from typing import Self

from referral.access import Role


@dataclass(frozen=True, slots=True)
class Waits:
    """What ends the waiting: an owner who must act, a deadline that runs, or a stated reason for having neither."""

    owners: tuple[Role, ...] = ()
    deadline: str = ""  # the `name` of a deadline in the jurisdictions
    reason: str = ""

    def __bool__(self) -> bool:
        """False when nothing would ever call attention to the state."""
        return bool(self.owners or self.deadline or self.reason)


def by(*owners: Role, deadline: str = "") -> Waits:
    """Waits for one of these roles to act, perhaps under a deadline."""
    return Waits(owners=owners, deadline=deadline)


def until(deadline: str) -> Waits:
    """Waits for a deadline to end."""
    return Waits(deadline=deadline)


def because(reason: str) -> Waits:
    """Rests here for a stated reason; nobody is late."""
    return Waits(reason=reason)


END = Waits()  # for final states, which wait for nothing


class States(str, Enum):  # noqa: UP042  a state has more than its value
    """States are written as rows: NAME = "name", "A plain sentence.", what it waits for."""

    says: str
    waits: Waits

    def __new__(cls, value: str, says: str, waits: Waits = END) -> Self:
        """Make a state that equals its own name, so that it is stored as plain text."""
        state = str.__new__(cls, value)
        state._value_ = value
        state.says = says
        state.waits = waits
        return state

    __str__ = str.__str__
    __hash__ = str.__hash__
