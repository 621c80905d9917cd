"""`lodestar demo`: plays two operations in simulated time on a throwaway database, and tells them."""

import argparse
from typing import TYPE_CHECKING

from api.cli.parser import Commands

if TYPE_CHECKING:
    from api.demo.stage import Stage

MORE = """
Every step is a request to the HTTP interface with a token of whoever makes it; between the steps the heartbeat beats
whenever something is due. Nothing outside a temporary folder is touched. Everybody in it is invented.
Ends with 0 only if the checks find nothing wrong and every chain of events is whole."""


def declare(commands: Commands) -> None:
    """The command and its options."""
    command = commands.listed("demo", "lodestar demo --only Elena", "lodestar demo --summary", run=run, more=MORE)
    command.add_argument("--only", metavar="NAME", help="tell the story of one person or operation only")
    command.add_argument("--summary", action="store_true", help="tell no timelines, only what came of it")


def run(asked: argparse.Namespace) -> int:
    """Play, tell, check."""
    import tempfile
    from contextlib import closing
    from datetime import UTC, datetime, time
    from pathlib import Path

    from api.cli.place import read_rules
    from api.cli.words import Bar, Wrong
    from api.demo import stories
    from api.demo.furnishing import furnish
    from api.demo.stage import Stage
    from referral.db import Database
    from referral.migrate import migrate
    from referral.settings import Settings
    from referral.vault import open_vault

    names = {line.case for story in stories.lines() for line in story}
    if asked.only and asked.only not in names:
        raise Wrong(f"There is no {asked.only} in these stories. There are: {', '.join(sorted(names))}.")
    with tempfile.TemporaryDirectory(prefix="lodestar-demo-") as folder:
        settings = Settings(data=Path(folder), database_url="", rules=None, heartbeat=False, smtp_host="")
        begun = datetime.combine(stories.FIRST_DAY - stories.FURNISHED, time(9), UTC)
        with closing(Database(settings.database, durable=False, vault=open_vault(settings.key_folder, begun))) as db:
            migrate(db)
            secrets = furnish(db, begun)
            with closing(Stage(db, read_rules(None), settings, secrets, stories.FIRST_DAY)) as stage:
                stage.play(*stories.lines(), progress=Bar("playing"))
                _tell(stage, asked.only, summary=asked.summary)
                return 0 if _check(stage) else 1


def _tell(stage: "Stage", only: str | None, *, summary: bool) -> None:
    """Both stories, case by case, and what came of each operation."""
    from api.demo import stories
    from api.demo.timeline import WIDE, tell, tell_funnel

    acts = stage.acts
    for title, story in stories.STORIES.items():
        lines = [line for one in story for line in one]
        told = {name for line in lines for name in (line.case, *line.opens)}
        print(f"\n{'=' * WIDE}\n{title}\n{'=' * WIDE}")
        for name in (name for name in acts.cases if name in told and only in (None, name)):
            if not summary:
                print("\n".join(tell(stage, name)))
            if name in stories.OPERATIONS:
                print("\n".join(tell_funnel(stage, name)))
    played = f"{len(acts.lines)} moves of {len(acts.cases)} cases, {len(acts.refusals)} refused"
    print(f"\n{played}, {acts.beats} heartbeats.")


def _check(stage: "Stage") -> bool:
    """Both checks are made, whatever the first finds."""
    from api.cli.check import tell_check, tell_verify
    from workflows.checking import check
    from workflows.verifying import verify

    well = tell_check(check(stage.db, stage.law, stage.now))
    return tell_verify(verify(stage.db)) and well
