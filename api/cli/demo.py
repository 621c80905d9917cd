"""`lodestar demo`: plays two operations in simulated time on a throwaway database, tells them, and checks what they leave."""

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
    command = commands.add(
        "demo", "Play two operations from start to end, in simulated time, and explain them.",
        "lodestar demo", "lodestar demo --only Elena", "lodestar demo --summary", run=run, more=MORE,
    )  # fmt: skip
    command.add_argument("--only", metavar="NAME", help="tell the story of one person or operation only")
    command.add_argument("--summary", action="store_true", help="tell no timelines, only what came of it")


def run(asked: argparse.Namespace) -> int:
    """Play, tell, check."""
    import tempfile
    from datetime import UTC, datetime, time
    from pathlib import Path

    from api.cli.place import read_rules
    from api.cli.words import Bar, Wrong
    from api.demo import stories
    from api.demo.furnishing import furnish
    from api.demo.stage import Stage
    from api.demo.timeline import WIDE, tell, tell_funnel
    from referral.db import Database
    from referral.migrate import migrate
    from referral.settings import Settings

    names = {line.case for story in stories.lines() for line in story}
    if asked.only and asked.only not in names:
        raise Wrong(f"There is no {asked.only} in these stories. There are: {', '.join(sorted(names))}.")
    with tempfile.TemporaryDirectory(prefix="lodestar-demo-") as folder:
        settings = Settings(data=Path(folder), database_url="", rules=None, heartbeat=False, smtp_host="")
        db = Database(settings.database, durable=False)
        migrate(db)
        begun = datetime.combine(stories.FIRST_DAY - stories.FURNISHED, time(9), UTC)
        stage = Stage(db, read_rules(None), settings, furnish(db, begun), stories.FIRST_DAY)
        acts = stage.play(*stories.lines(), progress=Bar("playing"))
        for title, story in stories.STORIES.items():
            told = {line.case for one in story for line in one} | {
                name for one in story for line in one for name in line.opens
            }
            print(f"\n{'=' * WIDE}\n{title}\n{'=' * WIDE}")
            for name in (name for name in acts.cases if name in told):
                if not asked.summary and asked.only in (None, name):
                    tell(stage, name)
                if name in stories.OPERATIONS and asked.only in (None, name):
                    tell_funnel(stage, name)
        print(
            f"\n{len(acts.lines)} moves of {len(acts.cases)} cases, {len(acts.refusals)} refused, {acts.beats} heartbeats."
        )
        whole = _check(stage)
        stage.caller.close()
        db.close()
    return 0 if whole else 1


def _check(stage: "Stage") -> bool:
    """Both checks are made, whatever the first finds."""
    from api.cli.check import tell_check, tell_verify
    from workflows.checking import check
    from workflows.verifying import verify

    well = tell_check(check(stage.db, stage.law, stage.now))
    return tell_verify(verify(stage.db)) and well
