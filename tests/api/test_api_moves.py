"""Moves over HTTP: opening, repeating, versions, refusals."""

import json

import pytest

from api.schemas import Moved
from referral.access import Role
from tests.api.knocking import MEETING, SCOPES, Knocker


def test_a_first_meeting_opens_a_case(api: Knocker) -> None:
    answer = api.http.post("/v1/cases", headers=api.role(Role.NAVIGATOR) | api.key(), json=MEETING)
    told = Moved.model_validate(answer.json())
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/cases/{told.case}")
    assert answer.headers["etag"] == told.etag == f'"{told.version}"'
    assert (told.workflow, told.state) == ("intake", "identified")
    assert "idempotency-replayed" not in answer.headers


@pytest.mark.parametrize(
    ("address", "form"),
    (
        ("operations", {"kind": "raid", "name": "silver-birch", "starts_on": "2026-09-16", "ends_on": "2026-09-16"}),
        ("concerns", {"jurisdiction": "scotland", "channel": "helpline", "categories": ["labour"]}),
    ),
)
def test_operations_and_concerns_are_opened_in_the_same_way(api: Knocker, address: str, form: dict[str, str]) -> None:
    who = api.role(Role.FIRST_RESPONDER)
    answer = api.http.post(f"/v1/{address}", headers=who | api.key(), json={"form": form})
    assert answer.status_code == 201, answer.text
    assert api.http.get(answer.headers["location"], headers=who).status_code == 200
    assert api.http.get(f"/v1/cases/{answer.json()['case']}", headers=who).status_code == 404


def test_a_repeated_request_opens_nothing_twice(api: Knocker) -> None:
    headers = api.role(Role.NAVIGATOR) | {"Idempotency-Key": "k-1"}
    first = api.http.post("/v1/cases", headers=headers, json=MEETING)
    before = api.counts()
    spelt = json.dumps(dict(reversed(MEETING["form"].items())), indent=3)
    body = f'{{"form": {spelt}}}'.encode()
    kind = {"Content-Type": "application/json"}
    again = api.http.post("/v1/cases", headers=headers | kind, content=body)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        201,
        first.json(),
        first.headers["location"],
    )
    assert again.headers["idempotency-replayed"] == "true"
    assert api.counts() == before


def test_a_key_is_the_callers_own_and_stands_for_one_request(api: Knocker) -> None:
    key = {"Idempotency-Key": "k-1"}
    assert api.http.post("/v1/cases", headers=api.role(Role.NAVIGATOR) | key, json=MEETING).status_code == 201
    other = api.http.post("/v1/cases", headers=api.role(Role.NAVIGATOR) | key, json={"form": {"place_kind": "port"}})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert api.http.post("/v1/cases", headers=api.role(Role.FIRST_RESPONDER) | key, json=MEETING).status_code == 201


def test_a_move_on_a_case_is_repeated_too_although_its_version_has_passed(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)
    headers = who | {"If-Match": case["etag"], "Idempotency-Key": "k-2"}
    address = f"/v1/cases/{case['case']}/intake/make_safe"
    first = api.http.post(address, headers=headers, json={"form": {}})
    again = api.http.post(address, headers=headers, json={"form": {}})
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ("", " ", "two words", "x" * 256, "tab\t", "\xe4"))
def test_a_key_is_visible_ascii(api: Knocker, key: str) -> None:
    sent = {**api.role(Role.NAVIGATOR), "Idempotency-Key": key}
    headers = {name.encode(): value.encode("latin-1") for name, value in sent.items()}
    answer = api.http.post("/v1/cases", headers=headers, json=MEETING)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_key")


def test_an_opening_without_a_key_is_refused(api: Knocker) -> None:
    answer = api.http.post("/v1/cases", headers=api.role(Role.NAVIGATOR), json=MEETING)
    assert (answer.status_code, answer.json()["code"]) == (400, "key_required")


def test_a_move_says_which_version_it_saw(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    case = api.opened(who)["case"]
    address = f"/v1/cases/{case}/intake/make_safe"
    without = api.http.post(address, headers=who, json={"form": {}})
    assert (without.status_code, without.json()["code"]) == (428, "version_required")
    stale = api.move(who, case, "intake.make_safe", '"1"')
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "stale", 2)
    assert api.move(who, case, "intake.make_safe", '"2"').headers["etag"] == '"3"'
    assert api.move(who, case, "intake.make_safe", "*").status_code == 200


@pytest.mark.parametrize("version", ("2", 'W/"2"', '"2", "3"', '"x"', '"-1"', '"' + "9" * 50 + '"', ""))
def test_a_version_is_one_number_in_quotes(api: Knocker, version: str) -> None:
    who = api.role(Role.NAVIGATOR)
    answer = api.move(who, api.opened(who)["case"], "intake.make_safe", version)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_version")


