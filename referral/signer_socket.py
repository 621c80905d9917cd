"""The signer in another process: asked and answered in lines of JSON through a Unix socket, never on a network."""

import os
import socket
import socketserver
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from referral.checkpoints import PublicKey, read_key
from referral.settings import Settings
from referral.signer import Last, NoSigner, OwnSigner, Signer, WillNotSign, as_told

LONGEST = 65_536  # bytes of a line
PATIENCE_S = 5


class DistantSigner:
    """The signer behind a socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self) -> Last:
        """What was signed last."""
        told = self._ask({"ask": "last"})
        return Last(int(told["size"]), bytes.fromhex(told["root"]))

    def published(self) -> list[PublicKey]:
        """All public keys there ever were, the newest last."""
        return [read_key(line) for line in self._ask({"ask": "keys"})["keys"]]

    def sign(self, size: int, root: bytes, cases: int, at: datetime, proof: Sequence[bytes]) -> str:
        """A signed note. The signer looks at its own watch: `at` is not sent."""
        del at
        asked = {"ask": "sign", "size": size, "root": root.hex(), "cases": cases, "proof": [one.hex() for one in proof]}
        return str(self._ask(asked)["note"])

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(PATIENCE_S)
                line.connect(str(self._path))
                line.sendall(orjson.dumps(asked) + b"\n")
                with line.makefile("rb") as answer:
                    told: dict[str, Any] = orjson.loads(answer.readline(LONGEST))
        except (OSError, ValueError):
            raise NoSigner("The signer does not answer.") from None
        if "refused" in told:
            raise WillNotSign(told["refused"])
        if "broken" in told:
            raise NoSigner(told["broken"])
        return told


def signer_for(settings: Settings) -> Signer:
    """The signer of this installation: behind its socket, or in the data folder."""
    if settings.signer is not None:
        return DistantSigner(settings.signer)
    return OwnSigner(settings.data / "signer", origin_for(settings))


def origin_for(settings: Settings) -> str:
    """How the log is named where nothing else was said: the address of the issuer, without its scheme."""
    return f"{settings.issuer.partition('://')[2].strip('/') or settings.issuer}/log"


class SignerServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers until `shutdown`. The folder of the socket says who may ask: its mode is that of the file, 0660."""

    daemon_threads = True

    def __init__(self, path: Path, signer: OwnSigner, now: Callable[[], datetime]) -> None:
        """Begin to listen. Raises OSError where that is not possible."""
        if path.is_socket():
            path.unlink()
        before = os.umask(0o117)
        try:
            super().__init__(str(path), _Line)
        finally:
            os.umask(before)
        self.signer, self.now = signer, now

    def answer(self, asked: Any) -> dict[str, Any]:
        """One answer. Whatever is asked wrongly is refused and changes nothing."""
        try:
            if asked["ask"] == "last":
                return as_told(self.signer.last())
            if asked["ask"] == "keys":
                return {"keys": [str(key) for key in self.signer.published()]}
            if asked["ask"] == "sign":
                proof = [bytes.fromhex(one) for one in asked["proof"]]
                root = bytes.fromhex(asked["root"])
                return {"note": self.signer.sign(int(asked["size"]), root, int(asked["cases"]), self.now(), proof)}
        except WillNotSign as why:
            return {"refused": str(why)}
        except NoSigner as why:
            return {"broken": str(why)}
        except (LookupError, TypeError, ValueError):
            pass
        return {"refused": "The signer does not understand this."}


class _Line(socketserver.StreamRequestHandler):
    timeout = PATIENCE_S

    def handle(self) -> None:
        """One question, one answer."""
        try:
            asked = orjson.loads(self.rfile.readline(LONGEST))
        except (OSError, ValueError):
            asked = None
        server = self.server
        if isinstance(server, SignerServer):
            self.wfile.write(orjson.dumps(server.answer(asked)) + b"\n")
