"""What an agency's administrator does over HTTP, and what becomes of the cases of somebody who leaves."""

from typing import Any

import pytest

from referral.access import Role
from tests.api.knocking import PASSWORD, Knocker
from tests.told import told
from tests.world import user_id

NEW = {"name": "Zoe Example", "email": "Zoe@Example.org", "roles": ["navigator"]}


def admin_of(api: Knocker, agency: str) -> dict[str, str]:
    from referral.models import User
    from tests.world import START

    with api.world.db.write() as session:
        session.add(User(id="a" * 32, agency_id=agency, name="Admin", email="admin@example.invalid", password_hash="-",
                         roles="agency_admin", created_at=START))  # fmt: skip
    return api.token("user:" + "a" * 32)


def test_an_administrator_invites_a_person_who_chooses_a_password_and_can_then_sign_in(api: Knocker) -> None:
    who = api.role(Role.AGENCY_ADMIN)
    answer = api.http.post("/v1/users", headers=who, json=NEW)
    assert answer.status_code == 201, answer.text
    assert answer.json()["email"] == "zoe@example.org"
    assert answer.json()["id"] in {user["id"] for user in api.http.get("/v1/users", headers=who).json()["items"]}
    sign_in = {"email": NEW["email"], "password": PASSWORD}
    assert api.http.post("/v1/session", json=sign_in).status_code == 401
    accept = {"code": answer.json()["invitation"], "password": PASSWORD}
    assert api.http.post("/v1/invitations/accept", json=accept).status_code == 200
    assert api.http.post("/v1/session", json=sign_in).status_code == 200


def test_a_repeated_key_adds_nobody_twice_and_keeps_no_code(api: Knocker) -> None:
    headers = api.role(Role.AGENCY_ADMIN) | {"Idempotency-Key": "k-1"}
    first = api.http.post("/v1/users", headers=headers, json=NEW)
    again = api.http.post("/v1/users", headers=headers, json=NEW)
    told = {name: value for name, value in first.json().items() if name != "invitation"}
    assert (again.json(), again.headers["idempotency-replayed"]) == (told, "true")
    other = api.http.post("/v1/users", headers=headers, json={**NEW, "name": "Another"})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_an_address_is_used_once(api: Knocker) -> None:
    who = api.role(Role.AGENCY_ADMIN)
    api.http.post("/v1/users", headers=who, json=NEW)
    again = api.http.post("/v1/users", headers=who, json=NEW)
    assert (again.status_code, again.json()["reasons"][0]["code"]) == (409, "email_used")


# fmt: off
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"roles": ["system"]},        422, "bad_form"),
    ({"roles": ["king"]},          422, "bad_form"),
    ({"roles": []},                422, "bad_form"),
    ({"password": PASSWORD},       422, "bad_form"),
    ({"email": "no address"},      422, "bad_form"),
    ({"email": "a@b@c"},           422, "bad_form"),
    ({"agency": "harbour"},        422, "bad_form"),
    ({"name": ""},                 422, "bad_form"),
    ({"roles": ["system_admin"]},  403, "not_allowed"),
    ({"roles": ["caseworker"]},    409, "blocked"),
]
# fmt: on


@pytest.mark.parametrize(("change", "status", "code"), REFUSED)
def test_what_cannot_be_added_is_refused(api: Knocker, change: dict[str, Any], status: int, code: str) -> None:
    before = api.counts()
    answer = api.http.post("/v1/users", headers=api.role(Role.AGENCY_ADMIN), json={**NEW, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api.counts() == before


def test_only_administrators_keep_people_and_clients(api: Knocker) -> None:
    for role in Role:
        if role in (Role.SYSTEM, Role.AGENCY_ADMIN, Role.SYSTEM_ADMIN):
            continue
        for address in ("/v1/users", "/v1/clients"):
            answer = api.http.get(address, headers=api.role(role))
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert api.http.post("/v1/users", headers=api.role(role), json=NEW).status_code == 403


def test_a_clients_secret_is_shown_once_and_works(api: Knocker) -> None:
    headers = api.role(Role.AGENCY_ADMIN) | {"Idempotency-Key": "k-1"}
    name = "navigators-system"
    new = {"id": name, "scopes": ["cases:read"]}
    told = api.http.post("/v1/clients", headers=headers, json=new).json()
    secret = told.pop("secret")
    again = api.http.post("/v1/clients", headers=headers, json=new)
    assert again.json() == told
    assert api.approved(told["waits_for"]).status_code == 200
    grant = {"grant_type": "client_credentials"}
    assert api.http.post("/oauth/token", data=grant, auth=(name, secret)).status_code == 200
    assert secret not in api.http.get("/v1/clients", headers=headers).text
    assert api.http.post(f"/v1/clients/{name}/disable", headers=headers, json={}).json()["active"] is False
    assert api.http.post("/oauth/token", data=grant, auth=(name, secret)).status_code == 401


def test_nobody_touches_another_agencys_people(api: Knocker) -> None:
    who = api.role(Role.AGENCY_ADMIN)
    api.client("harbour")
    for user in (user_id(Role.SUPPORT_WORKER, "harbour"), "0" * 32):
        assert api.http.post(f"/v1/users/{user}/leave", headers=who, json={}).status_code == 404
    for client in ("client-1", "nobody", "Nonsense!"):
        assert api.http.post(f"/v1/clients/{client}/disable", headers=who, json={}).status_code == 404


def test_every_case_of_somebody_who_leaves_goes_into_hand_over(api: Knocker) -> None:
    police, worker = api.role(Role.FIRST_RESPONDER), api.role(Role.SUPPORT_WORKER)
    coordinator = api.role(Role.SUPPORT_COORDINATOR)
    left = user_id(Role.SUPPORT_WORKER, "harbour")
    cases = []
    for accepts in (True, False):
        case = api.opened(police, under_18="no")["case"]
        cases.append(case)
        for name in ("intake.explain", "intake.consent", "support.refer_urgently"):
            made = api.move(police, case, name, **told(name))
            assert made.status_code == 200, made.text
        offered = api.move(api.everybody(), case, "assignment.offer", provider="harbour")
        assert offered.status_code == 200, offered.text
        assert api.move(coordinator, case, "assignment.take").status_code == 200
        assert api.move(coordinator, case, "assignment.propose", worker=left).status_code == 200
        if accepts:
            assert api.move(worker, case, "assignment.accept").status_code == 200
    admin = admin_of(api, "harbour")
    answer = api.http.post(f"/v1/users/{left}/leave", headers=admin, json={})
    assert (answer.status_code, answer.json()["handed_over"], answer.json()["user"]["active"]) == (200, 2, False)
    for case in cases:
        shown = api.http.get(f"/v1/cases/{case}", headers=coordinator).json()
        assert shown["states"]["assignment"] == "handover_pending"
        assert shown["owner"] == {"agency": "harbour", "user": None}
    assert api.http.get("/v1/me", headers=worker).status_code == 401
    again = api.http.post(f"/v1/users/{left}/leave", headers=admin, json={})
    assert (again.status_code, again.json()["handed_over"]) == (200, 0)


def test_nobody_takes_themselves_out(api: Knocker) -> None:
    own = user_id(Role.AGENCY_ADMIN, "navigators")
    answer = api.http.post(f"/v1/users/{own}/leave", headers=api.role(Role.AGENCY_ADMIN), json={})
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (409, "own_account")
