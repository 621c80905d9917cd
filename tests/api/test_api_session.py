"""Who may have a token, and what it is worth."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

import base64
from typing import Any

import pytest

from api import directory
from referral.access import Role
from referral.models import Agency
from tests.api.knocking import PASSWORD, SCOPES, Knocker
from tests.world import START


def bearer(answer: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def worker(api: Knocker, email: str = "zoe@example.org") -> str:
    new = directory.NewUser(name="Zoe", email=email, roles=["support_worker"], password=PASSWORD)
    with api.world.db.write() as session:
        return directory.add_user(session, "harbour", new, START).id


def test_a_client_gets_a_token_for_five_minutes_with_its_scopes(api: Knocker) -> None:
    client, secret = api.client()
    answer = api.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(client, secret))
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["expires_in"]) == (200, "Bearer", 300)
    assert (told["scope"].split(), answer.headers["cache-control"]) == (SCOPES, "no-store")
    me = api.http.get("/v1/me", headers=bearer(answer)).json()
    assert (me["id"], me["kind"], me["agency"], me["roles"]) == (client, "client", "eastshire-police", [])
    assert "referral:submit" in me["may"]


def test_the_secret_may_stand_in_the_body(api: Knocker) -> None:
    client, secret = api.client()
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": "cases:read"}
    answer = api.http.post("/oauth/token", data=form)
    assert answer.json()["scope"] == "cases:read"
    assert api.http.get("/v1/me", headers=bearer(answer)).json()["may"] == ["case:read"]


# fmt: off
REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("a wrong secret",     {"data": {"grant_type": "client_credentials"}, "auth": ("CLIENT", "x")},                           401, "invalid_client"),
    ("an unknown client",  {"data": {"grant_type": "client_credentials"}, "auth": ("nobody", "SECRET")},                      401, "invalid_client"),
    ("no secret",          {"data": {"grant_type": "client_credentials"}},                                                    401, "invalid_client"),
    ("a NUL as a name",    {"data": {"grant_type": "client_credentials", "client_id": "a\x00", "client_secret": "x"}},        400, "invalid_request"),
    ("no grant",           {"data": {"scope": "cases:read"}, "auth": ("CLIENT", "SECRET")},                                   400, "invalid_request"),
    ("another grant",      {"data": {"grant_type": "password"}, "auth": ("CLIENT", "SECRET")},                                400, "unsupported_grant_type"),
    ("a scope too many",   {"data": {"grant_type": "client_credentials", "scope": "decisions:write"}, "auth": ("CLIENT", "SECRET")}, 400, "invalid_scope"),
    ("a made-up scope",    {"data": {"grant_type": "client_credentials", "scope": "\U0001f600"}, "auth": ("CLIENT", "SECRET")}, 400, "invalid_scope"),
    ("JSON",               {"json": {"grant_type": "client_credentials"}, "auth": ("CLIENT", "SECRET")},                      400, "invalid_request"),
    ("twice the secret",   {"data": {"grant_type": "client_credentials", "client_secret": "SECRET"}, "auth": ("CLIENT", "SECRET")}, 400, "invalid_request"),
    ("a grant twice",      {"content": b"grant_type=client_credentials&grant_type=x", "auth": ("CLIENT", "SECRET")},          400, "invalid_request"),
    ("broken escapes",     {"content": b"grant_type=%ff%fe", "auth": ("CLIENT", "SECRET")},                                   400, "invalid_request"),
    ("no form",            {"content": b"\xff\x00", "auth": ("CLIENT", "SECRET")},                                            400, "invalid_request"),
    ("1 MB",               {"content": b"a=" + b"x" * 1_000_000, "auth": ("CLIENT", "SECRET")},                               413, "invalid_request"),
    ("a broken header",    {"data": {"grant_type": "client_credentials"}, "headers": {"Authorization": "Basic ***"}},         401, "invalid_client"),
    ("a bearer header",    {"data": {"grant_type": "client_credentials"}, "headers": {"Authorization": "Bearer x"}},          401, "invalid_client"),
]
# fmt: on


@pytest.mark.parametrize(("what", "sent", "status", "error"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_client_is_refused_in_the_words_of_the_rfc(
    api: Knocker, what: str, sent: dict[str, Any], status: int, error: str
) -> None:
    client, secret = api.client()
    names = {"CLIENT": client, "SECRET": secret}
    sent = {**sent, "headers": {"Content-Type": "application/x-www-form-urlencoded", **sent.get("headers", {})}}
    if "json" in sent:
        sent["headers"].pop("Content-Type")
    if "auth" in sent:
        pair = ":".join(names.get(part, part) for part in sent.pop("auth"))
        sent["headers"]["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    if "data" in sent:
        sent["data"] = {name: names.get(value, value) for name, value in sent["data"].items()}
    answer = api.http.post("/oauth/token", **sent)
    assert (answer.status_code, answer.json()["error"], answer.json()["code"]) == (status, error, error)
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert secret not in answer.text


def test_staff_sign_in_with_e_mail_and_password(api: Knocker) -> None:
    user = worker(api)
    answer = api.http.post("/v1/session", json={"email": " Zoe@Example.org", "password": PASSWORD})
    me = api.http.get("/v1/me", headers=bearer(answer)).json()
    assert (me["id"], me["kind"], me["agency"], me["roles"]) == (user, "user", "harbour", ["support_worker"])


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(api: Knocker) -> None:
    worker(api)
    said = []
    for email, password in (("zoe@example.org", "wrong password"), ("nobody@example.org", PASSWORD)):
        answer = api.http.post("/v1/session", json={"email": email, "password": password})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        said.append(answer.json()["detail"])
    assert said[0] == said[1]


def test_a_token_is_worth_nothing_once_its_owner_is_out(api: Knocker) -> None:
    user, (client, _) = worker(api), api.client("harbour")
    for subject, put_out in (
        (f"user:{user}", lambda s: directory.set_left(s, "harbour", user, START)),
        (f"client:{client}", lambda s: directory.disable_client(s, "harbour", client)),
    ):
        token = api.token(subject, SCOPES if subject.startswith("client") else None)
        assert api.http.get("/v1/me", headers=token).status_code == 200
        with api.world.db.write() as session:
            put_out(session)
        assert api.http.get("/v1/me", headers=token).status_code == 401


def test_a_token_is_worth_nothing_once_its_agency_is_out(api: Knocker) -> None:
    token = api.role(Role.SUPPORT_WORKER)
    with api.world.db.write() as session:
        directory.disable_agency(session, "harbour")
        assert session.get(Agency, "harbour")
    assert api.http.get("/v1/me", headers=token).status_code == 401


def test_a_scope_that_was_taken_away_is_gone_at_the_next_request(api: Knocker) -> None:
    client, _ = api.client(scopes=["cases:read"])
    token = api.token(f"client:{client}", ["cases:read", "referrals:submit"])
    assert api.http.get("/v1/me", headers=token).json()["may"] == ["case:read"]


def test_an_expired_token_is_refused(api: Knocker) -> None:
    token = api.token(f"client:{api.client()[0]}", ["cases:read"])
    api.world.later(minutes=6)
    answer = api.http.get("/v1/me", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", (None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic abc", "bearer \x7f", "x" * 9000)
)
def test_without_a_good_token_nothing_is_told(api: Knocker, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for address in ("/v1/me", "/v1/cases", f"/v1/cases/{'0' * 32}", "/v1/cases/x", "/v1/cases?x=1"):
        answer = api.http.get(address, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
