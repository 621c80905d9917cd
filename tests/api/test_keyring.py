"""Keys are made, turned over and checked; tokens are issued by them, and remembered for a moment."""

import hashlib
import stat
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import backends, jws

from api import tokens
from api.tokens import ACCESS, BadToken, Keyring, load, load_or_make, make_key
from tests.api.forging import KEY, NOW, OTHER, P384, PAYLOAD, PEM, RSA, T, forged, made, reading

GOOD = forged()


def test_an_issued_token_says_what_was_asked_for() -> None:
    keyring = Keyring({"k1": KEY})
    claims = reading(made(keyring, scopes=["tasks:write", "decisions:read"], lifetime_s=120), keyring)
    assert (claims.kind, claims.id, claims.typ) == ("user", "7", ACCESS)
    assert claims.scopes == {"tasks:write", "decisions:read"}
    assert (claims.issued_at, claims.expires_at) == (NOW, NOW + timedelta(seconds=120))


def test_two_tokens_are_never_the_same() -> None:
    keyring = Keyring({"k1": KEY})
    assert reading(made(keyring), keyring).jti != reading(made(keyring), keyring).jti


def test_a_time_in_another_zone_is_the_same_time() -> None:
    keyring = Keyring({"k1": KEY})
    summer = NOW.astimezone(timezone(timedelta(hours=1)))
    assert reading(made(keyring, now=summer), keyring).issued_at == NOW


def test_signing_needs_no_random_number() -> None:
    keyring = Keyring({"k1": KEY})
    assert keyring.sign(PAYLOAD, ACCESS) == keyring.sign(PAYLOAD, ACCESS)


# fmt: off
NOT_ISSUED = (
    {"subject": "7"}, {"subject": "agency:7"}, {"subject": "user:"}, {"subject": "user:a b"},
    {"lifetime_s": 0}, {"lifetime_s": -1}, {"lifetime_s": 601},
    {"scopes": ["*"]}, {"scopes": ["a b"]}, {"scopes": [""]}, {"scopes": [f"s{i}:{'x' * 50}" for i in range(90)]},
    {"audience": ""}, {"issuer": ""}, {"typ": ""}, {"now": NOW.replace(tzinfo=None)},
)
# fmt: on


