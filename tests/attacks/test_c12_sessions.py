"""Sessions: how they begin, how long they last, who ends them, and that nothing kept of them opens anything."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from referral.models import Factor, OneTimeCode, RecoveryCode, SignIn, SignInEvent, User
from tests.api.knocking import PASSWORD, Knocker, knocking
from tests.attacks.answers import code_of
from tests.attacks.people import bearer, person
from tests.world import World


@pytest.fixture
def lenient(world: World, tmp_path: Path) -> Iterator[Knocker]:
    with knocking(world, tmp_path, second_factor="optional") as knocker:
        yield knocker


def test_a_password_alone_gives_a_session_that_can_only_look_at_itself_and_add_a_factor(api: Knocker) -> None:
    zoe = person(api)
    answer = zoe.sign_in()
    assert answer.json()["second_factor_needed"] is True
    who = bearer(answer)
    assert api.http.get("/v1/me", headers=who).json()["factor"] == "password"
    for method, path in (("GET", "/v1/cases"), ("POST", "/v1/password"),
                         ("GET", "/v1/sessions"), ("GET", "/v1/users"), ("POST", "/v1/cases"),
                         ("GET", f"/v1/cases/{'0' * 32}"), ("POST", f"/v1/cases/{'0' * 32}/intake/explain"),
                         ("POST", "/v1/factors/recovery-codes")):  # fmt: skip
        sent: dict[str, Any] = {"json": {}} if method == "POST" else {}
        assert code_of(api.http.request(method, path, headers=who, **sent)) == (403, "second_factor_needed"), path
    _, who = zoe.app(who)
    assert api.http.get("/v1/cases", headers=who).status_code == 200
    assert api.http.get("/v1/me", headers=who).json()["factor"] == "totp"


def test_where_a_second_factor_is_optional_a_password_is_enough_until_there_is_one(lenient: Knocker) -> None:
    zoe = person(lenient)
    who, older = zoe.session(), zoe.session()
    for one in (who, older):
        assert lenient.http.get("/v1/cases", headers=one).status_code == 200
    zoe.app(who)
    assert code_of(lenient.http.get("/v1/cases", headers=older)) == (403, "second_factor_needed")
    again = zoe.session()
    assert code_of(lenient.http.get("/v1/cases", headers=again)) == (403, "second_factor_needed")


def test_a_session_ends_when_it_is_not_used_for_a_quarter_of_an_hour(api: Knocker) -> None:
    who = api.session(person(api).id)
    for _ in range(3):
        api.world.later(minutes=13)
        assert api.http.get("/v1/me", headers=who).status_code == 200
    api.world.later(minutes=15)
    assert code_of(api.http.get("/v1/me", headers=who)) == (401, "not_signed_in")


def test_a_session_ends_after_ten_hours_however_much_it_is_used(api: Knocker) -> None:
    who = api.session(person(api).id)
    for _ in range(59):
        api.world.later(minutes=10)
        assert api.http.get("/v1/me", headers=who).status_code == 200
    api.world.later(minutes=10)
    assert api.http.get("/v1/me", headers=who).status_code == 401


def test_every_sign_in_and_every_step_up_has_a_new_token_and_the_old_one_is_worth_nothing(api: Knocker) -> None:
    zoe = person(api)
    first, second = zoe.session(), zoe.session()
    assert first != second
    _, stepped = zoe.app(second)
    assert stepped != second
    assert api.http.get("/v1/me", headers=second).status_code == 401
    assert api.http.get("/v1/me", headers=stepped).status_code == 200
    assert api.http.get("/v1/me", headers=first).status_code == 200


def test_a_step_up_does_not_make_a_session_longer(api: Knocker) -> None:
    zoe = person(api)
    answer = zoe.sign_in()
    api.world.later(minutes=10)
    zoe.app(bearer(answer))
    with api.world.db.read() as session:
        assert len({row.ends_at for row in session.exec(select(SignIn))}) == 1


def test_no_token_and_no_code_is_kept_in_the_database(api: Knocker) -> None:
    zoe = person(api)
    app, who = zoe.app(zoe.session())
    codes = api.http.post("/v1/factors/recovery-codes", headers=who, json={}).json()["codes"]
    kept = ""
    with api.world.db.read() as session:
        for table in (SignIn, Factor, RecoveryCode, OneTimeCode, SignInEvent, User):
            kept += "".join(str(row.model_dump()) for row in session.exec(select(table)))
    assert len(kept) > 1000
    for secret in (
        who["Authorization"].split()[1],
        app.secret,
        PASSWORD,
        *codes,
        *(code.replace("-", "") for code in codes),
    ):
        assert secret not in kept


def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    here, there, hers = api.session(zoe.id), api.session(zoe.id), api.session(ann.id)
    listed = api.http.get("/v1/sessions", headers=here).json()["items"]
    assert sorted(one["this"] for one in listed) == [False, True]
    other = next(one["id"] for one in listed if not one["this"])
    assert api.http.post(f"/v1/sessions/{other}/end", headers=hers, json={}).status_code == 404
    assert api.http.get("/v1/me", headers=there).status_code == 200
    assert api.http.post(f"/v1/sessions/{other}/end", headers=here, json={}).status_code == 200
    assert [api.http.get("/v1/me", headers=one).status_code for one in (here, there, hers)] == [200, 401, 200]


def test_signing_out_ends_the_session_and_clears_the_browser(api: Knocker) -> None:
    who = api.session(person(api).id)
    answer = api.http.delete("/v1/session", headers=who)
    assert (answer.status_code, answer.headers["clear-site-data"]) == (200, '"cache", "cookies", "storage"')
    assert api.http.get("/v1/me", headers=who).status_code == 401
    assert api.http.delete("/v1/session", headers=who).status_code == 401


@pytest.mark.parametrize(
    "token", ("lds_", "lds_x", "lds_" + "A" * 43, "lds_" + "A" * 4000, "lds_é", "lds_ x", "LDS_" + "A" * 43)
)
def test_a_token_that_was_never_given_is_refused(api: Knocker, token: str) -> None:
    headers = [(b"Authorization", f"Bearer {token}".encode())]
    for path in ("/v1/me", "/v1/cases", "/v1/cases/x", "/v1/session"):
        assert code_of(api.http.get(path, headers=headers)) == (401, "not_signed_in")


def test_the_digest_of_a_token_is_no_token(api: Knocker) -> None:
    api.session(person(api).id)
    with api.world.db.read() as session:
        row = session.exec(select(SignIn)).one()
    for stolen in (row.token_sha256, f"lds_{row.token_sha256}", row.id, f"lds_{row.id}"):
        assert api.http.get("/v1/me", headers={"Authorization": f"Bearer {stolen}"}).status_code == 401
