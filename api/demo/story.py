"""How a story is told: one line for each thing somebody does, and values that are known only when it is played."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol


class Known(Protocol):
    """What the player knows when a line is played."""

    def day(self, number: int) -> date:
        """The so-many-th day of the story; the first is day 0."""

    def case(self, name: str) -> str:
        """The id of a case that was opened before."""

    def staff(self, name: str) -> str:
        """The id of a member of staff."""

    def bed(self, name: str) -> str:
        """The id of a bed."""


Later = Callable[[Known], str]  # a value that is known when the line is played


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a story."""

    when: str  # day of the story and local time: "2 09:30"
    who: str  # a name of the cast
    move: str  # workflow.move, as in the tables
    case: str  # a name of the story's own
    says: str  # what happens, in a sentence
    told: dict[str, Any]  # the form
    opens: tuple[str, ...] = ()  # names for the cases that the move opens beside its own
    refused: str = ""  # the code with which it must be refused
    strand: str | None = None


def step(
    when: str, who: str, move: str, case: str, says: str, /, *,
    opens: tuple[str, ...] = (), refused: str = "", strand: str | None = None, **told: Any,
) -> Step:  # fmt: skip
    """One line; the further words are the form."""
    return Step(when, who, move, case, says, told, opens, refused, strand)


def on(day: int) -> Later:
    """A day of the story."""
    return lambda known: known.day(day).isoformat()


def born(years: int, day: int) -> Later:
    """The day of birth of somebody who is so many years old on a day of the story."""

    def birthday(known: Known) -> str:
        there = known.day(day)
        back = there - timedelta(days=1) if (there.month, there.day) == (2, 29) else there
        return back.replace(year=back.year - years).isoformat()

    return birthday


def case(name: str) -> Later:
    """Another case of the story."""
    return lambda known: known.case(name)


def staff(name: str) -> Later:
    """A member of staff."""
    return lambda known: known.staff(name)


def bed(name: str) -> Later:
    """A bed."""
    return lambda known: known.bed(name)


def settled(value: Any, known: Known) -> Any:
    """The form as it is sent."""
    if callable(value):
        return value(known)
    if isinstance(value, dict):
        return {name: settled(one, known) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [settled(one, known) for one in value]
    return value
