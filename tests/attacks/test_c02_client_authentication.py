"""Attacks on how a partner's system proves who it is; each row is refused as any other, and a good proof is taken."""

import base64
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import select

from api.clients import JWT_BEARER
from referral import sign_in
from referral.access import Role
from referral.models import Client, UsedAssertion
from tests.api.forging import DER, GONE, KEY, OTHER, P384, PEM, RSA, b64, es256, keyed, respelled
from tests.api.knocking import Knocker, knocking
from tests.world import World

NAME = "client-1"
ISSUER = "https://lodestar.invalid"
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
THIRD = ec.generate_private_key(ec.SECP256R1())
AGENCY = "navigators"
TIMES: tuple[Any, ...] = (None, True, "1789549260", 1789549260.5, [], 10**22, float("nan"), float("inf"))
COUNT = iter(range(10**6))


def pem(key: Any) -> str:
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, SPKI).decode())


@pytest.fixture
def api(world: World, tmp_path: Path) -> Iterator[Knocker]:
    """An API with one client, which has one key and one secret."""
    with knocking(world, tmp_path) as knocker:
        assert knocker.client(AGENCY)[0] == NAME
        act(knocker, "keys", public_key=pem(KEY))
        yield knocker


def act(api: Knocker, what: str, client: str = NAME, **body: Any) -> Any:
    """Done by the own administrator, and approved by a second person where it waits for one."""
    answer = api.http.post(f"/v1/clients/{client}/{what}", headers=api.role(Role.AGENCY_ADMIN), json=body)
    assert answer.status_code == 200, answer.text
    if waits := answer.json().get("waits_for"):
        done = api.approved(waits)
        assert done.status_code == 200, done.text
    return answer.json()


def proof(api: Knocker, key: Any = KEY, head: dict[str, Any] | None = None, **said: Any) -> str:
    """A proof that is good but for what is changed; GONE leaves a member out."""
    now = int(api.world.now.timestamp())
    header = {"alg": "ES256", "typ": "client-authentication+jwt", **(head or {})}
    payload = {"iss": NAME, "sub": NAME, "aud": ISSUER, "iat": now, "exp": now + 60,
               "jti": f"abcdefghijklmnop{next(COUNT)}", **said}  # fmt: skip
    return signed(json.dumps(kept(header)), json.dumps(kept(payload)), key)


def kept(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not GONE}


def signed(header: str, payload: str, key: Any = KEY) -> str:
    text = f"{b64(header.encode())}.{b64(payload.encode())}"
    return f"{text}.{b64(es256(key, text.encode()))}"


def ask(api: Knocker, assertion: str, **more: str) -> Any:
    fields = {"grant_type": "client_credentials", "client_assertion_type": JWT_BEARER, "client_assertion": assertion}
    return api.http.post("/oauth/token", data=fields | more)


