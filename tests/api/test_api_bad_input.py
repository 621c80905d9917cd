"""Bad input at every address: a problem with a code, nothing written, nothing echoed, and never an error of our own."""

import itertools
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fastapi.routing import APIRoute

from tests.api.addresses import PLAN, TIP, Address
from tests.api.knocking import MEETING, Knocker

SECRET = "Zoe-Example"


def one_of(values: Iterable[Any]) -> list[Any]:
    """The first of them for the quick tests, all of them for the whole suite: each is tried at every address."""
    first, *rest = values
    return [first, *(pytest.param(value, marks=pytest.mark.slow) for value in rest)]


JSON = {"Content-Type": "application/json"}


@pytest.fixture
def addresses(api: Knocker) -> list[Address]:
    who = api.everybody()
    cases = {"person": api.opened(who)["case"]}
    for kind, form in (("operation", PLAN), ("concern", TIP)):
        answer = api.http.post(f"/v1/{kind}s", headers=who | api.key(), json={"form": form})
        cases[kind] = answer.json()["case"]
    takes = [route for route in api.app.routes if isinstance(route, APIRoute) and "POST" in (route.methods or ())]
    shown = [route for route in takes if route.include_in_schema and route.path != "/oauth/token"]
    assert len(shown) > 190
    return [Address(route, cases) for route in shown]


def knock(api: Knocker, address: Address, body: bytes, **headers: str) -> Any:
    sent = api.everybody() | {"If-Match": "*"} | api.key() | JSON | headers
    return api.http.post(address.path, content=body, headers=sent)


def refused(api: Knocker, address: Address, answer: Any, *codes: str) -> None:
    told = answer.json()
    assert 400 <= answer.status_code < 500, (address.path, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["code"], address.path
    assert not codes or told["code"] in codes, (address.path, answer.text)
    assert SECRET not in answer.text


# fmt: off
BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing":           (b"",                                            "bad_json"),
    "a list":            (b"[]",                                          "not_an_object"),
    "a text":            (b'"x"',                                         "not_an_object"),
    "cut short":         (b'{"form": {',                                  "bad_json"),
    "1 MB of text":      (b'{"form": {"note": "' + b"x" * 1_000_000 + b'"}}', "too_large"),
    "a NUL":             (b'{"form": {"note": "x\\u0000y"}}',             "bad_character"),
    "a raw NUL":         (b'{"form": {"note": "\x00"}}',                  "bad_json"),
    "broken Unicode":    (b'{"form": {"note": "\\ud800"}}',               "bad_json"),
    "not UTF-8":         (b'{"form": {"note": "\xff\xfe"}}',              "bad_json"),
    "a name twice":      (b'{"form": {}, "form": {}}',                    "duplicate_key"),
    "too deep":          (b'{"form": ' + b"[" * 50 + b"]" * 50 + b"}",    "too_deep"),
    "a huge number":     (b'{"form": {"months": 99999999999999999999}}',  "bad_number"),
}
# fmt: on


@pytest.mark.parametrize("what", one_of(BROKEN))
def test_a_body_that_cannot_be_read_is_refused_everywhere(api: Knocker, addresses: list[Address], what: str) -> None:
    before, (body, code) = api.counts(), BROKEN[what]
    for address in addresses:
        refused(api, address, knock(api, address, body), code)
    assert api.counts() == before


# fmt: off
CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an unknown name":           lambda good: {**good, SECRET: 1},
    "an unknown field":          lambda good: {**good, "form": {**good["form"], SECRET: SECRET}},
    "a form that is a list":     lambda good: {**good, "form": [SECRET]},
    "a form that is null":       lambda good: {**good, "form": None},
    "a form that is a text":     lambda good: {**good, "form": SECRET},
    "a time that is a number":   lambda good: {**good, "occurred_at": 5},
    "a time without a zone":     lambda good: {**good, "occurred_at": "2026-09-16T08:00:00"},
    "a time in the year 1":      lambda good: {**good, "occurred_at": "0001-01-01T00:00:00+14:00"},
    "a time in the year 9999":   lambda good: {**good, "occurred_at": "9999-12-31T23:59:59-14:00"},
    "a time long ago":           lambda good: {**good, "occurred_at": "1901-01-01T00:00:00Z"},
    "a time to come":            lambda good: {**good, "occurred_at": "2149-01-01T00:00:00Z"},
    "a strand that is a number": lambda good: {**good, "strand": 1},
    "a strand that is a text":   lambda good: {**good, "strand": SECRET},
    "a name as on whose behalf": lambda good: {**good, "on_behalf_of": SECRET + " "},
}
# fmt: on


@pytest.mark.parametrize("what", one_of(CHANGES))
def test_a_wrong_body_is_refused_everywhere(api: Knocker, addresses: list[Address], what: str) -> None:
    before = api.counts()
    for address in addresses:
        if address.row:
            body = json.dumps(CHANGES[what](address.good)).encode()
            refused(api, address, knock(api, address, body))
        elif what == "an unknown name":
            refused(api, address, knock(api, address, json.dumps({**address.good, SECRET: 1}).encode()), "bad_form")
    assert api.counts() == before


