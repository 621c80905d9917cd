"""What becomes of the cases of somebody who has left: each goes to its duty team at once, and into hand-over where one was assigned."""

from datetime import datetime

from referral import due
from referral.access import SYSTEM
from referral.db import Database
from referral.errors import Refusal
from workflows.ask import Ask
from workflows.engine import perform
from workflows.jurisdiction import Law
from workflows.offered import offered

ALONE = {
    "person": "contact",
    "operation": "operation",
    "concern": "concern",
}  # where nobody was assigned: whose move it is


def let_go(db: Database, law: Law, now: datetime) -> tuple[int, int]:
    """(cases given up, cases that somebody else has just moved on). Asked again, it goes on where it stopped.

    What the tables do not offer is not asked for: each beat would write a refusal. The check tells of such a case.
    """
    with db.read() as session:
        found = due.left_alone(session, now)
    given_up = moved_on = 0
    for case, kind, strand in found:
        move = f"{'assignment' if strand else ALONE[kind]}.worker_leaves"
        if not any(offer.yes and offer.move == move for offer in offered(db, law, SYSTEM, case, now)):
            continue
        try:
            perform(db, law, Ask(SYSTEM, move, now, case=case, strand=strand))
        except Refusal:
            moved_on += 1
        else:
            given_up += 1
    return given_up, moved_on
