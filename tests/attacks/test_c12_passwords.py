"""Passwords, invitations and resets: what is guessed easily is refused, and no administrator gets past the factor."""

from typing import Any

import pytest
from sqlmodel import col, select

from api import one_time, sealing
from api.password_rules import check_new
from referral.access import Role
from referral.errors import BadForm
from referral.models import Agency, Notice, SignInEvent, User
from tests.api.knocking import PASSWORD, Knocker
from tests.attacks.answers import code_of
from tests.attacks.people import EMAIL, Person, bearer, person
from tests.world import START

OTHER = "another lantern at sea"

# fmt: off
POOR = (
    "short", "elevenchars", "x" * 257, "aaaaaaaaaaaa", "abcabcabcabcabc", "123456789012", "password1234",
    "Password2026!", "qwertyuiopas", "iloveyouforever", "trustno1trustno1", "Zoe Example 1", EMAIL, "Zoe@Example.org",
    "lodestarlodestar", "Invented navigators", "zoe.example.org", "monkeymonkey", "letmeinletmein", "football2026",
    "111111111111111",
)
# fmt: on


@pytest.mark.parametrize("password", POOR)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    zoe = User(
        id="", agency_id="navigators", name="Zoe Example", email=EMAIL, password_hash="", roles="", created_at=START
    )
    home = Agency(id="navigators", name="Invented navigators", kind="navigator_service", created_at=START)
    with pytest.raises(BadForm) as caught:
        check_new(password, zoe, home)
    assert password not in caught.value.says
    for good in (PASSWORD, OTHER, "zoe.example.org tides turn at nine"):
        check_new(good, zoe, home)


def test_a_poor_password_is_refused_where_one_is_chosen_and_the_code_can_be_used_again(api: Knocker) -> None:
    code = invited(api)["invitation"]
    answer = accept(api, code, "Zoe Example 1")
    assert (code_of(answer), answer.json()["reasons"][0]["code"]) == ((422, "bad_form"), "poor_password")
    assert accept(api, code).status_code == 200
    body = {"old": PASSWORD, "new": "password1234"}
    with api.world.db.read() as session:
        user = session.exec(select(User).where(col(User.email) == EMAIL)).one().id
    answer = api.http.post("/v1/password", headers=api.session(user), json=body)
    assert answer.json()["reasons"][0]["code"] == "poor_password"


def test_a_password_of_sixty_four_characters_and_of_any_letters_is_taken_whole(api: Knocker) -> None:
    zoe = person(api)
    long = "a quiet harbour at dawn; " * 2 + "märz, ζωή, 灯台 and more"
    assert len(long) > 64
    answer = api.http.post("/v1/password", headers=api.session(zoe.id), json={"old": PASSWORD, "new": long})
    assert answer.status_code == 200, answer.text
    assert zoe.sign_in(long).status_code == 200
    assert zoe.sign_in(long[:-1]).status_code == 401


