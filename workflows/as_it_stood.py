"""A case as it stood at a past moment, told again from its history alone. Pure: stored bodies in, values out.

There are two pasts. *By recorded time* it is what the system knew at that moment. *By occurred time* it is what had happened by
then, as is known today: an event that was recorded late counts from when it happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson

from workflows import catalogue

By = Literal["recorded", "occurred"]
FROM_SCHEMA = 2  # older events do not tell who was accountable and who took part


@dataclass(slots=True)
class Stood:
    """One case at one moment."""

    version: int = 0  # how many events counted
    last_at: str | None = None  # when the newest of them was recorded, or happened
    strands: dict[str, dict[int, str]] = field(default_factory=dict)  # workflow -> number -> state
    owner_agency: str | None = None
    owner_user: str | None = None
    child: str | None = None
    authority: str | None = None
    open: bool = False
    shares: dict[tuple[str, str], str | None] = field(
        default_factory=dict
    )  # (agency, as what) -> when it ends by itself
    classes: dict[tuple[str, str], list[str]] = field(
        default_factory=dict
    )  # (agency, as what) -> which data its basis covered; missing where older events do not say
    team: dict[str, str] = field(default_factory=dict)  # user -> agency: who was named for the case
    at: datetime | None = None  # the moment
    deadlines: dict[str, tuple[str, str | None]] = field(default_factory=dict)  # id -> (state, due; None of a birthday)
    whole: bool = True  # False where older events do not tell everything

    @property
    def there(self) -> bool:
        """Whether there was such a case at all."""
        return self.version > 0

    @property
    def states(self) -> dict[str, str]:
        """Where each workflow stood: its newest strand. Of which several run at once, no single one would say it."""
        return {
            workflow: numbers[max(numbers)]
            for workflow, numbers in self.strands.items()
            if workflow not in catalogue.WORKFLOWS or not catalogue.WORKFLOWS[workflow].many
        }

    @property
    def parts(self) -> set[tuple[str, str]]:
        """(agency, as what): who took part, and so could see the case."""
        return {pair for pair, ends in self.shares.items() if ends is None or not _over(ends, self.at)}

    @property
    def agencies(self) -> frozenset[str]:
        """Who took part."""
        return frozenset(agency for agency, _ in self.parts)

    def covered(self, agency: str, today: frozenset[str]) -> frozenset[str]:
        """The classes of data that an agency may be told of this moment, where its basis covers these now.

        Of a time at which it took part no more than was covered then, and never more than is covered now.
        """
        mine = [pair for pair in self.parts if pair[0] == agency]
        if not mine or any(pair not in self.classes for pair in mine):
            return today
        return today & frozenset(name for pair in mine for name in self.classes[pair])


def stood(bodies: Iterable[str], at: datetime, by: By = "recorded") -> Stood:
    """The case as it stood at `at` (UTC). `bodies` are those of its events in their order, as they are stored."""
    told = [event for event in map(orjson.loads, bodies) if datetime.fromisoformat(event[by]) <= at]
    if by == "occurred":
        told.sort(key=lambda event: (event["occurred"], event["seq"]))
    case = Stood(at=at)
    for event in told:
        _apply(case, event, by)
    return case


def _apply(case: Stood, event: dict[str, Any], by: By) -> None:
    workflow = event["move"].partition(".")[0]
    case.version += 1
    case.last_at = event[by]
    case.whole = case.whole and event["schema"] >= FROM_SCHEMA
    case.strands.setdefault(workflow, {})[event["strand"]] = event["to"]
    for name, value in event.get("set", {}).items():
        setattr(case, name, value)
    for agency, part, ends, *classes in event.get("joined", ()):
        case.shares[agency, part] = ends
        if classes:
            case.classes[agency, part] = classes[0]
    for agency, part in event.get("left", ()):
        case.shares.pop((agency, part), None)
        case.classes.pop((agency, part), None)
    for user, agency, joins in event.get("team", ()):
        case.team.pop(user, None)
        if joins:
            case.team[user] = agency
    for deadline, (state, due) in event.get("due", {}).items():
        case.deadlines[deadline] = (state, due)


def _over(ends: str, at: datetime | None) -> bool:
    return at is not None and datetime.fromisoformat(ends) <= at
