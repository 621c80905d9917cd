"""Guessing: who tries passwords and codes learns nothing, and waits longer each time."""

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from referral.access import Role
from referral.models import User
from tests.api.knocking import Knocker
from tests.attacks.answers import code_of, same
from tests.attacks.people import Person, bearer, person
from tests.cheap import at_the_real_price

OTHER = "another lantern at sea"


def test_nobody_can_tell_an_unknown_address_a_wrong_password_a_wrong_code_and_a_locked_account_apart(
    api: Knocker,
) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    out = person(api, "out@example.org")
    with api.world.db.write() as session:
        row = session.get(User, out.id)
        assert row is not None
        row.active = False
        session.add(row)
    said = [
        same(Person(api, "", "nobody@example.org").sign_in()),
        same(zoe.sign_in(OTHER)),
        same(zoe.sign_in(code="000000")),
        same(zoe.sign_in(OTHER, code="000000")),
        same(out.sign_in()),
        same(ann.sign_in(code="000000")),
        same(Person(api, "", "not an address").sign_in()),
    ]
    while code_of(ann.sign_in(OTHER))[0] == 401 and len(said) < 20:
        api.world.later(minutes=1)
        said.append(same(ann.sign_in(OTHER)))
    said.append(same(ann.sign_in()))
    assert all(one == said[0] for one in said)
    assert said[0][0] == 401


def test_ten_bad_tries_lock_an_account_for_a_quarter_of_an_hour_even_for_the_right_password(api: Knocker) -> None:
    zoe = person(api)
    bad = 0
    while bad < 10:
        assert zoe.sign_in(OTHER).status_code == 401
        api.world.later(seconds=65)
        bad += 1
    assert zoe.sign_in().status_code == 401
    api.world.later(minutes=13)
    assert zoe.sign_in().status_code == 401
    api.world.later(minutes=2)
    assert zoe.sign_in().status_code == 200


def test_each_bad_try_after_the_third_makes_the_next_one_wait(api: Knocker) -> None:
    zoe = person(api)
    for _ in range(4):
        zoe.sign_in(OTHER)
    assert zoe.sign_in().status_code == 401
    api.world.later(seconds=2.5)
    assert zoe.sign_in().status_code == 200
    assert zoe.sign_in().status_code == 200


def test_a_locked_account_can_be_unlocked_by_the_own_administrator_alone(api: Knocker) -> None:
    zoe = person(api, agency="navigators", role="navigator")
    for _ in range(10):
        zoe.sign_in(OTHER)
        api.world.later(seconds=65)
    assert zoe.sign_in().status_code == 401
    stranger = api.session(person(api, "admin@example.org", "harbour", "agency_admin").id)
    assert api.http.post(f"/v1/users/{zoe.id}/unlock", headers=stranger, json={}).status_code == 404
    assert zoe.sign_in().status_code == 401
    assert api.http.post(f"/v1/users/{zoe.id}/unlock", headers=api.role(Role.AGENCY_ADMIN), json={}).status_code == 200
    assert zoe.sign_in().status_code == 200


def test_who_guesses_one_password_at_many_accounts_is_slowed_by_where_they_come_from(api: Knocker) -> None:
    zoe = person(api)
    for number in range(40):
        Person(api, "", f"nobody{number}@example.org").sign_in(OTHER)
    assert zoe.sign_in().status_code == 401
    api.world.later(minutes=15)
    assert zoe.sign_in().status_code == 200


def test_a_right_password_does_not_begin_the_count_of_guessed_codes_anew(api: Knocker) -> None:
    zoe = person(api)
    app, _ = zoe.app(zoe.session())
    api.world.later(minutes=1)
    good = 0
    for number in range(12):
        answer = zoe.sign_in()
        good += answer.status_code == 200
        if answer.status_code == 200:
            api.http.post("/v1/session/code", headers=bearer(answer), json={"code": f"{number:06d}"})
        api.world.later(seconds=33)
    assert good <= 8
    assert zoe.sign_in(code=app.at(api.world.now)).status_code == 401
    api.world.later(minutes=16)
    assert zoe.sign_in(code=app.at(api.world.now)).status_code == 200


@pytest.fixture
def real_price() -> Iterator[None]:
    with at_the_real_price():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("real_price")
def test_the_time_an_answer_takes_tells_nothing_of_the_account(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    for _ in range(10):
        ann.sign_in(OTHER)
        api.world.later(seconds=65)
    tries: dict[str, Callable[[], Any]] = {
        "unknown": lambda: Person(api, "", "nobody@example.org").sign_in(),
        "wrong password": lambda: zoe.sign_in(OTHER),
        "wrong code": lambda: zoe.sign_in(code="000000"),
        "locked": ann.sign_in,
    }
    taken: dict[str, list[float]] = {what: [] for what in tries}
    for _ in range(9):
        for what, ask in tries.items():
            begun = perf_counter()
            assert ask().status_code == 401
            taken[what].append(perf_counter() - begun)
        api.world.later(minutes=1)
    middle = {what: median(times) for what, times in taken.items()}
    assert max(middle.values()) < 1.5 * min(middle.values()), middle
