"""Attack group c20, second half: one person plays both roles of an approval. Each way is tried and refused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from api import directory
from referral.access import Role
from referral.ids import new_id
from referral.models import Approval, Refused, SignInEvent, User
from tests.api.knocking import PASSWORD, Knocker, knocking
from tests.world import START, World, user_id

NEW = {"name": "Zoe Example", "email": "zoe@example.org", "roles": ["manager"]}
ADMIN, MANAGER = Role.AGENCY_ADMIN, Role.MANAGER
ZOE = {"email": NEW["email"], "password": PASSWORD}


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Knocker]:
    world.later(days=3)  # every account of the invented world is older than a day
    with knocking(world, tmp_path) as knocker:
        yield knocker


def somebody(api: Knocker, roles: str, agency: str = "navigators", age: timedelta = timedelta(days=3)) -> str:
    user = new_id()
    made: dict[str, Any] = {"id": user, "agency_id": agency, "roles": roles, "password_hash": "-"}
    with api.world.db.write() as session:
        at = api.world.now - age
        session.add(User(name="Invented", email=f"{user}@example.invalid", created_at=at, **made))
    return user


def asked_for(api: Knocker, **more: Any) -> dict[str, Any]:
    """An administrator asks for a new manager."""
    answer = api.http.post("/v1/users", headers=api.role(ADMIN), json=NEW | more)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def request(api: Knocker, who: dict[str, str] | None = None) -> dict[str, Any]:
    """The one request that waits."""
    items = api.http.get("/v1/approvals", headers=who or api.role(MANAGER)).json()["items"]
    assert len(items) == 1
    found: dict[str, Any] = items[0]
    return found


def act(api: Knocker, who: dict[str, str], one: dict[str, Any], what: str = "approve", **more: Any) -> Any:
    body = {"digest": one["digest"], **more} if what == "approve" else {}
    return api.http.post(f"/v1/approvals/{one['id']}/{what}", headers=who, json=body)


def why(answer: Any) -> list[str]:
    assert answer.status_code == 409, answer.text
    return [reason["code"] for reason in answer.json()["reasons"]]


def roles_of(api: Knocker, user: str) -> str:
    with api.world.db.read() as session:
        row = session.get(User, user)
        assert row is not None
        return row.roles


def test_a_role_that_weighs_much_waits_for_a_second_person_and_then_counts(api: Knocker) -> None:
    told = asked_for(api)
    assert (told["roles"], "invitation" in told) == ([], False)
    one = request(api)
    assert (one["id"], one["content"], one["about"]) == (told["waits_for"], ["manager"], told["id"])
    early = api.http.post(f"/v1/users/{told['id']}/invite", headers=api.role(ADMIN), json={})
    assert why(early) == ["waits_for_approval"]
    assert act(api, api.role(MANAGER), one).status_code == 200
    assert roles_of(api, told["id"]) == "manager"
    invited = api.http.post(f"/v1/users/{told['id']}/invite", headers=api.role(ADMIN), json={}).json()
    accept = {"code": invited["invitation"], "password": PASSWORD}
    assert api.http.post("/v1/invitations/accept", json=accept).status_code == 200
    assert api.http.post("/v1/session", json=ZOE).status_code == 200
    with api.world.db.read() as session:
        row = session.exec(select(Approval)).one()
        changes = {
            one.what: one.by for one in session.exec(select(SignInEvent).where(col(SignInEvent.user_id) == told["id"]))
        }
    admin, manager = (user_id(role, "navigators") for role in (ADMIN, MANAGER))
    assert (row.asked_by, row.answered_by, row.answer, row.used_at) == (admin, manager, "approved", api.world.now)
    assert (changes["roles_asked"], changes["roles_given"]) == (admin, manager)


def test_every_weighty_role_waits_and_no_other_does(api: Knocker) -> None:
    admin = api.role(ADMIN)
    for number, role in enumerate((*sorted(directory.ELEVATED - {Role.SYSTEM_ADMIN, Role.CASEWORKER}), "navigator")):
        told = api.http.post("/v1/users", headers=admin, json=NEW | {"email": f"{number}@example.org", "roles": [role]})
        assert (told.json()["waits_for"] is None) == (role == "navigator"), role
    mixed = api.http.post("/v1/users", headers=admin, json=NEW | {"roles": ["navigator", "manager"]}).json()
    assert mixed["roles"] == []


def test_nobody_approves_what_they_asked_for_whatever_they_have_become(api: Knocker) -> None:
    asked_for(api)
    one = request(api)
    admin = user_id(ADMIN, "navigators")
    assert why(act(api, api.role(ADMIN), one)) == ["own_request"]
    with api.world.db.write() as session:
        row = session.get(User, admin)
        assert row is not None
        row.roles = "agency_admin manager"
        session.add(row)
    assert why(act(api, api.role(ADMIN), one)) == ["own_request"]
    assert why(act(api, api.role(ADMIN), one, "refuse")) == ["own_request"]
    assert act(api, api.role(MANAGER), one).status_code == 200


def test_a_puppet_that_was_made_or_promoted_within_a_day_approves_nothing(api: Knocker) -> None:
    asked_for(api)
    one = request(api)
    puppet = somebody(api, "manager", age=timedelta(hours=23, minutes=59))
    assert why(act(api, api.token(f"user:{puppet}"), one)) == ["new_account"]
    # An old account that was promoted just now is as new.
    old = somebody(api, "navigator")
    asked = api.http.post(f"/v1/users/{old}/roles", headers=api.role(ADMIN), json={"roles": ["navigator", "manager"]})
    second = next(
        item for item in api.http.get("/v1/approvals", headers=api.role(MANAGER)).json()["items"]
        if item["id"] == asked.json()["waits_for"]
    )  # fmt: skip
    assert roles_of(api, old) == "navigator"
    assert act(api, api.role(MANAGER), second).status_code == 200
    assert why(act(api, api.token(f"user:{old}"), one)) == ["new_account"]
    api.world.later(hours=24)
    assert act(api, api.token(f"user:{old}"), one).status_code == 200


def test_what_is_carried_out_is_what_was_seen(api: Knocker) -> None:
    told = asked_for(api)
    one = request(api)
    assert why(act(api, api.role(MANAGER), one, digest="0" * 64)) == ["content_changed"]
    with api.world.db.write() as session:  # behind everybody's back
        row = session.get(Approval, one["id"])
        assert row is not None
        row.content = '["agency_admin","manager"]'
        session.add(row)
    assert why(act(api, api.role(MANAGER), one)) == ["content_changed"]
    assert roles_of(api, told["id"]) == ""


def test_a_request_ends_after_72_hours(api: Knocker) -> None:
    asked_for(api)
    one = request(api)
    api.world.later(hours=72)
    assert api.http.get("/v1/approvals", headers=api.role(MANAGER)).json() == {"items": []}
    assert why(act(api, api.role(MANAGER), one)) == ["request_expired"]
    again = api.http.post(f"/v1/users/{one['about']}/roles", headers=api.role(ADMIN), json={"roles": ["manager"]})
    assert again.json()["waits_for"] not in (None, one["id"])
    assert act(api, api.role(MANAGER), request(api)).status_code == 200


def test_an_approval_is_used_once(api: Knocker) -> None:
    told = asked_for(api)
    one = request(api)
    assert act(api, api.role(MANAGER), one).status_code == 200
    lowered = api.http.post(f"/v1/users/{told['id']}/roles", headers=api.role(ADMIN), json={"roles": ["navigator"]})
    assert (lowered.status_code, lowered.json()["waits_for"]) == (200, None)
    assert why(act(api, api.role(MANAGER), one)) == ["used_before"]
    assert roles_of(api, told["id"]) == "navigator"


def test_whoever_asked_takes_it_back_and_nobody_else(api: Knocker) -> None:
    asked_for(api)
    one = request(api)
    assert why(act(api, api.role(MANAGER), one, "withdraw")) == ["not_your_request"]
    assert act(api, api.role(ADMIN), one, "withdraw").status_code == 200
    assert why(act(api, api.role(MANAGER), one)) == ["used_before"]
    assert why(act(api, api.role(ADMIN), one, "withdraw")) == ["used_before"]


def test_a_refused_request_is_refused_for_good(api: Knocker) -> None:
    told = asked_for(api)
    one = request(api)
    assert act(api, api.role(MANAGER), one, "refuse").status_code == 200
    second = somebody(api, "manager")
    assert why(act(api, api.token(f"user:{second}"), one)) == ["used_before"]
    assert roles_of(api, told["id"]) == ""


def test_an_approver_who_lost_the_role_or_the_account_in_between_approves_nothing(api: Knocker) -> None:
    asked_for(api)
    one = request(api)
    other = somebody(api, "manager")
    who = api.token(f"user:{other}")
    for roles, active, status in (("navigator", True, 403), ("agency_admin", True, 403), ("manager", False, 401)):
        with api.world.db.write() as session:
            row = session.get(User, other)
            assert row is not None
            row.roles, row.active = roles, active
            session.add(row)
        assert act(api, who, one).status_code == status, roles


def test_no_machine_and_nobody_of_another_agency_approves(api: Knocker) -> None:
    asked_for(api)
    one = request(api)
    client, _ = api.client("navigators", ["cases:read"])
    machine = api.token(f"client:{client}", ["cases:read"])
    assert act(api, machine, one).status_code == 403
    stranger = somebody(api, "manager", "harbour")
    headers = api.token(f"user:{stranger}")
    assert api.http.get("/v1/approvals", headers=headers).json() == {"items": []}
    assert act(api, headers, one).status_code == 404
    for role in (Role.NAVIGATOR, Role.CASEWORKER, Role.SUPPORT_COORDINATOR):
        assert act(api, api.role(role), one).status_code == 403


def test_whoever_keeps_the_installation_approves_where_an_agency_has_no_manager(api: Knocker) -> None:
    admin = somebody(api, "agency_admin", "lantern")
    told = api.http.post("/v1/users", headers=api.token(f"user:{admin}"), json=NEW).json()
    keeper = api.role(Role.SYSTEM_ADMIN)
    assert request(api, keeper)["id"] == told["waits_for"]
    assert act(api, keeper, request(api, keeper)).status_code == 200
    assert roles_of(api, told["id"]) == "manager"


def test_two_requests_for_the_same_do_not_wait_at_once(api: Knocker) -> None:
    told = asked_for(api)
    again = api.http.post(f"/v1/users/{told['id']}/roles", headers=api.role(ADMIN), json={"roles": ["manager"]})
    assert why(again) == ["already_asked"]


def test_nobody_gives_themselves_a_role_and_no_other_agency_s_people_one(api: Knocker) -> None:
    own = user_id(ADMIN, "navigators")
    taken = api.http.post(f"/v1/users/{own}/roles", headers=api.role(ADMIN), json={"roles": ["navigator"]})
    assert why(taken) == ["own_account"]
    for user in (user_id(Role.SUPPORT_WORKER, "harbour"), new_id()):
        far = api.http.post(f"/v1/users/{user}/roles", headers=api.role(ADMIN), json={"roles": ["navigator"]})
        assert far.status_code == 404
    mine = user_id(Role.NAVIGATOR, "navigators")
    keeper = api.http.post(f"/v1/users/{mine}/roles", headers=api.role(ADMIN), json={"roles": ["system_admin"]})
    assert keeper.status_code == 403


def test_a_refused_try_is_on_record(api: Knocker) -> None:
    asked_for(api)
    act(api, api.role(ADMIN), request(api))
    with api.world.db.read() as session:
        rows = session.exec(select(Refused).where(col(Refused.move) == "approvals.approve")).all()
    assert [(row.actor, row.reasons) for row in rows] == [(user_id(ADMIN, "navigators"), "own_request")]


def test_the_command_line_still_makes_the_first_administrator(world: World) -> None:
    """Whoever runs the installation has its database anyway; an administrator who waits for another could never be."""
    new = directory.NewUser(name="A", email="first@example.org", roles=["agency_admin"], password=PASSWORD)
    with world.db.write() as session:
        user = directory.add_user(session, "lantern", new, START).id
    with world.db.read() as session:
        row = session.get(User, user)
        assert row is not None
        assert row.roles == "agency_admin"
