"""Staff passwords and the secrets of machine clients: how they are made, kept and checked. Knows no account."""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error

SHORTEST, LONGEST = 12, 256  # characters of a password
_TIME, _MEMORY, _LANES = 3, 65536, 4  # rounds, KiB, lanes: RFC 9106, second recommended option
_HASHER = PasswordHasher(_TIME, _MEMORY, _LANES, hash_len=32, salt_len=16, type=Type.ID)

# Checked in place of an account that does not exist, so that both answers take as long. All zeros: no password is known
# that gives it, and it follows the parameters above.
_NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_TIME},p={_LANES}${'A' * 22}${'A' * 43}"
_NO_SECRET = "0" * 64


class BadPassword(ValueError):
    """A password has between 12 and 256 characters."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client secret: `shown` goes to its owner once and is forgotten, `stored` is kept."""

    shown: str = field(repr=False)
    stored: str = field(repr=False)


def hash_password(password: str) -> str:
    """Turn a new password into what is kept of it: argon2id, with a salt of its own."""
    typed = _typed(password)
    if typed is None or len(password) < SHORTEST:
        raise BadPassword(BadPassword.__doc__)
    return _HASHER.hash(typed)


def check_password(password: str, stored: str | None) -> bool:
    """Whether the password is the one that was kept; `None` for an account that does not exist.

    Whatever comes in, one hash is computed, so the time taken tells nothing about the account.
    """
    typed = _typed(password)
    known = stored is not None and stored.startswith("$argon2id$") and typed is not None
    return _matches(stored if known and stored else _NOBODY, typed or b"") and known


def is_outdated(stored: str) -> bool:
    """Whether a password should be hashed again at the next good sign-in, because the parameters have grown."""
    return _HASHER.check_needs_rehash(stored)


def new_secret() -> NewSecret:
    """Make a client secret of 256 random bits. A plain digest is enough to keep it: there is nothing to guess."""
    shown = f"lds_{secrets.token_urlsafe(32)}"  # the prefix lets secret scanners find a leaked one
    return NewSecret(shown, _digest(shown))


def check_secret(secret: str, stored: str | None) -> bool:
    """Whether the secret is the one whose digest was kept; `None` for a client that does not exist."""
    same = hmac.compare_digest(_digest(secret), stored if stored and stored.isascii() else _NO_SECRET)
    return same and stored is not None


def _typed(password: str) -> bytes | None:
    """Give the bytes of a password as any keyboard would send them; None for what cannot be a password."""
    if len(password) > LONGEST:
        return None
    try:
        return unicodedata.normalize("NFKC", password).encode()
    except UnicodeEncodeError:
        return None


def _matches(stored: str, typed: bytes) -> bool:
    """Compute the hash and compare."""
    try:
        return _HASHER.verify(stored, typed)
    except (Argon2Error, ValueError):  # the second: what was kept is no hash at all
        return False


def _digest(secret: str) -> str:
    """SHA-256 as hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
