"""The project as a variant: move after move through the one door, on cases that go round in an endless ring."""
# ruff: noqa: E501, S608  statements of our own names

from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import text

from referral.db import Database
from tests.bench.cases import colleague, name_of
from tests.bench.child import Step
from tests.bench.unit import CASES, some_cases
from tests.world import law
from workflows.ask import Ask
from workflows.engine import perform

RING: dict[str, tuple[str, dict[str, Any]]] = {
    "in_contact": ("contact.lose", {"attempts": 3}),
    "unreachable": ("contact.find", {"how": "phone_call"}),
}
COUNTED = ("cases", "events", "strands", "deadlines", "messages", "participants", "notes")


@cache
def database(url: str, durable: bool) -> Database:
    """One for all threads of a process, as in the web process."""
    made = Database(url, pool=8, durable=durable)
    made.index_key = bytes(32)  # so that texts are looked at, as in the web process
    return made


def factory(
    index: int,
    *,
    url: str,
    durable: bool = True,
    kind: str = "young",
    cases: int = CASES,
    lanes: int = 1,
    lane: int = 0,
) -> Step:
    """`durable` chooses between FULL, which the project uses, and NORMAL on SQLite.

    Who works on one database at the same time keeps to a lane of the cases, so that each knows where its own stand.
    """
    db, rules, actor, ring = database(url, durable), law(), colleague(), some_cases(index)
    stands: dict[str, str] = {}
    with db.read() as session:  # where a run before this one left them
        told = session.execute(
            text("select case_id, state from strands where workflow = 'contact' and state <> 'in_contact'")
        )
        stands.update((row.case_id, row.state) for row in told)

    def step() -> None:
        case = name_of(1 + (next(ring) * lanes + lane + index) % cases, kind)
        move, form = RING[stands.get(case, "in_contact")]
        done = perform(db, rules, Ask(actor, move, datetime.now(UTC), case=case, form=form))
        stands[case] = done.state

    return step


def weight(db: Database, url: str) -> str:
    """What one move of the ring writes, counted."""

    def counts() -> dict[str, int]:
        with db.read() as session:
            return {table: session.execute(text(f"select count(*) from {table}")).scalar_one() for table in COUNTED}

    step, before = factory(0, url=url), counts()
    for _ in range(100):
        step()
    grew = ", ".join(
        f"{(many - before[table]) / 100:g} {table}" for table, many in counts().items() if many > before[table]
    )
    return (f"One move of the ring contact.lose, contact.find adds {grew}, ends one deadline that stood, and changes its case and one strand. "
            "The floor changes its case, adds 1 event and 2 messages, and sets 2 deadlines.")  # fmt: skip
