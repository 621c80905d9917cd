"""Run as a process of its own: makes one move and kills itself with -9 at the step it is told."""

import os
import signal
import sys

from referral.access import Role
from referral.db import Database
from tests.workflows.test_races import EXPLAINED
from tests.world import START, a, law
from workflows.ask import Ask
from workflows.engine import perform


def main(url: str, move: str, case: str, step: str) -> None:
    """Die at the step; never come back."""
    opening = move == "intake.encounter"
    form = {"jurisdiction": "england-and-wales", "place_kind": "raid", "under_18": "no"} if opening else EXPLAINED
    ask = Ask(a(Role.NAVIGATOR), move, START, case=None if opening else case, form=form)
    perform(Database(url), law(), ask, halt=lambda at: os.kill(os.getpid(), signal.SIGKILL) if at == step else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
