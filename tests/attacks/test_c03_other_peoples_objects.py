"""Attack group c03: other people's cases, staff and clients. What is hidden is what is missing, to the last byte."""

from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlmodel import col, select

from referral.access import Role
from referral.ids import new_id
from referral.models import Member, Refused, User
from tests.api.addresses import BODIES
from tests.api.knocking import Knocker
from tests.attacks.relations import CANARIES, NOTES, Standing, stand
from tests.told import told
from tests.world import START, WORKS_FOR, user_id

PEOPLE = [role for role in Role if role not in (Role.SYSTEM, Role.SYSTEM_ADMIN)]
HIDDEN = [("stranger", role) for role in PEOPLE] + [
    ("colleague has it", role) for role in PEOPLE if role not in (Role.MANAGER, Role.AGENCY_ADMIN)
]


def case_routes(api: Knocker) -> list[tuple[str, str]]:
    """(method, path) of every address with a case in it. Where there is no such move, no case is looked at."""
    routes = [route for route in api.app.routes if isinstance(route, APIRoute) and "{case}" in route.path]
    routes = [route for route in routes if "{move}" not in route.path]
    return [(method, route.path) for route in routes for method in sorted((route.methods or set()) - {"HEAD"})]


def knock(api: Knocker, method: str, path: str, case: str, who: Standing) -> tuple[int, bytes, list[tuple[str, str]]]:
    move = path.partition("{case}/")[2].replace("/", ".")
    body = None
    if method == "POST":
        body = BODIES[path] if path in BODIES else {"form": told(move)}
    headers = who.headers | ({"If-Match": "*"} if method == "POST" else {})
    address = path.replace("{case}", case)
    answer = api.http.request(method, address, headers=headers, json=body)
    return answer.status_code, answer.content, sorted(answer.headers.items())


@pytest.mark.parametrize(("relation", "role"), HIDDEN)
def test_a_hidden_case_reads_like_one_that_does_not_exist(api: Knocker, relation: str, role: Role) -> None:
    who = stand(api, role, relation)
    looks = [(method, path) for method, path in case_routes(api) if method == "GET"]
    assert len(looks) > 10
    for method, path in looks:
        ghost, hidden = (knock(api, method, path, case, who) for case in (new_id(), who.case))
        assert ghost == hidden, path
        assert hidden[0] == 404, path


@pytest.mark.slow
@pytest.mark.parametrize("relation", ("stranger", "colleague has it"))
def test_ghost_compare_on_every_address_with_a_case(api: Knocker, relation: str) -> None:
    who = stand(api, Role.FIRST_RESPONDER, relation)
    routes = case_routes(api)
    assert len(routes) > 150
    for method, path in routes:
        ghost, hidden = (knock(api, method, path, case, who) for case in (new_id(), who.case))
        assert ghost == hidden, path
        assert hidden[0] == 404, path


def test_the_same_addresses_answer_whoever_takes_part(api: Knocker) -> None:
    who = stand(api, Role.NAVIGATOR, "named")
    looks = [path for method, path in case_routes(api) if method == "GET" and path.startswith("/v1/cases/")]
    # Nobody has asked for the account yet, and a navigator releases none.
    otherwise = {"/v1/cases/{case}/account": 409, "/v1/cases/{case}/account/preview": 403}
    expected = [otherwise.get(path, 200) for path in looks]
    assert [knock(api, "GET", path, who.case, who)[0] for path in looks] == expected


def test_a_bad_body_tells_nobody_whether_a_case_is_there(api: Knocker) -> None:
    who = stand(api, Role.FIRST_RESPONDER, "colleague has it")
    bodies: tuple[Any, ...] = ({"form": {"nonsense": 1}}, {"nonsense": 1}, [])
    for body in bodies:
        sent = [
            api.http.post(f"/v1/cases/{case}/intake/make_safe", headers=who.headers | {"If-Match": "*"}, json=body)
            for case in (new_id(), who.case)
        ]
        assert sent[0].status_code == sent[1].status_code
        assert {**sent[0].json(), "trace_id": ""} == {**sent[1].json(), "trace_id": ""}


