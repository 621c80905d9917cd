"""Attack group c04: acts beyond the role. Every route names its act, and the app does not start where one does not."""

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import acts
from api.deps import reading
from api.schemas import answer
from api.v1.moves import Row, rows
from referral.access import ACTS, ROLES, Act, Code, May, Role
from tests.api.knocking import Knocker
from tests.attacks.relations import HOMES, stand
from tests.told import told

PEOPLE = [role for role in Role if role not in (Role.SYSTEM, Role.SYSTEM_ADMIN)]
ROWS = [row for row in rows() if row.workflow.of == "person" and not row.opens]
ONE_FOR_EACH_RIGHT = list({row.move.needs: row for row in ROWS}.values())
OTHER_ACTS = {
    "/v1/users": Act.KEEP_USERS, "/v1/clients": Act.KEEP_CLIENTS, "/v1/me": Act.USE_OWN_ACCOUNT,
    "/v1/cases": Act.LIST_CASES, "/v1/rules": Act.READ_LAW,
}  # fmt: skip


def test_every_route_names_its_act_but_for_the_open_ones(api: Knocker) -> None:
    routes = [route for route in api.app.routes if isinstance(route, APIRoute)]
    without = {route.path for route in routes if getattr(route.endpoint, "act", None) is None}
    assert len(routes) > 200
    assert without <= acts.OPEN


def test_a_route_without_an_act_stops_the_start() -> None:
    app = FastAPI()
    app.router.add_api_route("/v1/forgotten", reading(lambda _: answer({})), methods=["GET"])
    with pytest.raises(ValueError, match="/v1/forgotten"):
        acts.check(app)
    named = FastAPI()
    named.router.add_api_route("/v1/named", reading(lambda _: answer({}), act=Act.READ_LAW), methods=["GET"])
    acts.check(named)


def refused(api: Knocker, role: Role, row: Row) -> bool:
    """A right that the role does not hold, asked for where the case may be seen: 403 with its name."""
    who = stand(api, role, "named")
    address = row.path.replace("{case}", who.case)
    sent = api.http.post(address, headers=who.headers | {"If-Match": "*"}, json={"form": told(row.name)})
    assert (sent.status_code, sent.json()["code"], sent.json().get("needs")) == (403, "not_allowed", row.move.needs)
    return True


@pytest.mark.parametrize("role", PEOPLE)
def test_a_right_that_the_role_does_not_hold_is_refused_and_named(api: Knocker, role: Role) -> None:
    beyond = [row for row in ONE_FOR_EACH_RIGHT if row.move.needs not in ROLES[role]]
    assert len([refused(api, role, row) for row in beyond]) > 5


@pytest.mark.slow
@pytest.mark.parametrize("role", PEOPLE)
def test_no_move_at_all_is_made_beyond_the_role(api: Knocker, role: Role) -> None:
    beyond = [row for row in ROWS if row.move.needs not in ROLES[role]]
    assert len([refused(api, role, row) for row in beyond]) > 20


def test_whoever_holds_the_right_is_let_through(api: Knocker) -> None:
    who = stand(api, Role.NAVIGATOR, "named")
    moved = api.http.post(
        f"/v1/cases/{who.case}/contact/verify", headers=who.headers | {"If-Match": "*"},
        json={"form": told("contact.verify")},
    )  # fmt: skip
    assert moved.status_code == 200, moved.text


@pytest.mark.parametrize("role", (*PEOPLE, Role.SYSTEM_ADMIN))
def test_acts_without_a_case_are_for_the_roles_of_the_table(api: Knocker, role: Role) -> None:
    who = stand(api, role, "stranger")
    for path, act in OTHER_ACTS.items():
        code = ACTS[act][role]
        status = api.http.get(path, headers=who.headers).status_code
        assert status == (403 if code is Code.NEVER else 200), path


def test_a_role_that_a_colleague_covers_lends_no_rights(api: Knocker) -> None:
    """Of two roles, one is covered by a colleague: the case is seen in the other, and only its rights count."""
    from referral.models import User

    who = stand(api, Role.SUPPORT_COORDINATOR, "colleague has it")
    with api.world.db.write() as session:
        row = session.get(User, who.actor)
        assert row is not None
        row.roles = "support_coordinator support_worker"
        session.add(row)
    assert api.http.get(f"/v1/cases/{who.case}", headers=who.headers).status_code == 200
    offer = api.move(who.headers, who.case, "assignment.offer", **told("assignment.offer"))
    assert (offer.status_code, offer.json()["needs"]) == (403, May.OFFER_CASE)


def test_a_machine_without_the_scope_is_refused_and_told_which_right_is_missing(api: Knocker) -> None:
    who = stand(api, "client", "duty team")
    narrow = api.token(f"client:{who.actor}", ["encounters:write"])
    sent = api.http.get(f"/v1/cases/{who.case}", headers=narrow)
    assert (sent.status_code, sent.json()["needs"]) == (403, May.READ_CASE)
    assert api.http.get(f"/v1/cases/{who.case}", headers=who.headers).status_code == 200


def test_every_role_has_a_home_in_these_tests() -> None:
    assert set(HOMES) == {*(role.value for role in Role if role is not Role.SYSTEM), "client"}
