"""Whoever is out is out at the very next request, and in less than two seconds, whatever they still hold."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Any

import pytest
from sqlmodel import Session

from api import directory, sessions
from referral.access import Role
from referral.models import User
from tests.api.knocking import PASSWORD, Knocker
from tests.attacks.people import Person, bearer, person
from tests.world import START

Cut = Callable[[Session, str, str], object]


def roles_to(roles: str) -> Cut:
    def cut(session: Session, user: str, _: str) -> None:
        row = session.get(User, user)
        assert row is not None
        row.roles = roles
        session.add(row)

    return cut


# fmt: off
CUTS: dict[str, tuple[str, Cut]] = {
    "a person who has left":       ("user",   lambda session, user, _: directory.set_left(session, "harbour", user, START)),
    "a person who is disabled":    ("user",   lambda session, user, _: directory.set_disabled(session, "harbour", user, START)),
    "a person whose agency is out": ("user",  lambda session, _, __: directory.disable_agency(session, "harbour")),
    "a person whose sessions end": ("user",   lambda session, user, _: sessions.end_all(session, user, START)),
    "a client that is out":        ("client", lambda session, _, client: directory.disable_client(session, "harbour", client)),
    "a client whose agency is out": ("client", lambda session, _, __: directory.disable_agency(session, "harbour")),
}
# fmt: on


@pytest.mark.parametrize("what", CUTS)
def test_whoever_is_out_is_refused_at_the_next_request_and_while_asking_all_the_time(api: Knocker, what: str) -> None:
    kind, cut = CUTS[what]
    zoe, client = person(api), api.client("harbour")[0]
    held = api.session(zoe.id) if kind == "user" else api.token(f"client:{client}", ["cases:read"])
    other = api.session(person(api, "ann@example.org", "lantern").id)
    seen: list[tuple[float, int]] = []
    stop = Event()

    def keep_asking() -> None:
        while not stop.is_set():
            seen.append((perf_counter(), api.http.get("/v1/cases", headers=held).status_code))

    asking = Thread(target=keep_asking)
    asking.start()
    while len([one for one in seen if one[1] == 200]) < 3:
        sleep(0.01)
    with api.world.db.write() as session:
        cut(session, zoe.id, client)
    at = perf_counter()
    assert api.http.get("/v1/cases", headers=held).status_code == 401
    sleep(0.2)
    stop.set()
    asking.join()
    last = max(moment for moment, status in seen if status == 200)
    assert last - at < 2, "a request that had begun may end; none begins afterwards"
    assert seen[-1][1] == 401
    assert api.http.get("/v1/cases", headers=other).status_code == 200


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(api: Knocker) -> None:
    zoe = person(api)
    who = api.session(zoe.id)
    assert api.http.get("/v1/acknowledgements", headers=who).status_code == 200
    with api.world.db.write() as session:
        roles_to("agency_admin")(session, zoe.id, "")
    assert api.http.get("/v1/acknowledgements", headers=who).status_code == 403
    assert api.http.get("/v1/users", headers=who).status_code == 200


def test_a_role_that_was_given_is_there_at_the_next_request(api: Knocker) -> None:
    zoe = person(api)
    who = api.session(zoe.id)
    assert api.http.get("/v1/users", headers=who).status_code == 403
    with api.world.db.write() as session:
        roles_to("support_worker agency_admin")(session, zoe.id, "")
    assert api.http.get("/v1/users", headers=who).status_code == 200


def test_an_administrator_ends_every_session_of_somebody_of_the_own_agency(api: Knocker) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    here, there = api.session(zoe.id), api.session(zoe.id)
    admin = api.role(Role.AGENCY_ADMIN)
    assert len(api.http.get(f"/v1/users/{zoe.id}/sessions", headers=admin).json()["items"]) == 2
    answer = api.http.post(f"/v1/users/{zoe.id}/end-sessions", headers=admin, json={})
    assert (answer.status_code, answer.json()["ended"]) == (200, 2)
    assert [api.http.get("/v1/me", headers=one).status_code for one in (here, there)] == [401, 401]
    assert zoe.sign_in().status_code == 200


def test_who_was_disabled_has_no_session_left_when_they_are_enabled_again(api: Knocker) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    who, admin = api.session(zoe.id), api.role(Role.AGENCY_ADMIN)
    for act, status in (("disable", 401), ("enable", 401)):
        assert api.http.post(f"/v1/users/{zoe.id}/{act}", headers=admin, json={}).status_code == 200
        assert api.http.get("/v1/me", headers=who).status_code == status
    assert zoe.sign_in().status_code == 200


def test_nothing_that_was_begun_before_is_finished_by_who_is_out(api: Knocker) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    key, who = zoe.passkey(zoe.session())
    begun = api.http.post("/v1/session/passkey/begin", json={}).json()
    admin = api.role(Role.AGENCY_ADMIN)
    assert api.http.post(f"/v1/users/{zoe.id}/disable", headers=admin, json={}).status_code == 200
    body: dict[str, Any] = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"])}
    assert api.http.post("/v1/session/passkey", json=body).status_code == 401
    assert api.http.get("/v1/me", headers=who).status_code == 401
    assert Person(api, zoe.id, zoe.email).sign_in(PASSWORD).status_code == 401


def test_a_session_is_what_its_row_says_and_an_ended_one_never_comes_back(api: Knocker) -> None:
    zoe = person(api)
    who = api.session(zoe.id)
    api.world.later(minutes=15)
    assert api.http.get("/v1/me", headers=who).status_code == 401
    api.world.now -= timedelta(minutes=1)
    assert api.http.get("/v1/me", headers=who).status_code == 200, "the row says it, not a list of what was refused"
    assert api.http.delete("/v1/session", headers=who).status_code == 200
    api.world.now -= timedelta(minutes=14)
    assert api.http.get("/v1/me", headers=who).status_code == 401
    assert api.http.get("/v1/me", headers=bearer(zoe.sign_in())).status_code == 200
