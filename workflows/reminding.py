"""What one look at a due deadline brings: its marks, one reminder to each receiver, when to look again, the move to be made.

Pure: a claimed row and the law in, values out. What is written and made stands in heartbeat.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from referral.due import Due
from referral.ladder import Span, next_reminder, reminder_at, step
from referral.reckoning import local_day
from workflows import telling
from workflows.jurisdiction import Law, Rule
from workflows.winding import MOMENT, ladder, next_look

LEASE = timedelta(minutes=2)  # how long a move that a deadline brings may take, before another heartbeat tries it

# fmt: off
SPEAKS = {  # kind of deadline: the message before its last day, on that day, and once it has ended
    "target": ("reminder",      "due",           "overdue"),
    "floor":  ("floor_ends",    "floor_ends",    "may_end"),
    "window": ("window_closes", "window_closes", "lapsed"),
    "expiry": ("expires",       "expires",       "expired"),
    "review": ("reminder",      "review",        "overdue"),
    "ageing": ("ageing",        "ageing",        "ageing"),
    "test":   ("reminder",      "reminder",      "reached"),
}
# fmt: on
OVER = {
    "floor": "met",
    "test": "met",
    "window": "ended",
    "expiry": "ended",
}  # what they become once nothing is left of them
AT_ONCE = ("floor", "test")  # these are over the moment their end comes, whatever is still to be said about it


@dataclass(frozen=True, slots=True)
class Look:
    """What is written about one deadline, and the move that is made after that."""

    values: dict[str, Any]  # columns of the deadline
    messages: tuple[dict[str, Any], ...]
    marked: bool  # whether its end was marked now
    ended: bool  # whether it stopped running now
    fires: str = ""  # the system move to make
    failed: bool = False


def look(due: Due, law: Law, parts: frozenset[tuple[str, str]], now: datetime) -> Look:
    """Look at a row that was claimed.

    The end of a deadline is marked in two places: `marked_at` when it is first seen, and `how["marked"]` once the move that it
    brings has been made or refused. Between the two the row comes up again after a while, so that no crash loses the move.
    """
    row, rule = due.row, rule_of(due, law)
    remind, tell = ladder_of(due, rule)
    ended = row.due_at <= now
    marks = ended and due.marked_at is None and "marked" not in row.how
    waits = ended and due.marked_at is not None and "marked" not in row.how  # for a move that was not made yet
    fires = rule.fires if rule and (marks or waits) else ""
    step_at = latest_step(remind, span_of(due), due.marked_at if waits and due.marked_at else due.next_at - MOMENT, now)
    if marks and _end_speaks(due, rule, remind):
        step_at = max(step_at, row.due_at) if step_at else row.due_at
    messages = post(due, step_at, tell, parts, now) if step_at else ()
    if ended and not fires:
        row.how["marked"] = True
    values = _after(due, rule, remind, now)
    if fires:
        values["next_at"] = now + LEASE
    values["marked_at"] = now if marks else due.marked_at
    return Look(values, messages, marks, values["state"] != row.state, fires)


def put_off(due: Due, until: datetime) -> Look:
    """The row as it is, to be looked at again then."""
    kept = {
        "id": due.row.id,
        "state": due.row.state,
        "how": None,
        "next_at": until,
        "ended_at": None,
        "marked_at": due.marked_at,
    }
    return Look(kept, (), marked=False, ended=False, failed=True)


def made(due: Due, law: Law, now: datetime) -> dict[str, Any] | None:
    """The columns of a deadline whose move was made or refused; None where that move, or another, has dealt with it."""
    if due.marked_at is None or "marked" in due.row.how or due.row.due_at > now:
        return None
    rule = rule_of(due, law)
    due.row.how["marked"] = True
    return _after(due, rule, ladder_of(due, rule)[0], now) | {"marked_at": due.marked_at}


def rule_of(due: Due, law: Law) -> Rule | None:
    """The rule that a row was started under; None where the law no longer has it."""
    place = law.get(due.jurisdiction)
    return place.rules.get(due.row.name) if place else None


def ladder_of(due: Due, rule: Rule | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The reminders, and who is told: as the version says that the row is bound to, else as the rule does."""
    if rule is None:
        return (), ("owner",)
    version = next((version for version in rule.versions if version.id == due.row.rule_version), None)
    return ladder(rule, due.row), (version and version.tell) or rule.tell


