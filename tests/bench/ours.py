"""The project as a variant: one move after the other through the one door, on cases that go round in an endless ring."""

from datetime import UTC, datetime
from functools import cache

from sqlalchemy import text
from sqlalchemy.engine import make_url

from referral.db import Database
from tests.bench.cases import colleague, name_of
from tests.bench.child import Step
from tests.bench.unit import some_cases
from tests.world import law
from workflows.ask import Ask
from workflows.engine import perform

RING = {"in_contact": ("contact.lose", {"attempts": 3}), "unreachable": ("contact.find", {"how": "phone_call"})}
COUNTED = ("cases", "events", "strands", "deadlines", "messages", "participants", "notes")


@cache
def database(url: str, durable: bool) -> Database:  # noqa: FBT001  the key of a cache
    """One for all threads of a process, as in the web process."""
    return Database(url, pool=8, durable=durable)


def factory(index: int, *, url: str, durable: bool = True, kind: str = "young", cases: int = 10_000) -> Step:
    """`durable` chooses between FULL, which the project uses, and NORMAL on SQLite."""
    db, rules, actor, ring = database(url, durable), law(), colleague(), some_cases(index)
    stands: dict[str, str] = {}
    with db.read() as session:  # where a run before this one left them
        told = session.execute(text("select case_id, state from strands where workflow = 'contact' and state <> 'in_contact'"))
        stands.update({case: state for case, state in told})

    def step() -> None:
        case = name_of(1 + next(ring) % cases, kind)
        move, form = RING[stands.get(case, "in_contact")]
        done = perform(db, rules, Ask(actor, move, datetime.now(UTC), case=case, form=form))
        stands[case] = done.state

    return step
