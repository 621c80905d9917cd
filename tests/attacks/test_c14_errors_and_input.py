"""Malformed, ambiguous and oversized requests on a real socket: a problem with a stable code, and nothing of the input."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.serving import CANARY, Served, request, serving
from tests.world import World

OPEN = "/v1/cases"
MEETING = {"place_kind": "raid", "under_18": "no"}


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Served]:
    with serving(world, tmp_path) as served:
        yield served


def opening(api: Served, body: bytes, **more: str) -> bytes:
    good = {"Authorization": api.bearer(), "Idempotency-Key": "k1", "Content-Type": "application/json"}
    headers = good | {name.replace("_", "-"): value for name, value in more.items()}
    return request("POST", OPEN, body, **headers)


def form(**told: Any) -> bytes:
    return json.dumps({"form": {**MEETING, **told}}).encode()


def refused(heard: Any, status: int, code: str, what: str) -> None:
    assert heard.status == status, (what, heard.raw[:600])
    assert heard.headers["content-type"] == "application/problem+json", what
    assert heard.told["code"] == code, what
    assert CANARY.encode().lower() not in heard.raw.lower(), what
    assert heard.headers["x-content-type-options"] == "nosniff", what
    assert heard.raw.count(b"HTTP/1.1") == 1, what


# fmt: off
JSON_BODIES: tuple[tuple[str, bytes, int, str], ...] = (
    # what                     body                                                     status  code
    ("nothing",                b"",                                                     400, "bad_json"),
    ("spaces",                 b"  \n ",                                                400, "bad_json"),
    ("a list",                 b"[]",                                                   400, "not_an_object"),
    ("null",                   b"null",                                                 400, "not_an_object"),
    ("true",                   b"true",                                                 400, "not_an_object"),
    ("a number",               b"7",                                                    400, "not_an_object"),
    ("NaN",                    b'{"form": {"note": NaN}}',                              400, "bad_json"),
    ("Infinity",               b'{"form": {"note": Infinity}}',                         400, "bad_json"),
    ("minus Infinity",         b'{"form": {"note": -Infinity}}',                        400, "bad_json"),
    ("1e999",                  b'{"form": {"note": 1e999}}',                            400, "bad_json"),
    ("-1e999",                 b'{"form": {"note": -1e999}}',                           400, "bad_json"),
    ("a huge whole number",    b'{"form": {"note": 123456789012345678901234567890}}',   400, "bad_number"),
    ("5,000 digits",           b'{"form": {"note": ' + b"9" * 5000 + b"}}",             400, "bad_json"),
    ("a name twice",           b'{"form": {}, "form": {}}',                             400, "duplicate_key"),
    ("a name twice inside",    b'{"form": {"note": "a", "note": "b"}}',                 400, "duplicate_key"),
    ("a name twice, escaped",  b'{"form": {"note": "a", "n\\u006fte": "b"}}',           400, "duplicate_key"),
    ("an escaped NUL",         b'{"form": {"note": "a\\u0000b"}}',                      400, "bad_character"),
    ("NUL in a name",          b'{"form": {"no\\u0000te": "a"}}',                       400, "bad_character"),
    ("a raw NUL",              b'{"form": {"note": "a\x00b"}}',                         400, "bad_json"),
    ("a raw control",          b'{"form": {"note": "a\x07b"}}',                         400, "bad_json"),
    ("a high surrogate",       b'{"form": {"note": "\\ud800"}}',                        400, "bad_json"),
    ("a low surrogate",        b'{"form": {"note": "\\udc00"}}',                        400, "bad_json"),
    ("surrogates turned",      b'{"form": {"note": "\\udc00\\ud800"}}',                 400, "bad_json"),
    ("a surrogate in UTF-8",   b'{"form": {"note": "\xed\xa0\x80"}}',                   400, "bad_json"),
    ("overlong UTF-8",         b'{"form": {"note": "\xc0\xaf"}}',                       400, "bad_json"),
    ("latin-1",                '{"form": {"note": "Zoë"}}'.encode("latin-1"),           400, "bad_json"),
    ("UTF-16",                 '{"form": {}}'.encode("utf-16"),                         400, "bad_json"),
    ("a byte order mark",      b'\xef\xbb\xbf{"form": {}}',                             400, "bad_json"),
    ("50 levels",              b'{"form": ' + b"[" * 50 + b"]" * 50 + b"}",             400, "too_deep"),
    ("50,000 levels",          b'{"form": ' + b"[" * 50_000,                            400, "bad_json"),
    ("100,000 levels, closed", b"[" * 100_000 + b"]" * 100_000,                         400, "bad_json"),
    ("a comment",              b'{"form": {} /* x */}',                                 400, "bad_json"),
    ("a comma too many",       b'{"form": {},}',                                        400, "bad_json"),
    ("single quotes",          b"{'form': {}}",                                         400, "bad_json"),
    ("two objects",            b"{}{}",                                                 400, "bad_json"),
    ("cut short",              b'{"form": {',                                           400, "bad_json"),
    ("300 KB",                 b'{"form": {"note": "' + b"x" * 300_000 + b'"}}',        413, "too_large"),
    ("an unknown name",        b'{"form": {}, "Zoe-Example": 1}',                       422, "bad_form"),
    ("an unknown field",       form(**{CANARY: CANARY}),                                422, "bad_form"),
    ("a prototype",            form(__proto__={"a": 1}),                                422, "bad_form"),
    ("a state",                form(state="closed"),                                    422, "bad_form"),
    ("a list for a text",      form(note=[CANARY]),                                     422, "bad_form"),
    ("an object for a text",   form(note={CANARY: CANARY}),                             422, "bad_form"),
    ("a number for a text",    form(note=7),                                            422, "bad_form"),
    ("another choice",         form(place_kind=CANARY),                                 422, "bad_form"),
    ("null for a choice",      form(place_kind=None),                                   422, "bad_form"),
    ("20,000 characters",      form(note=CANARY * 2000),                                422, "bad_form"),
    ("SQL as a choice",        form(place_kind="raid' OR 1=1 --"),                      422, "bad_form"),
    ("a form that is a text",  b'{"form": "Zoe-Example"}',                              422, "bad_form"),
    ("an occurred_at in 9999", b'{"form": {}, "occurred_at": "9999-12-31T23:59:59-14:00"}', 422, "bad_form"),
    ("an occurred_at in words", b'{"form": {}, "occurred_at": "Zoe-Example"}',          422, "bad_form"),
)
HEADERS: tuple[tuple[str, dict[str, str], int, str], ...] = (
    # what                     headers of a good request that are otherwise             status  code
    ("no content type",        {"Content-Type": ""},                                    415, "wrong_content_type"),
    ("a form",                 {"Content-Type": "application/x-www-form-urlencoded"},   415, "wrong_content_type"),
    ("plain text",             {"Content-Type": "text/plain"},                          415, "wrong_content_type"),
    ("some +json",             {"Content-Type": "application/vnd.api+json"},            415, "wrong_content_type"),
    ("a merge patch",          {"Content-Type": "application/merge-patch+json"},        415, "wrong_content_type"),
    ("XML",                    {"Content-Type": "application/xml"},                     415, "wrong_content_type"),
    ("multipart",              {"Content-Type": "multipart/form-data; boundary=x"},     415, "wrong_content_type"),
    ("a type with an echo",    {"Content-Type": CANARY},                                415, "wrong_content_type"),
    ("latin-1 as charset",     {"Content-Type": "application/json; charset=latin-1"},   415, "wrong_content_type"),
    ("UTF-16 as charset",      {"Content-Type": "application/json; charset=utf-16"},    415, "wrong_content_type"),
    ("two charsets",           {"Content-Type": "application/json; charset=utf-8; charset=utf-7"}, 415, "wrong_content_type"),
    ("gzip",                   {"Content-Encoding": "gzip"},                            415, "wrong_content_encoding"),
    ("brotli",                 {"Content-Encoding": "br"},                              415, "wrong_content_encoding"),
    ("gzip twice",             {"Content-Encoding": "identity, gzip"},                  415, "wrong_content_encoding"),
    ("no key",                 {"Idempotency-Key": ""},                                 400, "key_required"),
    ("a key with a space",     {"Idempotency-Key": "a b"},                              400, "bad_key"),
    ("a key of 256",           {"Idempotency-Key": "k" * 256},                          400, "bad_key"),
    ("a key that is no ASCII", {"Idempotency-Key": "k\xe9y"},                           400, "bad_key"),
    ("no token",               {"Authorization": ""},                                   401, "not_signed_in"),
    ("another scheme",         {"Authorization": "Basic Zoe-Example"},                  401, "not_signed_in"),
    ("no token at all",        {"Authorization": "Bearer "},                            401, "not_signed_in"),
    ("a token of one word",    {"Authorization": "Bearer Zoe-Example"},                 401, "not_signed_in"),
    ("a token of 9,000",       {"Authorization": "Bearer " + "a" * 9000},               401, "not_signed_in"),
    ("a token that is no ASCII", {"Authorization": "Bearer \xe9\xff"},                  401, "not_signed_in"),
    ("another host",           {"Host": "zoe-example.test"},                            400, "unknown_host"),
    ("a host and a path",      {"Host": "localhost/zoe-example"},                       400, "unknown_host"),
    ("a host with a name",     {"Host": "zoe@localhost"},                               400, "unknown_host"),
    ("a host with a space",    {"Host": "localhost zoe-example"},                       400, "unknown_host"),
    ("a port that is none",    {"Host": "localhost:zoe"},                               400, "unknown_host"),
    ("a host with a dot more", {"Host": "localhost."},                                  400, "unknown_host"),
    ("no host",                {"Host": ""},                                            400, "unknown_host"),
    ("method override",        {"X-HTTP-Method-Override": "DELETE"},                    400, "method_override"),
    ("method override, short", {"X-HTTP-Method": "PUT"},                                400, "method_override"),
    ("method override, other", {"X-Method-Override": "PATCH"},                          400, "method_override"),
    ("17 KB of one header",    {"X-Long": "x" * 17_000},                                431, "headers_too_large"),
    ("100 headers",            {f"X-{number}": "x" for number in range(100)},           431, "headers_too_large"),
    ("a length and chunks",    {"Content-Length": "5", "Transfer-Encoding": "chunked"}, 400, "bad_request"),
    ("chunks of another kind", {"Transfer-Encoding": "gzip, chunked"},                  400, "bad_framing"),
    ("a length below 0",       {"Content-Length": "-5"},                                400, "bad_request"),
    ("a length with a plus",   {"Content-Length": "+5"},                                400, "bad_request"),
    ("a length in words",      {"Content-Length": "Zoe-Example"},                       400, "bad_request"),
    ("a length in hex",        {"Content-Length": "0x10"},                              400, "bad_request"),
    ("two lengths in one",     {"Content-Length": "5, 5"},                              400, "bad_request"),
    ("a length of 2**70",      {"Content-Length": str(2**70)},                          400, "bad_request"),
    ("a length of 1 GB",       {"Content-Length": str(2**30)},                          413, "too_large"),
)
TARGETS: tuple[tuple[str, str, int, str], ...] = (
    # what                     target of a GET                                          status  code
    ("nothing there",          "/v1/Zoe-Example",                                       404, "not_found"),
    ("the root",               "/",                                                     404, "not_found"),
    ("a slash behind",         "/v1/cases/",                                            404, "not_found"),
    ("two slashes",            "//v1/cases",                                            404, "not_found"),
    ("two dots",               "/v1/../v1/cases",                                       404, "not_found"),
    ("one dot",                "/v1/./cases",                                           404, "not_found"),
    ("dots, encoded",          "/v1/%2e%2e/v1/cases",                                   404, "not_found"),
    ("a slash, encoded",       "/v1%2fcases",                                           404, "not_found"),
    ("encoded twice",          "/v1/%252e%252e/cases",                                  404, "not_found"),
    ("a NUL",                  "/v1/cases/%00",                                         404, "not_found"),
    ("a line end",             "/v1/cases/%0d%0aX-Zoe-Example:1",                       404, "not_found"),
    ("broken UTF-8",           "/v1/cases/%ff%fe",                                      404, "not_found"),
    ("a broken escape",        "/v1/cases/%zz",                                         404, "not_found"),
    ("a letter, encoded",      "/v1/%63ases",                                           404, "not_found"),
    ("a backslash",            "/v1\\cases",                                            404, "not_found"),
    ("a parameter in it",      "/v1/cases;zoe-example=1",                               404, "not_found"),
    ("no ASCII",               "/v1/Zo\xeb",                                            400, "bad_request"),
    ("an id too short",        "/v1/cases/abc",                                         404, "not_found"),
    ("an id in capitals",      "/v1/cases/" + "F" * 32,                                 404, "not_found"),
    ("an id of SQL",           "/v1/cases/1'--",                                        404, "not_found"),
    ("a hidden file",          "/.env",                                                 404, "not_found"),
    ("git",                    "/.git/config",                                          404, "not_found"),
    ("documentation",          "/docs",                                                 404, "not_found"),
    ("more documentation",     "/redoc",                                                404, "not_found"),
    ("metrics",                "/metrics",                                              404, "not_found"),
    ("a path of 600",          "/v1/" + "a" * 600,                                      414, "address_too_long"),
    ("a query of 2,100",       "/v1/cases?limit=" + "1" * 2100,                         422, "bad_query"),
    ("a target of 20,000",     "/v1/cases?limit=" + "1" * 20_000,                       414, "address_too_long"),
    ("an unknown parameter",   "/v1/cases?Zoe-Example=1",                               422, "bad_query"),
    ("an unknown value",       "/v1/cases?state=Zoe-Example",                           422, "bad_query"),
    ("a name twice",           "/v1/cases?limit=1&limit=1",                             422, "bad_query"),
    ("21 parameters",          "/v1/cases?" + "&".join(f"a{n}=1" for n in range(21)),   422, "bad_query"),
    ("a NUL in it",            "/v1/cases?state=%00",                                   422, "bad_query"),
    ("a surrogate",            "/v1/cases?state=%ed%a0%80",                             422, "bad_query"),
    ("broken UTF-8 in it",     "/v1/cases?state=%ff",                                   422, "bad_query"),
    ("a broken escape in it",  "/v1/cases?state=%zz",                                   422, "bad_query"),
    ("a cut escape",           "/v1/cases?state=%",                                     422, "bad_query"),
    ("a line end in it",       "/v1/cases?state=a%0d%0aX:%20y",                         422, "bad_query"),
    ("a limit of 0",           "/v1/cases?limit=0",                                     422, "bad_query"),
    ("a limit of 101",         "/v1/cases?limit=101",                                   422, "bad_query"),
    ("a limit of -1",          "/v1/cases?limit=-1",                                    422, "bad_query"),
    ("a limit of 1e2",         "/v1/cases?limit=1e2",                                   422, "bad_query"),
    ("a limit in other digits", "/v1/cases?limit=%D9%A1",                               422, "bad_query"),
    ("a cursor of ours, not",  "/v1/cases?cursor=Zoe-Example",                          422, "bad_cursor"),
    ("SQL in a filter",        "/v1/cases?operation=1'%20OR%201=1",                     422, "bad_query"),
)
METHODS = ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "SEARCH", "LOCK")
RAW: tuple[tuple[str, bytes, int, str], ...] = (
    # what                     bytes                                                    status  code
    ("no HTTP at all",         b"Zoe-Example\r\n\r\n",                                  400, "bad_request"),
    ("TLS",                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",         400, "bad_request"),
    ("an unknown method",      b"ZOE /v1/cases HTTP/1.1\r\nHost: localhost\r\n\r\n",    400, "bad_request"),
    ("HTTP/3.7",               b"GET / HTTP/3.7\r\nHost: localhost\r\n\r\n",            400, "bad_request"),
    ("a space in the target",  b"GET /v1/ca ses HTTP/1.1\r\nHost: localhost\r\n\r\n",   400, "bad_request"),
    ("a NUL in a header",      b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",   400, "bad_request"),
    ("a header without a name", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n",        400, "bad_request"),
    ("a space before a colon", b"GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n",    400, "bad_request"),
    ("a folded header",        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",  400, "bad_request"),
    ("two hosts",              b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: zoe-example\r\n\r\n", 400, "bad_header"),
    ("two lengths",            b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "bad_request"),
    ("chunks, spelt oddly",    b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n", 400, "bad_framing"),
    ("chunks told twice",      b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_request"),
    ("a chunk that is none",   b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzoe\r\n", 400, "bad_request"),
    ("a body of a GET",        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc",  400, "unexpected_body"),
    ("a whole address, abroad", b"GET http://zoe-example.test/healthz HTTP/1.1\r\nHost: zoe-example.test\r\n\r\n", 400, "unknown_host"),
    ("a tunnel",               b"CONNECT zoe-example.test:443 HTTP/1.1\r\nHost: zoe-example.test\r\n\r\n",   400, "bad_request"),
)
FORMS: tuple[tuple[str, bytes, dict[str, str], int], ...] = (
    # what                     body                                                     headers           status
    ("nothing",                b"",                                                     {},               400),
    ("no pairs",               b"Zoe-Example",                                          {},               400),
    ("JSON",                   b'{"grant_type": "client_credentials"}',                 {"Content-Type": "application/json"}, 400),
    ("no type",                b"grant_type=client_credentials",                        {"Content-Type": ""}, 400),
    ("multipart",              b"grant_type=client_credentials",                        {"Content-Type": "multipart/form-data; boundary=x"}, 400),
    ("another charset",        b"grant_type=client_credentials",                        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-16"}, 400),
    ("compressed",             b"grant_type=client_credentials",                        {"Content-Encoding": "gzip"}, 400),
    ("a name twice",           b"grant_type=a&grant_type=b",                            {},               400),
    ("a name twice, escaped",  b"grant_type=a&grant%5ftype=b",                          {},               400),
    ("a NUL",                  b"grant_type=client_credentials&client_id=%00",          {},               400),
    ("a line end",             b"grant_type=client_credentials&client_id=a%0d%0aZoe-Example", {},         400),
    ("broken UTF-8",           b"grant_type=client_credentials&client_secret=%ff",      {},               400),
    ("a surrogate",            b"grant_type=client_credentials&client_secret=%ed%a0%80", {},              400),
    ("a broken escape",        b"grant_type=client_credentials&client_secret=%zz",      {},               400),
    ("no ASCII",               b"grant_type=client_credentials&client_secret=\xc3\xab", {},               400),
    ("50 fields",              b"&".join(b"a%d=1" % number for number in range(50)),    {},               400),
    ("9 KB",                   b"grant_type=" + b"x" * 9000,                            {},               413),
    ("another grant",          b"grant_type=Zoe-Example",                               {},               401),
    ("an unknown client",      b"grant_type=client_credentials&client_id=zoe-example&client_secret=x", {}, 401),
    ("SQL as a client",        b"grant_type=client_credentials&client_id='+OR+1=1&client_secret=x",    {}, 401),
)
# fmt: on


def test_bodies_that_are_wrong_are_refused_each_with_its_code(api: Served) -> None:
    for what, body, status, code in JSON_BODIES:
        refused(api.say(opening(api, body)), status, code, what)


def test_headers_that_are_wrong_are_refused_each_with_its_code(api: Served) -> None:
    for what, headers, status, code in HEADERS:
        refused(api.say(opening(api, form(), **headers)), status, code, what)


def test_addresses_that_are_wrong_are_refused_each_with_its_code(api: Served) -> None:
    for what, target, status, code in TARGETS:
        refused(api.ask("GET", target, Authorization=api.bearer()), status, code, what)


def test_a_method_that_is_not_offered_is_refused(api: Served) -> None:
    for target in ("/v1/cases", "/healthz", "/oauth/token"):
        for method in METHODS:
            heard = api.ask(method, target, Authorization=api.bearer(), Origin="https://zoe-example.test")
            assert heard.status == 405, (method, target)
            assert heard.headers["allow"]
            assert not [name for name in heard.headers if name.startswith("access-control")]
            if method != "HEAD":
                refused(heard, 405, "method_not_allowed", method)


def test_bytes_that_are_no_request_are_refused_each_with_its_code(api: Served) -> None:
    for what, data, status, code in RAW:
        refused(api.say(data), status, code, what)


def test_forms_that_are_wrong_are_refused_as_the_token_endpoint_words_it(api: Served) -> None:
    for what, body, headers, status in FORMS:
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        heard = api.ask("POST", "/oauth/token", body, **sent)
        assert heard.status == status, (what, heard.raw)
        assert heard.told["error"], what
        assert CANARY.lower().encode() not in heard.raw.lower(), what


NOTES = (
    "مرحبا", "Ţăndărică", "你好", "e\u0301", "\u202ereversed", "👩‍👩‍👧", "a\u200bb", "\U0010ffff", "ﬀ", "İ", "'; DROP TABLE cases; --",
)  # fmt: skip


def test_unicode_of_every_kind_is_taken_as_it_is(api: Served) -> None:
    """The positive control of all the above: the same request with a right body goes through."""
    for number, note in enumerate(NOTES):
        heard = api.say(opening(api, form(note=note), Idempotency_Key=f"note-{number}"))
        assert heard.status == 201, (note, heard.raw)


def test_what_stands_behind_two_lengths_is_never_read_as_a_request(api: Served) -> None:
    hidden = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    with api.connect() as line:
        line.sendall(head + b"0\r\n\r\n" + hidden)
        raw = b""
        while more := line.recv(65536):
            raw += more
    assert raw.count(b"HTTP/1.1 ") == 1
    assert raw.startswith(b"HTTP/1.1 400")


def test_a_second_request_of_one_connection_is_answered_where_both_are_well_made(api: Served) -> None:
    two = request("GET", "/healthz", Connection="keep-alive") + request("GET", "/healthz")
    with api.connect() as line:
        line.sendall(two)
        raw = b""
        while more := line.recv(65536):
            raw += more
    assert raw.count(b"HTTP/1.1 200") == 2


def test_a_canary_in_any_part_of_a_request_never_comes_back(api: Served) -> None:
    good = {"Authorization": api.bearer(), "Idempotency-Key": "k1", "Content-Type": "application/json"}
    names = (*good, "Host", "If-Match", "Accept", "Accept-Language", "User-Agent", "Origin", "Referer", "Cookie",
             "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Request-Id", "Range", "Expect",
             "Upgrade", "Content-Encoding", CANARY)  # fmt: skip
    tried = 0
    for name in names:
        for method, target in (("POST", OPEN), ("GET", OPEN), ("POST", f"{OPEN}/{'0' * 32}/intake/save")):
            body = b"{" if method == "POST" else b""
            heard = api.ask(method, target, body, **{**good, name: CANARY})
            assert CANARY.lower().encode() not in heard.raw.lower(), (name, method)
            assert heard.status < 500, (name, method, heard.raw)
            tried += 1
    for field in ("place_kind", "under_18", "note", "location"):
        for wrong in ({field: [CANARY]}, {field: {CANARY: 1}}, {CANARY: field}, {field: CANARY * 3000}):
            heard = api.say(opening(api, form(**wrong)))
            assert 400 <= heard.status < 500
            assert CANARY.lower().encode() not in heard.raw.lower(), (field, wrong)
            tried += 1
    assert tried > 60
