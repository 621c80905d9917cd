"""Do lists and timelines stay as quick with many cases? Asked through the functions that answer the API, on real tables.

Two sets of data: dense (10 agencies, a fifth of the cases open) and sparse (200 agencies, three in a hundred open).
"""
# ruff: noqa: E501, S608  statements of our own names

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from types import SimpleNamespace
from typing import Any

from api import cursors
from api.v1 import cases as routes
from api.v1 import lists
from referral.access import Actor, Role, rights
from referral.db import Database
from referral.models import Agency
from tests.bench.cases import copy, furnished, lengthen, name_of, tidied, young

EVENTS = 10
CASELOAD = 30  # open cases of one worker, however many the agency has
LOOKS = 60
SHAPES = {"dense": (10, 20), "sparse": (200, 3)}  # agencies, open cases in a hundred


SCATTER = "(cast(n as bigint) * 2654435761 % 4294967296 / 512)"


def workers(count: int, shape: str) -> int:
    """How many each agency has."""
    agencies, share = SHAPES[shape]
    return max(1, count * share // 100 // agencies // CASELOAD)


def fill(db: Database, count: int, shape: str) -> None:
    """So many cases, shared out evenly; cases of one age lie with all agencies."""
    agencies, share = SHAPES[shape]
    world = furnished(db)
    with db.write() as session:
        for number in range(agencies):
            session.add(Agency(id=f"agency-{number}", name=f"Invented {number}", kind="charity", created_at=world.now))
    case = young(world)
    agency = f"'agency-' || (n % {agencies})"
    is_open = f"{SCATTER} % 100 < {share}"  # tied to neither agency nor worker
    minutes = f"{count} - n"
    opened = (
        f"t.opened_at - ({minutes}) * interval '1 minute'"
        if db.is_postgres
        else f"strftime('%Y-%m-%d %H:%M:%f000', t.opened_at, '-' || ({minutes}) || ' minutes')"
    )
    due = opened.replace("t.opened_at", "t.next_due_at")
    worker = f"'worker-' || ((n / {agencies}) % {workers(count, shape)})"
    copy(db, case, count, shape, {
        "cases": {"opened_at": opened, "open": is_open, "owner_agency": agency, "owner_user": worker, "version": str(EVENTS), "next_due_at": due},
        "participants": {"agency_id": agency, "opened_at": opened, "open": is_open},
    })  # fmt: skip
    lengthen(db, case, shape, count, EVENTS)
    tidied(db)


def questions(db: Database, count: int, shape: str) -> dict[str, Callable[[], object]]:
    """Each look as the API does it, at a random agency, worker or case."""
    agencies, _ = SHAPES[shape]
    dice = random.Random(7)
    listed = lists._lister("person")

    def asked(**query: Any) -> Any:
        home = f"agency-{dice.randrange(agencies)}"
        actor = Actor(
            f"worker-{dice.randrange(workers(count, shape))}",
            "user",
            home,
            "charity",
            (Role.MANAGER.value,),
            rights((Role.MANAGER.value,)),
        )
        case = name_of(dice.randint(1, count), shape)
        house = SimpleNamespace(db=db)
        return SimpleNamespace(
            house=house,
            actor=actor,
            now=datetime.now(UTC),
            path={"case": case},
            query=lists.Filters(**query),
            saw=lambda *_: None,
        )

    middle: dict[str, str] = {}

    def half_way() -> object:
        one = asked(limit=50)
        if one.actor.agency not in middle:  # the case in the middle of this agency's list
            number = count // 2 // agencies * agencies + int(one.actor.agency.rpartition("-")[2])
            with db.raw() as raw:
                mark = "%s" if db.is_postgres else "?"
                at = raw.execute(
                    f"select opened_at from cases where id = {mark}", (name_of(number, shape),)
                ).fetchone()[0]
            moment = at if db.is_postgres else datetime.fromisoformat(at).replace(tzinfo=UTC)
            middle[one.actor.agency] = cursors.of_case(moment, name_of(number, shape))
        one.query = lists.Filters(limit=50, cursor=middle[one.actor.agency])
        return listed(one)

    def timeline() -> object:
        one = asked(limit=100)
        with db.raw() as raw:
            mark = "%s" if db.is_postgres else "?"
            held = raw.execute(
                f"select agency_id from participants where case_id = {mark}", (one.path["case"],)
            ).fetchone()
        one.actor = Actor("worker-1", "user", held[0], "charity", (Role.MANAGER.value,), one.actor.may)
        return routes._timeline(one, "person")

    return {
        "open cases, first page": lambda: listed(asked(limit=50, open="true")),
        "all cases, page half way": half_way,
        "my open cases": lambda: listed(asked(limit=50, open="true", owner="me")),
        "timeline of a case": timeline,
    }


def timed(calls: dict[str, Callable[[], object]], budget: float = 6.0) -> dict[str, float]:
    """The median seconds of each; a slow one is asked less often."""
    found = {}
    for name, call in calls.items():
        for _ in range(8):
            call()
        laps: list[float] = []
        begun = time.perf_counter()
        while len(laps) < LOOKS and (len(laps) < 5 or time.perf_counter() - begun < budget):
            at = time.perf_counter()
            call()
            laps.append(time.perf_counter() - at)
        found[name] = median(laps)
    return found
