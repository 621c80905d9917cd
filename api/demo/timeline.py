"""What was played, case by case: what happened, which deadline began and on what it rests, and who was told."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from textwrap import shorten
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

from api.demo.stage import ZONE, Stage
from referral.models import Message, User

GAP = " " * 19  # below the time
WIDE = 118
OURS = "Lodestar"  # who sets the house rules
UNTIL = {  # kind of deadline -> what its date means
    "target": "due by",
    "floor": "may not end before",
    "window": "open until",
    "expiry": "holds until",
    "review": "looked at again by",
    "ageing": "never late, attention at",
    "test": "decided on",
}


Names = dict[str, str]  # of staff, by id


class Line(NamedTuple):
    """One line, and when and in which order it is told."""

    at: datetime
    order: tuple[int, int]
    text: str


def tell(stage: Stage, name: str) -> Iterator[str]:
    """One case, whole."""
    shown = stage.look(name).told
    names = _names(stage)
    state = "open" if shown["open"] else "closed"
    yield f"\n{name.upper()} (invented), case {shown['reference']}, {state}"
    yield "-" * WIDE
    lines = [*_events(stage, name, names), *_reminders(stage, name, names), *_refusals(stage, name)]
    yield from (line.text for line in sorted(lines, key=lambda line: (line.at, line.order)))


def tell_funnel(stage: Stage, name: str) -> Iterator[str]:
    """What came of an operation, in counts."""
    told = stage.look(name, "/funnel").told
    yield f"\nWHAT CAME OF IT: {name}"
    yield "-" * WIDE
    for counter, number in told["counters"].items():
        yield f"  {counter.replace('_', ' '):<24}{number:>6}"
    for step in ("spoken_to", "checked", "met", "advised", "referred", "notified", "declined", "children"):
        yield f"  {'-> ' + step.replace('_', ' '):<24}{told[step]:>6}"


def _events(stage: Stage, name: str, names: Names) -> Iterator[Line]:
    case = stage.case(name)
    starting = defaultdict(list)
    for deadline in stage.look(name, "/deadlines").told["items"]:
        starting[datetime.fromisoformat(deadline["started_at"])].append(deadline)
    told = _messages(stage, case)
    at_once: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        page = stage.look(name, f"/timeline?limit=500{cursor}").told
        for event in page["items"]:
            at, seq = datetime.fromisoformat(event["recorded_at"]), event["seq"]
            yield Line(at, (seq, 0), _what(event, at, names))
            line = stage.acts.lines.get((case, seq))
            if line:
                yield Line(at, (seq, 1), f"{GAP}{line.says}")
            if event["not_followed"]:
                yield Line(at, (seq, 2), f"{GAP}does not apply: {', '.join(event['not_followed'])}")
            rules = {rule.partition("@")[0] for rule in event["rules"]}
            for deadline in starting.get(datetime.fromisoformat(event["occurred_at"]), []):
                if deadline["rule"] in rules and deadline["id"] not in at_once:
                    at_once.add(deadline["id"])
                    yield from (Line(at, (seq, 3), text) for text in _basis(stage, deadline))
            receivers = [
                _receiver(one, names) for one in told if one.kind == "moved" and one.id.split(":")[1] == str(seq)
            ]
            if receivers:
                yield Line(at, (seq, 4), f"{GAP}told: {'; '.join(receivers)}")
        cursor = f"&cursor={page['next']}" if page["next"] else None


def _what(event: dict[str, Any], at: datetime, names: Names) -> str:
    actor = event["actor"]
    who = names.get(actor["id"], actor["id"]) or ", ".join(actor["roles"])  # a desk, where no name is shown
    agency = f" ({actor['agency']})" if actor["kind"] != "system" else " (a deadline ended)"
    if event["move"] is None:
        return f"{_time(at)}  {who + agency:<29} (not for this reader)"
    if event["by_rule"]:
        return f"{GAP}  brings {event['move']}: {event['went_to']}"
    stays = event["came_from"] == event["went_to"]
    where = f"stays {event['went_to']}" if stays else f"-> {event['went_to']}"
    return f"{_time(at)}  {who + agency:<29} {event['move']:<43} {where}"


def _basis(stage: Stage, deadline: dict[str, Any]) -> Iterator[str]:
    how = deadline["how"]
    due = datetime.fromisoformat(deadline["due_at"]).astimezone(ZONE)
    day = datetime.fromisoformat(deadline["due_day"])
    exact = f"{due:%a %d %b %Y %H:%M}" if how["count"] == "HR" else f"the end of {day:%a %d %b %Y}"
    became = "" if deadline["state"] == "running" else f"; became {deadline['state']}"
    means = UNTIL[deadline["kind"]]
    lasts = "until the named day" if how["count"] == "NAMED" else f"{how['lasts']} ({how['count']})"
    yield f"{GAP}starts {deadline['rule']} {deadline['name']}: {lasts}, {means} {exact}{became}"
    skipped = f"; skips {', '.join(f'{day} {why}' for day, why in how['skipped'])}" if how["skipped"] else ""
    rule = stage.law[deadline["jurisdiction"]].rules[deadline["name"]]
    document = next((one.document for one in rule.versions if one.id == deadline["version"]), "")
    source = shorten(f"{how['source']}, {document}", 90, placeholder=" ...")
    ours = how["house"] and how["source"].startswith(OURS)
    source = "a house rule, for want of a published number" if ours else source
    house = ", house rule" if how["house"] and not ours else ""
    yield f"{GAP}       by {source} (version {deadline['version']}, grade {how['grade']}{house}){skipped}"


def _reminders(stage: Stage, name: str, names: Names) -> Iterator[Line]:
    """What the heartbeat sent because of deadlines, one line for all who got the same."""
    alike: dict[tuple[datetime, str, str], list[str]] = defaultdict(list)
    for one in _messages(stage, stage.case(name)):
        if one.kind != "moved":
            alike[one.created_at, one.kind, one.about].append(_receiver(one, names))
    for (at, kind, about), receivers in alike.items():
        to = "; ".join(receivers)
        yield Line(
            at, (0, 0), f"{_time(at)}  {'heartbeat':<29} {kind.replace('_', ' ') + ': ' + about:<43} sent to {to}"
        )


def _refusals(stage: Stage, name: str) -> Iterator[Line]:
    for at, line, why in stage.acts.refusals:
        if line.case == name:
            yield Line(at, (0, 1), f"{_time(at)}  {line.who:<29} {line.move:<43} REFUSED ({line.refused}): {why}")
            yield Line(at, (0, 2), f"{GAP}{line.says}")


def _messages(stage: Stage, case: str) -> list[Message]:
    with stage.db.read() as session:
        wanted = select(Message).where(col(Message.case_id) == case).order_by(col(Message.created_at), col(Message.id))
        return list(session.execute(wanted).scalars())


def _receiver(one: Message, names: Names) -> str:
    who = names.get(one.user_id or "", "duty team")
    lost = "" if one.delivered_at else ", not delivered"
    return f"{who} of {one.agency_id} ({one.audience.replace('_', ' ')}{lost})"


def _names(stage: Stage) -> Names:
    with stage.db.read() as session:
        return {one.id: one.name.partition(" ")[0].lower() for one in session.execute(select(User)).scalars()}


def _time(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%d %b %Y %H:%M}"
