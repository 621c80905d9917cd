"""Attacks on signing in: guessing, watching, replaying, phishing, riding a session; each beside a try that works."""

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pyotp
import pytest
from sqlmodel import col, select

from api import one_time, sealing
from api.password_rules import check_new
from referral.access import Role
from referral.errors import BadForm
from referral.models import Agency, Factor, OneTimeCode, RecoveryCode, SignIn, SignInEvent, User
from tests.api.knocking import PASSWORD, Knocker, knocking
from tests.attacks.authenticator import ORIGIN, PRESENT, Authenticator
from tests.attacks.people import EMAIL, Person, bearer, person
from tests.cheap import at_the_real_price
from tests.world import START, World

OTHER = "another lantern at sea"


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Knocker]:
    with knocking(world, tmp_path) as knocker:
        yield knocker


@pytest.fixture
def lenient(world: World, tmp_path: Path) -> Iterator[Knocker]:
    with knocking(world, tmp_path, second_factor="optional") as knocker:
        yield knocker


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def same(answer: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer that could tell something; the trace id is random."""
    told = {name: value for name, value in answer.json().items() if name != "trace_id"}
    return answer.status_code, told, {name: value for name, value in answer.headers.items() if name != "date"}


# --- sessions


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


# --- cookies


def by_cookie(api: Knocker, zoe: Person) -> tuple[dict[str, str], str]:
    """A session in a cookie, and the word of its pages."""
    app, _ = zoe.app(zoe.session())
    api.world.later(minutes=1)
    body = {"email": zoe.email, "password": PASSWORD, "code": app.at(api.world.now), "cookie": True}
    answer = api.http.post("/v1/session", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200, answer.text
    assert "access_token" not in answer.json()
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert cookie.startswith("__Host-lodestar=lds_")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]
    api.http.cookies.clear()
    return {"Cookie": cookie}, answer.json()["csrf_token"]


def test_a_page_of_ours_can_look_and_change_with_a_cookie(api: Knocker) -> None:
    cookie, word = by_cookie(api, person(api))
    assert api.http.get("/v1/me", headers=cookie).status_code == 200
    assert api.http.get("/v1/session", headers=cookie).json()["csrf_token"] == word
    for site in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": ORIGIN}):
        answer = api.http.post("/v1/factors/recovery-codes", headers=cookie | site | {"X-CSRF-Token": word}, json={})
        assert answer.status_code == 201, answer.text


# fmt: off
ELSEWHERE: dict[str, dict[str, str]] = {
    "no word and no site":          {},
    "the word without a site":      {"X-CSRF-Token": "WORD"},
    "our site without the word":    {"Sec-Fetch-Site": "same-origin"},
    "our origin without the word":  {"Origin": ORIGIN},
    "another word":                 {"Sec-Fetch-Site": "same-origin", "X-CSRF-Token": "0" * 64},
    "an empty word":                {"Sec-Fetch-Site": "same-origin", "X-CSRF-Token": ""},
    "another site":                 {"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": "WORD"},
    "a neighbour":                  {"Sec-Fetch-Site": "same-site", "X-CSRF-Token": "WORD"},
    "typed in":                     {"Sec-Fetch-Site": "none", "X-CSRF-Token": "WORD"},
    "another site, our origin":     {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN, "X-CSRF-Token": "WORD"},
    "another origin":               {"Origin": "https://evil.example", "X-CSRF-Token": "WORD"},
    "no origin to speak of":        {"Origin": "null", "X-CSRF-Token": "WORD"},
    "another port":                 {"Origin": "http://127.0.0.1:8001", "X-CSRF-Token": "WORD"},
    "another scheme":               {"Origin": "https://127.0.0.1:8000", "X-CSRF-Token": "WORD"},
    "an origin that begins alike":  {"Origin": ORIGIN + ".evil.example", "X-CSRF-Token": "WORD"},
}
# fmt: on


def test_a_hostile_page_changes_nothing_with_somebodys_cookie(api: Knocker) -> None:
    cookie, word = by_cookie(api, person(api))
    for what, headers in ELSEWHERE.items():
        sent = cookie | {name: word if value == "WORD" else value for name, value in headers.items()}
        for method, path in (("POST", "/v1/factors/recovery-codes"), ("POST", "/v1/cases"), ("DELETE", "/v1/session")):
            more: dict[str, Any] = {"json": {}} if method == "POST" else {}
            assert code_of(api.http.request(method, path, headers=sent, **more)) == (403, "other_site"), (what, path)
    assert api.http.get("/v1/me", headers=cookie).status_code == 200


def test_one_cookie_is_taken_and_two_are_not(api: Knocker) -> None:
    cookie, _ = by_cookie(api, person(api))
    for value in (
        f"{cookie['Cookie']}; {cookie['Cookie']}",
        "__Host-lodestar=",
        "lodestar=" + cookie["Cookie"][16:],
        "x",
    ):
        assert api.http.get("/v1/me", headers={"Cookie": value}).status_code == 401


def test_no_other_site_can_sign_somebody_in_to_a_cookie(api: Knocker) -> None:
    zoe = person(api)
    assert code_of(zoe.sign_in(cookie=True)) == (403, "other_site")


# --- guessing


def test_nobody_can_tell_an_unknown_address_a_wrong_password_a_wrong_code_and_a_locked_account_apart(
    api: Knocker,
) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    out = person(api, "out@example.org")
    with api.world.db.write() as session:
        row = session.get(User, out.id)
        assert row is not None
        row.active = False
        session.add(row)
    said = [
        same(Person(api, "", "nobody@example.org").sign_in()),
        same(zoe.sign_in(OTHER)),
        same(zoe.sign_in(code="000000")),
        same(zoe.sign_in(OTHER, code="000000")),
        same(out.sign_in()),
        same(ann.sign_in(code="000000")),
        same(Person(api, "", "not an address").sign_in()),
    ]
    while code_of(ann.sign_in(OTHER))[0] == 401 and len(said) < 20:
        api.world.later(minutes=1)
        said.append(same(ann.sign_in(OTHER)))
    said.append(same(ann.sign_in()))
    assert all(one == said[0] for one in said)
    assert said[0][0] == 401


def test_ten_bad_tries_lock_an_account_for_a_quarter_of_an_hour_even_for_the_right_password(api: Knocker) -> None:
    zoe = person(api)
    bad = 0
    while bad < 10:
        assert zoe.sign_in(OTHER).status_code == 401
        api.world.later(seconds=65)
        bad += 1
    assert zoe.sign_in().status_code == 401
    api.world.later(minutes=13)
    assert zoe.sign_in().status_code == 401
    api.world.later(minutes=2)
    assert zoe.sign_in().status_code == 200


def test_each_bad_try_after_the_third_makes_the_next_one_wait(api: Knocker) -> None:
    zoe = person(api)
    for _ in range(4):
        zoe.sign_in(OTHER)
    assert zoe.sign_in().status_code == 401
    api.world.later(seconds=2.5)
    assert zoe.sign_in().status_code == 200
    assert zoe.sign_in().status_code == 200


def test_a_locked_account_can_be_unlocked_by_the_own_administrator_alone(api: Knocker) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    for _ in range(10):
        zoe.sign_in(OTHER)
        api.world.later(seconds=65)
    assert zoe.sign_in().status_code == 401
    stranger = api.session(person(api, "admin@example.org", "harbour", "agency_admin").id)
    assert api.http.post(f"/v1/users/{zoe.id}/unlock", headers=stranger, json={}).status_code == 404
    assert zoe.sign_in().status_code == 401
    assert api.http.post(f"/v1/users/{zoe.id}/unlock", headers=api.role(Role.AGENCY_ADMIN), json={}).status_code == 200
    assert zoe.sign_in().status_code == 200


def test_who_guesses_one_password_at_many_accounts_is_slowed_by_where_they_come_from(api: Knocker) -> None:
    zoe = person(api)
    for number in range(40):
        Person(api, "", f"nobody{number}@example.org").sign_in(OTHER)
    assert zoe.sign_in().status_code == 401
    api.world.later(minutes=15)
    assert zoe.sign_in().status_code == 200


def test_a_right_password_does_not_begin_the_count_of_guessed_codes_anew(api: Knocker) -> None:
    zoe = person(api)
    app, _ = zoe.app(zoe.session())
    api.world.later(minutes=1)
    good = 0
    for number in range(12):
        answer = zoe.sign_in()
        good += answer.status_code == 200
        if answer.status_code == 200:
            api.http.post("/v1/session/code", headers=bearer(answer), json={"code": f"{number:06d}"})
        api.world.later(seconds=33)
    assert good <= 8
    assert zoe.sign_in(code=app.at(api.world.now)).status_code == 401
    api.world.later(minutes=16)
    assert zoe.sign_in(code=app.at(api.world.now)).status_code == 200


@pytest.fixture
def real_price() -> Iterator[None]:
    with at_the_real_price():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("real_price")
def test_the_time_an_answer_takes_tells_nothing_of_the_account(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    for _ in range(10):
        ann.sign_in(OTHER)
        api.world.later(seconds=65)
    tries: dict[str, Callable[[], Any]] = {
        "unknown": lambda: Person(api, "", "nobody@example.org").sign_in(),
        "wrong password": lambda: zoe.sign_in(OTHER),
        "wrong code": lambda: zoe.sign_in(code="000000"),
        "locked": ann.sign_in,
    }
    taken: dict[str, list[float]] = {what: [] for what in tries}
    for _ in range(9):
        for what, ask in tries.items():
            begun = perf_counter()
            assert ask().status_code == 401
            taken[what].append(perf_counter() - begun)
        api.world.later(minutes=1)
    middle = {what: median(times) for what, times in taken.items()}
    assert max(middle.values()) < 1.5 * min(middle.values()), middle


# --- codes


def test_a_code_works_once_and_neither_it_nor_an_older_one_works_again(api: Knocker) -> None:
    zoe = person(api)
    app, _ = zoe.app(zoe.session())
    api.world.later(seconds=60)
    code = app.at(api.world.now)
    assert zoe.sign_in(code=code).status_code == 200
    assert zoe.sign_in(code=code).status_code == 401
    assert zoe.sign_in(code=app.at(api.world.now, counter_offset=-1)).status_code == 401
    api.world.later(seconds=30)
    assert zoe.sign_in(code=app.at(api.world.now)).status_code == 200


@pytest.mark.parametrize(("step", "status"), ((-3, 401), (-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401), (3, 401)))
def test_a_code_is_taken_one_step_early_or_late_and_no_more(api: Knocker, step: int, status: int) -> None:
    zoe = person(api)
    app, _ = zoe.app(zoe.session())
    api.world.later(minutes=5)
    assert zoe.sign_in(code=app.at(api.world.now, counter_offset=step)).status_code == status


def test_a_code_is_somebodys_own(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    hers, _ = ann.app(ann.session())
    api.world.later(minutes=5)
    assert zoe.sign_in(code=hers.at(api.world.now)).status_code == 401
    assert ann.sign_in(code=hers.at(api.world.now)).status_code == 200


def test_an_apps_secret_moved_to_another_account_opens_nothing(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    hers, _ = ann.app(ann.session())
    with api.world.db.write() as session:
        own = session.exec(select(Factor).where(col(Factor.user_id) == zoe.id)).one()
        other = session.exec(select(Factor).where(col(Factor.user_id) == ann.id)).one()
        own.sealed = other.sealed
        session.add(own)
    api.world.later(minutes=5)
    assert zoe.sign_in(code=hers.at(api.world.now)).status_code == 401
    assert ann.sign_in(code=hers.at(api.world.now)).status_code == 200


def test_an_app_counts_only_once_its_first_code_was_given_back(api: Knocker) -> None:
    zoe = person(api)
    begun = api.http.post("/v1/factors/totp", headers=zoe.session(), json={}).json()
    api.world.later(minutes=1)
    assert zoe.sign_in(code=pyotp.TOTP(begun["secret"]).at(api.world.now)).status_code == 401
    assert zoe.sign_in().status_code == 200


def test_a_recovery_code_works_once_and_is_no_factor_just_shown(api: Knocker) -> None:
    zoe = person(api)
    _, who = zoe.app(zoe.session())
    codes = api.http.post("/v1/factors/recovery-codes", headers=who, json={}).json()["codes"]
    assert len(set(codes)) == 10
    answer = zoe.sign_in(code=codes[0].upper().replace("-", " "))
    assert answer.status_code == 200
    recovered = bearer(answer)
    assert api.http.get("/v1/me", headers=recovered).json()["stepped_up_at"] is None
    assert code_of(api.http.post("/v1/factors/recovery-codes", headers=recovered, json={})) == (403, "step_up_needed")
    assert zoe.sign_in(code=codes[0]).status_code == 401
    assert api.http.get("/v1/factors", headers=who).json()["recovery_codes_left"] == 9
    api.http.post("/v1/factors/recovery-codes", headers=who, json={})
    assert zoe.sign_in(code=codes[1]).status_code == 401


def test_a_second_factor_cannot_be_added_or_removed_with_a_password_alone_once_there_is_one(api: Knocker) -> None:
    zoe = person(api)
    _, who = zoe.app(zoe.session())
    alone = zoe.session()
    factor = api.http.get("/v1/factors", headers=who).json()["items"][0]["id"]
    for path in (
        "/v1/factors/totp",
        "/v1/factors/passkey",
        f"/v1/factors/{factor}/remove",
        "/v1/factors/recovery-codes",
    ):
        assert code_of(api.http.post(path, headers=alone, json={})) == (403, "second_factor_needed"), path
    api.world.later(minutes=11)
    for path in ("/v1/factors/totp", "/v1/factors/passkey", f"/v1/factors/{factor}/remove"):
        assert code_of(api.http.post(path, headers=who, json={})) == (403, "step_up_needed"), path


def test_the_last_second_factor_stays_and_a_further_one_goes(api: Knocker) -> None:
    zoe = person(api)
    _, who = zoe.app(zoe.session())
    key, who = zoe.passkey(who)
    ids = {one["kind"]: one["id"] for one in api.http.get("/v1/factors", headers=who).json()["items"]}
    first, second = ids["totp"], ids["passkey"]
    other = api.session(person(api, "ann@example.org").id)
    assert api.http.post(f"/v1/factors/{second}/remove", headers=other, json={}).status_code == 404
    assert api.http.post(f"/v1/factors/{second}/remove", headers=who, json={}).status_code == 200
    assert code_of(api.http.post(f"/v1/factors/{first}/remove", headers=who, json={})) == (409, "blocked")
    assert zoe.show(key).status_code == 401


# --- passkeys


def test_a_passkey_signs_in_by_itself_and_steps_up(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    alone = zoe.show(key)
    assert (alone.status_code, alone.json()["factor"]) == (200, "passkey")
    assert api.http.get("/v1/cases", headers=bearer(alone)).status_code == 200
    partial = zoe.session()
    assert api.http.get("/v1/cases", headers=partial).status_code == 403
    stepped = bearer(zoe.show(key, partial))
    me = api.http.get("/v1/me", headers=stepped).json()
    assert (me["factor"], me["stepped_up_at"]) == ("passkey", "2026-09-16T09:00:00Z")
    assert api.http.get("/v1/me", headers=partial).status_code == 401


# fmt: off
PHISHED: dict[str, dict[str, Any]] = {
    "another origin":             {"origin": "https://lodestar.evil.example"},
    "another port":               {"origin": "http://127.0.0.1:8001"},
    "another scheme":             {"origin": "https://127.0.0.1:8000"},
    "another relying party":      {"rp": "evil.example"},
    "nobody verified":            {"flags": PRESENT},
    "nobody present":             {"flags": 0},
}
# fmt: on


@pytest.mark.parametrize("what", PHISHED)
def test_a_passkey_shown_elsewhere_or_by_nobody_is_refused(api: Knocker, what: str) -> None:
    zoe = person(api)
    key, who = zoe.passkey(zoe.session())
    for name, value in PHISHED[what].items():
        setattr(key, name, value)
    assert zoe.show(key).status_code == 401
    assert zoe.show(key, who).status_code == 401
    assert zoe.register(Authenticator(**PHISHED[what]), who).status_code == 401
    fresh = Authenticator(key=key.key, credential=key.credential, user=key.user, counter=key.counter)
    assert zoe.show(fresh).status_code == 200


@pytest.mark.parametrize(
    "changed",
    ({"type": "webauthn.create"}, {"challenge": "AAAA"}, {"user": b"another person!!"}, {"type": "payment.get"}),
)
def test_an_answer_to_another_question_is_refused(api: Knocker, changed: dict[str, Any]) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    assert zoe.show(key, **changed).status_code == 401
    assert zoe.show(key).status_code == 200


def test_another_key_under_the_same_name_is_refused(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    assert zoe.show(Authenticator(credential=key.credential, user=key.user)).status_code == 401
    assert zoe.show(key).status_code == 200


def test_a_copy_of_a_passkey_that_lags_behind_is_refused(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    copy = Authenticator(key=key.key, credential=key.credential, user=key.user, counter=key.counter)
    assert zoe.show(key).status_code == 200
    assert zoe.show(copy).status_code == 401


def test_an_answer_serves_once_and_not_after_five_minutes(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    begun = api.http.post("/v1/session/passkey/begin", json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"])}
    assert api.http.post("/v1/session/passkey", json=body).status_code == 200
    assert api.http.post("/v1/session/passkey", json=body).status_code == 401
    begun = api.http.post("/v1/session/passkey/begin", json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"])}
    api.world.later(minutes=5)
    assert api.http.post("/v1/session/passkey", json=body).status_code == 401


def test_a_ceremony_of_one_session_is_not_finished_in_another(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    key, who = zoe.passkey(zoe.session())
    hers = ann.session()
    begun = api.http.post("/v1/session/passkey/begin", headers=who, json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"])}
    assert api.http.post("/v1/session/passkey", headers=hers, json=body).status_code == 401
    assert api.http.post("/v1/session/passkey", json=body).status_code == 401
    begun = api.http.post("/v1/factors/passkey", headers=who, json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": Authenticator().register(begun["options"])}
    assert api.http.post("/v1/factors/passkey/confirm", headers=hers, json=body).status_code == 401


def test_somebody_elses_passkey_does_not_step_a_session_up(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    key, _ = zoe.passkey(zoe.session())
    hers, _ = ann.passkey(ann.session())
    partial = ann.session()
    assert ann.show(key, partial).status_code == 401
    assert ann.show(hers, partial).status_code == 200


def test_one_passkey_is_not_registered_by_two(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    key, _ = zoe.passkey(zoe.session())
    assert ann.register(key, ann.session()).status_code == 401


BROKEN: tuple[dict[str, Any], ...] = (
    {}, {"id": "x"}, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}, {"response": None},
    {"rawId": [1], "response": {"clientDataJSON": 5}},
)  # fmt: skip


@pytest.mark.parametrize("credential", BROKEN)
def test_a_broken_credential_is_refused_and_breaks_nothing(api: Knocker, credential: dict[str, Any]) -> None:
    begun = api.http.post("/v1/session/passkey/begin", json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": credential}
    assert code_of(api.http.post("/v1/session/passkey", json=body)) == (401, "not_signed_in")


# --- passwords, invitations, resets

# fmt: off
POOR = (
    "short", "elevenchars", "x" * 257, "aaaaaaaaaaaa", "abcabcabcabcabc", "123456789012", "password1234",
    "Password2026!", "qwertyuiopas", "iloveyouforever", "trustno1trustno1", "Zoe Example 1", EMAIL, "Zoe@Example.org",
    "lodestarlodestar", "Invented navigators", "zoe.example.org", "monkeymonkey", "letmeinletmein", "football2026",
    "111111111111111",
)
# fmt: on


@pytest.mark.parametrize("password", POOR)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    zoe = User(
        id="", agency_id="navigators", name="Zoe Example", email=EMAIL, password_hash="", roles="", created_at=START
    )
    home = Agency(id="navigators", name="Invented navigators", kind="navigator_service", created_at=START)
    with pytest.raises(BadForm) as caught:
        check_new(password, zoe, home)
    assert password not in caught.value.says
    for good in (PASSWORD, OTHER, "zoe.example.org tides turn at nine"):
        check_new(good, zoe, home)


def test_a_poor_password_is_refused_where_one_is_chosen_and_the_code_can_be_used_again(api: Knocker) -> None:
    code = invited(api)["invitation"]
    answer = accept(api, code, "Zoe Example 1")
    assert (code_of(answer), answer.json()["reasons"][0]["code"]) == ((422, "bad_form"), "poor_password")
    assert accept(api, code).status_code == 200
    body = {"old": PASSWORD, "new": "password1234"}
    with api.world.db.read() as session:
        user = session.exec(select(User).where(col(User.email) == EMAIL)).one().id
    answer = api.http.post("/v1/password", headers=api.session(user), json=body)
    assert answer.json()["reasons"][0]["code"] == "poor_password"


def test_a_password_of_sixty_four_characters_and_of_any_letters_is_taken_whole(api: Knocker) -> None:
    zoe = person(api)
    long = "a quiet harbour at dawn; " * 2 + "märz, ζωή, 灯台 and more"
    assert len(long) > 64
    answer = api.http.post("/v1/password", headers=api.session(zoe.id), json={"old": PASSWORD, "new": long})
    assert answer.status_code == 200, answer.text
    assert zoe.sign_in(long).status_code == 200
    assert zoe.sign_in(long[:-1]).status_code == 401


def test_changing_a_password_needs_the_old_one_and_ends_every_other_session(api: Knocker) -> None:
    zoe = person(api)
    here, there = api.session(zoe.id), api.session(zoe.id)
    body = {"old": OTHER, "new": "a third lantern, unlit"}
    assert api.http.post("/v1/password", headers=here, json=body).status_code == 401
    answer = api.http.post("/v1/password", headers=here, json=body | {"old": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert [api.http.get("/v1/me", headers=one).status_code for one in (here, there, bearer(answer))] == [401, 401, 200]
    assert zoe.sign_in().status_code == 401
    with api.world.db.read() as session:
        assert [row.what for row in session.exec(select(SignInEvent))] == ["password_changed"]


def test_a_password_is_not_changed_by_who_has_not_shown_the_second_factor(api: Knocker) -> None:
    zoe = person(api)
    zoe.app(zoe.session())
    body = {"old": PASSWORD, "new": "a third lantern, unlit"}
    assert code_of(api.http.post("/v1/password", headers=zoe.session(), json=body)) == (403, "second_factor_needed")


def invited(api: Knocker) -> dict[str, Any]:
    new = {"name": "Zoe Example", "email": EMAIL, "roles": ["navigator"]}
    told: dict[str, Any] = api.http.post("/v1/users", headers=api.role(Role.AGENCY_ADMIN), json=new).json()
    return told


def accept(api: Knocker, code: str, password: str = PASSWORD) -> Any:
    return api.http.post("/v1/invitations/accept", json={"code": code, "password": password})


def test_an_invitation_works_once_and_for_three_days(api: Knocker) -> None:
    code = invited(api)["invitation"]
    assert accept(api, code).status_code == 200
    assert code_of(accept(api, code, OTHER)) == (422, "bad_code")
    other = api.http.post("/v1/users", headers=api.role(Role.AGENCY_ADMIN),
                          json={"name": "Ann", "email": "ann@example.org", "roles": ["navigator"]}).json()  # fmt: skip
    api.world.later(hours=72)
    assert code_of(accept(api, other["invitation"])) == (422, "bad_code")
    again = api.http.post(f"/v1/users/{other['id']}/invite", headers=api.role(Role.AGENCY_ADMIN), json={}).json()
    assert accept(api, again["invitation"]).status_code == 200


def test_nobody_signs_in_with_an_invitation_that_was_not_accepted(api: Knocker) -> None:
    invited(api)
    for password in ("-", "", PASSWORD):
        assert Person(api, "", EMAIL).sign_in(password).status_code == 401


def test_a_reset_is_begun_by_an_administrator_who_never_knows_the_password_and_does_not_lead_past_the_factor(
    api: Knocker,
) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    app, who = zoe.app(zoe.session())
    begun = api.http.post(f"/v1/users/{zoe.id}/reset", headers=api.role(Role.AGENCY_ADMIN), json={}).json()
    assert api.http.get("/v1/me", headers=who).status_code == 200, "a reset that is not used takes nothing away"
    second = api.http.post(f"/v1/users/{zoe.id}/reset", headers=api.role(Role.AGENCY_ADMIN), json={}).json()
    assert code_of(accept(api, begun["reset"], OTHER)) == (422, "bad_code")
    assert accept(api, second["reset"], OTHER).status_code == 200
    assert api.http.get("/v1/me", headers=who).status_code == 401
    assert zoe.sign_in().status_code == 401
    partial = zoe.session(password=OTHER)
    assert code_of(api.http.get("/v1/cases", headers=partial)) == (403, "second_factor_needed")
    api.world.later(minutes=1)
    assert zoe.sign_in(OTHER, code=app.at(api.world.now)).status_code == 200


def test_a_reset_ends_after_a_day_and_is_worth_nothing_for_who_is_out(api: Knocker) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    admin = api.role(Role.AGENCY_ADMIN)
    code = api.http.post(f"/v1/users/{zoe.id}/reset", headers=admin, json={}).json()["reset"]
    assert api.http.post(f"/v1/users/{zoe.id}/disable", headers=admin, json={}).status_code == 200
    assert code_of(accept(api, code, OTHER)) == (422, "bad_code")
    assert api.http.post(f"/v1/users/{zoe.id}/enable", headers=admin, json={}).status_code == 200
    api.world.later(hours=24)
    assert code_of(accept(api, code, OTHER)) == (422, "bad_code")


@pytest.mark.parametrize("act", ("invite", "reset", "unlock", "disable", "enable", "end-sessions"))
def test_only_an_administrator_of_the_same_agency_acts_on_an_account_and_never_on_the_own(
    api: Knocker, act: str
) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    path = f"/v1/users/{zoe.id}/{act}"
    for role in (Role.NAVIGATOR, Role.MANAGER, Role.SUPPORT_COORDINATOR):
        assert code_of(api.http.post(path, headers=api.role(role), json={})) == (403, "not_allowed")
    stranger = api.session(person(api, "admin@example.org", "harbour", "agency_admin").id)
    assert api.http.post(path, headers=stranger, json={}).status_code == 404
    admin = person(api, "boss@example.org", "navigators", "agency_admin")
    assert code_of(api.http.post(f"/v1/users/{admin.id}/{act}", headers=api.session(admin.id), json={})) == (
        409,
        "blocked",
    )
    with api.world.db.read() as session:
        assert session.exec(select(SignInEvent)).all() == []


def test_an_agencys_administrator_does_not_take_over_who_keeps_the_installation(api: Knocker) -> None:
    root = person(api, "root@example.org", "system", "system_admin")
    admin = api.session(person(api, "boss@example.org", "system", "agency_admin").id)
    for act in ("reset", "disable", "end-sessions"):
        assert code_of(api.http.post(f"/v1/users/{root.id}/{act}", headers=admin, json={})) == (403, "not_allowed")


def test_what_is_sealed_for_one_row_cannot_be_opened_for_another() -> None:
    box, other = sealing.Box({"a": b"x" * 32}), sealing.Box({"a": b"y" * 32})
    sealed = box.seal(b"secret", bound_to="1")
    assert box.open(sealed, bound_to="1") == b"secret"
    assert sealing.Box({"a": b"x" * 32, "b": b"z" * 32}).open(sealed, bound_to="1") == b"secret"
    for text in ("b:AAAA", "a:AAAA", "", sealed[:-4] + "AAAA"):
        assert box.open(text, bound_to="1") is None
    wrong = (box.open(sealed, bound_to="2"), other.open(sealed, bound_to="1"))
    assert wrong == (None, None)
    assert one_time.LASTS["reset"] < one_time.LASTS["invitation"]