WRONG: tuple[Any, ...] = (None, True, 7, -1.5, SECRET, [], [SECRET], {}, {SECRET: SECRET}, "x" * 20_000)


@pytest.mark.parametrize("turn", one_of((0, 5)))
def test_a_field_of_the_wrong_type_is_refused_or_blocked_and_never_breaks_anything(
    api: Knocker, addresses: list[Address], turn: int
) -> None:
    """Each field of each form, with two of the values in turn; one that happens to be right may go through."""
    values = itertools.islice(itertools.cycle(WRONG), turn, None)
    for address in addresses:
        fields = address.row.move.asks.model_fields if address.row else address.good
        inside = address.good["form"] if address.row else address.good
        for name in fields:
            told = {**inside, name: next(values)}
            body = json.dumps({"form": told} if address.row else told).encode()
            answer = knock(api, address, body)
            if answer.status_code >= 300:
                refused(api, address, answer)


def test_a_missing_field_is_named(api: Knocker, addresses: list[Address]) -> None:
    before = api.counts()
    for address in addresses:
        required = address.row.move.asks.model_json_schema().get("required", ()) if address.row else address.good
        for name in required:
            if name == "start" or not address.row:
                continue
            left = {key: value for key, value in address.good["form"].items() if key != name}
            answer = knock(api, address, json.dumps({"form": left}).encode())
            refused(api, address, answer, "bad_form")
            assert name in {error["field"] for error in answer.json()["errors"]}
    assert api.counts() == before


@pytest.mark.parametrize("day", one_of(("0001-01-01", "9999-12-31", "1899-12-31", "2151-01-01", "2026-02-30", SECRET)))
def test_a_day_beyond_all_sense_is_refused_everywhere(api: Knocker, addresses: list[Address], day: str) -> None:
    before, tried = api.counts(), 0
    for address in addresses:
        if body := address.dated(day):
            refused(api, address, knock(api, address, json.dumps(body).encode()), "bad_form")
            tried += 1
    assert tried > 30
    assert api.counts() == before


@pytest.mark.parametrize("day", one_of(("1991-01-01", "2090-12-31")))
def test_a_day_at_the_edge_of_sense_breaks_nothing(api: Knocker, addresses: list[Address], day: str) -> None:
    broken = []
    for address in addresses:
        if body := address.dated(day):
            answer = knock(api, address, json.dumps(body).encode())
            if answer.status_code >= 500:
                broken.append(address.route.path)
    assert not broken


def test_an_unknown_case_is_not_found_everywhere(api: Knocker, addresses: list[Address]) -> None:
    before, bytes_of = api.counts(), set()
    for address in addresses:
        if address.row and not address.row.opens:
            for case in ("f" * 32, "F" * 32, "%00", "..%2f.."):
                path = address.route.path.replace("{case}", case)
                body = json.dumps(address.good).encode()
                answer = api.http.post(path, content=body, headers=api.everybody() | {"If-Match": "*"} | JSON)
                assert answer.status_code == 404, (path, answer.text)
                bytes_of.add(answer.content)
            assert len(bytes_of) <= 2, address.path  # the second: what is no address at all
    assert api.counts() == before


def test_a_stale_version_is_refused_everywhere(api: Knocker, addresses: list[Address]) -> None:
    before = api.counts()
    for address in addresses:
        if address.row and not address.row.opens:
            answer = knock(api, address, json.dumps(address.good).encode(), **{"If-Match": '"1000"'})
            refused(api, address, answer, "stale", "bad_time", "not_allowed")
    assert api.counts() == before


def test_a_key_with_another_body_is_refused_everywhere(api: Knocker, addresses: list[Address]) -> None:
    who = api.everybody() | {"Idempotency-Key": "once"}
    assert api.http.post("/v1/cases", headers=who, json=MEETING).status_code == 201
    before = api.counts()
    for address in addresses:
        if address.row:
            answer = knock(api, address, json.dumps(address.good).encode(), **{"Idempotency-Key": "once"})
            refused(api, address, answer, "key_reused")
    assert api.counts() == before


@pytest.mark.parametrize(
    "kind", one_of(("text/plain", "", "application/x-www-form-urlencoded", "application/json; charset=latin-1"))
)
def test_another_kind_of_body_is_refused_everywhere(api: Knocker, addresses: list[Address], kind: str) -> None:
    for address in addresses:
        answer = knock(api, address, json.dumps(address.good).encode(), **{"Content-Type": kind})
        refused(api, address, answer, "wrong_content_type")


def test_a_wrong_query_is_refused_at_every_address_that_only_looks(api: Knocker) -> None:
    for route in api.app.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            path = re.sub(r"\{\w+\}", "0" * 32, route.path)
            for query in (f"{SECRET}=1", "limit=%ff%fe", "x=%00", "cursor=" + "x" * 5000, "a=1&a=2"):
                answer = api.http.get(f"{path}?{query}", headers=api.everybody())
                assert 400 <= answer.status_code < 500, (path, answer.text)
                assert answer.json()["code"] == "bad_query"
                assert SECRET not in answer.text
