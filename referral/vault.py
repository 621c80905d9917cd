"""The vault: identity, answers and free text sealed under a key per case; a ring kept elsewhere wraps these keys.

AES-256-GCM throughout. A sealed value is bound to its table, column and row: moved elsewhere, it no longer opens.
Whoever holds the database without the ring's files holds nothing; whoever destroys a case's key has erased the person.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from referral import keyfiles
from referral.errors import Erased, NoKeys

WRAPS, INDEXES = "seal", "index"  # the kinds of key files
NONCE, BLOCK = 12, 32  # bytes; a text is filled up to whole blocks, so that its length says little
REMEMBERED = 8192  # opened keys of one process


class SubjectKey:
    """Opens and seals what belongs to one case or one place."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        """`key` has 32 bytes."""
        self._cipher = AESGCM(key)

    def seal(self, table: str, column: str, row: str, text: str) -> bytes:
        """Seal one text for one place in the database. It must not hold NUL, which fills it up."""
        return self.seal_row(table, row, {column: text})[column]

    def open(self, table: str, column: str, row: str, sealed: bytes) -> str:
        """The text that was sealed for this place. Raises NoKeys where the value or its place was changed."""
        return self.open_row(table, row, {column: sealed})[column]

    def seal_row(self, table: str, row: str, told: Mapping[str, str | None]) -> dict[str, bytes]:
        """The same for the texts of a row, by their columns; those that are None are left out."""
        encrypt, nonces, sealed = self._cipher.encrypt, os.urandom(NONCE * len(told)), {}
        for number, (column, text) in enumerate(told.items()):
            if text is not None:
                plain, nonce = text.encode(), nonces[NONCE * number : NONCE * number + NONCE]
                plain += bytes(-len(plain) % BLOCK)
                sealed[column] = nonce + encrypt(nonce, plain, f"{table}.{column}:{row}".encode())
        return sealed

    def open_row(self, table: str, row: str, held: Mapping[str, bytes | None]) -> dict[str, str]:
        """The same for the columns of a row; those that are None are left out."""
        decrypt = self._cipher.decrypt
        try:
            return {
                column: decrypt(sealed[:NONCE], sealed[NONCE:], f"{table}.{column}:{row}".encode())
                .rstrip(b"\0")
                .decode()
                for column, sealed in held.items()
                if sealed is not None
            }
        except (InvalidTag, ValueError):
            raise NoKeys from None


class Wrapped(NamedTuple):
    """A subject's key as the database holds it."""

    subject: str  # id of the case or place
    ring: str  # which key of the ring wraps it
    wrapped: bytes | None  # None once it was destroyed


class Vault:
    """The ring of wrapping keys: the newest wraps, all of them open. Also holds the key of the blind index."""

    def __init__(
        self, ring: Mapping[str, bytes], index: Mapping[str, bytes], again: Callable[[], dict[str, bytes]],
        changed: Callable[[], int] = lambda: 0,
    ) -> None:  # fmt: skip
        """`again` reads the ring anew; `changed` gives another number once there is something new to read."""
        self._again, self._changed, self._lock = again, changed, Lock()
        self._seen = changed()
        self._use(ring)
        self._opened: dict[tuple[str, bytes], SubjectKey] = {}
        self.index_key = index[max(index)]

    @property
    def newest(self) -> str:
        """The id of the key that wraps from now on."""
        return max(self._ring)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys of the ring."""
        return frozenset(self._ring)

    def make(self, subject: str) -> tuple[SubjectKey, Wrapped]:
        """A new key for a case or a place, and what is kept of it."""
        if self._changed() != self._seen:  # another process has added a key: from now on it is the one that wraps
            self.read_again()
        key = os.urandom(keyfiles.SIZE)
        return SubjectKey(key), self._wrap(subject, key)

    def key(self, wrapped: Wrapped) -> SubjectKey:
        """The key of a subject. Raises Erased where it was destroyed, NoKeys where the ring cannot open it."""
        if wrapped.wrapped is None:
            raise Erased
        known = (wrapped.subject, wrapped.wrapped)
        if (found := self._opened.get(known)) is None:
            found = SubjectKey(self._unwrap(wrapped))
            with self._lock:
                if len(self._opened) >= REMEMBERED:
                    self._opened.clear()
                self._opened[known] = found
        return found

    def wrap_anew(self, wrapped: Wrapped) -> Wrapped:
        """The same key under the newest key of the ring: what it has sealed stays as it is."""
        return self._wrap(wrapped.subject, self._unwrap(wrapped))

    def read_again(self) -> None:
        """Take up keys that were added to the ring since."""
        self._seen = self._changed()
        self._use(self._again())

    def _wrap(self, subject: str, key: bytes) -> Wrapped:
        nonce, newest = os.urandom(NONCE), self.newest
        return Wrapped(subject, newest, nonce + self._ring[newest].encrypt(nonce, key, f"key:{subject}".encode()))

    def _unwrap(self, wrapped: Wrapped) -> bytes:
        if wrapped.ring not in self._ring:
            self.read_again()
        sealed = wrapped.wrapped or b""
        try:
            cipher = self._ring[wrapped.ring]
            return cipher.decrypt(sealed[:NONCE], bytes(sealed[NONCE:]), f"key:{wrapped.subject}".encode())
        except (KeyError, InvalidTag, ValueError):
            raise NoKeys from None

    def _use(self, ring: Mapping[str, bytes]) -> None:
        if not ring:
            raise NoKeys
        self._ring = {name: AESGCM(key) for name, key in ring.items()}


def open_vault(folder: Path, now: datetime) -> Vault:
    """The vault whose keys lie in a folder; where there are none yet, the first are made. ValueError for a bad file."""
    keyfiles.read_or_make(folder, WRAPS, now)
    index = keyfiles.read_or_make(folder, INDEXES, now)

    def ring() -> dict[str, bytes]:
        return keyfiles.read(folder, WRAPS)

    return Vault(ring(), index, ring, lambda: folder.stat().st_mtime_ns)


def opened(vault: Vault | None, kept: Any, table: str, row: str, columns: Mapping[str, bytes | None]) -> dict[str, str]:
    """The texts of the sealed columns that are not empty; `kept` is the row of the keys table, or None."""
    if not any(columns.values()):
        return {}
    if vault is None or kept is None:
        raise NoKeys
    return vault.key(Wrapped(kept.id, kept.ring, kept.wrapped)).open_row(table, row, columns)
