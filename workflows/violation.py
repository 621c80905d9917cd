"""Something that does not hold, as `lodestar check` tells it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from workflows.jurisdiction import Law

HOUSE = "-"  # what is not of one case
LATE = timedelta(hours=1)  # a heartbeat that beats once a minute leaves nothing lying so long


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that does not hold, and what to do about it."""

    case: str  # the reference
    what: str
    mend: str


Rule = Callable[[Session, Law, datetime], Iterator[Violation]]