@pytest.mark.parametrize(
    ("head", "said"),
    (
        ({}, {}), ({"typ": "JWT"}, {}), ({"kid": "mine"}, {}), ({}, {"nbf": 1789549200}), ({}, {"exp": 1789549200 + 120}),
        ({}, {"exp": 1789549200 + 1}),
    ),
)  # fmt: skip
def test_a_good_proof_gets_a_token_for_five_minutes(api: Knocker, head: dict[str, Any], said: dict[str, Any]) -> None:
    answer = ask(api, proof(api, head=head, **said))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["expires_in"], answer.headers["cache-control"]) == (300, "no-store")
    me = api.http.get("/v1/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}).json()
    assert (me["id"], me["factor"]) == (NAME, "client")


def unsigned(api: Knocker, alg: str) -> str:
    head, payload, _ = proof(api, head={"alg": alg}).split(".")
    return f"{head}.{payload}."


def at(api: Knocker, seconds: int) -> int:
    return int(api.world.now.timestamp()) + seconds


def bent(key: Any = KEY, head: dict[str, Any] | None = None, **said: Any) -> Callable[[Knocker], str]:
    """How such a proof is made, once there is an API."""
    return lambda api: proof(api, key, head, **said)


def ours(api: Knocker) -> str:
    """Signed with the key that signs access tokens."""
    payload = proof(api).split(".")[1]
    ring = api.app.state.house.keyring
    return str(ring.sign(json.loads(base64.urlsafe_b64decode(payload + "==")), "client-authentication+jwt"))


def der(api: Knocker) -> str:
    text = proof(api).rpartition(".")[0]
    return f"{text}.{b64(KEY.sign(text.encode(), ec.ECDSA(hashes.SHA256())))}"


# fmt: off
ATTACKS: dict[str, Callable[[Knocker], str]] = {
    # --- for whom it is
    "the address of tokens":            bent(aud=f"{ISSUER}/oauth/token"),
    "the address it was sent to":       bent(aud="http://testserver/oauth/token"),
    "the issuer and the address":       bent(aud=[ISSUER, f"{ISSUER}/oauth/token"]),
    "the issuer in a list":             bent(aud=[ISSUER]),
    "the issuer with a slash":          bent(aud=f"{ISSUER}/"),
    "the API":                          bent(aud="lodestar-api"),
    "another issuer":                   bent(aud="https://other.invalid"),
    "no audience":                      bent(aud=GONE),
    "audience null":                    bent(aud=None),
    # --- from whom it is
    "another issuer than subject":      bent(iss="client-2"),
    "the issuer as sender":             bent(iss=ISSUER),
    "no sender":                        bent(iss=GONE),
    "no subject":                       bent(sub=GONE),
    "a client that is not there":       bent(iss="nobody", sub="nobody"),
    "a subject with its namespace":     bent(iss=f"client:{NAME}", sub=f"client:{NAME}"),
    "a subject in a list":              bent(sub=[NAME]),
    "a subject that is no name":        bent(iss="../client-1", sub="../client-1"),
    "a subject with a NUL":             bent(iss="client-1\x00", sub="client-1\x00"),
    # --- the key
    "another key":                      bent(OTHER),
    "another key that names the right": bent(OTHER, head={"kid": "1"}),
    "a key in the header":              bent(OTHER, head={"jwk": {"kty": "EC"}}),
    "a key at an address":              bent(OTHER, head={"jku": "https://evil.example/keys"}),
    "a certificate":                    bent(OTHER, head={"x5c": ["AA"]}),
    "a P-384 key":                      bent(P384),
    "the server's own key":             ours,
    "the PEM as a shared secret":       lambda _: keyed(PEM),
    "the DER as a shared secret":       lambda _: keyed(DER),
    # --- the algorithm and the header
    **{f"alg {alg!r}": bent(head={"alg": alg}) for alg in
       ("none", "None", "es256", "ES384", "RS256", "PS256", "HS256", "EdDSA", "", None, 1, ["ES256"])},
    **{f"alg {alg!r} without signature": partial(unsigned, alg=alg) for alg in ("none", "ES256")},
    **{f"typ {typ!r}": bent(head={"typ": typ}) for typ in
       ("at+jwt", "jwt", "dpop+jwt", "application/jwt", "", None, GONE)},
    "no alg":                           bent(head={"alg": GONE}),
    "crit":                             bent(head={"crit": ["x"]}),
    "b64":                              bent(head={"b64": False, "crit": ["b64"]}),
    "an unknown header":                bent(head={"x": 1}),
    "a kid that is a path":             bent(head={"kid": "../keys"}),
    "alg twice":                        lambda _: signed('{"alg":"none","alg":"ES256","typ":"JWT"}', "{}"),
    "a deep header":                    lambda _: signed('{"alg":"ES256","typ":"JWT","kid":' + "[" * 999 + "]" * 999 + "}", "{}"),
    # --- the time
    "expired":                          lambda api: proof(api, iat=at(api, -200), exp=at(api, -100)),
    "expired as long ago as the leeway": lambda api: proof(api, iat=at(api, -90), exp=at(api, -30)),
    "made in the future":               lambda api: proof(api, iat=at(api, 31), exp=at(api, 60)),
    "not yet valid":                    lambda api: proof(api, nbf=at(api, 31)),
    "two minutes and a second":         lambda api: proof(api, exp=at(api, 121)),
    "a year":                           lambda api: proof(api, exp=at(api, 365 * 86400)),
    "no end":                           bent(exp=GONE),
    "no beginning":                     bent(iat=GONE),
    "an end before its beginning":      lambda api: proof(api, exp=at(api, -1)),
    **{f"exp {value!r}": bent(exp=value) for value in TIMES},
    # --- its name
    "no jti":                           bent(jti=GONE),
    "a short jti":                      bent(jti="abc"),
    "a long jti":                       bent(jti="a" * 65),
    "a jti with spaces":                bent(jti="abcdefgh ijklmnop"),
    "a jti that is a number":           bent(jti=1234567890123456),
    # --- what it says
    "an unknown claim":                 bent(admin=True),
    "a scope":                          bent(scope="cases:read"),
    "exp twice":                        lambda _: signed('{"alg":"ES256","typ":"JWT"}', '{"exp":1,"exp":2}'),
    "a list":                           lambda _: signed('{"alg":"ES256","typ":"JWT"}', "[]"),
    # --- the text
    "padding":                          lambda api: proof(api) + "==",
    "an unused bit":                    lambda api: respelled(proof(api)),
    "a space":                          lambda api: proof(api) + " ",
    "two parts":                        lambda api: proof(api).rpartition(".")[0],
    "five parts":                       lambda _: "a.b.c.d.e",
    "no token at all":                  lambda _: "x",
    "a DER signature":                  der,
    "a signature of zeros":             lambda api: proof(api).rpartition(".")[0] + "." + b64(bytes(64)),
    "another proof's signature":        lambda api: proof(api).rpartition(".")[0] + "." + proof(api).rpartition(".")[2],
    "5000 characters":                  bent(jti="a" * 5000),
}
# fmt: on


def test_a_bad_proof_is_refused_in_the_same_words_whatever_is_wrong_with_it(api: Knocker) -> None:
    said = set()
    for what, make in ATTACKS.items():
        answer = ask(api, make(api))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), what
        said.add(answer.text)
    assert len(said) == 1
    assert len(ATTACKS) > 75
    assert RSA.key_size == 2048
    assert ask(api, proof(api)).status_code == 200, "a good one is still taken"


