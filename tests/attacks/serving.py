"""The API behind its own web server, on a real socket of this machine, and a caller that sends what it is told to."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from api import sessions
from api.app import create_app
from api.patience import PatientProtocol
from api.tokens import load_or_make
from referral.access import Role
from referral.settings import Settings
from tests.world import START, WORKS_FOR, World, user_id

CANARY = "Zoe-Example"
FREE = {"reads_per_minute": 0, "writes_per_minute": 0, "sign_ins_per_minute": 0, "at_once": 0}


@dataclass(frozen=True)
class Heard:
    """One answer, as it came."""

    status: int
    headers: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A running server."""

    port: int
    app: Any
    world: World

    def bearer(self, role: Role = Role.NAVIGATOR) -> str:
        """A session of somebody in this role, begun now, as after a sign-in with a passkey."""
        now = self.app.state.house.now()
        with self.world.db.write() as session:
            user = user_id(role, WORKS_FOR[role])
            opened = sessions.begin(session, user, kind="command_line", factor="passkey", now=now, shown_at=now)
        return f"Bearer {opened.token}"

    def connect(self, seconds: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def say(self, data: bytes) -> Heard:
        """Send these bytes, hear one answer; the connection is closed by whoever is first."""
        with self.connect() as line:
            with suppress(OSError):  # an answer may come, and the connection go, before all was sent
                line.sendall(data)
            return hear(line)

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Heard:
        """A request that is well made, but for what is told otherwise."""
        return self.say(request(method, target, body, **headers))


def request(method: str, target: str | bytes, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request. Names are written with `_` for `-`; an empty Host leaves it out."""
    all_of = {"Host": "localhost", "Connection": "close", **{name.replace("_", "-"): v for name, v in headers.items()}}
    if body and "Content-Length" not in all_of and "Transfer-Encoding" not in all_of:
        all_of["Content-Length"] = str(len(body))
    lines = [f"{name}: {value}".encode("latin-1") for name, value in all_of.items() if value]
    where = target if isinstance(target, bytes) else target.encode("latin-1")
    return b"\r\n".join([method.encode() + b" " + where + b" HTTP/1.1", *lines, b"", body])


def hear(line: socket.socket) -> Heard:
    """Read one answer, however long it is."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        more = line.recv(65536)
        if not more:
            break
        raw += more
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        more = line.recv(65536)
        if not more:
            break
        body += more
        raw += more
    return Heard(int(first.split()[1]) if first else 0, headers, body, raw)


@contextmanager
def serving(world: World, folder: Path, **more: Any) -> Iterator[Served]:
    """The API of this world, served as `lodestar serve` does it, until the block ends."""
    settings = Settings(data=folder, heartbeat=False, **{**FREE, **more})
    app = create_app(settings, world.db, world.law, lambda: world.now, load_or_make(folder / "keys", START))
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, http=PatientProtocol, ws="none", log_config=None, log_level="critical",
        access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=max(1, int(settings.idle_seconds)),
        timeout_graceful_shutdown=1, backlog=2048,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield Served(listening.getsockname()[1], app, world)
        finally:
            server.should_exit = True
            thread.join(30)
