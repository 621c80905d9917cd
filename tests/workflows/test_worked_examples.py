"""The nineteen worked examples of the domain report, by number, through the calculator and the shipped rule files."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workflows import catalogue
from workflows.explain import CannotReckon, calculate
from workflows.law_files import read_law

LAW = read_law(catalogue.known())
EAW, SCT, NIR = "england-and-wales", "scotland", "northern-ireland"


def day(text: str) -> date:
    return date.fromisoformat(text)


# fmt: off
WORKED = [
    # number  rule   start         calendar  due           safe by
    ("1",     "C1",  "2026-12-22", EAW,      "2026-12-31", "2026-12-31"),
    ("2",     "C1",  "2026-12-24", EAW,      "2027-01-05", "2027-01-05"),
    ("2",     "C1",  "2026-12-24", SCT,      "2027-01-06", "2027-01-06"),
    ("2",     "C1",  "2026-12-24", NIR,      "2027-01-05", "2027-01-05"),
    ("3",     "C1",  "2026-04-01", EAW,      "2026-04-10", "2026-04-10"),
    ("3",     "C1",  "2026-04-01", SCT,      "2026-04-09", "2026-04-09"),
    ("4",     "C1",  "2026-03-12", EAW,      "2026-03-19", "2026-03-19"),
    ("4",     "C1",  "2026-03-12", NIR,      "2026-03-20", "2026-03-20"),
    ("5",     "C1",  "2026-07-08", EAW,      "2026-07-15", "2026-07-15"),
    ("5",     "C1",  "2026-07-08", NIR,      "2026-07-16", "2026-07-16"),
    ("6",     "C1",  "2026-06-10", EAW,      "2026-06-17", "2026-06-17"),
    ("6",     "C1",  "2026-06-10", SCT,      "2026-06-18", "2026-06-18"),
    ("7",     "C2b", "2026-02-16", None,     "2026-03-17", "2026-03-17"),
    ("8a",    "C2a", "2022-12-12", None,     "2023-01-25", "2023-01-25"),
    ("8b",    "C2b", "2022-12-13", None,     "2023-01-11", "2023-01-11"),
    ("9a",    "C5b", "2024-12-31", None,     "2025-01-31", "2025-01-31"),
    ("9b",    "C5c", "2025-01-31", None,     "2025-03-02", "2025-02-28"),
    ("10",    "C5c", "2026-12-03", None,     "2027-01-02", "2026-12-31"),
    ("11",    "C10", "2026-10-30", None,     "2026-12-14", "2026-12-14"),
    ("13",    "C15", "2026-10-01", None,     "2026-12-29", "2026-12-29"),
    ("14",    "C18", "2026-06-01", None,     "2026-07-16", "2026-07-16"),
    ("15",    "C12", "2026-12-17", EAW,      "2027-01-04", "2026-12-31"),
    ("15",    "C12", "2026-12-17", SCT,      "2027-01-05", "2026-12-31"),
    ("16",    "C23", "2026-11-20", None,     "2027-01-04", "2027-01-04"),
    ("18",    "C24", "2026-11-22", None,     "2026-12-20", "2026-12-18"),
    ("19",    "C1",  "2026-11-21", EAW,      "2026-11-27", "2026-11-27"),
]
# fmt: on


@pytest.mark.parametrize(("number", "rule", "start", "calendar", "due", "safe_by"), WORKED)
def test_a_worked_example_comes_out_as_it_stands(
    number: str, rule: str, start: str, calendar: str | None, due: str, safe_by: str
) -> None:
    told = calculate(LAW, rule, day(start), calendar=calendar)
    assert (number, told["due"], told["safe_by"]) == (number, due, safe_by)


def test_example_1_names_each_skipped_day_with_its_reason() -> None:
    assert calculate(LAW, "C1", day("2026-12-22"))["skipped"] == [
        {"date": "2026-12-25", "why": "Christmas Day"},
        {"date": "2026-12-26", "why": "Saturday"},
        {"date": "2026-12-27", "why": "Sunday"},
        {"date": "2026-12-28", "why": "Boxing Day (observed)"},
    ]


def test_example_6_takes_the_scottish_one_off_day_from_the_overlay() -> None:
    told = calculate(LAW, "C1", day("2026-06-10"), calendar=SCT)
    assert {"date": "2026-06-15", "why": "World Cup bank holiday"} in told["skipped"]
    assert told["calendar_version"] == "holidays 0.109, overlay 2026-11-01"


def test_example_6_shows_the_local_reading_of_a_scottish_case_beside_the_authoritys() -> None:
    told = calculate(LAW, "C1", day("2026-06-10"), jurisdiction=SCT)
    assert (told["calendar"], told["due"], told["local"]["due"]) == (EAW, "2026-06-17", "2026-06-18")


def test_example_7_is_a_floor_that_may_end_with_the_next_midnight() -> None:
    told = calculate(LAW, "C2", day("2026-02-16"))
    assert (told["version"], told["kind"], told["due_at"]) == ("C2b", "floor", "2026-03-18T00:00:00Z")


def test_example_12_a_leap_day_child_comes_of_age_on_the_first_of_march() -> None:
    told = calculate(LAW, "C21", day("2026-01-10"), born=day("2008-02-29"))
    assert (told["due"], told["due_at"]) == ("2026-03-01", "2026-03-01T00:00:00Z")


def test_example_13_shows_the_outer_reading() -> None:
    told = calculate(LAW, "C15", day("2026-10-01"))
    assert (told["jurisdiction"], [other["due"] for other in told["alternatives"]]) == (SCT, ["2026-12-30"])


def test_example_15_shows_the_other_source() -> None:
    assert [other["due"] for other in calculate(LAW, "C12", day("2026-12-17"))["alternatives"]] == ["2026-12-31"]


@pytest.mark.parametrize(
    ("referral", "before", "in_scope"),
    (
        ("2026-11-20", 101, True),
        ("2026-11-21", 100, False),
    ),
)
def test_example_16_a_panel_needs_strictly_more_than_a_hundred_days(referral: str, before: int, in_scope: bool) -> None:
    told = calculate(LAW, "C22", day(referral), born=day("2009-03-01"))
    assert (told["days_before_18"], told["in_scope"], told["due"]) == (before, in_scope, "2026-11-20")


@pytest.mark.parametrize(
    ("start", "due", "local"),
    (
        ("2026-03-27T16:30:00", "2026-03-29T16:30:00Z", "2026-03-29T17:30:00+01:00"),
        ("2026-10-23T16:30:00", "2026-10-25T15:30:00Z", "2026-10-25T15:30:00+00:00"),
    ),
)
def test_example_17_hours_are_elapsed_hours_across_a_change_of_summer_time(start: str, due: str, local: str) -> None:
    told = calculate(LAW, "C7", datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/London")))
    assert (told["due"], told["due_local"]) == (due, local)


def test_example_18_warns_on_day_21() -> None:
    reminders = {row["says"]: row["on"] for row in calculate(LAW, "C24", day("2026-11-22"))["reminders"]}
    assert reminders["21 days after start"] == "2026-12-13"


def test_example_19_states_the_reading_that_was_not_chosen() -> None:
    assert [other["due"] for other in calculate(LAW, "C1", day("2026-11-21"))["alternatives"]] == ["2026-11-30"]


def test_every_rule_of_the_report_can_be_calculated_or_is_a_term() -> None:
    ids = {f"C{number}" for number in range(1, 33)}
    found = {rule.id.partition("-")[0] for place in LAW.values() for rule in place.rules.values()}
    assert ids - found == {"C16"}
    assert LAW[SCT].term("discretionary_support", day("2026-11-22")) is True


def test_the_two_northern_irish_periods_and_the_german_one() -> None:
    assert calculate(LAW, "C19", day("2026-06-20"))["due"] == "2027-06-20"
    german = calculate(LAW, "C2", day("2026-11-30"), jurisdiction="germany")
    assert (german["due"], german["kind"], german["source"][:13]) == ("2027-02-28", "floor", "Residence Act")


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("C99", {}, "unknown_rule"),
    ("C27", {}, "several_rules"),
    ("C5a", {"start": day("2023-01-01")}, "unknown_rule"),
    ("C5", {"start": day("2023-01-01")}, "not_in_force"),
    ("C2b", {"start": day("2022-12-12")}, "not_in_force"),
    ("C1", {"calendar": "mars"}, "unknown_calendar"),
    ("C1", {"jurisdiction": "mars"}, "unknown_jurisdiction"),
    ("C15", {"jurisdiction": "germany"}, "unknown_rule"),
    ("C21", {}, "out_of_range"),
    ("C21", {"born": date(9999, 1, 1)}, "out_of_range"),
    ("C1", {"start": date(1, 1, 1)}, "out_of_range"),
    ("C1", {"start": date(9999, 12, 31)}, "out_of_range"),
    ("C7", {"start": datetime.max.replace(tzinfo=ZoneInfo("UTC"))}, "out_of_range"),
    ("C1", {"start": date(2100, 12, 31)}, "out_of_range"),
]


@pytest.mark.parametrize(("rule", "told", "code"), REFUSED)
def test_what_cannot_be_calculated_is_refused_with_a_code(rule: str, told: dict[str, Any], code: str) -> None:
    with pytest.raises(CannotReckon) as refused:
        calculate(LAW, rule, **{"start": day("2026-11-23"), **told})
    assert [reason.code for reason in refused.value.reasons] == [code]


def test_asking_before_a_rule_existed_says_what_held_then() -> None:
    with pytest.raises(CannotReckon, match="no time limit was published"):
        calculate(LAW, "C5", day("2023-01-01"))
