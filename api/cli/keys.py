"""`lodestar keys`: the keys that sign tokens."""

import argparse

from api.cli.parser import Commands, as_json


def declare(commands: Commands) -> None:
    """The commands and their options."""
    group = commands.group("keys")
    as_json(
        group.add("list", "List the keys; the newest signs, all of them verify.", "lodestar keys list", run=run_list)
    )
    group.add(
        "new", "Make a new key; from the next start on it signs.", "lodestar keys new", run=run_new,
        more="Restart the web processes to use it. An old key can be deleted an hour later.",
    )  # fmt: skip


def run_list(asked: argparse.Namespace) -> int:
    """Their ids; the keys themselves are never shown."""
    from api import tokens
    from api.cli.words import Wrong, tell_json
    from referral.settings import Settings

    folder = Settings().data / "keys"
    if not any(folder.glob("token-*.pem")):
        raise Wrong(f"There are no keys in {folder} yet. `lodestar keys new` makes one, and so does the first start.")
    ring = tokens.load(folder)
    rows = [{"kid": kid, "signs": kid == ring.signs} for kid in sorted(ring.kids)]
    if asked.json:
        tell_json(rows)
    else:
        for row in rows:
            print(f"{row['kid']}{'  signs' if row['signs'] else ''}")
    return 0


def run_new(_: argparse.Namespace) -> int:
    """One more key."""
    from datetime import UTC, datetime

    from api import tokens
    from referral.settings import Settings

    folder = Settings().data / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    print(tokens.make_key(folder, datetime.now(UTC)))
    return 0
