"""Cookies: a page of ours may use one, and no hostile page can ride it."""

from typing import Any

from tests.api.knocking import PASSWORD, Knocker
from tests.attacks.answers import code_of
from tests.attacks.authenticator import ORIGIN
from tests.attacks.people import Person, person


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