def test_a_proof_is_worth_nothing_a_second_time_in_any_spelling(api: Knocker) -> None:
    from tests.api.forging import N

    one = proof(api)
    text, _, signature = one.rpartition(".")
    bare = base64.urlsafe_b64decode(signature + "==")
    turned = b64(bare[:32] + (N - int.from_bytes(bare[32:], "big")).to_bytes(32, "big"))
    assert ask(api, one).status_code == 200
    for again in (one, f"{text}.{turned}"):
        assert ask(api, again).status_code == 401
    api.world.later(seconds=60)
    assert ask(api, one).status_code == 401, "within the leeway, too"
    assert ask(api, proof(api)).status_code == 200


def test_what_was_shown_is_kept_until_it_could_not_be_shown_again_and_then_forgotten(api: Knocker) -> None:
    assert ask(api, proof(api)).status_code == 200

    def kept_now() -> int:
        sign_in.forget(api.world.db, api.world.now)
        with api.world.db.read() as session:
            return len(session.exec(select(UsedAssertion)).all())

    api.world.later(seconds=89)
    assert kept_now() == 1
    api.world.later(seconds=1)
    assert kept_now() == 0


def test_two_clients_may_use_the_same_jti(api: Knocker) -> None:
    other, _ = api.client(AGENCY)
    act(api, "keys", other, public_key=pem(OTHER))
    assert ask(api, proof(api, jti="abcdefghijklmnopq")).status_code == 200
    assert ask(api, proof(api, OTHER, iss=other, sub=other, jti="abcdefghijklmnopq")).status_code == 200


def test_one_clients_key_proves_nothing_of_another(api: Knocker) -> None:
    other, _ = api.client(AGENCY)
    assert ask(api, proof(api, iss=other, sub=other)).status_code == 401
    assert ask(api, proof(api), client_id=other).status_code == 401
    assert ask(api, proof(api), client_id=NAME).status_code == 200


