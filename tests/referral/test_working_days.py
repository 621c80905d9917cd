"""Calendars and the overlay: which days count, and why the others do not."""

import timeit
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from referral import working_days
from referral.working_days import add_working_days, version, why_not_working, working_days_before

UK = ("england-and-wales", "scotland", "northern-ireland")


@pytest.fixture
def overlay(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    working_days.use_overlays()


def write(folder: Path, rows: str) -> None:
    (folder / "local.toml").write_text(f'version = "2027-01"\n{rows}', encoding="utf-8")


DAY = """
[[day]]
calendar  = "england-and-wales"
date      = {date}
change    = "{change}"
why       = "a made-up day"
source    = "a test"
announced = 2026-01-01
"""


def test_a_day_off_says_why() -> None:
    reasons = [why_not_working("scotland", date(2027, 1, day)) for day in range(1, 6)]
    assert reasons == ["New Year's Day", "Saturday", "Sunday", "New Year Holiday (observed)", None]


def test_the_one_off_days_of_the_past_are_known() -> None:
    days = [
        date(2011, 4, 29),
        date(2012, 6, 5),
        date(2020, 5, 8),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
    ]
    assert [day for day in days if why_not_working("england-and-wales", day) is None] == []


def test_german_days_have_english_names() -> None:
    assert why_not_working("germany", date(2026, 5, 14)) == "Ascension Day"


def test_any_country_of_the_library_is_a_calendar() -> None:
    assert why_not_working("country:IE", date(2026, 3, 17)) == "Saint Patrick's Day"
    assert [working_days.known(name) for name in ("country:IE", "country:GB-WLS", "country:XX", "narnia")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_counting_backwards_skips_the_same_days() -> None:
    assert working_days_before("england-and-wales", date(2026, 12, 31), 5) == date(2026, 12, 22)


def test_an_overlay_adds_and_removes_days_and_its_version_is_stored(overlay: Path) -> None:
    write(overlay, DAY.format(date="2027-03-10", change="add") + DAY.format(date="2027-05-03", change="remove"))
    working_days.use_overlays(overlay)
    assert why_not_working("england-and-wales", date(2027, 3, 10)) == "a made-up day"
    assert why_not_working("scotland", date(2027, 3, 10)) is None
    assert why_not_working("england-and-wales", date(2027, 5, 3)) is None
    assert version("england-and-wales") == "holidays 0.109, overlay 2026-11-01, overlay local 2027-01"


@pytest.mark.parametrize(
    "rows",
    (
        "[[day]]\n",
        DAY.format(date="2027-03-10", change="move"),
        DAY.format(date='"soon"', change="add"),
        "not toml",
    ),
)
def test_a_wrong_overlay_is_refused_and_the_one_before_stays(overlay: Path, rows: str) -> None:
    write(overlay, rows)
    with pytest.raises(ValueError, match=r"local\.toml"):
        working_days.use_overlays(overlay)
    assert version("scotland") == "holidays 0.109, overlay 2026-11-01"


def test_an_unknown_calendar_is_refused_in_clear_words() -> None:
    with pytest.raises(ValueError, match="no calendar of this name"):
        add_working_days("narnia", date(2026, 1, 1), 1)


@pytest.mark.parametrize(
    "day",
    (
        date.min,
        date(1989, 12, 31),
        date(2101, 1, 1),
        date.max,
    ),
)
def test_a_year_that_no_calendar_knows_is_refused_in_clear_words(day: date) -> None:
    with pytest.raises(ValueError, match="outside the years"):
        add_working_days("scotland", day, 1)


def test_the_years_1990_to_2100_are_known_everywhere() -> None:
    for calendar in (*UK, "germany"):
        assert why_not_working(calendar, date(1990, 12, 25)) or calendar == "germany"
        assert why_not_working(calendar, date(2100, 1, 1)) == "New Year's Day"


def test_a_repeated_question_costs_about_a_microsecond() -> None:
    question = (UK[1], date(2026, 12, 24), 5)
    add_working_days(*question)
    best = min(timeit.repeat(lambda: add_working_days(*question), number=10_000, repeat=5)) / 10_000
    assert best < 10e-6
