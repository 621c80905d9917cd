"""`lodestar keys`: the keys that sign tokens, and those that seal who a person is."""

import argparse

from api.cli.parser import Commands, as_json


def declare(commands: Commands) -> None:
    """The commands and their options."""
    group = commands.group("keys")
    as_json(group.add("list", "List the keys; the newest of a kind is used.", "lodestar keys list", run=run_list))
    group.add(
        "new", "Make a new key for tokens; from the next start on it signs.", "lodestar keys new", run=run_new,
        more="Restart the web processes to use it. An old key can be deleted an hour later.",
    )  # fmt: skip
    rotate = group.add(
        "rotate", "Make a new sealing key, and wrap the key of every case anew under it.", "lodestar keys rotate",
        "lodestar keys rotate --resume", run=run_rotate,
        more="Moves and reads go on meanwhile. Stopped anywhere, `--resume` goes on there. Do it every thirty days:\n"
        "an erasure is complete once the key that was in use then has been retired.",
    )  # fmt: skip
    rotate.add_argument("--resume", action="store_true", help="go on under the newest key, and make none")
    retire = group.add(
        "retire", "Destroy a sealing key that wraps nothing any more.", "lodestar keys retire 20261125T1015-0a1b2c3d",
        run=run_retire, more="Destroy its copies as well: what they wrap in old backups can then be opened by nobody.",
    )  # fmt: skip
    retire.add_argument("id", help="its id, from `lodestar keys list`")


def run_list(asked: argparse.Namespace) -> int:
    """Their ids; the keys themselves are never shown."""
    from api import tokens
    from api.cli.words import Wrong, tell_json, tell_table
    from referral import keyfiles
    from referral.settings import Settings
    from referral.vault import INDEXES, WRAPS

    folder = Settings().key_folder
    ids = {kind: sorted(keyfiles.read(folder, kind)) for kind in (WRAPS, INDEXES)}
    if any(folder.glob("token-*.pem")):
        ids = {"token": sorted(tokens.load(folder).kids), **ids}
    rows = [{"kind": kind, "id": one, "newest": one == max(kept)} for kind, kept in ids.items() for one in kept]
    if not rows:
        raise Wrong(f"There are no keys in {folder} yet. The first start makes them.")
    if asked.json:
        tell_json(rows)
    else:
        tell_table(("kind", "id", "newest"), ([row["kind"], row["id"], "yes" if row["newest"] else ""] for row in rows))
    return 0


def run_new(_: argparse.Namespace) -> int:
    """One more key."""
    from datetime import UTC, datetime

    from api import tokens
    from referral.settings import Settings

    folder = Settings().key_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    print(tokens.make_key(folder, datetime.now(UTC)))
    return 0


def run_rotate(asked: argparse.Namespace) -> int:
    """Wrap them all."""
    from contextlib import closing
    from datetime import UTC, datetime

    from api.cli.place import open_database
    from api.cli.words import Bar
    from referral import keyfiles, rotation
    from referral.settings import Settings
    from referral.vault import WRAPS

    settings = Settings()
    with closing(open_database(settings)) as db:
        if not asked.resume:
            keyfiles.make(settings.key_folder, WRAPS, datetime.now(UTC))
        done = rotation.rotate(db, Bar("wrapping", lines=True))
        print(f"{done} keys were wrapped anew.")
        idle = sorted(
            set(keyfiles.read(settings.key_folder, WRAPS))
            - set(rotation.in_use(db))
            - {db.vault.newest if db.vault else ""}
        )
    for one in idle:
        print(f"Nothing hangs on {one} any more: lodestar keys retire {one}")
    return 0


def run_retire(asked: argparse.Namespace) -> int:
    """Destroy one."""
    from contextlib import closing

    from api.cli.place import open_database
    from api.cli.words import Wrong
    from referral import keyfiles, rotation
    from referral.settings import Settings
    from referral.vault import WRAPS

    settings = Settings()
    kept = keyfiles.read(settings.key_folder, WRAPS)
    if asked.id not in kept:
        raise Wrong("There is no sealing key of this id.")
    if asked.id == max(kept):
        raise Wrong("This is the newest key: it is in use. Make another one first, with `lodestar keys rotate`.")
    with closing(open_database(settings)) as db:
        if many := rotation.in_use(db).get(asked.id):
            raise Wrong(f"This key still wraps the keys of {many} cases. Run `lodestar keys rotate --resume` first.")
    keyfiles.destroy(settings.key_folder, WRAPS, asked.id)
    print(f"{asked.id} is destroyed.")
    return 0
