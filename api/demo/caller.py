"""Calls an app as a web server would, inside this process: the whole HTTP interface, without a network."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    told: Any


class Caller:
    """One caller, one request at a time. Its loop is closed with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._loop = app, asyncio.new_event_loop()

    def get(self, path: str, token: str) -> Answer:
        """Look."""
        return self._call("GET", path, {"authorization": f"Bearer {token}"}, b"")

    def post(self, path: str, told: Any, headers: dict[str, str]) -> Answer:
        """Send JSON."""
        return self._call("POST", path, {"content-type": "application/json", **headers}, orjson.dumps(told))

    def post_form(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._call("POST", path, kind, urlencode(fields).encode())

    def close(self) -> None:
        """Let go of the loop and its threads."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _call(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        route, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": route, "raw_path": route.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in {**headers, "host": "localhost"}.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
        }  # fmt: skip
        status, data = 0, b""

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, data
            if message["type"] == "http.response.start":
                status = int(message["status"])
            else:
                data += message.get("body", b"")

        self._loop.run_until_complete(self._app(scope, receive, send))
        return Answer(status, orjson.loads(data) if data else None)
