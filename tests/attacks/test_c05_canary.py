"""One invented person, looked for by every way out, as everybody: nothing of them stands where the policy does not say so.

The walk is made from the API's own document and from the tables. What may be seen is reckoned from the policy alone, and
every canary is seen by somebody: a walk that finds nothing fails.
"""

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import orjson
import pytest

from api.app import addresses
from api.sight import NOTES_OF
from referral.access import Group, Role
from referral.form.fields import BY_NAME
from tests.api.knocking import knocking
from tests.attacks import ways_out
from tests.attacks.canaries import BY_WHAT, CANARIES, HOUSE, Canary, found
from tests.attacks.leaks import LEAKS
from tests.attacks.logged import served_log
from tests.attacks.planting import Scene, Who, planting
from tests.attacks.post_office import PostOffice, post_office
from tests.attacks.ways_out import Out
from tests.workflows.walks import met, rows
from tests.world import World

CASE = "the case itself"
MOVING = ("the worker", "the coordinator", "the keeper of the house", "the officer", "the caseworker", "the manager")
# Whoever releases an account reads it first, by what the move is for; others and places are taken out of it before.
ACCOUNT = ("/v1/cases/{case}/account", "/v1/cases/{case}/account/preview")
ABOUT_OTHERS = (Group.ADDRESS, Group.ASSOCIATES, Group.REASONS, Group.PLAN)
OK = 200
# What must have been seen by somebody; a safe postal address is shown to nobody by any answer.
SEEN = {CASE, *HOUSE, *(canary.what for canary in CANARIES if canary.group is not Group.ADDRESS)}
WAYS = {"REVEAL", "GET", "POST", "exception", "mail", "lodestar", "file", "log", "database"}
Seen = dict[str, set[tuple[str, str]]]  # what -> (who, way)


def may_see(canary: Canary, out: Out) -> bool:
    """Whether the policy lets this stand in this answer to this person."""
    who = out.who
    if who is None:
        return False
    if out.way.startswith("REVEAL "):
        return canary.what in HOUSE
    if out.path == "/v1/cases/{case}/answers" and canary.where in BY_NAME:
        return who.reads(BY_NAME[canary.where].group)
    if out.path == "/v1/cases/{case}/timeline" and canary.where.partition(".")[0] in NOTES_OF:
        return who.reads(NOTES_OF[canary.where.partition(".")[0]])
    if out.path in ACCOUNT:
        return who.name == "the manager" and canary.group not in ABOUT_OTHERS and canary.what != "exploiter"
    return False


@dataclass
class Walk:
    """What came of a walk: what was seen by whom where it may be, what leaked, and how much there was of each way."""

    reference: bytes
    seen: Seen = field(default_factory=lambda: defaultdict(set))
    leaked: Seen = field(default_factory=lambda: defaultdict(set))
    ways: Counter[str] = field(default_factory=Counter)

    def judge(self, out: Out) -> None:
        """Sort what stands in this."""
        name = out.who.name if out.who else "whoever finds it"
        self.ways[out.way.partition(" ")[0]] += bool(out.told)
        self.ways["shown"] += out.status == OK
        for what in found(out.told):
            kept = self.seen if may_see(BY_WHAT[what], out) else self.leaked
            kept[what].add((name, out.way))
        if out.who and self.reference in out.told:
            (self.seen if out.who.knows_of_it() else self.leaked)[CASE].add((name, out.way))


@dataclass
class House:
    """The scene, and what it is listened to with."""

    scene: Scene
    office: PostOffice
    log: io.StringIO


@contextmanager
def listening(world: World, folder: Path, *, few: bool) -> Iterator[House]:
    """The scene with a post office, and its log kept."""
    with served_log() as log, post_office() as office, planting(world, folder, few=few) as scene:
        yield House(scene, office, log)


def walk(house: House, people: Sequence[Who], *, whole: bool, to_the_end: bool = True) -> Walk:
    """Every way out there is, for these people; last what changes the case, and what is written. Else to the first leak."""
    scene, walked = house.scene, Walk(house.scene.reference.encode())
    every = 1 if whole else 16
    ways_out.messages(scene)
    for out in chain(
        ways_out.shown_once(scene),
        ways_out.looks(scene, people, whole=whole),
        ways_out.searches(scene, people),
        ways_out.refusals(scene, people, every=every),
        ways_out.exceptions(scene),
        ways_out.moves(scene, [one for one in people if one.name in MOVING], every=min(every, 6)),
        ways_out.written(scene, house.office, house.log),
    ):
        walked.judge(out)
        if walked.leaked and not to_the_end:
            break
    return walked


@pytest.mark.slow
def test_nothing_of_the_person_leaves_by_any_way(world: World, tmp_path: Path) -> None:
    with listening(world, tmp_path, few=True) as house:
        walked = walk(house, house.scene.cast, whole=False)
    assert walked.leaked == {}
    assert walked.seen.keys() == SEEN
    assert walked.ways.keys() >= WAYS
    assert walked.ways["shown"] > 150


@pytest.mark.whole
@pytest.mark.slow
def test_nothing_of_the_person_leaves_by_any_way_to_anybody_at_all(world: World, tmp_path: Path) -> None:
    with listening(world, tmp_path, few=False) as house:
        walked = walk(house, house.scene.cast, whole=True)
    assert walked.leaked == {}
    assert walked.seen.keys() == SEEN
    assert walked.ways.keys() >= WAYS
    assert walked.ways["shown"] > 1500


FEW = ("the worker", "the keeper of the house", "the manager", "navigator, stranger", "client, stranger")
IN_THE_DATABASE = [where for where, (_, _, way) in LEAKS.items() if way in ("database", "file bundle.json")]
PLANTED = [(where, "sqlite") for where in LEAKS] + [(where, "postgresql") for where in IN_THE_DATABASE]


@pytest.mark.slow
@pytest.mark.parametrize(("where", "db"), PLANTED, indirect=["db"])
def test_the_walk_finds_a_leak_that_is_put_into(
    where: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, what, way = LEAKS[where]
    monkeypatch.setattr("api.app.addresses", addresses.__wrapped__)  # made anew, with the leak
    plant(monkeypatch)
    with listening(world, tmp_path, few=True) as house:
        people = [one for one in house.scene.cast if one.name in FEW]
        written = not way.startswith(("GET", "POST"))
        walked = walk(house, people, whole=False, to_the_end=written)
    assert any(path.startswith(way) for _, path in walked.leaked.get(what, ())), dict(walked.leaked)


def test_a_request_that_is_kept_for_repeats_cannot_be_guessed(world: World, tmp_path: Path) -> None:
    """Whoever holds the database could else try each of some thirty thousand days of birth against a plain digest."""
    case = met(world)
    with knocking(world, tmp_path) as api:
        who = api.role(Role.FIRST_RESPONDER)
        path, body = f"/v1/cases/{case}/intake/save", {"form": {"identity": {"date_of_birth": "1991-08-23"}}}
        headers = who | {"If-Match": "*", "Idempotency-Key": "k-1"}
        assert api.http.post(path, headers=headers, json=body).status_code == 200
        assert api.http.post(path, headers=headers, json=body).headers["idempotency-replayed"] == "true"
    ((kept, caller),) = rows(world, "select request, caller from repeats")
    subjects = ("user", caller, caller.partition(":")[2])
    guesses = [orjson.dumps(["POST", path, one, body], option=orjson.OPT_SORT_KEYS) for one in subjects]
    assert len(kept) == 64
    assert kept not in [hashlib.sha256(guess).hexdigest() for guess in guesses]
