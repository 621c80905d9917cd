"""`lodestar as-it-stood`: a case at a past moment, told again from its history alone."""

import argparse
from datetime import datetime
from typing import Any

from api.cli.parser import Commands, as_json


def declare(commands: Commands) -> None:
    """The command and its options."""
    command = commands.listed(
        "as-it-stood",
        "lodestar as-it-stood 7KQ4-2MX9-T --at 2026-10-01T12:00Z --by occurred --json",
        run=run,
        more="Recorded time tells what was known then, occurred time what had happened. The look is recorded.",
    )
    command.add_argument("case", help="a case, by its id or its spoken reference")
    command.add_argument("--at", required=True, type=_moment, help="a moment with its zone, such as 2026-10-01T12:00Z")
    command.add_argument("--by", choices=("recorded", "occurred"), default="recorded", help="which time counts")
    as_json(command)


def run(asked: argparse.Namespace) -> int:
    """Read it, record the look, tell it."""
    from datetime import UTC

    from api.cli.place import one_case, open_database
    from api.cli.words import Wrong, tell_json
    from api.v1.past import LOOK, shown
    from referral.access import SYSTEM
    from referral.records import record_reads
    from referral.settings import Settings
    from workflows import past
    from workflows.explaining import find

    now = datetime.now(UTC)
    if asked.at > now:
        raise Wrong("Name a moment that has passed.")
    db = open_database(Settings())
    with one_case(), db.read() as session:
        then = past.of_case(session, find(session, asked.case).id, asked.at, asked.by)
    record_reads(db, actor=SYSTEM, cases=[then.id], what=LOOK, now=now)
    told = shown(then, asked.at, asked.by)
    if asked.json:
        tell_json(told)
    else:
        _tell(told)
    return 0


def _tell(told: dict[str, Any]) -> None:
    """The same in lines."""
    from api.cli.words import tell_table

    print(f"Case {told['reference']} as it stood at {told['at']}, by {told['by']} time")
    if not told["there"]:
        print("  There was no such case yet.")
        return
    owner = told["owner"]
    print(f"  {'open' if told['open'] else 'closed'}, version {told['version']}, newest event {told['last_at']}")
    if owner:
        print(f"  accountable: {owner['agency']}, {owner['user'] or 'its duty team'}")
    if not told["whole"]:
        print("  Events of that time do not tell everything: owner and participants may be missing.")
    print()
    tell_table(
        ("workflow", "number", "state", "says"),
        ((row["workflow"], row["number"], row["state"], row["says"]) for row in told["strands"]),
    )
    print("\nWho could see it:")
    for part in told["participants"]:
        print(f"  {part['agency']} as {part['part']}")
    for member in told["members"]:
        print(f"  {member['user']} of {member['agency']}, by name")
    if told["deadlines"]:
        print()
        tell_table(
            ("rule", "name", "state", "due"),
            (
                (row["rule"], row["name"], "overdue" if row["overdue"] else row["state"], row["due_at"] or "not shown")
                for row in told["deadlines"]
            ),
        )


def _moment(told: str) -> datetime:
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise argparse.ArgumentTypeError("a moment with its zone, such as 2026-10-01T12:00Z")
    return at
