"""`lodestar check` and `lodestar verify`: what must hold, and whether the history is whole. They end with 1 if not."""

import argparse
from typing import TYPE_CHECKING

from api.cli.parser import Commands, as_json

if TYPE_CHECKING:
    from workflows.checking import Violation
    from workflows.verifying import Report

KINDS = {
    "edited": "the event no longer gives its hash: its body or its hash was changed",
    "missing": "an event is missing here",
    "inserted": "an event stands here that belongs elsewhere",
    "relinked": "the event does not follow the one before it",
    "head": "the case says that its newest event is another one",
}


def declare(commands: Commands) -> None:
    """The commands and their options."""
    command = commands.listed(
        "check",
        run=run_check,
        more="Looks only, and mends nothing. Ends with 1 if something does not hold.",
    )
    as_json(command)
    command = commands.listed(
        "verify",
        "lodestar verify 7KQ4-2MX9-T",
        run=run_verify,
        more="Names the first bad row and the kind of damage. Ends with 0 if every chain is whole, with 1 if not.",
    )
    command.add_argument("case", nargs="?", help="one case only, by its id or its spoken reference")
    as_json(command)


def run_check(asked: argparse.Namespace) -> int:
    """What must hold of the installation's database, now."""
    from contextlib import closing
    from dataclasses import asdict
    from datetime import UTC, datetime

    from api.cli.place import open_database, read_rules
    from api.cli.words import tell_json
    from referral.second_line import gaps
    from referral.settings import Settings
    from workflows.checking import Violation, check

    settings = Settings()
    with closing(open_database(settings)) as db:
        found = [Violation("", gap, 'docs/operators.md, "Two database roles"') for gap in gaps(db)]
        found += check(db, read_rules(settings.rules), datetime.now(UTC))
    if asked.json:
        tell_json([asdict(one) for one in found])
        return 1 if found else 0
    return 0 if tell_check(found) else 1


def run_verify(asked: argparse.Namespace) -> int:
    """The chains of the installation's database."""
    from dataclasses import asdict

    from sqlalchemy import func, select

    from api.cli.place import one_case, open_database
    from api.cli.words import Bar, tell_json
    from referral.models import Event
    from referral.settings import Settings
    from workflows.verifying import verify

    db = open_database(Settings())
    with db.read() as session:
        events = int(session.execute(select(func.count()).select_from(Event)).scalar_one())
    bar = Bar("verifying")
    with one_case():
        report = verify(db, asked.case, progress=lambda _, walked: bar(walked, max(events, walked)))
    if asked.json:
        tell_json({**asdict(report), "whole": report.damage is None})
        return 0 if report.damage is None else 1
    return 0 if tell_verify(report) else 1


def tell_check(found: "list[Violation]") -> bool:
    """Every violation, and what to do about it."""
    from api.cli.words import tell_table

    if not found:
        print("check: all is well. Every open case has an accountable owner and something that calls attention to it.")
        return True
    tell_table(("case", "what does not hold", "what to do"), ((one.case, one.what, one.mend) for one in found))
    print(f"check: {len(found)} things do not hold.")
    return False


def tell_verify(report: "Report") -> bool:
    """How far the walk came, and the first damage."""
    if report.damage is None:
        print(f"verify: {report.events} events of {report.cases} cases, every chain is whole.")
        return True
    first = report.damage
    print(f"verify: {report.damaged} of {report.cases} cases are damaged.")
    print(f"  first bad row: case {report.reference or first.case_id}, event {first.seq}")
    print(f"  kind of damage: {first.kind}: {KINDS[first.kind]}")
    return False