def test_an_unknown_case_and_somebody_elses_are_answered_in_the_same_bytes(api: Knocker) -> None:
    case = api.opened(api.role(Role.NAVIGATOR))["case"]
    stranger = api.role(Role.FIRST_RESPONDER, "stranger")
    bodies = set()
    for tail in ("", "/offered", "/timeline", "/deadlines", "/answers", "/completeness"):
        answers = [api.http.get(f"/v1/cases/{one}{tail}", headers=stranger) for one in (case, "0" * 32, "nonsense")]
        assert {answer.status_code for answer in answers} == {404}
        bodies |= {answer.content for answer in answers}
        assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    moved = [api.move(stranger, one, "intake.make_safe", '"9"') for one in (case, "0" * 32, "nonsense")]
    assert {answer.status_code for answer in moved} == {404}
    bodies |= {answer.content for answer in moved}
    assert len(bodies) == 1


def test_a_refusal_tells_every_reason_and_who_could(api: Knocker) -> None:
    who = api.role(Role.FIRST_RESPONDER)
    case = api.opened(who)["case"]
    not_offered = api.move(who, case, "intake.submit", authority="sca")
    assert (not_offered.status_code, not_offered.json()["code"]) == (409, "not_offered")
    assert (not_offered.json()["who"], not_offered.json()["reasons"][0]["code"]) == (["first_responder"], "wrong_state")
    blocked = api.move(who, case, "intake.start_child")
    assert (blocked.status_code, blocked.json()["code"]) == (409, "blocked")
    assert {reason["code"] for reason in blocked.json()["reasons"]} >= {"not_child"}


def test_a_refused_right_is_named_with_those_who_hold_it(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    answer = api.move(who, api.opened(who)["case"], "intake.submit", authority="sca")
    told = answer.json()
    assert (answer.status_code, told["code"], told["needs"], told["who"]) == (
        403, "not_allowed", "referral:submit", ["first_responder"],
    )  # fmt: skip


def test_a_client_without_the_scope_is_refused(api: Knocker) -> None:
    client, _ = api.client(scopes=SCOPES)
    full, narrow = (api.token(f"client:{client}", scopes) for scopes in (SCOPES, ["encounters:write"]))
    case = api.opened(full)["case"]
    assert api.move(narrow, case, "intake.make_safe").status_code == 403
    assert api.http.get(f"/v1/cases/{case}", headers=narrow).status_code == 403
    assert api.move(full, case, "intake.make_safe").status_code == 200


def test_nobody_makes_a_move_of_the_system(api: Knocker) -> None:
    who = api.everybody()
    answer = api.move(who, api.opened(who)["case"], "assignment.worker_leaves")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_an_unknown_move_is_said_to_be_unknown(api: Knocker) -> None:
    answer = api.move(api.role(Role.NAVIGATOR), "0" * 32, "intake.dance")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_move")


def test_a_wrong_form_is_told_field_by_field_and_never_echoed(api: Knocker) -> None:
    body = {"form": {"place_kind": "Zoe", "Zoe": 1, "met_at": "0001-01-01T00:00:00Z"}}
    answer = api.http.post("/v1/cases", headers=api.role(Role.NAVIGATOR) | api.key(), json=body)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "bad_form")
    assert {error["field"] for error in told["errors"]} == {"place_kind", "(unknown)", "met_at"}
    assert "Must lie between" in next(error["says"] for error in told["errors"] if error["field"] == "met_at")
    assert "Zoe" not in answer.text


def test_what_happened_before_is_recorded_with_its_own_time_and_on_whose_behalf(api: Knocker) -> None:
    who = api.role(Role.NAVIGATOR)
    body = {**MEETING, "occurred_at": "2026-09-15T22:30:00+01:00", "on_behalf_of": "desk-7"}
    case = api.http.post("/v1/cases", headers=who | api.key(), json=body).json()["case"]
    event = api.http.get(f"/v1/cases/{case}/timeline", headers=who).json()["items"][0]
    assert (event["occurred_at"], event["recorded_at"]) == ("2026-09-15T21:30:00Z", "2026-09-16T09:00:00Z")
    assert event["actor"]["for"] == "desk-7"


def test_a_time_to_come_is_refused(api: Knocker) -> None:
    body = {**MEETING, "occurred_at": "2026-09-17T22:30:00Z"}
    answer = api.http.post("/v1/cases", headers=api.role(Role.NAVIGATOR) | api.key(), json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_time")


def test_every_answer_forbids_to_be_kept_or_guessed_at(api: Knocker) -> None:
    for address in ("/healthz", "/openapi.json", "/v1/me", "/nowhere"):
        headers = api.http.get(address).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
