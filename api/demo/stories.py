"""The two stories as a whole: who is in which, and on which day each began."""

from datetime import date, datetime, timedelta

from api.demo.airport import MIRELA, WEEK
from api.demo.counties import OPERATION, TIPS
from api.demo.story import Step
from api.demo.women_otherwise import ANCA, LIVIA, MIHAELA, SOFIA
from api.demo.women_supported import DARIA, ELENA, IOANA

FIRST_DAY = date(2026, 9, 16)  # a Wednesday, in both
FURNISHED = timedelta(days=30)  # the installation stood so long before

# fmt: off
STORIES: dict[str, tuple[list[Step], ...]] = {
    "Four counties: six addresses in one morning": (OPERATION, TIPS, ELENA, IOANA, MIHAELA, DARIA, SOFIA, ANCA, LIVIA),
    "Airport week, four days in September":        (WEEK, MIRELA),
}
# fmt: on
OPERATIONS = ("operation", "airport week")
WEEKS_BACK = 9  # so that a served installation shows cases at every stage


def lines() -> list[list[Step]]:
    """Every story line, of both stories."""
    return [line for story in STORIES.values() for line in story]


def earliest(first: date) -> date:
    """The day of the earliest line of all: operations are planned before their first day."""
    return first + timedelta(days=min(int(one.when.partition(" ")[0]) for line in lines() for one in line))


def recent(now: datetime) -> date:
    """A first day some weeks back, on the same day of the week."""
    weeks = (now.date() - FIRST_DAY).days // 7 - WEEKS_BACK
    return FIRST_DAY + timedelta(weeks=weeks)
