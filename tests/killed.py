"""Run as a process of its own: makes one move and kills itself with -9 at the point it is told."""

import os
import signal
import sys
import threading
import time
from typing import Any

from sqlalchemy import event

from referral.access import Role
from referral.db import Database
from tests.told import told
from tests.world import START, a, law, vault
from workflows.ask import Ask
from workflows.engine import perform


def main(url: str, move: str, case: str, point: str) -> None:
    """Die at a step of the door (its name), at a statement of SQLite (:3) or some microseconds into a write (~300)."""
    db, more = Database(url, vault=vault()), {"under_18": "no"} if move == "intake.encounter" else {}
    if point.startswith(":"):
        _die_at_statement(db, int(point[1:]))
    case_id = None if move == "intake.encounter" else case
    perform(
        db,
        law(),
        Ask(a(Role.NAVIGATOR), move, START, case=case_id, form=told(move, **more)),
        halt=lambda at: _die(at, point),
    )


def _die(at: str, point: str) -> None:
    if at == point:
        os.kill(os.getpid(), signal.SIGKILL)
    if at == "decided" and point.startswith("~"):
        threading.Thread(target=_die_after, args=(int(point[1:]) / 1e6,)).start()
    if at == "committed" and point.startswith("~"):
        time.sleep(1)  # the write was quicker than the killer, who is on the way


def _die_after(seconds: float) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at_statement(db: Database, number: int) -> None:
    seen: list[str] = []

    @event.listens_for(db.engine, "connect")
    def _watch(connection: Any, _: Any) -> None:
        connection.set_trace_callback(count)

    def count(statement: str) -> None:
        if statement.startswith(("insert", "update")):
            seen.append(statement)
            if len(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
