"""The steps of a reminder ladder in words, and the next instant at which one is due. Knows no law and reads no time."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from referral.reckoning import at_local
from referral.working_days import add_working_days

HOUR = 9  # day-based steps come in the morning, where the case is

_STEP = re.compile(r"(\d{1,4}) (working day|day|hour|minute)s? (before|after|after start)")
_PLAIN = {
    "on the day": (0, "day", "before"),
    "when due": (0, "hour", "after"),
    "at the start": (0, "hour", "after start"),
}
_EVERY = {"daily after": 1, "weekly after": 7, "monthly after": 28}


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: so many units before the due day, after it, or after the start; or again and again after it."""

    says: str
    number: int = 0
    unit: str = "day"
    side: str = "before"
    every: int = 0  # days between repeats; 0 comes once


@dataclass(frozen=True, slots=True)
class Span:
    """What a ladder leans on: the start, the due day and its instant, and where days are counted."""

    start_at: datetime
    due_day: date
    due_at: datetime
    calendar: str
    zone: str


@lru_cache(maxsize=1 << 10)
def step(says: str) -> Step:
    """Read "2 working days before", "on the day", "daily after", "21 days after start", "4 hours after start"."""
    if says in _EVERY:
        return Step(says, _EVERY[says], "day", "after", _EVERY[says])
    if says in _PLAIN:
        return Step(says, *_PLAIN[says])
    match = _STEP.fullmatch(says)
    if match is None:
        raise ValueError(
            f'"{says}" is no step of a reminder ladder. Write for example "2 working days before", "on the day", '
            '"1 day after", "daily after", "21 days after start", "4 hours after start", "when due".'
        )
    return Step(says, int(match[1]), match[2], match[3])


def reminder_at(says: str, span: Span) -> datetime:
    """When this step comes; for one that repeats, when it first comes."""
    rung = step(says)
    backwards = rung.side == "before"
    if rung.unit in ("hour", "minute"):
        base = span.start_at if rung.side == "after start" else span.due_at
        away = timedelta(**{f"{rung.unit}s": rung.number})
        return (base - away if backwards else base + away).astimezone(UTC)
    day = span.start_at.astimezone(ZoneInfo(span.zone)).date() if rung.side == "after start" else span.due_day
    number = -rung.number if backwards else rung.number
    if rung.unit == "working day":
        return at_local(add_working_days(span.calendar, day, number)[0], span.zone, HOUR)
    return at_local(day + timedelta(days=number), span.zone, HOUR)


def next_reminder(ladder: tuple[str, ...], span: Span, after: datetime) -> datetime | None:
    """The first instant strictly after this one at which a step comes, or None when the ladder has ended."""
    instants = [_next(says, span, after) for says in ladder]
    return min((at for at in instants if at is not None), default=None)


def reminders(ladder: tuple[str, ...], span: Span) -> list[tuple[str, datetime]]:
    """Every step with its (first) instant, in the order in which they come."""
    return sorted(((says, reminder_at(says, span)) for says in ladder), key=lambda row: row[1])


def _next(says: str, span: Span, after: datetime) -> datetime | None:
    first = reminder_at(says, span)
    if first > after:
        return first
    every = step(says).every
    if not every:
        return None
    # The hour is a local one, so the days between are counted where the case is, not in UTC.
    zone = ZoneInfo(span.zone)
    day, since = first.astimezone(zone).date(), after.astimezone(zone).date()
    day += timedelta(days=(since - day).days // every * every)
    again = at_local(day, span.zone, HOUR)
    return again if again > after else at_local(day + timedelta(days=every), span.zone, HOUR)