def test_changing_a_password_needs_the_old_one_and_ends_every_other_session(api: Knocker) -> None:
    zoe = person(api)
    here, there = api.session(zoe.id), api.session(zoe.id)
    body = {"old": OTHER, "new": "a third lantern, unlit"}
    assert api.http.post("/v1/password", headers=here, json=body).status_code == 401
    answer = api.http.post("/v1/password", headers=here, json=body | {"old": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert [api.http.get("/v1/me", headers=one).status_code for one in (here, there, bearer(answer))] == [401, 401, 200]
    assert zoe.sign_in().status_code == 401
    with api.world.db.read() as session:
        assert [row.what for row in session.exec(select(SignInEvent))] == ["password_changed"]
        assert [row.what for row in session.exec(select(Notice))] == ["password_changed"]  # and they hear of it


def test_a_password_is_not_changed_by_who_has_not_shown_the_second_factor(api: Knocker) -> None:
    zoe = person(api)
    zoe.app(zoe.session())
    body = {"old": PASSWORD, "new": "a third lantern, unlit"}
    assert code_of(api.http.post("/v1/password", headers=zoe.session(), json=body)) == (403, "second_factor_needed")


def invited(api: Knocker) -> dict[str, Any]:
    new = {"name": "Zoe Example", "email": EMAIL, "roles": ["navigator"]}
    told: dict[str, Any] = api.http.post("/v1/users", headers=api.role(Role.AGENCY_ADMIN), json=new).json()
    return told


def accept(api: Knocker, code: str, password: str = PASSWORD) -> Any:
    return api.http.post("/v1/invitations/accept", json={"code": code, "password": password})


def test_an_invitation_works_once_and_for_three_days(api: Knocker) -> None:
    code = invited(api)["invitation"]
    assert accept(api, code).status_code == 200
    assert code_of(accept(api, code, OTHER)) == (422, "bad_code")
    other = api.http.post("/v1/users", headers=api.role(Role.AGENCY_ADMIN),
                          json={"name": "Ann", "email": "ann@example.org", "roles": ["navigator"]}).json()  # fmt: skip
    api.world.later(hours=72)
    assert code_of(accept(api, other["invitation"])) == (422, "bad_code")
    again = api.http.post(f"/v1/users/{other['id']}/invite", headers=api.role(Role.AGENCY_ADMIN), json={}).json()
    assert accept(api, again["invitation"]).status_code == 200


def test_nobody_signs_in_with_an_invitation_that_was_not_accepted(api: Knocker) -> None:
    invited(api)
    for password in ("-", "", PASSWORD):
        assert Person(api, "", EMAIL).sign_in(password).status_code == 401


def test_a_reset_is_begun_by_an_administrator_who_never_knows_the_password_and_does_not_lead_past_the_factor(
    api: Knocker,
) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    app, who = zoe.app(zoe.session())
    begun = api.http.post(f"/v1/users/{zoe.id}/reset", headers=api.role(Role.AGENCY_ADMIN), json={}).json()
    assert api.http.get("/v1/me", headers=who).status_code == 200, "a reset that is not used takes nothing away"
    second = api.http.post(f"/v1/users/{zoe.id}/reset", headers=api.role(Role.AGENCY_ADMIN), json={}).json()
    assert code_of(accept(api, begun["reset"], OTHER)) == (422, "bad_code")
    assert accept(api, second["reset"], OTHER).status_code == 200
    assert api.http.get("/v1/me", headers=who).status_code == 401
    assert zoe.sign_in().status_code == 401
    partial = zoe.session(password=OTHER)
    assert code_of(api.http.get("/v1/cases", headers=partial)) == (403, "second_factor_needed")
    api.world.later(minutes=1)
    assert zoe.sign_in(OTHER, code=app.at(api.world.now)).status_code == 200


def test_a_reset_ends_after_a_day_and_is_worth_nothing_for_who_is_out(api: Knocker) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    admin = api.role(Role.AGENCY_ADMIN)
    code = api.http.post(f"/v1/users/{zoe.id}/reset", headers=admin, json={}).json()["reset"]
    assert api.http.post(f"/v1/users/{zoe.id}/disable", headers=admin, json={}).status_code == 200
    assert code_of(accept(api, code, OTHER)) == (422, "bad_code")
    assert api.http.post(f"/v1/users/{zoe.id}/enable", headers=admin, json={}).status_code == 200
    api.world.later(hours=24)
    assert code_of(accept(api, code, OTHER)) == (422, "bad_code")


@pytest.mark.parametrize("act", ("invite", "reset", "unlock", "disable", "enable", "end-sessions"))
def test_only_an_administrator_of_the_same_agency_acts_on_an_account_and_never_on_the_own(
    api: Knocker, act: str
) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    path = f"/v1/users/{zoe.id}/{act}"
    for role in (Role.NAVIGATOR, Role.MANAGER, Role.SUPPORT_COORDINATOR):
        assert code_of(api.http.post(path, headers=api.role(role), json={})) == (403, "not_allowed")
    stranger = api.session(person(api, "admin@example.org", "harbour", "agency_admin").id)
    assert api.http.post(path, headers=stranger, json={}).status_code == 404
    admin = person(api, "boss@example.org", "navigators", "agency_admin")
    assert code_of(api.http.post(f"/v1/users/{admin.id}/{act}", headers=api.session(admin.id), json={})) == (
        409,
        "blocked",
    )
    with api.world.db.read() as session:
        assert session.exec(select(SignInEvent)).all() == []


def test_an_agencys_administrator_does_not_take_over_who_keeps_the_installation(api: Knocker) -> None:
    root = person(api, "root@example.org", "system", "system_admin")
    admin = api.session(person(api, "boss@example.org", "system", "agency_admin").id)
    for act in ("reset", "disable", "end-sessions"):
        assert code_of(api.http.post(f"/v1/users/{root.id}/{act}", headers=admin, json={})) == (403, "not_allowed")


def test_what_is_sealed_for_one_row_cannot_be_opened_for_another() -> None:
    box, other = sealing.Box({"a": b"x" * 32}), sealing.Box({"a": b"y" * 32})
    sealed = box.seal(b"secret", bound_to="1")
    assert box.open(sealed, bound_to="1") == b"secret"
    assert sealing.Box({"a": b"x" * 32, "b": b"z" * 32}).open(sealed, bound_to="1") == b"secret"
    for text in ("b:AAAA", "a:AAAA", "", sealed[:-4] + "AAAA"):
        assert box.open(text, bound_to="1") is None
    wrong = (box.open(sealed, bound_to="2"), other.open(sealed, bound_to="1"))
    assert wrong == (None, None)
    assert one_time.LASTS["reset"] < one_time.LASTS["invitation"]
