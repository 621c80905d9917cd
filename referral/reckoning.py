"""The counting conventions: from a start to a due instant. Knows no law and reads no time.

A day-based period ends when its due day has ended where the case is: at the next local midnight. Hours are counted in
UTC, so a change of summer time neither gives nor takes one. A birthday is due when its day begins.
"""

import calendar as months
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from referral.working_days import (
    Skipped,
    add_working_days,
    check_day,
    last_working_day_on_or_before,
    version,
    why_not_working,
)


class Count(StrEnum):
    """How a period is counted."""

    WD_X = "WD-X"  # working days, the day of the event excluded
    WD_R = "WD-R"  # the same, but an event on a free day counts as made on the next working day
    CD_I = "CD-I"  # "N days beginning with": the day of the event is day 1
    CD_X = "CD-X"  # "within N days of": the day of the event is excluded
    CM = "CM"  # months: the same day number, clipped to the end of the month
    HR = "HR"  # elapsed hours
    BIRTHDAY = "BIRTHDAY"  # the birthday itself, at midnight where the person is
    BEFORE_BIRTHDAY = "BEFORE-BIRTHDAY"  # the last day that lies strictly more than N days before the 18th birthday
    IMMEDIATE = "IMMEDIATE"  # at once
    NAMED = "NAMED"  # a letter or a form names the day


TELLS_BIRTHDAY = frozenset({Count.BIRTHDAY, Count.BEFORE_BIRTHDAY})  # from such a due day the day of birth can be read

# fmt: off
UNITS: dict[Count, tuple[str, ...]] = {  # which lengths a count can take
    Count.WD_X:            ("working day",),
    Count.WD_R:            ("working day",),
    Count.CD_I:            ("day",),
    Count.CD_X:            ("day",),
    Count.CM:              ("month",),
    Count.HR:              ("hour", "minute"),
    Count.BIRTHDAY:        ("year",),
    Count.BEFORE_BIRTHDAY: ("day",),
    Count.IMMEDIATE:       ("day",),
    Count.NAMED:           ("day",),
}
# fmt: on
WORKING = (Count.WD_X, Count.WD_R)
ELAPSED = (Count.HR, Count.IMMEDIATE)
_LENGTH = re.compile(r"(\d{1,5}) (working day|day|month|year|hour|minute)s?")
ADULT = 18


@dataclass(frozen=True, slots=True)
class Other:
    """Another reading of the same rule, as a rule file words it."""

    lasts: str
    count: Count
    says: str


@dataclass(frozen=True, slots=True)
class Born:
    """A day of birth, and the day on which someone born on 29 February comes of age where they are."""

    on: date
    leap_day: str = "1 March"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the due day is when the period is read in another way, or in another calendar."""

    says: str
    count: Count
    calendar: str
    due_day: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A due day with everything it is based on."""

    start_day: date
    due_day: date
    due_at: datetime  # UTC: when the due day has ended; for hours and birthdays the instant itself
    safe_by: date  # the last working day on or before the due day, of the earliest reading
    count: Count
    calendar: str
    calendar_version: str
    zone: str
    skipped: Skipped = ()
    alternatives: tuple[Reading, ...] = ()  # only those that differ
    local: Reading | None = None  # in the calendar of the place, where that differs


@lru_cache(maxsize=1 << 10)
def length(lasts: str) -> tuple[int, str]:
    """Read "5 working days" as (5, "working day")."""
    match = _LENGTH.fullmatch(lasts)
    if match is None:
        raise ValueError(
            f'"{lasts}" is no length. Write for example "5 working days", "30 days", "1 month" or "48 hours".'
        )
    return int(match[1]), match[2]


def check_length(lasts: str, count: Count) -> None:
    """Refuse a length that cannot be counted in this way."""
    _, unit = length(lasts)
    if unit not in UNITS[count]:
        raise ValueError(f'"{lasts}" cannot be counted as {count}, which takes {" or ".join(UNITS[count])}s.')


def local_day(at: date | datetime, zone: str) -> date:
    """The day on which an instant falls in this zone. A plain date is itself."""
    if not isinstance(at, datetime):
        check_day(at)
        return at
    if at.tzinfo is None:
        raise ValueError("A time needs its zone.")
    check_day(at.date())
    return at.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=1 << 14)
def at_local(day: date, zone: str, hour: int = 0) -> datetime:
    """An hour of a day in this zone, as an instant in UTC."""
    check_day(day)
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


