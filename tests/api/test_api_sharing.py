"""Sharing over HTTP: what a partner reads and no longer reads, what a holder acknowledges, and agreements."""

import threading
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from referral.access import Role
from tests.api.knocking import Knocker
from tests.workflows.walks import OFFICER, SPOKEN, rows, submitted
from tests.world import World, a
from workflows.ask import Ask
from workflows.engine import perform

SAID = {"language": "en", "interpreter": "none_needed", "how": "written"}
PAPER: dict[str, Any] = {
    "from_agency": "navigators", "to_agency": "harbour", "purposes": ["sharing"], "classes": ["C2", "C1"],
    "starts_on": "2026-09-16", "ends_on": "2026-12-31", "source": "Paper 1",
}  # fmt: skip


def shared(world: World) -> str:
    """A case that Border Force sees on the person's agreement."""
    case = submitted(world)
    last = (world.now.date() + timedelta(days=30)).isoformat()
    told = {"purpose": "sharing", "shared_with": "border", "classes": ["C1", "C2"], "due_on": last, "how": "written"}
    world.ask(OFFICER, "consent.give", case, **told, **SPOKEN)
    return case


def withdraw(world: World, case: str) -> None:
    number = rows(world, "select max(number) from strands where workflow = 'consent'")[0][0]
    perform(
        world.db, world.law, Ask(a(OFFICER), "consent.withdraw", world.now, case=case, strand=str(number), form=SAID)
    )


def every_look(api: Knocker, who: dict[str, str], case: str) -> list[tuple[int, str]]:
    """The status and the body of every address that shows a case."""
    tails = ("", "/offered", "/timeline", "/deadlines", "/answers", "/completeness")
    found = [api.http.get(f"/v1/cases/{case}{tail}", headers=who) for tail in tails]
    listed = [
        api.http.get("/v1/cases", headers=who, params=query) for query in ({}, {"open": "true"}, {"overdue": "false"})
    ]
    return [(answer.status_code, answer.text) for answer in (*found, *listed)]


def test_after_the_last_day_every_look_is_that_of_a_missing_case(api: Knocker) -> None:
    case, missing = shared(api.world), "0" * 32
    partner = api.role(OFFICER, "border")
    assert {status for status, _ in every_look(api, partner, case)} == {200}
    assert case in api.http.get("/v1/cases", headers=partner).text
    api.world.later(days=31)  # and no heartbeat runs
    partner = api.role(OFFICER, "border")
    assert every_look(api, partner, case) == every_look(api, partner, missing)
    assert case not in api.http.get("/v1/cases", headers=partner).text
    mine = api.http.get(f"/v1/cases/{case}", headers=api.role(OFFICER)).json()
    assert "border" not in {one["agency"] for one in mine["participants"]}


def test_a_case_says_on_what_basis_each_agency_takes_part(api: Knocker) -> None:
    case = shared(api.world)
    told = api.http.get(f"/v1/cases/{case}", headers=api.role(OFFICER)).json()["participants"]
    found = {(one["agency"], one["basis"], one["purpose"]): one for one in told}
    border = found["border", "consent", "sharing"]
    assert (border["classes"], border["ends_on"][:10]) == (["C1", "C2"], "2026-10-16")
    assert found["sca", "public_task", "decision"]["ends_on"] is None


def test_a_partner_that_reads_in_a_loop_is_refused_with_the_first_call_after_the_withdrawal(api: Knocker) -> None:
    case, partner = shared(api.world), api.role(OFFICER, "border")
    began, over, looks = threading.Event(), threading.Event(), list[tuple[bool, int]]()

    def read() -> None:
        while not looks or not looks[-1][0]:
            ended = over.is_set()
            looks.append((ended, api.http.get(f"/v1/cases/{case}", headers=partner).status_code))
            began.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert began.wait(20)
    withdraw(api.world, case)
    over.set()
    reader.join(60)
    assert (looks[0], looks[-1]) == ((False, 200), (True, 404))


