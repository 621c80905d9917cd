"""Access tokens, issued and verified; the only use of python-jose.

A token is only a claim of identity: whoever it names, what they may do, and whether they still may, is read again from
the database at every request. That is why a token verified a moment ago may be remembered here.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jose import backends, jws
from jose.backends.cryptography_backend import CryptographyECKey

from api import body
from referral import keyfiles
from referral.errors import NotSignedIn

ALGORITHM = "ES256"
ACCESS = "at+jwt"  # RFC 9068
LARGEST = 4096  # characters of a token
LONGEST_S = 600  # from issue to expiry
LEEWAY_S = 30  # between the times of two machines
REMEMBERED_S, REMEMBERED = 30, 2048  # how long a verified token is remembered, and how many are

TEXT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
KID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SUBJECT = re.compile(r"(client|user):[A-Za-z0-9._-]{1,64}")
JTI = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SCOPE = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
_HEADER = {"alg", "typ", "kid"}
_TIMES = ("iat", "nbf", "exp")
_REQUIRED = {"iss", "sub", "aud", "jti", *_TIMES}
_FILES = "token", ".pem"
LATEST = 2**33  # seconds since 1970: the year 2242


class BadToken(NotSignedIn):
    """Sign in first: the token is missing, wrong or has expired."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says."""

    subject: str  # "client:…" or "user:…", so that a client can never be taken for a user
    audience: str
    issuer: str
    jti: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    typ: str

    @property
    def kind(self) -> str:
        """`client` or `user`."""
        return self.subject.partition(":")[0]

    @property
    def id(self) -> str:
        """The subject without its namespace."""
        return self.subject.partition(":")[2]


