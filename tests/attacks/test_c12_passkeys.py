"""Passkeys: shown elsewhere, copied, replayed or somebody else's, each refused beside one that works."""

from typing import Any

import pytest

from tests.api.knocking import Knocker
from tests.attacks.answers import code_of
from tests.attacks.authenticator import PRESENT, Authenticator
from tests.attacks.people import bearer, person

OTHER = "another lantern at sea"


def test_a_passkey_signs_in_by_itself_and_steps_up(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    alone = zoe.show(key)
    assert (alone.status_code, alone.json()["factor"]) == (200, "passkey")
    assert api.http.get("/v1/cases", headers=bearer(alone)).status_code == 200
    partial = zoe.session()
    assert api.http.get("/v1/cases", headers=partial).status_code == 403
    stepped = bearer(zoe.show(key, partial))
    me = api.http.get("/v1/me", headers=stepped).json()
    assert (me["factor"], me["stepped_up_at"]) == ("passkey", "2026-09-16T09:00:00Z")
    assert api.http.get("/v1/me", headers=partial).status_code == 401


# fmt: off
PHISHED: dict[str, dict[str, Any]] = {
    "another origin":             {"origin": "https://lodestar.evil.example"},
    "another port":               {"origin": "http://127.0.0.1:8001"},
    "another scheme":             {"origin": "https://127.0.0.1:8000"},
    "another relying party":      {"rp": "evil.example"},
    "nobody verified":            {"flags": PRESENT},
    "nobody present":             {"flags": 0},
}
# fmt: on


@pytest.mark.parametrize("what", PHISHED)
def test_a_passkey_shown_elsewhere_or_by_nobody_is_refused(api: Knocker, what: str) -> None:
    zoe = person(api)
    key, who = zoe.passkey(zoe.session())
    for name, value in PHISHED[what].items():
        setattr(key, name, value)
    assert zoe.show(key).status_code == 401
    assert zoe.show(key, who).status_code == 401
    assert zoe.register(Authenticator(**PHISHED[what]), who).status_code == 401
    fresh = Authenticator(key=key.key, credential=key.credential, user=key.user, counter=key.counter)
    assert zoe.show(fresh).status_code == 200


@pytest.mark.parametrize(
    "changed",
    ({"type": "webauthn.create"}, {"challenge": "AAAA"}, {"user": b"another person!!"}, {"type": "payment.get"}),
)
def test_an_answer_to_another_question_is_refused(api: Knocker, changed: dict[str, Any]) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    assert zoe.show(key, **changed).status_code == 401
    assert zoe.show(key).status_code == 200


def test_another_key_under_the_same_name_is_refused(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    assert zoe.show(Authenticator(credential=key.credential, user=key.user)).status_code == 401
    assert zoe.show(key).status_code == 200


def test_a_copy_of_a_passkey_that_lags_behind_is_refused(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    copy = Authenticator(key=key.key, credential=key.credential, user=key.user, counter=key.counter)
    assert zoe.show(key).status_code == 200
    assert zoe.show(copy).status_code == 401


def test_an_answer_serves_once_and_not_after_five_minutes(api: Knocker) -> None:
    zoe = person(api)
    key, _ = zoe.passkey(zoe.session())
    begun = api.http.post("/v1/session/passkey/begin", json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"])}
    assert api.http.post("/v1/session/passkey", json=body).status_code == 200
    assert api.http.post("/v1/session/passkey", json=body).status_code == 401
    begun = api.http.post("/v1/session/passkey/begin", json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"])}
    api.world.later(minutes=5)
    assert api.http.post("/v1/session/passkey", json=body).status_code == 401


def test_a_ceremony_of_one_session_is_not_finished_in_another(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    key, who = zoe.passkey(zoe.session())
    hers = ann.session()
    begun = api.http.post("/v1/session/passkey/begin", headers=who, json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": key.show(begun["options"])}
    assert api.http.post("/v1/session/passkey", headers=hers, json=body).status_code == 401
    assert api.http.post("/v1/session/passkey", json=body).status_code == 401
    begun = api.http.post("/v1/factors/passkey", headers=who, json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": Authenticator().register(begun["options"])}
    assert api.http.post("/v1/factors/passkey/confirm", headers=hers, json=body).status_code == 401


def test_somebody_elses_passkey_does_not_step_a_session_up(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    key, _ = zoe.passkey(zoe.session())
    hers, _ = ann.passkey(ann.session())
    partial = ann.session()
    assert ann.show(key, partial).status_code == 401
    assert ann.show(hers, partial).status_code == 200


def test_one_passkey_is_not_registered_by_two(api: Knocker) -> None:
    zoe, ann = person(api), person(api, "ann@example.org")
    key, _ = zoe.passkey(zoe.session())
    assert ann.register(key, ann.session()).status_code == 401


BROKEN: tuple[dict[str, Any], ...] = (
    {}, {"id": "x"}, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}, {"response": None},
    {"rawId": [1], "response": {"clientDataJSON": 5}},
)  # fmt: skip


@pytest.mark.parametrize("credential", BROKEN)
def test_a_broken_credential_is_refused_and_breaks_nothing(api: Knocker, credential: dict[str, Any]) -> None:
    begun = api.http.post("/v1/session/passkey/begin", json={}).json()
    body = {"ceremony": begun["ceremony"], "credential": credential}
    assert code_of(api.http.post("/v1/session/passkey", json=body)) == (401, "not_signed_in")
