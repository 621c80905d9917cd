"""`lodestar agreement`: what agencies have agreed about sharing."""

import argparse

from api.cli.parser import Commands, as_json

EXAMPLE = (
    "lodestar agreement add beacon harbour --purpose sharing --class C1 --class C2 "
    '--from 2026-01-01 --until 2026-12-31 --source "Paper 12/2026"'
)


def declare(commands: Commands) -> None:
    """The commands and their options."""
    group = commands.group("agreement")
    add = group.add("add", "Record a signed agreement. It ends by itself after its last day.", EXAMPLE, run=run_add)
    add.add_argument("from_agency", help="the agency that shares")
    add.add_argument("to_agency", help="the agency that receives")
    every = "sharing, support or operation; may be given again"
    add.add_argument("--purpose", action="append", required=True, help=every)
    add.add_argument("--class", action="append", required=True, dest="classes", help="C1, C2 or C3; may be given again")
    add.add_argument("--from", required=True, dest="starts_on", help="its first day, as in 2026-01-01")
    add.add_argument("--until", required=True, dest="ends_on", help="its last day")
    add.add_argument("--source", required=True, help="where the signed paper is")
    as_json(add)
    shown = group.add("list", "List the agreements, ended ones too.", "lodestar agreement list", run=run_list)
    shown.add_argument("--agency", help="only those of this agency")
    as_json(shown)
    end = group.add(
        "end", "End an agreement now: whatever was shared under it ends with it.",
        "lodestar agreement end 0123456789abcdef0123456789abcdef", run=run_end,
    )  # fmt: skip
    end.add_argument("id", help="its id, from the list")


def run_add(asked: argparse.Namespace) -> int:
    """Record one."""
    from datetime import UTC, datetime

    from api import agreements, directory
    from api.cli.place import open_database, read_rules
    from api.cli.words import tell_json
    from referral.settings import Settings
    from workflows.steps import DEFAULT_LAW

    said = {
        "from_agency": asked.from_agency, "to_agency": asked.to_agency, "purposes": asked.purpose,
        "classes": asked.classes, "starts_on": asked.starts_on, "ends_on": asked.ends_on, "source": asked.source,
    }  # fmt: skip
    new = directory.read(agreements.NewAgreement, said)
    settings = Settings()
    zone = read_rules(settings.rules)[DEFAULT_LAW].zone
    with open_database(settings).write() as session:
        told = agreements.told(agreements.add(session, new, datetime.now(UTC), zone))
    if asked.json:
        tell_json(told)
    else:
        print(f"{told['id']} is recorded: {new.from_agency} may share with {new.to_agency} until {new.ends_on}.")
    return 0


def run_list(asked: argparse.Namespace) -> int:
    """Every agreement."""
    from api import agreements
    from api.cli.place import open_database
    from api.cli.words import tell_json, tell_table
    from referral.settings import Settings

    with open_database(Settings()).read() as session:
        rows = [agreements.told(row) for row in agreements.listed(session, asked.agency)]
    if asked.json:
        tell_json(rows)
    else:
        heads = ("id", "from_agency", "to_agency", "purposes", "classes", "starts_on", "ends_on", "ended_at")
        cells = ([row[head] for head in heads] for row in rows)
        tell_table(heads, ([" ".join(c) if isinstance(c, list) else c or "-" for c in line] for line in cells))
    return 0


def run_end(asked: argparse.Namespace) -> int:
    """End one."""
    from datetime import UTC, datetime

    from api import agreements
    from api.cli.place import open_database
    from api.cli.words import Wrong
    from referral.errors import NotFound
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        try:
            row = agreements.end(session, asked.id, None, datetime.now(UTC))
        except NotFound:
            raise Wrong("There is no agreement of this id.") from None
        print(f"{row.id} has ended. What {row.to_agency} saw under it, it sees no more.")
    return 0
