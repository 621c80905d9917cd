"""What a client proves with a key of its own (RFC 7523, private_key_jwt), checked as strictly as a token."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api import body
from api.tokens import ALGORITHM, JTI, KID, LARGEST, LATEST, LEEWAY_S, TEXT, BadToken, decode, seconds, signed_by

TYPS = ("client-authentication+jwt", "JWT")
LONGEST_S = 120  # from its making to its end
_REQUIRED = {"iss", "sub", "aud", "jti", "iat", "exp"}


@dataclass(frozen=True, slots=True)
class Assertion:
    """A good proof, and until when the same one could be shown again."""

    jti: str
    ends_at: datetime


def read_key(pem: str) -> ec.EllipticCurvePublicKey:
    """The public key of a client. Raises ValueError unless it is one on P-256, written as PEM."""
    key = serialization.load_pem_public_key(pem.encode())
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("a client's key is a public key on P-256")


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 of the key, to be compared by telephone or on paper."""
    kinds = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(*kinds))
    return digest.finalize().hex()


def named_client(token: str) -> str:
    """Whom a proof says it is from. Only to look for their keys: nothing is believed yet. Raises BadToken."""
    with suppress(Exception):
        if len(token) <= LARGEST and TEXT.fullmatch(token):
            said = body.parse(decode(token.split(".")[1]), LARGEST, depth=1)["sub"]
            if type(said) is str:
                return said
    raise BadToken


def verify(
    keys: Sequence[ec.EllipticCurvePublicKey], token: str, *, client: str, audience: str, now: datetime
) -> Assertion:
    """Check a proof against the client's keys. Raises BadToken, which never says why."""
    moment = seconds(now)
    with suppress(Exception):
        return _verified(keys, token, client, audience, moment)
    raise BadToken


def _verified(
    keys: Sequence[ec.EllipticCurvePublicKey], token: str, client: str, audience: str, moment: float
) -> Assertion:
    """The header may name a key; the client's own keys count, whatever it names. Any exception means no."""
    if len(token) > LARGEST or not TEXT.fullmatch(token):
        raise BadToken
    header, payload, signature = (decode(part) for part in token.split("."))
    head = body.parse(header, LARGEST, depth=1)
    named = "kid" not in head or KID.fullmatch(head["kid"])
    if head.keys() - {"kid"} != {"alg", "typ"} or head["alg"] != ALGORITHM or head["typ"] not in TYPS or not named:
        raise BadToken
    if len(signature) != 64 or not signed_by(keys, token):  # noqa: PLR2004  r and s of P-256
        raise BadToken
    return _said(body.parse(payload, LARGEST, depth=1), client, audience, moment)


def _said(said: dict[str, Any], client: str, audience: str, moment: float) -> Assertion:
    """Check what a well-signed proof says. A claim we do not know is refused: it may be a condition."""
    if said.keys() - {"nbf"} != _REQUIRED or any(
        type(said[name]) is not int for name in {"iat", "nbf", "exp"} & set(said)
    ):
        raise BadToken
    iat, exp = said["iat"], said["exp"]
    nbf = said.get("nbf", iat)
    right = (
        type(said["aud"]) is str and said["aud"] == audience,  # the issuer alone; the address of the token is refused
        type(said["iss"]) is str and said["iss"] == client,
        type(said["sub"]) is str and said["sub"] == client,
        JTI.fullmatch(said["jti"]),
        0 <= iat <= nbf < exp <= LATEST,
        exp - iat <= LONGEST_S,
        max(iat, nbf) <= moment + LEEWAY_S,
        moment < exp + LEEWAY_S,
    )
    if not all(right):
        raise BadToken
    return Assertion(said["jti"], datetime.fromtimestamp(exp + LEEWAY_S, UTC))
