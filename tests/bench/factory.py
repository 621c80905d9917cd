"""The project as a variant of somebody else's harness: `factory(index=n)` gives `step(i)`, one committed move.

DATABASE_URL names the PostgreSQL server. The cases lie in a database of their own beside it, made once.
"""

import os
from collections.abc import Callable

from referral.db import Database
from tests.bench import cases, ours, unit
from tests.databases import beside, make_template
from tests.world import vault

NAME, LANES = "lodestar_bench", 8


def factory(index: int = 0) -> Callable[[int], None]:
    """Up to eight at once, each on a lane of the cases of its own."""
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
    make_template(url, NAME, _fill)
    step = ours.factory(0, url=beside(url, NAME), lanes=LANES, lane=index % LANES)
    return lambda _: step()


def _fill(url: str) -> None:
    db = Database(url, vault=vault())
    cases.copy(db, cases.young(cases.furnished(db)), unit.CASES, "young")
    cases.tidied(db)
    db.close()
