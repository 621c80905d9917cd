"""Makes tokens by hand, good and bad, without the library that the tests are about."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from api.tokens import ACCESS, Claims, Keyring, issue, verify

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
T = int(NOW.timestamp())
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)
PUBLIC = KEY.public_key()
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PEM = PUBLIC.public_bytes(serialization.Encoding.PEM, SPKI)
DER = PUBLIC.public_bytes(serialization.Encoding.DER, SPKI)
POINT = PUBLIC.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # the order of P-256

HEADER = {"alg": "ES256", "typ": ACCESS, "kid": "k1"}
PAYLOAD: dict[str, Any] = {
    "iss": "lodestar",
    "sub": "client:police-42",
    "aud": "lodestar-api",
    "iat": T,
    "nbf": T,
    "exp": T + 300,
    "jti": "abcdefghijklmnop",
    "scope": "referrals:submit",
}
GONE = object()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def es256(key: Any, text: bytes) -> bytes:
    """Sign without python-jose, so that the table does not rest on what it checks."""
    size = (key.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def sealed(header: bytes, payload: bytes, key: Any = KEY) -> str:
    text = f"{b64(header)}.{b64(payload)}"
    return f"{text}.{b64(es256(key, text.encode()))}"


def forged(header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None, key: Any = KEY) -> str:
    """A token that is good but for what is changed; GONE leaves a member out."""
    head = {name: value for name, value in {**HEADER, **(header or {})}.items() if value is not GONE}
    said = {name: value for name, value in {**PAYLOAD, **(payload or {})}.items() if value is not GONE}
    return sealed(json.dumps(head).encode(), json.dumps(said).encode(), key)


def keyed(secret: bytes, alg: str = "HS256", digest: str = "sha256") -> str:
    """A token signed with a shared secret, as if the public key were one."""
    text = f"{b64(json.dumps({**HEADER, 'alg': alg}).encode())}.{b64(json.dumps(PAYLOAD).encode())}"
    return f"{text}.{b64(hmac.digest(secret, text.encode(), digest))}"


def unsigned(alg: str) -> str:
    return f"{b64(json.dumps({**HEADER, 'alg': alg}).encode())}.{b64(json.dumps(PAYLOAD).encode())}."


def reading(token: Any, keyring: Keyring | None = None, now: datetime = NOW, **more: Any) -> Claims:
    wanted = {"audience": "lodestar-api", "issuer": "lodestar", **more}
    return verify(keyring or Keyring({"k1": KEY}), token, now=now, **wanted)


def respelled(token: str) -> str:
    """The same signature with the unused bits of its last character set."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) + 1]


def raw(change: Callable[[str], str]) -> str:
    """A token whose payload text has been rewritten by hand, and then been signed."""
    return sealed(json.dumps(HEADER).encode(), change(json.dumps(PAYLOAD)).encode())


def headed(text: str) -> str:
    """A token whose header text has been written by hand, and then been signed."""
    return sealed(text.encode(), json.dumps(PAYLOAD).encode())


def made(keyring: Keyring, **more: Any) -> str:
    wanted = {"subject": "user:7", "audience": "lodestar-api", "issuer": "lodestar", "now": NOW, **more}
    return issue(keyring, **wanted)