def test_a_holder_finds_what_it_must_acknowledge_and_nothing_of_the_person(api: Knocker) -> None:
    case = shared(api.world)
    partner, other = api.role(OFFICER, "border"), api.role(OFFICER, "stranger")
    assert api.http.get("/v1/acknowledgements", headers=partner).json() == {"items": []}
    withdraw(api.world, case)
    (one,) = api.http.get("/v1/acknowledgements", headers=partner).json()["items"]
    assert set(one) == {"id", "reference", "state", "asked_at"}
    assert one["state"] == "asked"
    assert api.http.get("/v1/acknowledgements", headers=other).json() == {"items": []}
    where = f"/v1/acknowledgements/{one['id']}"
    ghost = api.http.post(f"/v1/acknowledgements/{'0' * 32}", headers=other, json={"what": "deleted"})
    hidden = api.http.post(where, headers=other, json={"what": "deleted"})
    assert (hidden.status_code, hidden.text, hidden.headers.items()) == (404, ghost.text, ghost.headers.items())
    wrong = api.http.post(where, headers=partner, json={"what": "kept_by_law"})
    assert wrong.status_code == 422
    done = api.http.post(where, headers=partner | api.key(), json={"what": "kept_by_law", "law": "cpia-1996"})
    assert (done.status_code, set(done.json()), done.json()["state"]) == (
        200,
        {"id", "reference", "state"},
        "acknowledged",
    )
    assert case not in done.text
    assert api.http.get("/v1/acknowledgements", headers=partner).json() == {"items": []}
    assert api.http.get(f"/v1/cases/{case}", headers=partner).status_code == 404


def test_a_repeated_acknowledgement_gets_its_first_answer(api: Knocker) -> None:
    case = shared(api.world)
    withdraw(api.world, case)
    partner, key = api.role(OFFICER, "border"), api.key()
    (one,) = api.http.get("/v1/acknowledgements", headers=partner).json()["items"]
    answers = [
        api.http.post(f"/v1/acknowledgements/{one['id']}", headers=partner | key, json={"what": "deleted"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    again = api.http.post(f"/v1/acknowledgements/{one['id']}", headers=partner, json={"what": "returned"})
    assert (again.status_code, again.json()["code"]) == (409, "not_offered")


def test_a_machine_and_an_administrator_acknowledge_nothing(api: Knocker) -> None:
    for who in (api.role(Role.AGENCY_ADMIN), api.token(f"client:{api.client()[0]}", ["cases:read"])):
        assert api.http.get("/v1/acknowledgements", headers=who).status_code == 403


def test_an_administrator_keeps_the_agreements_of_the_own_agency(api: Knocker) -> None:
    admin = api.role(Role.AGENCY_ADMIN)
    made = api.http.post("/v1/agreements", headers=admin, json=PAPER)
    assert (made.status_code, made.json()["classes"]) == (201, ["C1", "C2"])
    assert [one["id"] for one in api.http.get("/v1/agreements", headers=admin).json()["items"]] == [made.json()["id"]]
    others = api.http.post(
        "/v1/agreements", headers=admin, json={**PAPER, "from_agency": "harbour", "to_agency": "sca"}
    )
    assert (others.status_code, others.json()["code"]) == (403, "not_allowed")
    ended = api.http.post(f"/v1/agreements/{made.json()['id']}/end", headers=admin, json={})
    assert ended.json()["ended_at"] == ended.json()["runs_until"] is not None


def test_another_agencys_agreement_is_a_missing_one(api: Knocker) -> None:
    owner, admin = api.role(Role.SYSTEM_ADMIN), api.role(Role.AGENCY_ADMIN)
    made = api.http.post("/v1/agreements", headers=owner, json={**PAPER, "from_agency": "harbour", "to_agency": "sca"})
    assert made.status_code == 201
    assert api.http.get("/v1/agreements", headers=admin).json() == {"items": []}
    hidden = api.http.post(f"/v1/agreements/{made.json()['id']}/end", headers=admin, json={})
    missing = api.http.post(f"/v1/agreements/{'0' * 32}/end", headers=admin, json={})
    assert (hidden.status_code, hidden.text) == (missing.status_code, missing.text) == (404, missing.text)
    for role in (OFFICER, Role.MANAGER, Role.NAVIGATOR):
        assert api.http.get("/v1/agreements", headers=api.role(role)).status_code == 403


def test_an_agreement_that_does_not_fit_is_refused_without_an_echo(api: Knocker) -> None:
    admin = api.role(Role.AGENCY_ADMIN)
    wrong: dict[str, Any]
    for wrong in ({"classes": ["C4"]}, {"ends_on": "2026-01-01"}, {"to_agency": "navigators"}, {"purposes": []}):
        answer = api.http.post("/v1/agreements", headers=admin, json={**PAPER, **wrong, "source": "Canary Street 5"})
        assert answer.status_code == 422
        assert "Canary" not in answer.text
    nobody = api.http.post("/v1/agreements", headers=admin, json={**PAPER, "to_agency": "no-such"})
    assert (nobody.status_code, nobody.json()["reasons"][0]["code"]) == (409, "no_such_agency")
    with api.world.db.read() as session:
        assert session.execute(text("select count(*) from agreements")).scalar_one() == 0
