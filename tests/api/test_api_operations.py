"""The funnel of an operation over HTTP."""

from typing import Any

from api.v1.operations import Funnel
from referral.access import Role
from tests.api.knocking import Knocker


def made(api: Knocker, who: dict[str, str], operation: str, move: str, **form: Any) -> None:
    address = f"/v1/operations/{operation}/operation/{move}"
    answer = api.http.post(address, headers=who | {"If-Match": "*"}, json={"form": form})
    assert answer.status_code == 200, answer.text


def test_a_funnel_counts_who_was_met_and_what_became_of_them(api: Knocker) -> None:
    who = api.role(Role.FIRST_RESPONDER)
    plan = {"kind": "airport", "name": "silver-birch", "starts_on": "2026-09-16", "ends_on": "2026-09-19"}
    operation = api.http.post("/v1/operations", headers=who | api.key(), json={"form": plan}).json()["case"]
    made(api, who, operation, "start")
    made(api, who, operation, "tally", passengers_spoken_to=1500, flights_watched=20, enhanced_checks=4)
    people = [{"outcome": "advised"}, {"outcome": "advised"}, {"outcome": "declined_help"}, {"outcome": "checked"},
              {"outcome": "child", "under_18": "yes"}, {"outcome": "opened", "under_18": "no"}]  # fmt: skip
    made(api, who, operation, "capture", people=people)
    answer = api.http.get(f"/v1/operations/{operation}/funnel", headers=who)
    told = Funnel.model_validate(answer.json())
    assert (told.spoken_to, told.checked, told.met, told.cases) == (1500, 4, 6, 2)
    assert (told.advised, told.declined, told.children, told.referred, told.notified) == (2, 1, 1, 0, 0)
    assert told.cases_by_state == {"identified": 2}
    assert len(api.http.get(f"/v1/cases?operation={operation}", headers=who).json()["items"]) == 2
    assert [line["id"] for line in api.http.get("/v1/operations", headers=who).json()["items"]] == [operation]


def test_a_funnel_is_hidden_from_whoever_takes_no_part(api: Knocker) -> None:
    who = api.role(Role.FIRST_RESPONDER)
    plan = {"kind": "raid", "name": "silver-birch", "starts_on": "2026-09-16", "ends_on": "2026-09-16"}
    operation = api.http.post("/v1/operations", headers=who | api.key(), json={"form": plan}).json()["case"]
    for case in (operation, "0" * 32):
        answer = api.http.get(f"/v1/operations/{case}/funnel", headers=api.role(Role.FIRST_RESPONDER, "stranger"))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
