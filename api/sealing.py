"""Seals what must be read again to check a sign-in, and digests what must only be recognised. Keys lie in a file."""

import base64
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from referral import keyfiles

KIND, NONCE = "second-factor", 12


class Box:
    """AES-256-GCM under the newest key; whatever an older one has sealed can still be opened."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Ids begin with the time: the last is the newest. The oldest digests, so that a digest stays the same."""
        if not keys or any(len(key) != keyfiles.SIZE for key in keys.values()):
            raise ValueError("a second-factor key is 32 bytes")
        self._keys = {kid: AESGCM(key) for kid, key in keys.items()}
        self._seals = max(keys)
        self._digests = keys[min(keys)]

    def seal(self, plain: bytes, *, bound_to: str) -> str:
        """Seal for one row: what is moved to another row cannot be opened there."""
        nonce = secrets.token_bytes(NONCE)
        sealed = self._keys[self._seals].encrypt(nonce, plain, bound_to.encode())
        return f"{self._seals}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, bound_to: str) -> bytes | None:
        """What was sealed for this row; None where it was not, or its key is gone."""
        kid, _, text = sealed.partition(":")
        if kid not in self._keys:
            return None
        try:
            data = base64.urlsafe_b64decode(text)
            return self._keys[kid].decrypt(data[:NONCE], data[NONCE:], bound_to.encode())
        except (InvalidTag, ValueError):
            return None

    def digest(self, what: str, text: str) -> str:
        """A keyed digest, by which a thing is recognised and cannot be found by trying."""
        return hmac.digest(self._digests, f"{what}\x00{text}".encode("utf-8", "surrogatepass"), "sha256").hex()


def load_or_make(folder: Path, now: datetime) -> Box:
    """The box under the keys of a folder; the first key is made where there is none."""
    return Box(keyfiles.read_or_make(folder, KIND, now))