def birthday(born: Born, age: int = ADULT) -> date:
    """The day on which this age is reached. Someone born on 29 February reaches it on the day the law names."""
    year = born.on.year + age
    if (born.on.month, born.on.day) == (2, 29) and not months.isleap(year):
        return date(year, 3, 1) if born.leap_day == "1 March" else date(year, 2, 28)
    return born.on.replace(year=year)


def reckon(
    start: date | datetime,
    lasts: str,
    count: Count,
    *,
    calendar: str,
    zone: str,
    local_calendar: str = "",
    other: Other | None = None,
    born: Born | None = None,
) -> Reckoning:
    """When a period that starts then is due. Equal questions are answered from memory."""
    if count in ELAPSED:
        instant = start if isinstance(start, datetime) else at_local(start, zone)
        return _elapsed(local_day(instant, zone), instant.astimezone(UTC), lasts, count, calendar, zone)
    return _days(local_day(start, zone), lasts, count, calendar, zone, local_calendar, other, born)


def named_day(start: date | datetime, day: date, *, calendar: str, zone: str) -> Reckoning:
    """The period ends with the day that a letter or a form names."""
    return settle(local_day(start, zone), day, at_local(day + timedelta(days=1), zone), Count.NAMED, calendar, zone)


def _elapsed(day: date, at: datetime, lasts: str, count: Count, calendar: str, zone: str) -> Reckoning:
    number, unit = length(lasts)
    due_at = at + timedelta(**{f"{unit}s": number})
    return settle(day, local_day(due_at, zone), due_at, count, calendar, zone)


@lru_cache(maxsize=1 << 15)
def _days(
    start: date,
    lasts: str,
    count: Count,
    calendar: str,
    zone: str,
    local_calendar: str,
    other: Other | None,
    born: Born | None,
) -> Reckoning:
    due, skipped = _due_day(start, lasts, count, calendar, born)
    readings = []
    if other is not None:
        day, _ = _due_day(start, other.lasts, other.count, calendar, born)
        readings.append(Reading(other.says, other.count, calendar, day, ends(day, other.count, zone)))
    local = None
    if local_calendar and local_calendar != calendar and count in WORKING:
        day, _ = _due_day(start, lasts, count, local_calendar, born)
        if day != due:
            local = Reading(f"by the {local_calendar} calendar", count, local_calendar, day, ends(day, count, zone))
    different = tuple(reading for reading in readings if reading.due_day != due)
    due_at = ends(due, count, zone)
    return with_readings(settle(start, due, due_at, count, calendar, zone, skipped), different, local)


def _due_day(start: date, lasts: str, count: Count, calendar: str, born: Born | None) -> tuple[date, Skipped]:
    check_length(lasts, count)
    number, _ = length(lasts)
    if count is Count.WD_R and why_not_working(calendar, start) is not None:
        start, _ = add_working_days(calendar, start, 1)
    if count in WORKING:
        return add_working_days(calendar, start, number)
    if count is Count.CD_I:
        return start + timedelta(days=max(number - 1, 0)), ()
    if count in (Count.CD_X, Count.NAMED):
        return start + timedelta(days=number), ()
    if count is Count.CM:
        return months_later(start, number), ()
    if born is None:
        raise ValueError("This period is counted from a birthday: the date of birth is needed.")
    if count is Count.BIRTHDAY:
        return birthday(born, number), ()
    return birthday(born) - timedelta(days=number + 1), ()


def months_later(start: date, number: int) -> date:
    """The same day number so many months on, clipped to the end of the month."""
    check_day(start)
    year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    return date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))


def ends(day: date, count: Count, zone: str) -> datetime:
    """The due instant of a due day."""
    return at_local(day if count is Count.BIRTHDAY else day + timedelta(days=1), zone)


def settle(
    start: date, due: date, due_at: datetime, count: Count, calendar: str, zone: str, skipped: Skipped = ()
) -> Reckoning:
    """Complete a due day with its safe-by date and what it was computed with."""
    safe_by = last_working_day_on_or_before(calendar, due)
    return Reckoning(start, due, due_at, safe_by, count, calendar, version(calendar), zone, skipped)


def with_readings(due: Reckoning, alternatives: tuple[Reading, ...], local: Reading | None) -> Reckoning:
    """Add the other readings. The earliest alternative decides what is safe; the local calendar is only shown."""
    earliest = min([due.due_day, *(reading.due_day for reading in alternatives)])
    safe_by = last_working_day_on_or_before(due.calendar, earliest)
    return replace(due, alternatives=alternatives, local=local, safe_by=safe_by)
