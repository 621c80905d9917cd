"""What a pause or an extension does to a reckoning: pause then resume is the same as a shift. Knows no law."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from referral.reckoning import (
    ELAPSED,
    WORKING,
    Count,
    Reading,
    Reckoning,
    check_length,
    ends,
    length,
    local_day,
    months_later,
    named_day,
    settle,
    with_readings,
)
from referral.working_days import Skipped, add_working_days, working_days_between

MICROSECONDS = {"hour": 3_600_000_000, "minute": 60_000_000}
MICROSECOND = timedelta(microseconds=1)


def paused(count: Count, calendar: str, zone: str, paused_at: datetime, resumed_at: datetime) -> int:
    """How far a pause moves a due day: in working days, days or (for hours) microseconds. Birthdays do not wait."""
    if resumed_at < paused_at:
        raise ValueError("A pause cannot end before it begins.")
    if count in ELAPSED:
        return (resumed_at - paused_at) // MICROSECOND
    first, last = local_day(paused_at, zone), local_day(resumed_at, zone)
    if count in WORKING:
        return working_days_between(calendar, first, last)
    return 0 if count in (Count.BIRTHDAY, Count.BEFORE_BIRTHDAY) else (last - first).days


def after_pause(due: Reckoning, paused_at: datetime, resumed_at: datetime) -> Reckoning:
    """The period once it runs again, each reading moved by its own count.

    A pause that began after the due instant no longer helps.
    """
    if paused_at >= due.due_at:
        return due

    def move(reading: Reading) -> Reading:
        by = paused(reading.count, reading.calendar, due.zone, paused_at, resumed_at)
        return _moved_reading(reading, by, reading.count, reading.calendar, due.zone)

    return _shifted(due, paused(due.count, due.calendar, due.zone, paused_at, resumed_at), move)


def shifted(due: Reckoning, by: int) -> Reckoning:
    """The same period due later by so many of its own units: working days, days, microseconds. All readings move."""
    return _shifted(due, by, lambda reading: _moved_reading(reading, by, due.count, reading.calendar, due.zone))


def extended(due: Reckoning, lasts: str) -> Reckoning:
    """The period made longer by a length of its own kind, counted from the due day."""
    check_length(lasts, due.count)
    number, unit = length(lasts)
    if unit == "month":
        return shifted(due, (months_later(due.due_day, number) - due.due_day).days)
    return shifted(due, number * MICROSECONDS.get(unit, 1))


def extended_to(due: Reckoning, day: date) -> Reckoning:
    """The period made to end with a named day."""
    return replace(named_day(due.start_day, day, calendar=due.calendar, zone=due.zone), skipped=due.skipped)


def _shifted(due: Reckoning, by: int, move: Callable[[Reading], Reading]) -> Reckoning:
    if not by:
        return due
    day, at, skipped = _moved(due.due_day, due.due_at, by, due.count, due.calendar, due.zone)
    later = settle(due.start_day, day, at, due.count, due.calendar, due.zone, due.skipped + skipped)
    return with_readings(
        later, tuple(move(reading) for reading in due.alternatives), move(due.local) if due.local else None
    )


def _moved(day: date, at: datetime, by: int, count: Count, calendar: str, zone: str) -> tuple[date, datetime, Skipped]:
    if count in ELAPSED:
        at += by * MICROSECOND
        return local_day(at, zone), at, ()
    skipped: Skipped = ()
    if count in WORKING:
        day, skipped = add_working_days(calendar, day, by)
    else:
        day += timedelta(days=by)
    return day, ends(day, count, zone), skipped


def _moved_reading(reading: Reading, by: int, count: Count, calendar: str, zone: str) -> Reading:
    day, _, _ = _moved(reading.due_day, reading.due_at, by, count, calendar, zone)
    return replace(reading, due_day=day, due_at=ends(day, reading.count, zone))
