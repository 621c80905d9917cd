"""`lodestar agency`: the agencies of an installation."""

import argparse
from collections.abc import Callable
from typing import Any

from api.cli.parser import Commands, as_json

EXAMPLE = 'lodestar agency add eastshire-police --name "Eastshire Police" --kind police --nation england'


def declare(commands: Commands) -> None:
    """The commands and their options."""
    from referral.access import AgencyKind

    group = commands.group("agency")
    add = group.add("add", "Add an agency.", EXAMPLE, run=run_add)
    add.add_argument("id", help="a short name of small letters, digits and -, which never changes")
    add.add_argument("--name", required=True, help="its full name")
    add.add_argument("--kind", required=True, help=f"one of {', '.join(AgencyKind)}")
    add.add_argument("--nation", help="england, wales, scotland or northern_ireland; none for all")
    add.add_argument("--email", help="where its duty team is written to")
    as_json(add)
    as_json(group.add("list", "List the agencies.", "lodestar agency list", run=run_list))
    off = group.add(
        "off",
        "Take an agency out: nobody of it signs in any more.",
        "lodestar agency off eastshire-police",
        run=run_off,
    )
    off.add_argument("id", help="its short name")
    back = group.add(
        "on", "Bring an agency back that was taken out.", "lodestar agency on eastshire-police", run=run_on
    )
    back.add_argument("id", help="its short name")


def run_add(asked: argparse.Namespace) -> int:
    """Add one."""
    from datetime import UTC, datetime

    from api import directory
    from api.cli.place import open_database
    from api.cli.words import tell_json
    from referral.settings import Settings

    told = {"id": asked.id, "name": asked.name, "kind": asked.kind, "nation": asked.nation, "email": asked.email}
    new = directory.read(directory.NewAgency, told)
    with open_database(Settings()).write() as session:
        directory.add_agency(session, new, datetime.now(UTC))
    if asked.json:
        tell_json({**told, "active": True})
    else:
        print(f"{asked.id} is added. Next: lodestar user add --agency {asked.id} --help")
    return 0


def run_list(asked: argparse.Namespace) -> int:
    """Every agency."""
    from api import directory
    from api.cli.place import open_database
    from api.cli.words import tell_json, tell_table
    from referral.settings import Settings

    with open_database(Settings()).read() as session:
        rows = [
            {"id": one.id, "name": one.name, "kind": one.kind, "nation": one.nation, "active": one.active}
            for one in directory.agencies(session)
        ]
    if asked.json:
        tell_json(rows)
    else:
        tell_table(("id", "name", "kind", "nation", "active"), ([cell or "-" for cell in row.values()] for row in rows))
    return 0


def run_off(asked: argparse.Namespace) -> int:
    """Take one out."""
    from api import directory

    _switch(directory.disable_agency, asked.id)
    print(f"{asked.id} is taken out. Its cases stay its own until they are handed over; `lodestar check` lists them.")
    return 0


def run_on(asked: argparse.Namespace) -> int:
    """Bring one back."""
    from api import directory

    _switch(directory.enable_agency, asked.id)
    print(f"{asked.id} works again: its people and systems sign in as before, and its cases are still its own.")
    return 0


def _switch(way: Callable[[Any, str], None], agency: str) -> None:
    """Take one out, or bring it back."""
    from api.cli.place import open_database
    from api.cli.words import Wrong
    from referral.errors import NotFound
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        try:
            way(session, agency)
        except NotFound:
            raise Wrong("There is no agency of this short name.") from None