def span_of(due: Due) -> Span:
    """What the ladder of a row leans on."""
    row = due.row
    return Span(row.started_at, row.due_day, row.due_at, row.how["calendar"], row.how["zone"])


def latest_step(remind: tuple[str, ...], span: Span, since: datetime, now: datetime) -> datetime | None:
    """The last instant after `since` and not after `now` at which a step of the ladder came: several become one."""
    return max((at for says in remind if (at := _latest(says, span, since, now))), default=None)


def post(
    due: Due, at: datetime, tell: tuple[str, ...], parts: frozenset[tuple[str, str]], now: datetime
) -> tuple[dict[str, Any], ...]:
    """One message for each agency or worker; for the owner, where nobody is there yet to be told."""
    told: dict[tuple[str, str | None], str] = {}
    for audience in (*tell, "owner"):
        if audience == "owner" and told and "owner" not in tell:
            break
        for receiver in telling.receivers(audience, due.case, parts, due.told.get(telling.HOLDER)):
            told.setdefault(receiver, audience)
    row, kind = due.row, kind_of(due, at)
    return tuple(
        telling.row(
            f"{row.id}:{at:%Y%m%dT%H%M%S}:{user or agency}", due.case.id, (agency, user, audience), kind, row.name, now,
            row.id,
        )
        for (agency, user), audience in told.items()
    )  # fmt: skip


def kind_of(due: Due, at: datetime) -> str:
    """Which wording fits an instant of a deadline."""
    before, on_the_day, ended = SPEAKS[due.row.kind]
    if at >= due.row.due_at:
        return ended
    return on_the_day if local_day(at, due.row.how["zone"]) == due.row.due_day else before


def _end_speaks(due: Due, rule: Rule | None, remind: tuple[str, ...]) -> bool:
    """Whether the end itself is worth a message: always that something may end now; else where nobody would hear of it."""
    kind = due.row.kind
    if kind == "floor":
        return True
    if kind in ("ageing", "test") or (rule and rule.fires):
        return False  # the move tells of itself
    return next_reminder(remind, span_of(due), due.row.due_at - MOMENT) is None


def _after(due: Due, rule: Rule | None, remind: tuple[str, ...], now: datetime) -> dict[str, Any]:
    """The row after a look: whether it still runs, and when to look at it next."""
    row = due.row
    over = OVER.get(row.kind) if row.state == "running" and row.due_at <= now else None
    following = next_look(row, remind, now + MOMENT) if row.state == "running" else None
    if over and row.kind not in AT_ONCE and ((following or "marked" not in row.how) or (rule and rule.extends_on)):
        over = None
    return {
        "id": row.id, "state": over or row.state, "how": orjson.dumps(row.how).decode(),
        "next_at": None if over else following, "ended_at": row.due_at if over else None,
    }  # fmt: skip


def _latest(says: str, span: Span, since: datetime, now: datetime) -> datetime | None:
    first = reminder_at(says, span)
    if first > now:
        return None
    found = first if first > since else None
    if every := step(says).every:
        near = max(first, since, now - timedelta(days=every, hours=2))  # a day can be an hour longer than another
        found = _last(lambda after: next_reminder((says,), span, after), near, now) or found
    return found


def _last(following: Callable[[datetime], datetime | None], after: datetime, now: datetime) -> datetime | None:
    found = None
    while (at := following(after)) is not None and at <= now:
        found = after = at
    return found
