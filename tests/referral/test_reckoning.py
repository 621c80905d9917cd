"""The counting conventions, pauses and reminder ladders, by property over 2015 to 2035 and by example."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.ladder import Span, next_reminder, reminders, step
from referral.pauses import after_pause, extended, extended_to, paused, shifted
from referral.reckoning import Born, Count, Other, Reckoning, birthday, length, reckon
from referral.working_days import add_working_days, is_working, why_not_working, working_days_between

EAW, SCT, NIR = UK = ("england-and-wales", "scotland", "northern-ireland")
LONDON = "Europe/London"

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
instants = st.integers(0, 21 * 365 * 24 * 3600).map(lambda n: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
calendars = st.sampled_from([*UK, "germany"])
some = st.integers(1, 40)
few = settings(max_examples=150, deadline=None)


def wd(start: date | datetime, lasts: str = "5 working days", calendar: str = EAW) -> Reckoning:
    return reckon(start, lasts, Count.WD_X, calendar=calendar, zone=LONDON)


@few
@given(calendars, days, some)
def test_adding_working_days_never_lands_on_a_day_off(calendar: str, start: date, n: int) -> None:
    day, skipped = add_working_days(calendar, start, n)
    assert is_working(calendar, day)
    assert [off for off, _ in skipped if is_working(calendar, off)] == []
    assert (day - start).days == n + len(skipped)


@few
@given(calendars, days, st.integers(0, 30), some, st.integers(0, 20))
def test_adding_working_days_is_monotone(calendar: str, start: date, later: int, n: int, more: int) -> None:
    early = add_working_days(calendar, start, n)[0]
    assert early <= add_working_days(calendar, start + timedelta(days=later), n)[0]
    assert early + timedelta(days=more) <= add_working_days(calendar, start, n + more)[0]


@few
@given(calendars, days, some)
def test_counting_back_from_a_working_day_returns_to_it(calendar: str, start: date, n: int) -> None:
    start = add_working_days(calendar, start, 1)[0]
    assert add_working_days(calendar, add_working_days(calendar, start, n)[0], -n)[0] == start


@few
@given(days, some)
def test_the_three_calendars_differ_only_on_days_that_differ(start: date, n: int) -> None:
    ends = {calendar: add_working_days(calendar, start, n)[0] for calendar in UK}
    span = [start + timedelta(days=k) for k in range(1, (max(ends.values()) - start).days + 1)]
    differ = any(len({is_working(calendar, day) for calendar in UK}) > 1 for day in span)
    assert differ or len(set(ends.values())) == 1


COUNTS = [("5 working days", Count.WD_X), ("30 days", Count.CD_I), ("45 days", Count.CD_X), ("48 hours", Count.HR)]


@few
@given(st.sampled_from(COUNTS), calendars, instants, st.integers(0, 40 * 24 * 60), st.integers(0, 90 * 24 * 60))
def test_pause_then_resume_is_the_same_as_a_shift(
    kind: tuple[str, Count], calendar: str, start: datetime, wait: int, rest: int
) -> None:
    due = reckon(start, kind[0], kind[1], calendar=calendar, zone=LONDON)
    pause = start + timedelta(minutes=wait)
    if pause >= due.due_at:
        assert after_pause(due, pause, pause + timedelta(minutes=rest)) == due
        return
    resume = pause + timedelta(minutes=rest)
    by = paused(kind[1], calendar, LONDON, pause, resume)
    later = after_pause(due, pause, resume)
    assert later == shifted(due, by)
    if kind[1] is Count.WD_X:
        left = working_days_between(calendar, local(pause), due.due_day)
        assert later.due_day == (add_working_days(calendar, local(resume), left)[0] if left and by else later.due_day)
        assert is_working(calendar, later.due_day)
    elif kind[1] is Count.HR:
        assert later.due_at - due.due_at == resume - pause
    else:
        assert later.due_day - due.due_day == local(resume) - local(pause)


def local(at: datetime) -> date:
    return reckon(at, "0 days", Count.IMMEDIATE, calendar=EAW, zone=LONDON).due_day


@few
@given(instants, instants, instants)
def test_two_pauses_one_after_the_other_are_one_long_pause(one: datetime, two: datetime, three: datetime) -> None:
    one, two, three = sorted((one, two, three))
    for count in (Count.WD_X, Count.CD_X, Count.HR):
        whole = paused(count, EAW, LONDON, one, three)
        assert whole == paused(count, EAW, LONDON, one, two) + paused(count, EAW, LONDON, two, three)


@few
@given(calendars, days, some)
def test_safe_by_is_a_working_day_and_never_after_the_due_day(calendar: str, start: date, n: int) -> None:
    due = reckon(start, f"{n} days", Count.CD_X, calendar=calendar, zone=LONDON)
    assert due.safe_by <= due.due_day
    assert is_working(calendar, due.safe_by)


@pytest.mark.parametrize(
    ("start", "lasts", "count", "due"),
    (
        ("2025-01-31", "1 month", Count.CM, "2025-02-28"),
        ("2024-01-31", "1 month", Count.CM, "2024-02-29"),
        ("2026-11-30", "3 months", Count.CM, "2027-02-28"),
        ("2026-12-15", "12 months", Count.CM, "2027-12-15"),
        ("2026-11-22", "1 day", Count.CD_I, "2026-11-22"),
        ("2026-11-22", "1 day", Count.CD_X, "2026-11-23"),
        ("2026-11-22", "0 days", Count.CD_I, "2026-11-22"),
        ("2026-11-21", "5 working days", Count.WD_R, "2026-11-30"),
        ("2026-11-20", "5 working days", Count.WD_R, "2026-11-27"),
    ),
)
def test_a_period_is_counted_by_its_convention(start: str, lasts: str, count: Count, due: str) -> None:
    assert reckon(date.fromisoformat(start), lasts, count, calendar=EAW, zone=LONDON).due_day.isoformat() == due


def test_a_day_ends_at_the_next_local_midnight_whatever_the_season() -> None:
    assert wd(date(2026, 3, 20)).due_at == datetime(2026, 3, 28, tzinfo=UTC)
    assert wd(date(2026, 3, 23)).due_at == datetime(2026, 3, 30, 23, tzinfo=UTC)


def test_the_day_of_the_event_is_the_local_one_around_midnight() -> None:
    assert wd(datetime(2026, 6, 30, 22, 59, tzinfo=UTC)).start_day == date(2026, 6, 30)
    assert wd(datetime(2026, 6, 30, 23, 1, tzinfo=UTC)).start_day == date(2026, 7, 1)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        wd(datetime(2026, 6, 30, 12, 0, tzinfo=UTC).replace(tzinfo=None))


@pytest.mark.parametrize(
    ("born", "leap_day", "eighteen"),
    (
        (date(2008, 2, 29), "1 March", date(2026, 3, 1)),
        (date(2008, 2, 29), "28 February", date(2026, 2, 28)),
        (date(2008, 3, 1), "1 March", date(2026, 3, 1)),
    ),
)
def test_a_person_comes_of_age_on_the_day_the_law_names(born: date, leap_day: str, eighteen: date) -> None:
    assert birthday(Born(born, leap_day)) == eighteen


def test_a_birthday_is_due_when_its_day_begins_and_does_not_wait_for_a_pause() -> None:
    due = reckon(date(2026, 1, 1), "18 years", Count.BIRTHDAY, calendar=EAW, zone=LONDON, born=Born(date(2008, 7, 1)))
    assert due.due_at == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert after_pause(due, datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)) == due


def test_a_pause_moves_each_reading_by_its_own_count() -> None:
    other = Other("14 days", Count.CD_X, "another source")
    due = reckon(date(2026, 12, 17), "9 working days", Count.WD_X, calendar=EAW, zone=LONDON, other=other)
    later = after_pause(due, datetime(2026, 12, 18, 12, tzinfo=UTC), datetime(2026, 12, 21, 12, tzinfo=UTC))
    assert (due.due_day, due.alternatives[0].due_day, due.safe_by) == (
        date(2027, 1, 4), date(2026, 12, 31), date(2026, 12, 31),
    )  # fmt: skip
    assert (later.due_day, later.alternatives[0].due_day, later.safe_by) == (
        date(2027, 1, 5), date(2027, 1, 3), date(2026, 12, 31),
    )  # fmt: skip


def test_an_extension_lengthens_a_period_by_its_own_kind_or_to_a_named_day() -> None:
    assert extended(wd(date(2026, 12, 22)), "5 working days").due_day == date(2027, 1, 8)
    assert extended_to(wd(date(2026, 12, 22)), date(2027, 2, 1)).due_day == date(2027, 2, 1)
    with pytest.raises(ValueError, match="cannot be counted"):
        extended(wd(date(2026, 12, 22)), "5 days")


@pytest.mark.parametrize(
    "lasts",
    (
        "",
        "5",
        "five days",
        "5 weeks",
        "-5 days",
        "5 working days.",
        "999999 days",
    ),
)
def test_what_is_no_length_is_refused(lasts: str) -> None:
    with pytest.raises(ValueError, match="is no length"):
        length(lasts)


def span(lasts: str, count: Count, start: datetime) -> Span:
    due = reckon(start, lasts, count, calendar=EAW, zone=LONDON)
    return Span(start, due.due_day, due.due_at, due.calendar, LONDON)


MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def test_a_ladder_comes_step_by_step_at_nine_in_the_morning() -> None:
    ladder = ("2 working days before", "on the day", "1 day after", "4 hours after start", "21 days after start")
    assert reminders(ladder, span("5 working days", Count.WD_X, MONDAY)) == [
        ("4 hours after start", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2 working days before", datetime(2026, 11, 26, 9, tzinfo=UTC)),
        ("on the day", datetime(2026, 11, 30, 9, tzinfo=UTC)),
        ("1 day after", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("21 days after start", datetime(2026, 12, 14, 9, tzinfo=UTC)),
    ]


def test_a_daily_step_repeats_for_ever_and_only_the_next_is_given() -> None:
    days_after = span("5 working days", Count.WD_X, MONDAY)
    asked = [
        datetime(2026, 11, 30, 9, tzinfo=UTC),
        datetime(2027, 5, 1, 7, 59, tzinfo=UTC),
        datetime(2027, 5, 1, 8, tzinfo=UTC),
    ]
    assert [next_reminder(("daily after",), days_after, at) for at in asked] == [
        datetime(2026, 12, 1, 9, tzinfo=UTC),
        datetime(2027, 5, 1, 8, tzinfo=UTC),
        datetime(2027, 5, 2, 8, tzinfo=UTC),
    ]


def test_a_ladder_without_a_repeating_step_ends() -> None:
    assert (
        next_reminder(("on the day",), span("5 working days", Count.WD_X, MONDAY), datetime(2027, 1, 1, tzinfo=UTC))
        is None
    )


@few
@given(instants, st.integers(0, 400 * 24), st.sampled_from(["daily after", "weekly after", "monthly after"]))
def test_a_repeating_step_comes_after_the_instant_asked_and_within_its_round(
    start: datetime, hours: int, says: str
) -> None:
    here = span("5 working days", Count.WD_X, start)
    after = here.due_at + timedelta(hours=hours)
    at = next_reminder((says,), here, after)
    assert at is not None
    assert after < at <= after + timedelta(days=step(says).every + 1, hours=10)


@pytest.mark.parametrize(
    "says",
    (
        "",
        "soon",
        "2 weeks before",
        "2 working days",
        "hourly after",
    ),
)
def test_what_is_no_step_is_refused(says: str) -> None:
    with pytest.raises(ValueError, match="no step"):
        step(says)


def test_the_reason_for_each_skipped_day_is_the_calendars_own() -> None:
    due = wd(date(2026, 12, 22))
    assert due.skipped == tuple((day, why_not_working(EAW, day)) for day, _ in due.skipped)