def listed(api: Knocker, who: Standing, query: str = "") -> list[str]:
    answer = api.http.get(f"/v1/cases?{query}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return [case["id"] for case in answer.json()["items"]]


@pytest.mark.parametrize("relation", ("stranger", "colleague has it"))
def test_no_list_filter_or_cursor_finds_a_hidden_case(api: Knocker, relation: str) -> None:
    who = stand(api, Role.NAVIGATOR, relation)
    for query in ("", "open=true", "owner=agency", "owner=me", "workflow=intake", "workflow=decision&state=cg_positive",
                  "overdue=false", "overdue=true", "limit=1"):  # fmt: skip
        assert listed(api, who, query) == [], query


@pytest.mark.parametrize("relation", ("duty team", "named", "accountable"))
def test_the_same_lists_find_it_for_whoever_is_of_the_team(api: Knocker, relation: str) -> None:
    who = stand(api, Role.NAVIGATOR, relation)
    for query in ("", "open=true", "owner=agency", "workflow=decision&state=cg_positive", "overdue=false"):
        assert listed(api, who, query) == [who.case], query


def test_a_refused_look_is_on_record_without_what_was_looked_for(api: Knocker) -> None:
    who = stand(api, Role.SUPPORT_WORKER, "colleague has it")
    assert api.http.get(f"/v1/cases/{who.case}/answers", headers=who.headers).status_code == 404
    with api.world.db.read() as session:
        rows = session.exec(select(Refused).where(col(Refused.actor) == who.actor)).all()
    assert [(row.move, row.case_id, row.code) for row in rows] == [("look.answers", who.case, "not_found")]


def test_a_colleague_of_the_same_role_is_shut_out_once_somebody_opened_the_case(api: Knocker) -> None:
    """The curious colleague: same agency, same role, a genuine account."""
    first, (_, curious) = api.role(Role.NAVIGATOR), added(api, "navigators", Role.NAVIGATOR)
    case = api.opened(first)["case"]
    assert api.http.get(f"/v1/cases/{case}", headers=first).status_code == 200
    assert api.http.get(f"/v1/cases/{case}", headers=curious).status_code == 404


def test_adding_and_removing_a_colleague_opens_and_closes_the_case(api: Knocker) -> None:
    navigator, manager = api.role(Role.NAVIGATOR), api.role(Role.MANAGER)
    case = api.opened(navigator)["case"]
    newcomer = added(api, "navigators", Role.NAVIGATOR)
    look = f"/v1/cases/{case}"
    assert api.http.get(look, headers=newcomer[1]).status_code == 404
    assert api.move(newcomer[1], case, "contact.add_member", colleague=newcomer[0]).status_code == 404
    assert api.move(manager, case, "contact.add_member", colleague=newcomer[0]).status_code == 200
    assert api.http.get(look, headers=newcomer[1]).status_code == 200
    far = api.move(navigator, case, "contact.add_member", colleague=user_id(Role.SUPPORT_WORKER, "harbour"))
    assert (far.status_code, far.json()["reasons"][0]["code"]) == (409, "not_a_colleague")
    own = api.move(manager, case, "contact.remove_member", colleague=user_id(Role.NAVIGATOR, WORKS_FOR[Role.NAVIGATOR]))
    assert (own.status_code, own.json()["reasons"][0]["code"]) == (409, "is_accountable")
    assert api.move(navigator, case, "contact.remove_member", colleague=newcomer[0]).status_code == 200
    assert api.http.get(look, headers=newcomer[1]).status_code == 404


def test_where_the_named_colleague_has_left_the_duty_team_stands_in(api: Knocker) -> None:
    who = stand(api, Role.SUPPORT_WORKER, "colleague has it")
    look = f"/v1/cases/{who.case}"
    assert api.http.get(look, headers=who.headers).status_code == 404
    with api.world.db.write() as session:
        member = session.exec(select(Member).where(col(Member.case_id) == who.case)).one()
        other = session.get(User, member.user_id)
        assert other is not None
        other.active = False
        session.add(other)
    assert api.http.get(look, headers=who.headers).status_code == 200
    assert listed(api, who) == [who.case]


def test_no_canary_is_in_any_answer_to_a_stranger_or_a_colleague(api: Knocker) -> None:
    texts = [text for _, text, _, _ in CANARIES.values()] + [text for _, text in NOTES.values()]
    for relation in ("stranger", "colleague has it"):
        who = stand(api, Role.SUPPORT_COORDINATOR, relation)
        for method, path in case_routes(api):
            if method == "GET":
                body = knock(api, method, path, who.case, who)[1].decode()
                assert not [text for text in texts if text in body], path


def added(api: Knocker, agency: str, role: Role) -> tuple[str, dict[str, str]]:
    """A further member of staff: their id, and their token."""
    user = new_id()
    row: dict[str, Any] = {"id": user, "agency_id": agency, "roles": role.value, "password_hash": "-"}
    with api.world.db.write() as session:
        session.add(User(name="Newcomer", email=f"{user}@example.invalid", created_at=START, **row))
    return user, api.token(f"user:{user}")
