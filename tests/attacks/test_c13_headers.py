"""The headers of every answer, whatever it is: of every route, of what is refused, and of what never reached a route."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from api.headers import completed
from tests.api.knocking import Knocker
from tests.attacks.serving import Heard, Served, serving
from tests.world import World

EXPECTED = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
NEVER = ("server", "x-powered-by", "x-process-time", "via", "x-request-id")


@pytest.fixture
def served(world: World, tmp_path: Path) -> Iterator[Served]:
    with serving(world, tmp_path) as running:
        yield running


def clothed(headers: dict[str, str], what: object) -> None:
    assert {name: headers.get(name) for name in EXPECTED} == EXPECTED, what
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy, what
    assert "frame-ancestors 'none'" in policy, what
    assert "unsafe" not in policy, what
    assert "camera=()" in headers["permissions-policy"], what
    assert not [name for name in headers if name in NEVER or name.startswith("access-control")], what


def test_every_answer_of_every_route_has_them(api: Knocker) -> None:
    tried = 0
    for route in api.app.routes:
        if not isinstance(route, APIRoute):
            continue
        path = route.path
        for name in ("case", "user", "client", "workflow", "move"):
            path = path.replace(f"{{{name}}}", "0" * 32)
        for method in sorted(route.methods or ()):
            for who in ({}, api.everybody()):
                answer = api.http.request(method, path, headers=who | {"Origin": "https://elsewhere.example"})
                clothed(dict(answer.headers), (method, path))
                assert "strict-transport-security" not in answer.headers
                tried += 1
    assert tried > 400


def test_what_never_reached_a_route_has_them_too(served: Served) -> None:
    # fmt: off
    heard: list[Heard] = [
        served.say(b"nonsense\r\n\r\n"),
        served.say(b"GET /healthz HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n"),
        served.say(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"),
        served.say(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        served.ask("GET", "/nothing"),
        served.ask("OPTIONS", "/v1/cases", Origin="https://elsewhere.example", Access_Control_Request_Method="POST"),
        served.ask("GET", "/healthz"),
    ]
    # fmt: on
    assert [one.status for one in heard] == [400, 400, 431, 400, 404, 405, 200]
    for one in heard:
        clothed(one.headers, one.raw)
        assert b"uvicorn" not in one.raw.lower()
        assert b"python" not in one.raw.lower()


@pytest.mark.parametrize("address", ("https://lodestar.example", "HTTPS://lodestar.example:8443"))
def test_where_it_is_reached_by_https_every_answer_says_so(world: World, tmp_path: Path, address: str) -> None:
    with serving(world, tmp_path, address=address) as served:
        for heard in (served.ask("GET", "/healthz"), served.ask("GET", "/nothing"), served.say(b"nonsense\r\n\r\n")):
            assert heard.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
        assert served.ask("GET", "/healthz", Host="lodestar.example").status == 200


def test_an_error_of_our_own_has_them_and_says_nothing(api: Knocker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("Zoe-Example")

    monkeypatch.setattr(next(route for route in api.app.routes if route.path == "/healthz"), "app", broken)
    answer = api.http.get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    clothed(dict(answer.headers), "500")
    assert "Zoe" not in answer.text


def test_what_an_answer_says_of_itself_stays() -> None:
    given = [(b"Cache-Control", b"private"), (b"content-type", b"application/json")]
    assert [value for name, value in completed(given, secure=False) if name.lower() == b"cache-control"] == [b"private"]


def test_there_is_no_documentation_no_debugging_and_no_telling_of_versions(api: Knocker) -> None:
    assert api.app.debug is False
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect", "/metrics", "/debug", "/version", "/server-status"):
        assert api.http.get(path).status_code == 404