def test_who_proves_twice_or_in_a_way_we_do_not_know_is_refused(api: Knocker) -> None:
    for more in (
        {"client_secret": "x"},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    ):
        assert ask(api, proof(api), **more).json()["error"] == "invalid_request"
    fields = {"grant_type": "client_credentials", "client_assertion_type": JWT_BEARER, "client_assertion": proof(api)}
    assert api.http.post("/oauth/token", data=fields, auth=(NAME, "x")).json()["error"] == "invalid_request"
    for grant in ("password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        assert ask(api, proof(api), grant_type=grant).json()["error"] == "unsupported_grant_type"


def test_a_key_is_changed_without_standing_still(api: Knocker) -> None:
    act(api, "keys", public_key=pem(OTHER))
    full = api.http.post(
        f"/v1/clients/{NAME}/keys", headers=api.role(Role.AGENCY_ADMIN), json={"public_key": pem(THIRD)}
    )
    assert full.json()["reasons"][0]["code"] == "two_keys"
    assert [ask(api, proof(api, key)).status_code for key in (KEY, OTHER, THIRD)] == [200, 200, 401]
    act(api, "keys/retire", slot=1)
    assert [ask(api, proof(api, key)).status_code for key in (KEY, OTHER, THIRD)] == [401, 200, 401]
    act(api, "keys", public_key=pem(THIRD))
    assert [ask(api, proof(api, key)).status_code for key in (KEY, OTHER, THIRD)] == [401, 200, 200]


@pytest.mark.parametrize("key", (P384, RSA))
def test_a_key_of_another_kind_is_not_kept(api: Knocker, key: Any) -> None:
    who = api.role(Role.AGENCY_ADMIN)
    private = THIRD.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for text in (pem(key)[:400], private.decode(), "-----BEGIN PUBLIC KEY-----" + "A" * 90, "é" * 100, pem(KEY)):
        answer = api.http.post(f"/v1/clients/{NAME}/keys", headers=who, json={"public_key": text})
        assert answer.status_code in (409, 422), answer.text
    assert len(api.http.get(f"/v1/clients/{NAME}/keys", headers=who).json()["items"]) == 1


def by_secret(api: Knocker, secret: str, client: str = NAME) -> int:
    return int(
        api.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(client, secret)).status_code
    )


def test_a_secret_is_changed_without_standing_still_and_can_be_switched_off(api: Knocker) -> None:
    client, first = api.client(AGENCY)
    second = act(api, "secrets", client)["secret"]
    assert [by_secret(api, one, client) for one in (first, second, "x")] == [200, 200, 401]
    act(api, "secrets/retire", client)
    assert [by_secret(api, one, client) for one in (first, second, "x")] == [401, 200, 401]
    off = api.http.post(f"/v1/clients/{client}/secrets/off", headers=api.role(Role.AGENCY_ADMIN), json={"off": True})
    assert off.json()["reasons"][0]["code"] == "no_key"
    act(api, "keys", client, public_key=pem(THIRD))
    act(api, "secrets/off", client, off=True)
    assert by_secret(api, second, client) == 401
    assert ask(api, proof(api, THIRD, iss=client, sub=client)).status_code == 200
    with api.world.db.read() as session:
        row = session.get(Client, client)
        assert row is not None
        assert second not in str(row.model_dump())


def test_a_client_that_is_out_proves_nothing(api: Knocker) -> None:
    act(api, "disable")
    assert ask(api, proof(api)).status_code == 401
    act(api, "enable")
    assert ask(api, proof(api)).status_code == 200


@pytest.mark.parametrize("what", ("keys", "keys/retire", "secrets", "secrets/retire", "secrets/off", "enable"))
def test_only_the_own_administrator_changes_how_a_client_proves_itself(api: Knocker, what: str) -> None:
    body = {"keys": {"public_key": pem(OTHER)}, "keys/retire": {"slot": 1}, "secrets/off": {"off": True}}.get(what, {})
    path = f"/v1/clients/{NAME}/{what}"
    client = {"Authorization": f"Bearer {ask(api, proof(api)).json()['access_token']}"}
    for who in (api.role(Role.NAVIGATOR), api.role(Role.MANAGER), client):
        assert api.http.post(path, headers=who, json=body).status_code == 403
    other, _ = api.client("harbour")
    assert (
        api.http.post(f"/v1/clients/{other}/{what}", headers=api.role(Role.AGENCY_ADMIN), json=body).status_code == 404
    )
