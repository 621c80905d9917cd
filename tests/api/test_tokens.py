"""Forged, broken and stale tokens are refused with one and the same error; good ones are taken."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from api.tokens import BadToken
from tests.api.forging import (
    DER,
    GONE,
    KEY,
    OTHER,
    P384,
    PAYLOAD,
    PEM,
    POINT,
    RSA,
    N,
    T,
    b64,
    forged,
    headed,
    keyed,
    raw,
    reading,
    respelled,
    sealed,
    unsigned,
)

GOOD = forged()
H, P, S = GOOD.split(".")

# fmt: off
TYPS: tuple[Any, ...] = (
    "JWT", "AT+JWT", "at+jwt ", "application/at+jwt", "dpop+jwt", "client-authentication+jwt", "",
    None, 1, ["at+jwt"], {},
)
KIDS: tuple[Any, ...] = (
    "k2", "K1", "", "k1 ", "k1\n", "../token-k1", "/etc/passwd", "k1' OR '1'='1", "https://example.org", "k" * 65,
    "k\u0661", None, 1, True, ["k1"], {"k1": 1},
)
TIMES: tuple[Any, ...] = (
    None, True, False, str(T + 200), float(T + 200), T + 0.5, [T], {}, -1, 10**22, 2**63, 2**64,
    float("nan"), float("inf"), -float("inf"),
)
SCOPES: tuple[Any, ...] = (
    None, True, 1, ["referrals:submit"], {}, "*", " ", "a  b", " a", "a ", "a\nb", "a\tb", "A", "a,b", "a" * 65,
)
SUBJECTS = (
    "police-42", "client:", ":police-42", "Client:police-42", "agency:police-42", "client:user:1", "client: x",
    "client:x\n", "client:a/b", "client:" + "x" * 65, "user",
)
ATTACKS: dict[str, Any] = {
    # --- the algorithm
    **{f"alg {alg!r} without signature": unsigned(alg) for alg in
       ("none", "None", "NONE", "nOnE", "NoNe", " none", "none ", "none\n", "", "null", "ES256")},
    **{f"alg {alg!r} with a good signature": forged({"alg": alg}) for alg in
       ("none", "None", "NONE", "es256", "ES256 ", " ES256", "Es256", "ES256K", "ES384", "ES512", "RS256", "PS256",
        "EdDSA", "HS256", "A128KW", "dir")},
    **{f"alg is {json.dumps(alg)}": forged({"alg": alg}) for alg in (None, True, 0, 256, ["ES256"], {"ES256": 1})},
    "no alg": forged({"alg": GONE}),
    **{f"{alg} keyed with the {what}": keyed(secret, alg, digest)
       for alg, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512"))
       for what, secret in (("PEM", PEM), ("DER", DER), ("point", POINT), ("empty secret", b""))},
    "ES256 keyed with the PEM": keyed(PEM, "ES256"),
    # --- the header
    "crit unknown": forged({"crit": ["x"]}),
    "crit exp": forged({"crit": ["exp"], "exp": T}),
    "crit empty": forged({"crit": []}),
    "b64 false": forged({"b64": False, "crit": ["b64"]}),
    "b64 true": forged({"b64": True}),
    "embedded jwk": forged({"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, key=OTHER),
    "jku": forged({"jku": "https://example.org/keys"}),
    "x5u": forged({"x5u": "https://example.org/cert"}),
    "x5c": forged({"x5c": ["AA"]}),
    "zip": forged({"zip": "DEF"}),
    "cty": forged({"cty": "JWT"}),
    "enc": forged({"enc": "A128GCM"}),
    "an unknown header": forged({"x": 1}),
    "no typ": forged({"typ": GONE}),
    **{f"typ is {json.dumps(typ)}": forged({"typ": typ}) for typ in
       TYPS},
    "no kid": forged({"kid": GONE}),
    **{f"kid is {json.dumps(kid)[:40]}": forged({"kid": kid}) for kid in
       KIDS},
    "duplicate alg, none first": headed('{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"k1"}'),
    "duplicate alg, none last": headed('{"alg":"ES256","typ":"at+jwt","kid":"k1","alg":"none"}'),
    "duplicate alg, the same": headed('{"alg":"ES256","alg":"ES256","typ":"at+jwt","kid":"k1"}'),
    "duplicate alg, escaped": headed('{"alg":"ES256","\\u0061lg":"ES256","typ":"at+jwt","kid":"k1"}'),
    "duplicate kid": headed('{"alg":"ES256","typ":"at+jwt","kid":"k0","kid":"k1"}'),
    "deep header": headed('{"alg":"ES256","typ":"at+jwt","kid":"k1","x":' + "[" * 1200 + "]" * 1200 + "}"),
    "deep alg": headed('{"alg":' + "[" * 900 + "]" * 900 + ',"typ":"at+jwt","kid":"k1"}'),
    "header is a list": headed('["ES256","at+jwt","k1"]'),
    "header is a text": headed('"ES256"'),
    "header is null": headed("null"),
    "header is empty": headed("{}"),
    "header is cut short": headed('{"alg":"ES256","typ":"at+jwt","kid":"k1"'),
    "header with a byte order mark": headed('\ufeff{"alg":"ES256","typ":"at+jwt","kid":"k1"}'),
    "header with text after it": headed('{"alg":"ES256","typ":"at+jwt","kid":"k1"} x'),
    "header with NaN": headed('{"alg":"ES256","typ":"at+jwt","kid":NaN}'),
    "header with a lone surrogate": headed('{"alg":"ES256","typ":"at+jwt","kid":"\\ud800"}'),
    "header is not UTF-8": sealed(b'{"alg":"ES256","typ":"at+jwt","kid":"\xff"}', json.dumps(PAYLOAD).encode()),
    # --- the claims
    **{f"no {name}": forged(payload={name: GONE}) for name in ("iss", "sub", "aud", "exp", "iat", "nbf", "jti")},
    **{f"{name} is {json.dumps(value)[:40]}": forged(payload={name: value})
       for name in ("exp", "iat", "nbf")
       for value in TIMES},
    **{f"{name} is {json.dumps(value)}": forged(payload={name: value})
       for name in ("iss", "sub", "aud", "jti")
       for value in (None, True, 1, "", [PAYLOAD[name]], {PAYLOAD[name]: 1}, PAYLOAD[name] + " ")},
    **{f"scope is {json.dumps(value)}": forged(payload={"scope": value}) for value in
       SCOPES},
    "an unknown claim": forged(payload={"admin": True}),
    "a bound token as a bearer token": forged(payload={"cnf": {"jkt": "x"}}),
    "another issuer": forged(payload={"iss": "lodestar.example"}),
    "another audience": forged(payload={"aud": "other-api"}),
    "several audiences": forged(payload={"aud": ["other-api", "lodestar-api"]}),
    **{f"subject {subject!r}": forged(payload={"sub": subject}) for subject in
       SUBJECTS},
    "jti short": forged(payload={"jti": "abc"}),
    "jti long": forged(payload={"jti": "a" * 65}),
    "jti with a space": forged(payload={"jti": "abcdefgh ijklmnop"}),
    "exp twice": raw(lambda said: said[:-1] + f',"exp":{T + 500}}}'),
    "sub twice, escaped": raw(lambda said: said[:-1] + ',"s\\u0075b":"user:1"}'),
    "exp 1e999": raw(lambda said: said.replace(str(T + 300), "1e999")),
    "exp with an exponent": raw(lambda said: said.replace(str(T + 300), f"{T + 300}e0")),
    "payload is a list": raw(lambda _: "[]"),
    "payload is a text": raw(lambda _: '"x"'),
    "payload is null": raw(lambda _: "null"),
    "payload is empty": raw(lambda _: "{}"),
    "payload is no JSON": raw(lambda said: said[:-1]),
    "payload is deep": raw(lambda said: said[:-1] + ',"x":' + "[" * 1200 + "]" * 1200 + "}"),
    "a NUL in the subject": forged(payload={"sub": "client:\x00"}),
    # --- the time
    "expired": forged(payload={"iat": T - 400, "nbf": T - 400, "exp": T - 100}),
    "expired as long ago as the leeway": forged(payload={"iat": T - 330, "nbf": T - 330, "exp": T - 30}),
    "issued in the future": forged(payload={"iat": T + 31, "nbf": T + 31}),
    "issued an hour ahead": forged(payload={"iat": T + 3600, "nbf": T + 3600, "exp": T + 3900}),
    "issued in the future, valid now": forged(payload={"iat": T + 60, "nbf": T}),
    "not yet valid": forged(payload={"nbf": T + 31}),
    "valid before it was issued": forged(payload={"nbf": T - 1}),
    "a lifetime over the bound": forged(payload={"exp": T + 601}),
    "a lifetime of a day": forged(payload={"exp": T + 86400}),
    "no lifetime": forged(payload={"exp": T}),
    "a negative lifetime": forged(payload={"exp": T - 1}),
    # --- the key and the signature
    "another key": forged(key=OTHER),
    "a P-384 key": forged(key=P384),
    "an RSA signature": f"{H}.{P}."
        + b64(RSA.sign(f"{H}.{P}".encode(), padding.PKCS1v15(), hashes.SHA256())),
    "a DER signature": f"{H}.{P}." + b64(KEY.sign(f"{H}.{P}".encode(), ec.ECDSA(hashes.SHA256()))),
    "a signature of zeros": f"{H}.{P}." + b64(bytes(64)),
    "a signature of n": f"{H}.{P}." + b64(N.to_bytes(32, "big") * 2),
    "a signature cut short": f"{H}.{P}." + b64(base64.urlsafe_b64decode(S + "==")[:-1]),
    "a signature with a byte too many": f"{H}.{P}." + b64(base64.urlsafe_b64decode(S + "==") + b"\x00"),
    "another token's signature": f"{H}.{P}." + forged(payload={"jti": "qrstuvwxyzqrstuvwxyz"}).split(".")[2],
    "another token's payload": f"{H}." + forged(payload={"sub": "user:1"}).split(".")[1] + f".{S}",
    # --- the text
    "padding after the signature": GOOD + "==",
    "padding after the header": f"{H}=.{P}.{S}",
    "padding after the payload": f"{H}.{P}=.{S}",
    "an unused bit in the last character": respelled(GOOD),
    "standard base64": GOOD.replace("-", "+").replace("_", "/") + "+/",
    "a space before": " " + GOOD,
    "a space after": GOOD + " ",
    "a line end after": GOOD + "\n",
    "a line end within": f"{H}.\n{P}.{S}",
    "a NUL after": GOOD + "\x00",
    "the word Bearer": f"Bearer {GOOD}",
    "two parts": f"{H}.{P}",
    "one part": H,
    "four parts": f"{GOOD}.AAAA",
    "five parts, as of a JWE": f"{H}.AAAA.AAAA.{P}.{S}",
    "an empty header": f".{P}.{S}",
    "an empty payload": f"{H}..{S}",
    "an empty signature": f"{H}.{P}.",
    "only dots": "..",
    "nothing": "",
    "JSON serialisation": json.dumps({"protected": H, "payload": P, "signature": S}),
    "letters of another script": GOOD[:-1] + "\u0430",
    "a lone surrogate": GOOD[:-1] + "\ud800",
    "a part of impossible length": f"{H}A" * 5 + f".{P}.{S}",
    "4097 characters": forged(payload={"scope": "a" * 60 + (" " + "b" * 60) * 60}),
    "eight million characters": f"{H}.{'A' * 8_000_000}.{S}",
    "bytes": GOOD.encode(),
    "None": None,
    "a number": 1,
    "a list": [GOOD],
}
# fmt: on


@pytest.mark.parametrize("token", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_bad_token_is_refused_with_one_error_that_tells_nothing(token: object) -> None:
    with pytest.raises(BadToken) as caught:
        reading(token)
    assert type(caught.value) is BadToken
    assert str(caught.value) == BadToken.__doc__
    assert caught.value.__context__ is None, "the cause could quote the token"
    assert not caught.value.more


def test_the_table_holds_more_than_a_hundred_attacks() -> None:
    assert len(ATTACKS) > 200


# fmt: off
TAKEN: tuple[dict[str, Any], ...] = (
    {},
    {"scope": GONE},
    {"scope": ""},
    {"scope": "decisions:read referrals:submit"},
    {"sub": "user:0b0f8c1e-5f1c-4a52-9d0a-0d9e6a3a8f11"},
    {"exp": T + 600},
    {"exp": T + 1},
    {"iat": T + 30, "nbf": T + 30},
    {"iat": T - 329, "nbf": T - 329, "exp": T - 29},
    {"nbf": T + 30},
)
# fmt: on


@pytest.mark.parametrize("changed", TAKEN, ids=[str(number) for number in range(len(TAKEN))])
def test_a_good_token_made_by_hand_is_taken(changed: dict[str, Any]) -> None:
    claims = reading(forged(payload=changed))
    assert claims.subject == changed.get("sub", "client:police-42")
    assert claims.expires_at == datetime.fromtimestamp(changed.get("exp", T + 300), UTC)


def test_the_other_spelling_of_a_signature_has_the_same_jti_so_replay_lists_go_by_jti() -> None:
    signature = base64.urlsafe_b64decode(S + "==")
    s = N - int.from_bytes(signature[32:], "big")
    assert reading(f"{H}.{P}.{b64(signature[:32] + s.to_bytes(32, 'big'))}").jti == PAYLOAD["jti"]