class Keyring:
    """Ready P-256 keys by their id: the newest signs, all verify. Ids begin with the time: the last is newest."""

    def __init__(self, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> None:
        """Check every key, and that python-jose will use them as they are."""
        if backends.ECKey is not CryptographyECKey:  # its other backend leaks the key through the time it takes
            raise RuntimeError("python-jose does not use its cryptography backend")
        for kid, key in keys.items():
            _check_key(kid, key)
        if not keys:
            raise ValueError("a keyring needs at least one key")
        self.signs = max(keys)
        self._signer = _SigningKey(keys[self.signs], ALGORITHM)
        self._verifiers = {kid: CryptographyECKey(key.public_key(), ALGORITHM) for kid, key in keys.items()}
        self._remembered: dict[tuple[bytes, str, str, str], tuple[Claims, float]] = {}
        self._lock = Lock()

    @property
    def kids(self) -> frozenset[str]:
        """The ids of all keys."""
        return frozenset(self._verifiers)

    def sign(self, payload: Mapping[str, Any], typ: str) -> str:
        """Sign with the newest key."""
        headers = {"typ": typ, "kid": self.signs}
        return jws.sign(orjson.dumps(payload), self._signer, headers=headers, algorithm=ALGORITHM)

    def payload(self, token: str, kid: str) -> bytes:
        """Give what a token carries, once the signature of that one key is found to be good."""
        return jws.verify(token, self._verifiers[kid], algorithms=[ALGORITHM])

    def recall(self, key: tuple[bytes, str, str, str], moment: float) -> Claims | None:
        """Give a token verified within the last seconds, unless it has expired since."""
        with self._lock:
            claims, since = self._remembered.get(key, (None, 0.0))
        if claims and since <= moment <= since + REMEMBERED_S and moment < claims.expires_at.timestamp():
            return claims
        return None

    def remember(self, key: tuple[bytes, str, str, str], claims: Claims, moment: float) -> None:
        """Remember a verified token; the one remembered first makes room."""
        with self._lock:
            self._remembered.pop(key, None)
            self._remembered[key] = (claims, moment)
            if len(self._remembered) > REMEMBERED:
                del self._remembered[next(iter(self._remembered))]


class _SigningKey(CryptographyECKey):
    """A private key that signs without a random number, so that a poor one cannot give the key away (RFC 6979)."""

    def sign(self, msg: bytes) -> bytes:
        """Sign, and write r and s side by side."""
        made = self.prepared_key.sign(msg, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(made))


def issue(
    keyring: Keyring,
    *,
    subject: str,
    audience: str,
    issuer: str,
    now: datetime,
    lifetime_s: int = 300,
    scopes: Iterable[str] = (),
    typ: str = ACCESS,
) -> str:
    """Issue a token that `verify` will take until it expires."""
    granted = sorted(set(scopes))
    if not _SUBJECT.fullmatch(subject):
        raise ValueError("a subject is client:… or user:…")
    if not 0 < lifetime_s <= LONGEST_S:
        raise ValueError(f"a token lives for 1 to {LONGEST_S} seconds")
    if not (audience and issuer and typ and all(_SCOPE.fullmatch(scope) for scope in granted)):
        raise ValueError("audience, issuer, typ or a scope is not well formed")
    since = int(seconds(now))
    named = {"iss": issuer, "sub": subject, "aud": audience, "scope": " ".join(granted)}
    times = {"iat": since, "nbf": since, "exp": since + lifetime_s}
    token = keyring.sign({**named, **times, "jti": secrets.token_urlsafe(16)}, typ)
    if len(token) > LARGEST:
        raise ValueError("too many scopes for one token")
    return token


def verify(keyring: Keyring, token: str, *, audience: str, issuer: str, now: datetime, typ: str = ACCESS) -> Claims:
    """Give what the token says, or raise BadToken, which never says why: a caller learns nothing by trying."""
    moment = seconds(now)
    with suppress(Exception):  # whatever is wrong; the library leaks errors of many kinds. None of them hangs on ours.
        return _verified(keyring, token, audience, issuer, moment, typ)
    raise BadToken


def signed_by(keys: Iterable[ec.EllipticCurvePublicKey], token: str) -> bool:
    """Whether one of these keys has signed this text, which must have been looked at before."""
    for key in keys:
        with suppress(Exception):  # another of them may be the right one
            jws.verify(token, CryptographyECKey(key, ALGORITHM), algorithms=[ALGORITHM])
            return True
    return False


def load(folder: Path) -> Keyring:
    """Read every `token-<kid>.pem` of a folder."""
    return _ring(keyfiles.contents(folder, *_FILES))


def load_or_make(folder: Path, now: datetime) -> Keyring:
    """Read the folder's keys; where there are none yet, make the first. Several processes may start at once."""
    keyfiles.make_first(folder, *_FILES, _new_pem, now)
    return load(folder)


def make_key(folder: Path, now: datetime) -> str:
    """Add a new key to a folder and give its id. Whoever has loaded the folder before must load it again."""
    return keyfiles.add(folder, *_FILES, _new_pem(), now)


def _verified(keyring: Keyring, token: str, audience: str, issuer: str, moment: float, typ: str) -> Claims:
    """Make the checks, in the order in which they protect one another; any exception means no."""
    if len(token) > LARGEST or not TEXT.fullmatch(token):
        raise BadToken
    key = (hashlib.sha256(token.encode()).digest(), audience, issuer, typ)
    if claims := keyring.recall(key, moment):
        return claims
    header_part, payload_part, signature_part = token.split(".")
    header = body.parse(decode(header_part), LARGEST, depth=1)
    decode(signature_part)
    if header.keys() != _HEADER or header["alg"] != ALGORITHM or header["typ"] != typ:
        raise BadToken
    if keyring.payload(token, header["kid"]) != decode(payload_part):
        raise BadToken
    claims = _claims(body.parse(decode(payload_part), LARGEST, depth=1), audience, issuer, moment, typ)
    keyring.remember(key, claims, moment)
    return claims


def _claims(said: dict[str, Any], audience: str, issuer: str, moment: float, typ: str) -> Claims:
    """Check what a well-signed token says. A claim we do not know is refused: it may be a condition."""
    if said.keys() - {"scope"} != _REQUIRED or any(type(said[name]) is not int for name in _TIMES):
        raise BadToken
    iat, nbf, exp = (said[name] for name in _TIMES)
    scopes = said.get("scope", "").split(" ") if said.get("scope", "") != "" else []
    right = (
        type(said["iss"]) is str and said["iss"] == issuer,
        type(said["aud"]) is str and said["aud"] == audience,
        _SUBJECT.fullmatch(said["sub"]),
        JTI.fullmatch(said["jti"]),
        all(_SCOPE.fullmatch(scope) for scope in scopes),
        0 <= iat <= nbf < exp <= LATEST,
        exp - iat <= LONGEST_S,
        max(iat, nbf) <= moment + LEEWAY_S,
        moment < exp + LEEWAY_S,
    )
    if not all(right):
        raise BadToken
    since, until = datetime.fromtimestamp(iat, UTC), datetime.fromtimestamp(exp, UTC)
    return Claims(said["sub"], audience, issuer, said["jti"], frozenset(scopes), since, until, typ)


def decode(part: str) -> bytes:
    """Decode base64url in its one canonical spelling."""
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise BadToken
    return data


def seconds(now: datetime) -> float:
    """Seconds since 1970 of an aware time."""
    if now.tzinfo is None:
        raise ValueError("the time has no offset")
    return now.timestamp()


def _check_key(kid: str, key: object) -> ec.EllipticCurvePrivateKey:
    """Refuse any key but P-256, and any id that could be more than a name."""
    if not KID.fullmatch(kid):
        raise ValueError("a key's id is letters, digits, - and _")
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError(f"key {kid} is not a private key on P-256")


def _ring(pems: Mapping[str, bytes]) -> Keyring:
    """A keyring of what files held."""
    return Keyring({kid: serialization.load_pem_private_key(pem, password=None) for kid, pem in pems.items()})  # type: ignore[misc]


def _new_pem() -> bytes:
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(*kinds)
