"""The OpenAPI document: nothing is missing in it, and its examples are true."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from api.app import create_app
from api.examples import example
from api.v1.moves import COLLECTIONS, Telling, rows
from referral.access import who_may
from referral.db import Database
from referral.settings import Settings
from tests.world import law

OPEN = {"/oauth/token", "/v1/invitations/accept", "/healthz", "/readyz", "/openapi.json"}  # need no token
OPEN |= {"/v1/session/provider", "/v1/session/provider/begin", "/v1/session/passkey", "/v1/session/passkey/begin"}
ROWS = {row.name: row for row in rows()}


@cache
def app() -> Any:
    from tempfile import mkdtemp

    folder = Path(mkdtemp())
    return create_app(Settings(data=folder, heartbeat=False), Database(f"sqlite:///{folder / 'none.db'}"), law())


@cache
def document() -> dict[str, Any]:
    told: dict[str, Any] = TestClient(app()).get("/openapi.json").json()
    return told


def operation(name: str) -> dict[str, Any]:
    told: dict[str, Any] = document()["paths"][ROWS[name].path]["post"]
    return told


def test_every_row_has_one_route_and_stands_in_the_document() -> None:
    made = [route.name for route in app().routes if isinstance(route, APIRoute) and route.name in ROWS]
    assert sorted(made) == sorted(ROWS)
    assert {operation(name)["operationId"] for name in ROWS} == set(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_documented_with_its_form_its_refusals_and_an_example_that_is_true(name: str) -> None:
    row, told = ROWS[name], operation(name)
    body = told["requestBody"]["content"]["application/json"]
    assert set(body["schema"]["properties"]["form"].get("properties", {})) == set(row.move.asks.model_fields)
    row.move.asks.model_validate(Telling.model_validate(body["example"]).form)
    assert {"401", "403", "409", "422", "503"} <= set(told["responses"])
    assert {"404", "412", "428"} <= set(told["responses"]) or row.opens
    assert (told["x-leaves"], told["x-then"]) == ([str(state) for state in row.move.leaves], list(row.move.then))
    for role in who_may(row.move.needs):
        assert role in told["description"]


def test_an_example_is_found_for_every_form_and_is_the_same_every_time() -> None:
    for row in ROWS.values():
        assert json.dumps(example(row.move.asks)) == json.dumps(example(row.move.asks))


def test_no_reference_leads_nowhere() -> None:
    text = json.dumps(document())
    known = set(document()["components"]["schemas"])
    for part in text.split('"$ref": "')[1:]:
        assert part.partition('"')[0].rpartition("/")[2] in known
    assert "#/$defs/" not in text


def test_every_address_but_the_open_ones_needs_a_token() -> None:
    http = TestClient(app())
    for route in app().routes:
        path = re.sub(r"\{[a-z]+\}", "0" * 32, route.path)
        for method in sorted(route.methods - {"HEAD"}):
            if path in OPEN or (method, path) == ("POST", "/v1/session"):
                continue
            answer = http.request(method, path, json={} if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), path


def test_the_pages_that_load_scripts_from_elsewhere_are_off() -> None:
    for address in ("/docs", "/redoc"):
        assert TestClient(app()).get(address).status_code == 404


def test_what_the_framework_refuses_is_a_problem_too() -> None:
    http = TestClient(app())
    for method, address, status, code in (
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/cases/", 404, "not_found"),
        ("DELETE", "/v1/cases", 405, "method_not_allowed"),
        ("PUT", f"/v1/cases/{'0' * 32}", 405, "method_not_allowed"),
    ):
        answer = http.request(method, address)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    assert http.delete("/v1/cases").headers["allow"]


def test_every_kind_of_case_has_an_address() -> None:
    assert {row.workflow.of for row in ROWS.values()} == set(COLLECTIONS)


def test_without_a_database_it_lives_but_is_not_ready() -> None:
    http = TestClient(app())
    assert http.get("/healthz").status_code == 200
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "old_schema")
    assert answer.headers["retry-after"]
