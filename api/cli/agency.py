"""`lodestar agency`: the agencies of an installation."""

import argparse

from api.cli.parser import Commands, as_json

EXAMPLE = 'lodestar agency add eastshire-police --name "Eastshire Police" --kind police --nation england'


def declare(commands: Commands) -> None:
    """The commands and their options."""
    group = commands.group("agency")
    add = group.add("add", "Add an agency.", EXAMPLE, run=run_add)
    add.add_argument("id", help="a short name of small letters, digits and -, which never changes")
    add.add_argument("--name", required=True, help="its full name")
    add.add_argument(
        "--kind",
        required=True,
        help="police, local_authority, navigator_service, support_provider, competent_authority ...",
    )
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
    from api.cli.place import open_database
    from api.cli.words import Wrong
    from referral.errors import NotFound
    from referral.settings import Settings

    with open_database(Settings()).write() as session:
        try:
            directory.disable_agency(session, asked.id)
        except NotFound:
            raise Wrong("There is no agency of this short name.") from None
    print(f"{asked.id} is taken out. Its cases stay its own until they are handed over; `lodestar check` lists them.")
    return 0
