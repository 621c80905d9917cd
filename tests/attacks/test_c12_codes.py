"""Codes of an app and recovery codes: once each, their owner's alone, and never the way round a second factor."""

import pyotp
import pytest
from sqlmodel import col, select

from referral.models import Factor
from tests.api.knocking import Knocker
from tests.attacks.answers import code_of
from tests.attacks.people import bearer, person


def test_a_code_works_once_and_neither_it_nor_an_older_one_works_again(api: Knocker) -> None:
    zoe = person(api)
    app, _ = zoe.app(zoe.session())
    api.world.later(seconds=60)
    code = app.at(api.world.now)
    assert zoe.sign_in(code=code).status_code == 200
    assert zoe.sign_in(code=code).status_code == 401
    assert zoe.sign_in(code=app.at(api.world.now, counter_offset=-1)).status_code == 401
    api.world.later(seconds=30)
    assert zoe.sign_in(code=app.at(api.world.now)).status_code == 200


@pytest.mark.parametrize(("step", "status"), ((-3, 401), (-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401), (3, 401)))
def test_a_code_is_taken_one_step_early_or_late_and_no_more(api: Knocker, step: int, status: int) -> None:
    zoe = person(api)
    app, _ = zoe.app(zoe.session())
    api.world.later(minutes=5)
    assert zoe.sign_in(code=app.at(api.world.now, counter_offset=step)).status_code == status


def test_a_code_is_somebodys_own(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    hers, _ = ann.app(ann.session())
    api.world.later(minutes=5)
    assert zoe.sign_in(code=hers.at(api.world.now)).status_code == 401
    assert ann.sign_in(code=hers.at(api.world.now)).status_code == 200


def test_an_apps_secret_moved_to_another_account_opens_nothing(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    zoe.app(zoe.session())
    hers, _ = ann.app(ann.session())
    with api.world.db.write() as session:
        own = session.exec(select(Factor).where(col(Factor.user_id) == zoe.id)).one()
        other = session.exec(select(Factor).where(col(Factor.user_id) == ann.id)).one()
        own.sealed = other.sealed
        session.add(own)
    api.world.later(minutes=5)
    assert zoe.sign_in(code=hers.at(api.world.now)).status_code == 401
    assert ann.sign_in(code=hers.at(api.world.now)).status_code == 200


def test_an_app_counts_only_once_its_first_code_was_given_back(api: Knocker) -> None:
    zoe = person(api)
    begun = api.http.post("/v1/factors/totp", headers=zoe.session(), json={}).json()
    api.world.later(minutes=1)
    assert zoe.sign_in(code=pyotp.TOTP(begun["secret"]).at(api.world.now)).status_code == 401
    assert zoe.sign_in().status_code == 200


def test_a_recovery_code_works_once_and_is_no_factor_just_shown(api: Knocker) -> None:
    zoe = person(api)
    _, who = zoe.app(zoe.session())
    codes = api.http.post("/v1/factors/recovery-codes", headers=who, json={}).json()["codes"]
    assert len(set(codes)) == 10
    answer = zoe.sign_in(code=codes[0].upper().replace("-", " "))
    assert answer.status_code == 200
    recovered = bearer(answer)
    assert api.http.get("/v1/me", headers=recovered).json()["stepped_up_at"] is None
    assert code_of(api.http.post("/v1/factors/recovery-codes", headers=recovered, json={})) == (403, "step_up_needed")
    assert zoe.sign_in(code=codes[0]).status_code == 401
    assert api.http.get("/v1/factors", headers=who).json()["recovery_codes_left"] == 9
    api.http.post("/v1/factors/recovery-codes", headers=who, json={})
    assert zoe.sign_in(code=codes[1]).status_code == 401


def test_a_second_factor_cannot_be_added_or_removed_with_a_password_alone_once_there_is_one(api: Knocker) -> None:
    zoe = person(api)
    _, who = zoe.app(zoe.session())
    alone = zoe.session()
    factor = api.http.get("/v1/factors", headers=who).json()["items"][0]["id"]
    for path in (
        "/v1/factors/totp",
        "/v1/factors/passkey",
        f"/v1/factors/{factor}/remove",
        "/v1/factors/recovery-codes",
    ):
        assert code_of(api.http.post(path, headers=alone, json={})) == (403, "second_factor_needed"), path
    api.world.later(minutes=11)
    for path in ("/v1/factors/totp", "/v1/factors/passkey", f"/v1/factors/{factor}/remove"):
        assert code_of(api.http.post(path, headers=who, json={})) == (403, "step_up_needed"), path


def test_the_last_second_factor_stays_and_a_further_one_goes(api: Knocker) -> None:
    zoe = person(api)
    _, who = zoe.app(zoe.session())
    key, who = zoe.passkey(who)
    ids = {one["kind"]: one["id"] for one in api.http.get("/v1/factors", headers=who).json()["items"]}
    first, second = ids["totp"], ids["passkey"]
    other = api.session(person(api, "ann@example.org").id)
    assert api.http.post(f"/v1/factors/{second}/remove", headers=other, json={}).status_code == 404
    assert api.http.post(f"/v1/factors/{second}/remove", headers=who, json={}).status_code == 200
    assert code_of(api.http.post(f"/v1/factors/{first}/remove", headers=who, json={})) == (409, "blocked")
    assert zoe.show(key).status_code == 401
