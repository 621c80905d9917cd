"""`lodestar law check`: reads every rule file, and says what is wrong with file and line."""

import argparse

from api.cli.parser import Commands, as_json


def declare(commands: Commands) -> None:
    """The commands and their options."""
    group = commands.group("law")
    command = group.add(
        "check",
        "Read all rule files, the shipped ones and your own, and say what is wrong with them.",
        "lodestar law check",
        "lodestar law check --rules /etc/lodestar/rules --json",
        run=run,
    )
    command.add_argument("--rules", help="a folder of your own rules; LODESTAR_RULES by default")
    as_json(command)


def run(asked: argparse.Namespace) -> int:
    """0 if every file can be used, 2 with file, line and reason if not."""
    from pathlib import Path

    from api.cli.place import read_rules
    from api.cli.words import tell_json, tell_table
    from referral.settings import Settings

    law = read_rules(Path(asked.rules) if asked.rules else Settings().rules)
    rows = [
        {
            "jurisdiction": place.key,
            "name": place.name,
            "rules": len(place.rules),
            "versions": sum(len(rule.versions) for rule in place.rules.values()),
            "local": sum(version.local for rule in place.rules.values() for version in rule.versions),
            "terms": len(place.terms),
        }
        for place in law.values()
    ]
    if asked.json:
        tell_json(rows)
    else:
        tell_table([*rows[0]], [[*row.values()] for row in rows])
    return 0