@pytest.mark.parametrize("wrong", NOT_ISSUED, ids=lambda wrong: str(wrong)[:40])
def test_a_token_that_could_not_be_verified_is_not_issued(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        made(Keyring({"k1": KEY}), **wrong)


def test_one_kind_of_token_is_not_taken_for_another() -> None:
    keyring = Keyring({"k1": KEY})
    token = made(keyring, typ="other+jwt")
    assert reading(token, keyring, typ="other+jwt").typ == "other+jwt"
    with pytest.raises(BadToken):
        reading(token, keyring)


def test_a_time_without_offset_is_our_own_mistake_and_is_said() -> None:
    with pytest.raises(ValueError, match="offset"):
        reading(GOOD, now=NOW.replace(tzinfo=None))


# --- what is remembered


def test_a_remembered_token_is_bound_to_audience_issuer_and_kind() -> None:
    keyring = Keyring({"k1": KEY})
    reading(GOOD, keyring)
    for name in ("audience", "issuer", "typ"):
        other: dict[str, Any] = {name: "x"}
        with pytest.raises(BadToken):
            reading(GOOD, keyring, **other)


def test_a_remembered_token_still_expires() -> None:
    keyring = Keyring({"k1": KEY})
    token = made(keyring, lifetime_s=10)
    assert reading(token, keyring).subject == "user:7"
    with pytest.raises(BadToken):
        reading(token, keyring, NOW + timedelta(seconds=40))


def test_a_token_is_remembered_for_half_a_minute_and_never_past_its_expiry() -> None:
    keyring = Keyring({"k1": KEY})
    claims = reading(made(keyring, lifetime_s=20), keyring)
    key = (b"digest", "a", "i", ACCESS)
    keyring.remember(key, claims, T)
    assert keyring.recall(key, T + 19.9) is claims
    assert keyring.recall(key, T + 20) is None
    assert keyring.recall(key, T - 1) is None
    longer = reading(made(keyring, lifetime_s=300), keyring)
    keyring.remember(key, longer, T)
    assert keyring.recall(key, T + 30) is longer
    assert keyring.recall(key, T + 30.1) is None


def test_a_good_token_is_checked_once_and_a_bad_one_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring({"k1": KEY})
    reading(GOOD, keyring)
    with pytest.raises(BadToken):
        reading(forged(key=OTHER), keyring)
    assert len(keyring._remembered) == 1
    (digest, *_), _ = next(iter(keyring._remembered.items()))
    assert digest == hashlib.sha256(GOOD.encode()).digest()
    monkeypatch.setattr(jws, "verify", None)
    assert reading(GOOD, keyring).jti == PAYLOAD["jti"]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    keyring = Keyring({"k1": KEY})
    for _ in range(5):
        reading(made(keyring), keyring)
    assert len(keyring._remembered) == 3


def test_a_token_of_a_key_taken_out_is_refused_by_the_new_keyring() -> None:
    token = made(Keyring({"k1": KEY}))
    assert reading(token).subject == "user:7"
    with pytest.raises(BadToken):
        reading(token, Keyring({"k2": OTHER}))


# --- the keys


def test_the_first_key_is_made_once_and_is_for_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "keys"
    first = load_or_make(folder, NOW)
    assert load_or_make(folder, NOW + timedelta(days=1)).kids == first.kids
    (file,) = folder.iterdir()
    assert file.name == f"token-{first.signs}.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_after_rotation_the_newest_key_signs_and_all_verify(tmp_path: Path) -> None:
    old = load_or_make(tmp_path, NOW)
    before = made(old)
    kid = make_key(tmp_path, NOW + timedelta(seconds=1))
    both = load(tmp_path)
    assert (both.signs, both.kids) == (kid, old.kids | {kid})
    assert reading(before, both).subject == "user:7"
    after = made(both)
    assert reading(after, both).subject == "user:7"
    with pytest.raises(BadToken):
        reading(after, old)


def test_a_key_id_of_one_key_does_not_open_the_other() -> None:
    keyring = Keyring({"k1": KEY, "k2": OTHER})
    assert reading(forged({"kid": "k2"}, key=OTHER), keyring).jti == PAYLOAD["jti"]
    for kid, key in (("k2", KEY), ("k1", OTHER)):
        with pytest.raises(BadToken):
            reading(forged({"kid": kid}, key=key), keyring)


def pem_of(key: Any) -> bytes:
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return bytes(key.private_bytes(*kinds))


# fmt: off
NOT_KEYS = (
    ("token-k1.pem",        pem_of(P384)),
    ("token-k1.pem",        pem_of(RSA)),
    ("token-k1.pem",        pem_of(ec.generate_private_key(ec.SECP256K1()))),
    ("token-k1.pem",        PEM),
    ("token-k1.pem",        b""),
    ("token-.pem",          pem_of(KEY)),
    ("token-a b.pem",       pem_of(KEY)),
    ("token-a.b.pem",       pem_of(KEY)),
    (f"token-{'k' * 65}.pem", pem_of(KEY)),
    ("other.pem",           pem_of(KEY)),
)
# fmt: on


@pytest.mark.parametrize(("name", "pem"), NOT_KEYS)
def test_a_key_that_is_not_ours_stops_the_start(tmp_path: Path, name: str, pem: bytes) -> None:
    (tmp_path / name).write_bytes(pem)
    (tmp_path / name).chmod(0o600)
    with pytest.raises(ValueError, match=r"\w"):
        load(tmp_path)


def test_a_key_that_anybody_can_read_stops_the_start(tmp_path: Path) -> None:
    load_or_make(tmp_path, NOW)
    next(tmp_path.iterdir()).chmod(0o644)
    with pytest.raises(ValueError, match="chmod"):
        load(tmp_path)


def test_another_backend_of_the_library_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "ECKey", object)
    with pytest.raises(RuntimeError, match="backend"):
        Keyring({"k1": KEY})
