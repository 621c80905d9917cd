"""The signer: signs a checkpoint only if it continues the one it signed last. Keeps its own key and its own state.

It may live in this process, with its files in a folder, or in another process under another user, who alone can read
the key and the state: then it is asked through a socket (referral/signer_socket.py). It never looks into the database.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referral import checkpoints, merkle
from referral.checkpoints import PublicKey, Statement

STATE = "state.json"


class WillNotSign(Exception):
    """The signer refuses: what it was shown does not continue what it signed before."""


class NoSigner(Exception):
    """The signer does not answer, or has lost its key or its state."""


@dataclass(frozen=True, slots=True)
class Last:
    """What the signer signed last."""

    size: int = 0
    root: bytes = merkle.EMPTY


class Signer(Protocol):
    """Whoever can sign."""

    def last(self) -> Last:
        """What was signed last. Raises NoSigner."""

    def published(self) -> list[PublicKey]:
        """All public keys there ever were, the newest last. Raises NoSigner."""

    def sign(self, size: int, root: bytes, cases: int, at: datetime, proof: Sequence[bytes]) -> str:
        """A signed note, if the proof shows that this tree continues the last. Raises WillNotSign, NoSigner."""


class OwnSigner:
    """The signer whose files lie in a folder of this user; made at its first use."""

    def __init__(self, folder: Path, origin: str) -> None:
        """`origin` names the log in every checkpoint. It is kept from the first use on, whatever is said later."""
        self._folder, self._origin = folder, origin

    def last(self) -> Last:
        """What was signed last."""
        with self._alone():
            state = self._state()
        return Last(state["size"], bytes.fromhex(state["root"]))

    def published(self) -> list[PublicKey]:
        """All public keys there ever were, the newest last."""
        with self._alone():
            self._state()
            return [checkpoints.read_key(path.read_text()) for path in sorted(self._folder.glob("key-*.pub"))]

    def sign(self, size: int, root: bytes, cases: int, at: datetime, proof: Sequence[bytes]) -> str:
        """Sign what continues the last; the state is on the disk before the note leaves."""
        with self._alone():
            state = self._state()
            if size < state["size"]:
                raise WillNotSign("The log is smaller than what was signed before.")
            if not merkle.consistent(state["size"], size, bytes.fromhex(state["root"]), root, proof):
                raise WillNotSign("The log does not continue what was signed before.")
            key = max(self._folder.glob("key-*.pem"))
            private = serialization.load_pem_private_key(key.read_bytes(), password=None)
            if not isinstance(private, Ed25519PrivateKey):
                raise NoSigner("The signer's key is of another kind.")
            note = checkpoints.sign(private, state["origin"], Statement(state["origin"], size, root, cases, at))
            _write(self._folder / STATE, orjson.dumps({**state, "size": size, "root": root.hex()}))
            return note

    def renew(self, at: datetime) -> PublicKey:
        """Make a new key, which signs from now on. The old public keys stay, to check what they signed."""
        with self._alone():
            return self._add_key(self._state()["origin"], at)

    def _state(self) -> dict[str, Any]:
        """The state; made with the first key. A state that is gone is no beginning: it would let anything be signed."""
        path = self._folder / STATE
        if path.exists():
            state: dict[str, Any] = orjson.loads(path.read_bytes())
            if not state["size"] and not any(self._folder.glob("key-*.pem")):  # the first start broke off in between
                self._add_key(state["origin"], None)
            return state
        if any(self._folder.glob("key-*")):
            raise NoSigner("The signer has a key and no state. Restore its folder from a copy.")
        state = {"origin": self._origin, "size": 0, "root": merkle.EMPTY.hex()}
        _write(path, orjson.dumps(state))
        self._add_key(self._origin, None)
        return state

    def _add_key(self, origin: str, at: datetime | None) -> PublicKey:
        private = Ed25519PrivateKey.generate()
        public = checkpoints.public_key(private, origin)
        name = f"key-{at:%Y%m%dT%H%M%S%f}-{public.id.hex()}" if at else f"key-0-{public.id.hex()}"
        kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        _write(self._folder / f"{name}.pub", f"{public}\n".encode())
        _write(self._folder / f"{name}.pem", private.private_bytes(*kinds))
        return public

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder: several processes may share one signer."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = os.open(self._folder, os.O_RDONLY)
        except OSError as error:
            raise NoSigner(f"The signer's folder cannot be used: {error.strerror}.") from None
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise NoSigner(f"The signer's files cannot be used: {error.strerror}.") from None
        finally:
            os.close(held)


def _write(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all, also after the power fails; for its owner alone."""
    unfinished = path.with_name(f".new-{path.name}")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def as_told(last: Last) -> dict[str, Any]:
    """What was signed last, as it goes through a socket."""
    return {**asdict(last), "root": last.root.hex()}
