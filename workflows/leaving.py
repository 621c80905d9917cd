"""What becomes of the cases of somebody who has left: each goes to its duty team at once, and into hand-over where one was assigned."""

from datetime import datetime

from referral import due
from referral.access import SYSTEM
from referral.db import Database
from referral.errors import Refusal
from workflows.ask import Ask
from workflows.engine import perform
from workflows.jurisdiction import Law

ALONE = {
    "person": "contact",
    "operation": "operation",
    "concern": "concern",
}  # where nobody was assigned: whose move it is


def let_go(db: Database, law: Law, now: datetime) -> tuple[int, int]:
    """(cases given up, cases that somebody else has just moved on). Asked again, it goes on where it stopped."""
    with db.read() as session:
        found = due.left_alone(session, now)
    given_up = 0
    for case, kind, strand in found:
        move = f"{'assignment' if strand else ALONE[kind]}.worker_leaves"
        try:
            perform(db, law, Ask(SYSTEM, move, now, case=case, strand=strand))
        except Refusal:
            continue
        given_up += 1
    return given_up, len(found) - given_up
