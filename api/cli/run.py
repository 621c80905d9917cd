"""`lodestar run`: from nothing to a served installation with invented cases to look at. What `make run` calls."""

import argparse
from typing import TYPE_CHECKING

from api.cli.parser import Commands, a_port

if TYPE_CHECKING:
    from datetime import datetime

    from referral.db import Database
    from referral.settings import Settings
    from workflows.jurisdiction import Law

HOST = "127.0.0.1"
SYSTEM = "beacon-app"  # whose token is shown
MORE = """
Makes the data folder and the database, plays the two demo operations into it where it is empty (the last weeks, up to
now), and serves. A second start serves what is there. Everybody in the demo is invented: not for real cases."""


def declare(commands: Commands) -> None:
    """The command and its options."""
    command = commands.listed("run", "lodestar run --port 8080", run=run, more=MORE)
    command.add_argument("--port", type=a_port, default=8000, help="the port to listen on (default: 8000)")
    command.add_argument("--prepare", action="store_true", help="make everything, print it, and do not serve")


def run(asked: argparse.Namespace) -> int:
    """Make what is missing, say where to sign in, serve."""
    import os
    from datetime import UTC, datetime

    from api.cli.place import read_rules
    from api.cli.serve import require_free, serve
    from api.demo.furnishing import is_empty
    from referral.db import Database
    from referral.migrate import migrate
    from referral.settings import Settings
    from referral.vault import open_vault

    os.environ.setdefault("LODESTAR_SECOND_FACTOR", "optional")  # for the processes that serve, too
    settings = Settings()
    if not asked.prepare:
        require_free(HOST, asked.port)
    settings.data.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database, pool=settings.pool, vault=open_vault(settings.key_folder, datetime.now(UTC)))
    migrate(db)
    law = read_rules(settings.rules)
    if is_empty(db):
        _fill(db, law, settings)
    _tell(db, settings, asked.port)
    db.close()
    if not asked.prepare:
        serve(HOST, asked.port)
    return 0


def _fill(db: "Database", law: "Law", settings: "Settings") -> None:
    """Everybody, then the stories, so that their last weeks end now."""
    import json
    import os
    from contextlib import closing
    from datetime import UTC, datetime, time

    from api.cli.words import Bar, aside
    from api.demo import stories
    from api.demo.furnishing import furnish
    from api.demo.stage import Stage
    from api.tokens import load_or_make

    now = datetime.now(UTC)
    first = stories.recent(now)
    secrets = furnish(db, datetime.combine(first - stories.FURNISHED, time(9), UTC))
    kept = os.open(settings.data / "demo-secrets.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(kept, "w", encoding="utf-8") as file:
        json.dump(secrets, file)
    load_or_make(settings.key_folder, now)  # or the stage would make a key of some weeks ago
    silent = settings.model_copy(update={"smtp_host": ""})
    with closing(Stage(db, law, silent, secrets, first, strict=False)) as stage:
        acts = stage.play(*stories.lines(), until=now, progress=Bar("playing the demo cases"))
    aside(
        f"Played {len(acts.lines)} moves of {len(acts.cases)} invented cases, from {stories.earliest(first)} to today."
    )
    for missed in acts.missed:
        aside(f"left out: {missed}")


def _tell(db: "Database", settings: "Settings", port: int) -> None:
    """Where to sign in, as whom, and two lines to try."""
    from datetime import UTC, datetime

    from sqlmodel import select

    from api.cli.words import tell_table
    from api.demo.cast import PASSWORD, STAFF
    from referral.models import User

    with db.read() as session:
        there = set(session.exec(select(User.email)))
    address = f"http://{HOST}:{port}"
    known = [one for one in STAFF if one.email in there]
    if known:
        print(f"\nEverybody here is invented. Sign in at POST {address}/v1/session with the password {PASSWORD} as:\n")
        if settings.second_factor == "optional":
            print(
                "A password is enough here, so that the tour is short. An installation for real cases asks for a second"
            )
            print(
                "factor (LODESTAR_SECOND_FACTOR=required, which is what lodestar serve does unless told otherwise).\n"
            )
        tell_table(("email", "role", "agency"), ((one.email, ", ".join(one.roles), one.agency) for one in known))
        token = _token(db, settings, datetime.now(UTC))
        if token:
            print(f"\nA partner's token for {SYSTEM}, good for ten minutes:\n\n  TOKEN={token}\n\nTry:\n")
            print(f'  curl -s -H "Authorization: Bearer $TOKEN" "{address}/v1/cases?limit=5"')
            print(f'  curl -s -H "Authorization: Bearer $TOKEN" "{address}/v1/operations"')
            print(
                f"\nThe secrets of the partner systems, for tokens of your own: {settings.data / 'demo-secrets.json'}"
            )
    print(f"\nServing on {address} (interface: {address}/openapi.json). Stop with Ctrl-C.\n", flush=True)


def _token(db: "Database", settings: "Settings", now: "datetime") -> str | None:
    """A token as /oauth/token would give it, of the longest life."""
    from api import tokens
    from api.deps import AUDIENCE
    from referral.models import Client

    with db.read() as session:
        client = session.get(Client, SYSTEM)
    if client is None:
        return None
    ring = tokens.load_or_make(settings.key_folder, now)
    return tokens.issue(
        ring, subject=f"client:{SYSTEM}", audience=AUDIENCE, issuer=settings.issuer, now=now,
        lifetime_s=tokens.LONGEST_S, scopes=client.scopes.split(),
    )  # fmt: skip
