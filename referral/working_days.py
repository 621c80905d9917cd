"""Which days are working days and why the others are not: the holidays library plus a dated overlay. Knows no law."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

import holidays

FIRST_YEAR, LAST_YEAR = 1990, 2100  # beyond these the library no longer knows the bank holidays
OVERLAY = Path(__file__).parent / "calendars"

# fmt: off
CALENDARS: Mapping[str, tuple[str, str]] = {  # name: country and part of it, in the library's codes
    "england-and-wales": ("GB", "ENG"),
    "scotland":          ("GB", "SCT"),
    "northern-ireland":  ("GB", "NIR"),
    "germany":           ("DE", ""),
}
# fmt: on
WEEKEND = {5: "Saturday", 6: "Sunday"}
ONE_DAY = timedelta(days=1)

Skipped = tuple[tuple[date, str], ...]
_folders: tuple[Path, ...] = (OVERLAY,)


def use_overlays(*folders: Path) -> None:
    """Lay an installation's own folders over the shipped overlay. None at all goes back to the shipped one."""
    global _folders  # noqa: PLW0603 - set once, when an installation starts
    before, _folders = _folders, (OVERLAY, *folders)
    _forget()
    try:
        _overlay()
    except ValueError:
        _folders = before
        _forget()
        raise


def known(calendar: str) -> bool:
    """True for a named calendar, and for `country:IE` or `country:GB-WLS` where the library has that country."""
    return _place(calendar) is not None


@lru_cache(maxsize=64)
def version(calendar: str) -> str:
    """What a date was computed with, for storing beside it."""
    _require(calendar)
    names = [f"overlay {label}" for label, _ in _overlay()]
    return ", ".join([f"holidays {package_version('holidays')}", *names])


@lru_cache(maxsize=1 << 16)
def why_not_working(calendar: str, day: date) -> str | None:
    """The weekday or the holiday that keeps this day from counting, or None for a working day."""
    check_day(day)
    return WEEKEND.get(day.weekday()) or _free_days(calendar, day.year).get(day)


def is_working(calendar: str, day: date) -> bool:
    """True when the day counts."""
    return why_not_working(calendar, day) is None


@lru_cache(maxsize=1 << 15)
def add_working_days(calendar: str, start: date, n: int) -> tuple[date, Skipped]:
    """The n-th working day after the start, which itself does not count, and every day skipped on the way.

    A negative n counts backwards; with 0 the start is the answer, working day or not.
    """
    check_day(start)
    day, left, step = start, abs(n), ONE_DAY if n > 0 else -ONE_DAY
    skipped = []
    while left:
        day += step
        why = why_not_working(calendar, day)
        if why is None:
            left -= 1
        else:
            skipped.append((day, why))
    return day, tuple(skipped)


def working_days_before(calendar: str, day: date, n: int) -> date:
    """The n-th working day before this one."""
    return add_working_days(calendar, day, -n)[0]


@lru_cache(maxsize=1 << 15)
def last_working_day_on_or_before(calendar: str, day: date) -> date:
    """The day itself where it is a working day, else the nearest one before."""
    while why_not_working(calendar, day) is not None:
        day -= ONE_DAY
    return day


@lru_cache(maxsize=1 << 15)
def working_days_between(calendar: str, start: date, end: date) -> int:
    """How many working days lie after the start, up to and with the end."""
    days = (end - start).days
    return sum(is_working(calendar, start + timedelta(days=n)) for n in range(1, days + 1))


def check_day(day: date) -> None:
    """Refuse years for which no calendar knows the holidays, before arithmetic overflows."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"The day {day:%Y-%m-%d} lies outside the years that can be reckoned: 1990 to 2100.")


@lru_cache(maxsize=1 << 10)
def _free_days(calendar: str, year: int) -> Mapping[date, str]:
    country, part = _require(calendar)
    languages = holidays.country_holidays(country).supported_languages
    language = next((name for name in ("en_GB", "en_US") if name in languages), None)
    days: dict[date, str] = dict(holidays.country_holidays(country, subdiv=part or None, years=year, language=language))
    for _, rows in _overlay():
        for where, day, adds, why in rows:
            if where == calendar and day.year == year:
                if adds:
                    days[day] = why
                else:
                    days.pop(day, None)
    return days


@lru_cache(maxsize=64)
def _place(calendar: str) -> tuple[str, str] | None:
    if calendar in CALENDARS:
        return CALENDARS[calendar]
    country, _, part = calendar.removeprefix("country:").partition("-")
    supported = holidays.list_supported_countries(include_aliases=False)
    if not calendar.startswith("country:") or country not in supported or (part and part not in supported[country]):
        return None
    return country, part


def _require(calendar: str) -> tuple[str, str]:
    place = _place(calendar)
    if place is None:
        names = ", ".join(CALENDARS)
        raise ValueError(f"There is no calendar of this name. Known are {names}, and country:XX for any other country.")
    return place


@lru_cache(maxsize=1)
def _overlay() -> tuple[tuple[str, tuple[tuple[str, date, bool, str], ...]], ...]:
    """Every overlay file as its label and its rows."""
    files = [path for folder in _folders for path in sorted(folder.glob("*.toml"))]
    return tuple(_read(path) for path in files)


def _read(path: Path) -> tuple[str, tuple[tuple[str, date, bool, str], ...]]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if not told.get("version"):
        raise ValueError(f"{path}: the overlay has no `version`.")
    label = told["version"] if path.parent == OVERLAY else f"{path.stem} {told['version']}"
    return label, tuple(_row(path, number, row) for number, row in enumerate(told.get("day", []), start=1))


def _row(path: Path, number: int, row: dict[str, Any]) -> tuple[str, date, bool, str]:
    wrong = [name for name in ("date", "announced") if type(row.get(name)) is not date] + [
        name for name in ("why", "source") if not row.get(name)
    ]
    if wrong or row.get("change") not in ("add", "remove") or not known(str(row.get("calendar"))):
        raise ValueError(
            f"{path}: day {number} needs a known calendar, a date, a change (add or remove), why, source and announced."
        )
    return row["calendar"], row["date"], row["change"] == "add", row["why"]


def _forget() -> None:
    cached = (version, why_not_working, add_working_days, last_working_day_on_or_before, working_days_between)
    for function in (*cached, _free_days, _overlay):
        function.cache_clear()
