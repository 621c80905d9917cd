"""Canaries: a planted address is looked for everywhere, as everybody. It stands in the answer of the one reveal alone.

Each way out has a positive control: the same search finds an address that was put there on purpose.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.v1.moves import MoveRoute
from referral.access import Role
from referral.settings import Settings
from tests.api.addresses import PLAN, TIP
from tests.api.knocking import Knocker, knocking
from tests.attacks.ways_out import stored
from tests.sheltered import KEEPER, WILLOW, WORKER, houses, on_the_list, sheltered
from tests.told import told
from tests.workflows.walks import damage, rows
from tests.world import World
from workflows.explaining import export_case
from workflows.heartbeat import beat

# Whole, in parts, without spaces, and in hexadecimal: a fragment that is nearly unique is a leak too.
WORDS = ("Quillfeather", "Ormsgarth", "QX9 7ZJ", "QX97ZJ", "Threllkeld", "01632 960417", "960417")
CANARIES = tuple(
    form for word in WORDS for form in (word.casefold().encode(), word.encode().hex().encode())
)  # fmt: skip
ROLES = [role for role in Role if role is not Role.SYSTEM]


def leaks(told_bytes: bytes) -> list[str]:
    """Which canaries stand in these bytes, however they are written."""
    small = told_bytes.lower()
    return [canary.decode() for canary in CANARIES if canary in small]


@dataclass
class Scene:
    """An installation in which the address was set, changed nothing since, and was shown once."""

    api: Knocker
    folder: Path
    case: str
    place: str
    reveal: str
    answer: Any

    @property
    def world(self) -> World:
        return self.api.world


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    world.later(days=2)
    willow, _ = houses(world)
    case = sheltered(world)
    on_the_list(world, case)
    with knocking(world, tmp_path) as api:
        api.app.state.house = replace(api.app.state.house, covers=lambda *_: None)
        who = api.role(WORKER)
        body = {"form": {"purpose": "visit"}}
        done = api.http.post(f"/v1/cases/{case}/housing/reveal", headers=who | {"If-Match": "*"}, json=body)
        reveal = done.json()["reveal"]
        answer = api.http.post(f"/v1/cases/{case}/reveals/{reveal}/address", headers=who, json={})
        yield Scene(api, tmp_path, case, willow, reveal, answer)


def everybody(scene: Scene) -> Iterator[tuple[str, dict[str, str]]]:
    """Every role in its own agency, one person with all roles, and a machine with every scope that it may have."""
    for role in ROLES:
        yield role.value, scene.api.role(role)
    yield "everything", scene.api.everybody()
    scopes = ["cases:read", "support:write", "encounters:write", "referrals:prepare"]
    client, _ = scene.api.client("harbour", scopes)
    yield "client", scene.api.token(f"client:{client}", scopes)


def looks(scene: Scene) -> Iterator[tuple[str, str, Any]]:
    """(who, where, answer) of every address that answers to GET, for everybody, on the cases that there are."""
    all_roles = scene.api.everybody()
    cases = {"person": scene.case}
    for kind, form in (("operation", PLAN), ("concern", TIP)):
        made = scene.api.http.post(f"/v1/{kind}s", headers=all_roles | scene.api.key(), json={"form": form})
        cases[kind] = made.json()["case"]
    paths = sorted({
        route.path for route in scene.api.app.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not isinstance(route, MoveRoute)
    })  # fmt: skip
    documented = scene.api.http.get("/openapi.json").json()["paths"]
    assert {path for path, told in documented.items() if "get" in told} <= set(paths)
    for who, headers in everybody(scene):
        for path in paths:
            kind = "operation" if "/operations" in path else "concern" if "/concerns" in path else "person"
            real = path.replace("{case}", cases[kind]).replace("{place}", scene.place)
            real = re.sub(r"\{\w+\}", "0" * 32, real.replace("{reveal}", scene.reveal))
            yield who, path, scene.api.http.get(real, headers=headers)


def test_the_search_finds_what_the_one_answer_holds(scene: Scene) -> None:
    assert scene.answer.status_code == 200, scene.answer.text
    found = leaks(scene.answer.content)
    assert {word.casefold() for word in WORDS if word != "QX97ZJ"} <= set(found)


def test_no_address_of_the_api_tells_it_to_anybody(scene: Scene) -> None:
    seen = 0
    for who, path, answer in looks(scene):
        whole = answer.content + repr(sorted(answer.headers.items())).encode()
        assert leaks(whole) == [], (who, path)
        assert answer.status_code < 500, (who, path, answer.text)
        seen += answer.status_code == 200
    assert seen > 100


def test_the_walk_over_the_api_would_find_it(scene: Scene) -> None:
    damage(scene.world, "update places set code_name = :name where id = :place", name=WILLOW.town, place=scene.place)
    found = {(who, path) for who, path, answer in looks(scene) if leaks(answer.content)}
    assert (KEEPER.value, "/v1/places") in found
    assert {path for _, path in found} == {"/v1/places"}


def test_no_move_tells_it_whoever_asks_and_however_it_is_refused(scene: Scene) -> None:
    asked = 0
    for role in (WORKER, KEEPER, Role.SUPPORT_COORDINATOR):
        headers = scene.api.role(role) | {"If-Match": "*"}
        for route in scene.api.app.routes:
            if isinstance(route, MoveRoute) and route.row.workflow.name == "housing":
                path = route.path.replace("{case}", scene.case)
                answer = scene.api.http.post(path, headers=headers, json={"form": told(route.row.name)})
                assert leaks(answer.content) == [], (role, path)
                asked += 1
    assert asked > 80
    again = scene.api.http.post(
        f"/v1/cases/{scene.case}/reveals/{scene.reveal}/address", headers=scene.api.role(WORKER), json={}
    )
    assert (again.status_code, leaks(again.content)) == (409, [])


def test_the_database_holds_it_nowhere_in_the_clear(scene: Scene) -> None:
    kept = stored(scene.world)
    assert scene.case.encode() in kept  # it was looked for in something
    assert leaks(kept) == []


REFUSAL = """insert into refusals (id, at, case_id, move, actor, agency, code, reasons)
    select id, opened_at, id, 'a.b', 'x', 'y', 'z', :leak from cases where id = :case"""
PLANTED = {
    "an event": "update events set body = body || :leak where case_id = :case and seq = 1",
    "a strand": "update strands set facts = '{\"way\": \"' || :leak || '\"}' where case_id = :case",
    "a refusal": REFUSAL,
    "a message": "update messages set about = :leak where case_id = :case",
    "a place": "update places set region = :leak where id in (select place_id from reveals where case_id = :case)",
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_in_the_database_is_found(scene: Scene, what: str) -> None:
    damage(scene.world, PLANTED[what], leak=WILLOW.postcode, case=scene.case)
    assert "qx9 7zj" in leaks(stored(scene.world))


def sent(scene: Scene) -> bytes:
    """Every message that leaves, as it stands in the message log."""
    settings = Settings(data=scene.folder)
    for _ in range(3):
        beat(scene.world.db, scene.world.law, settings, scene.world.later(minutes=5))
    return b"".join(path.read_bytes() for path in scene.folder.rglob("*") if path.is_file() and "log" in path.name)


def test_no_message_and_no_log_line_holds_it(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        said = sent(scene)
    assert scene.case.encode() in said
    assert leaks(said) == []
    assert leaks(caplog.text.encode()) == []


def test_the_search_of_messages_would_find_it(scene: Scene) -> None:
    damage(scene.world, "update cases set reference = :leak where id = :case", leak=WILLOW.postcode, case=scene.case)
    assert "qx9 7zj" in leaks(sent(scene))


def test_the_exported_history_does_not_hold_it(scene: Scene) -> None:
    def exported() -> bytes:
        return json.dumps(export_case(scene.world.db, scene.world.law, scene.case), ensure_ascii=False).encode()

    assert b"housing.reveal" in exported()
    assert leaks(exported()) == []
    statement = "update events set body = replace(body, 'eastshire-police', :leak) where case_id = :case and seq = 1"
    damage(scene.world, statement, leak=WILLOW.postcode, case=scene.case)
    assert "qx9 7zj" in leaks(exported())  # the same search would have found it


# fmt: off
WRONG: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no time":          lambda good: {name: value for name, value in good.items() if name != "from_at"},
    "a wrong time":     lambda good: {**good, "from_at": WILLOW.postcode},
    "an unknown field": lambda good: {**good, WILLOW.town: WILLOW.street},
    "too long":         lambda good: {**good, "street": WILLOW.street * 50},
    "a number":         lambda good: {**good, "phone": 1632960417},
    "a past time":      lambda good: {**good, "from_at": "2020-01-01T00:00:00Z"},
}
# fmt: on


@pytest.mark.parametrize("what", WRONG)
def test_a_refused_address_is_not_said_again_and_not_kept(scene: Scene, what: str) -> None:
    good = {
        "from_at": scene.world.now.isoformat(), "street": WILLOW.street, "town": WILLOW.town,
        "postcode": WILLOW.postcode, "way": WILLOW.way, "phone": WILLOW.phone,
    }  # fmt: skip
    headers = scene.api.role(KEEPER) | scene.api.key()
    path = f"/v1/places/{scene.place}/address"
    answer = scene.api.http.post(path, headers=headers, json=WRONG[what](good))
    assert answer.status_code == 422, answer.text
    assert leaks(answer.content) == []
    taken = scene.api.http.post(path, headers=headers, json=good)
    assert (taken.status_code, leaks(taken.content)) == (201, [])
    assert leaks(stored(scene.world)) == []


def test_a_key_for_repeats_keeps_no_digest_that_could_be_guessed(scene: Scene) -> None:
    """Whoever holds the database could try every post code against a plain digest of what was sent."""
    before = rows(scene.world, "select count(*) from repeats")
    told = {"from_at": scene.world.now.isoformat(), "street": "1 Row", "town": "Nowhere", "postcode": "ZZ1 1ZZ"}
    headers = scene.api.role(KEEPER) | scene.api.key()
    assert scene.api.http.post(f"/v1/places/{scene.place}/address", headers=headers, json=told).status_code == 201
    assert rows(scene.world, "select count(*) from repeats") == before


def test_the_ledger_outlives_the_reveal_and_names_nobody_else(scene: Scene) -> None:
    assert [tuple(row) for row in rows(scene.world, "select case_id, place_id from reveals")] == [
        (scene.case, scene.place)
    ]
    shown = rows(scene.world, "select shown_at from reveals")[0][0]
    assert datetime.fromisoformat(str(shown)).date() == scene.world.now.date()
