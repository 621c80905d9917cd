"""An address over HTTP: it comes in from a person, goes out once to one person, and never without the signed log."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.app import covered_by
from api.deps import not_covered
from referral.access import Role
from referral.db import Database
from referral.errors import NotCovered
from tests.api.knocking import Knocker, knocking
from tests.sheltered import BED, CEDAR, COORDINATOR, KEEPER, WILLOW, WORKER, houses, on_the_list, sheltered
from tests.workflows.walks import rows
from tests.world import World, a

ADDRESS = {"street": "1 Invented Row", "town": "Nowhere", "postcode": "ZZ1 1ZZ", "way": "By bus.", "phone": "0"}


class Signer:
    """A signer that answers, or does not; it keeps what it was asked to cover."""

    def __init__(self) -> None:
        self.answers, self.asked = True, list[tuple[str, int]]()

    def __call__(self, _db: Database, case: str, seq: int, _now: datetime) -> None:
        self.asked.append((case, seq))
        if not self.answers:
            raise NotCovered


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
def api(world: World, tmp_path: Path, signer: Signer) -> Iterator[Knocker]:
    """Everybody has a session in which they have just shown their passkey."""
    with knocking(world, tmp_path) as knocker:
        knocker.app.state.house = replace(knocker.app.state.house, covers=signer)
        yield knocker


@pytest.fixture
def home(api: Knocker) -> str:
    """A case whose person lives in Willow; the worker is on the list."""
    api.world.later(days=2)
    houses(api.world)
    case = sheltered(api.world)
    on_the_list(api.world, case)
    return case


def post(api: Knocker, who: Role, path: str, **body: Any) -> Any:
    return api.http.post(path, headers=api.role(who) | {"If-Match": "*"}, json=body)


def reveal(api: Knocker, case: str, who: Role = WORKER) -> str:
    answer = post(api, who, f"/v1/cases/{case}/housing/reveal", form={"purpose": "visit"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["reveal"])


def address(api: Knocker, case: str, one: str, who: Role = WORKER) -> Any:
    return post(api, who, f"/v1/cases/{case}/reveals/{one}/address")


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_address_is_told_once_with_who_when_and_for_which_case(api: Knocker, home: str, signer: Signer) -> None:
    one = reveal(api, home)
    answer = address(api, home, one)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    (reference,) = rows(api.world, "select reference from cases where id = :case", case=home)[0]
    assert answer.json() == {
        "address": {
            "street": WILLOW.street, "town": WILLOW.town, "postcode": WILLOW.postcode, "way": WILLOW.way,
            "phone": WILLOW.phone,
        },
        "watermark": {"who": a(WORKER).id, "agency": "harbour", "when": "2026-09-18T09:00:00Z", "case": reference},
    }  # fmt: skip
    assert code(address(api, home, one)) == (409, "shown_already")
    assert signer.asked == [(home, rows(api.world, "select seq from reveals")[0][0])]


def test_without_the_signed_log_there_is_no_address(api: Knocker, home: str, signer: Signer) -> None:
    one = reveal(api, home)
    signer.answers = False
    answer = address(api, home, one)
    assert code(answer) == (503, "not_covered")
    assert WILLOW.postcode not in answer.text
    assert rows(api.world, "select shown_at from reveals") == [(None,)]
    signer.answers = True
    assert address(api, home, one).status_code == 200


def test_an_installation_without_a_signer_shows_nothing(api: Knocker, home: str) -> None:
    api.app.state.house = replace(api.app.state.house, covers=not_covered)
    assert code(address(api, home, reveal(api, home))) == (503, "not_covered")


def test_a_machine_is_told_nothing_before_anything_is_read(api: Knocker, home: str) -> None:
    one = reveal(api, home)
    client, _ = api.client("harbour", ["cases:read", "support:write"])
    machine = api.token(f"client:{client}", ["cases:read", "support:write"])
    for path in (f"/v1/cases/{home}/reveals/{one}/address", f"/v1/cases/{'0' * 32}/reveals/{'0' * 32}/address"):
        assert code(api.http.post(path, headers=machine, json={})) == (403, "not_for_machines")
    for path in (f"/v1/cases/{home}/reveals", f"/v1/cases/{home}/address-readers", "/v1/places"):
        assert code(api.http.get(path, headers=machine)) == (403, "not_for_machines")
    place = rows(api.world, "select id from places limit 1")[0][0]
    told = {"from_at": "2026-09-18T09:00:00Z", **ADDRESS}
    for path, body in (
        (f"/v1/places/{place}/address", told), (f"/v1/places/{place}/lock", {}),
        ("/v1/places", {"code_name": "Oak", "region": "kent"}),
    ):  # fmt: skip
        assert code(api.http.post(path, headers=machine, json=body)) == (403, "not_for_machines")
    moved = api.http.post(
        f"/v1/cases/{home}/housing/reveal", headers=machine | {"If-Match": "*"}, json={"form": {"purpose": "visit"}}
    )
    assert code(moved) == (403, "not_allowed")
    assert address(api, home, one).status_code == 200  # and a person could


def test_somebody_elses_reveal_does_not_exist(api: Knocker, home: str) -> None:
    one = reveal(api, home)
    for who in (KEEPER, COORDINATOR):
        answer = address(api, home, one, who)
        assert answer.content == address(api, home, "0" * 32, who).content
        assert code(answer) == (404, "not_found")
    assert code(post(api, Role.NAVIGATOR, f"/v1/cases/{home}/reveals/{one}/address")) == (404, "not_found")


def test_a_lock_between_the_move_and_the_showing_is_in_time(api: Knocker, home: str) -> None:
    one = reveal(api, home)
    assert post(api, COORDINATOR, f"/v1/cases/{home}/housing/lock_addresses", form={}).status_code == 200
    assert code(address(api, home, one)) == (409, "locked")
    (row,) = api.http.get(f"/v1/cases/{home}/reveals", headers=api.role(COORDINATOR)).json()["items"]
    assert (row["shown_at"], row["closed_why"]) == (None, "locked")


def test_a_house_is_locked_for_every_case_in_it_and_opened_by_two(api: Knocker, home: str) -> None:
    one = reveal(api, home)
    place = rows(api.world, "select place_id from beds where id = :bed", bed=BED)[0][0]
    assert post(api, WORKER, f"/v1/places/{place}/lock").status_code == 201
    assert code(post(api, KEEPER, f"/v1/places/{place}/lock")) == (409, "locked")
    assert code(address(api, home, one)) == (409, "locked")
    assert code(post(api, KEEPER, f"/v1/places/{place}/address", from_at="2026-09-18T09:00:00Z", **ADDRESS)) == (
        409, "locked",
    )  # fmt: skip
    assert code(post(api, KEEPER, f"/v1/places/{place}/unlock")) == (409, "blocked")
    assert post(api, KEEPER, f"/v1/places/{place}/ask-unlock").status_code == 200
    refused = post(api, KEEPER, f"/v1/places/{place}/unlock").json()
    assert [reason["code"] for reason in refused["reasons"]] == ["own_request"]
    assert post(api, COORDINATOR, f"/v1/places/{place}/unlock").status_code == 200
    api.world.later(minutes=11)
    assert address(api, home, reveal(api, home)).status_code == 200
    events = api.http.get(f"/v1/cases/{home}/timeline", headers=api.role(WORKER)).json()["items"]
    assert [e["reason"] for e in events if e["move"] == "housing.note_house"] == ["locked", "asked_to_open", "opened"]


def test_another_agencys_house_does_not_exist(api: Knocker, home: str) -> None:
    with api.world.db.write() as session:
        from referral import places

        other = places.add_place(session, api.world.db.vault, "lantern", "Elm", "kent", [], api.world.now).id
    for path in ("lock", "ask-unlock", "unlock"):
        assert code(post(api, KEEPER, f"/v1/places/{other}/{path}")) == (404, "not_found")
    told = {"from_at": "2026-09-18T09:00:00Z", **ADDRESS}
    assert code(post(api, KEEPER, f"/v1/places/{other}/address", **told)) == (404, "not_found")
    names = [row["code_name"] for row in api.http.get("/v1/places", headers=api.role(KEEPER)).json()["items"]]
    assert names == ["Cedar", "Willow"]


def test_a_house_is_kept_by_its_coordinators_and_its_address_is_never_told_back(api: Knocker) -> None:
    told = {"code_name": "Oak", "region": "kent", "beds": ["Oak 1"]}
    assert code(post(api, WORKER, "/v1/places", **told)) == (403, "not_allowed")
    made = post(api, KEEPER, "/v1/places", **told)
    assert made.status_code == 201, made.text
    place = made.json()["id"]
    told = {"from_at": "2026-09-16T09:00:00Z", **ADDRESS}
    answer = post(api, KEEPER, f"/v1/places/{place}/address", **told)
    assert (answer.status_code, answer.json()) == (201, {"place": place, "from_at": "2026-09-16T09:00:00Z"})
    assert code(post(api, WORKER, f"/v1/places/{place}/address", **told)) == (403, "not_allowed")
    (shown,) = api.http.get("/v1/places", headers=api.role(KEEPER)).json()["items"]
    assert (shown["code_name"], shown["has_address"], shown["lock"]) == ("Oak", True, None)
    assert [bed["code_name"] for bed in shown["beds"]] == ["Oak 1"]
    wrong = post(api, KEEPER, f"/v1/places/{place}/address", **told | {"from_at": "soon"})
    assert code(wrong) == (422, "bad_form")
    assert not [text for text in ADDRESS.values() if len(text) > 1 and text in wrong.text]


def test_the_ledger_says_who_ever_saw_it_and_is_for_those_who_answer_for_it(api: Knocker, home: str) -> None:
    one = reveal(api, home)
    address(api, home, one)
    assert post(api, WORKER, f"/v1/cases/{home}/reveals/{one}/close").json()["closed_why"] == "done"
    (row,) = api.http.get(f"/v1/cases/{home}/reveals", headers=api.role(COORDINATOR)).json()["items"]
    assert (row["user"], row["purpose"], row["says"]) == (a(WORKER).id, "visit", "To visit the person.")
    assert row["shown_at"] == row["closed_at"] == "2026-09-18T09:00:00Z"
    assert code(api.http.get(f"/v1/cases/{home}/reveals", headers=api.role(WORKER))) == (403, "not_allowed")
    (entry,) = api.http.get(f"/v1/cases/{home}/address-readers", headers=api.role(KEEPER)).json()["items"]
    assert (entry["user"], entry["asked_by"], entry["approved_by"]) == (a(WORKER).id, a(KEEPER).id, a(COORDINATOR).id)
    assert reveal(api, home)  # one that was closed does not stand in the way of the next


def test_a_refused_look_is_recorded(api: Knocker, home: str) -> None:
    one = reveal(api, home)
    address(api, home, one)
    address(api, home, one)
    told = rows(api.world, "select actor, code from refusals where move = 'housing.reveal'")
    assert [tuple(row) for row in told] == [(a(WORKER).id, "shown_already")]


def test_the_step_up_of_the_session_counts_not_what_a_body_says(api: Knocker, home: str) -> None:
    answer = post(
        api, WORKER, f"/v1/cases/{home}/housing/reveal", form={"purpose": "visit", "factor": "passkey"}
    )  # fmt: skip
    assert code(answer) == (422, "bad_form")


def test_a_changed_address_ends_the_reveal(api: Knocker, home: str) -> None:
    one = reveal(api, home)
    place = rows(api.world, "select place_id from beds where id = :bed", bed=BED)[0][0]
    told = {"from_at": "2026-09-18T09:00:00Z", "street": CEDAR.street, "town": CEDAR.town, "postcode": CEDAR.postcode}
    assert post(api, KEEPER, f"/v1/places/{place}/address", **told).status_code == 201
    answer = address(api, home, one)
    assert code(answer) == (409, "address_changed")
    assert not any(text in answer.text for text in (WILLOW.street, CEDAR.street))


@pytest.mark.parametrize(("factor", "ago", "can"), (("passkey", 0, True), ("passkey", 301, False), ("totp", 0, False)))
def test_only_a_passkey_that_was_shown_a_moment_ago_counts(
    api: Knocker, home: str, factor: str, ago: int, can: bool
) -> None:
    who = api.session(a(WORKER).id, factor, shown_at=api.world.now - timedelta(seconds=ago))
    answer = api.move(who, home, "housing.reveal", purpose="visit")
    assert (answer.status_code == 200) is can, answer.text
    if not can:
        assert [reason["code"] for reason in answer.json()["reasons"]] == ["step_up_needed"]


def test_the_signer_of_the_installation_covers_the_reveal_before_it_is_shown(api: Knocker, home: str) -> None:
    house = api.app.state.house
    api.app.state.house = replace(house, covers=covered_by(house.settings))
    answer = address(api, home, reveal(api, home))
    assert answer.status_code == 200, answer.text
    seals = rows(api.world, """
        select count(*) from reveals r join leaves l on l.case_id = r.case_id and l.seq = r.seq
        join checkpoints c on c.size >= l.number""")  # fmt: skip
    assert seals[0][0] >= 1
