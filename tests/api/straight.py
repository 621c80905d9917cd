"""A client that asks the API in its own thread: the framework's test client crosses threads eight times a request."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import httpx2
from fastapi import FastAPI


class Straight(httpx2.BaseTransport):
    """From a client without a loop to an app with one."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._loop, self._thread = httpx2.ASGITransport(app), loop, get_ident()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request and its whole answer. What the app raises is raised here."""
        request.read()
        if get_ident() == self._thread:
            return self._loop.run_until_complete(self._asked(request))
        with asyncio.Runner() as runner:  # a test asks from several threads at once
            return runner.run(self._asked(request))

    async def _asked(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._app.handle_async_request(request)
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=httpx2.ByteStream(body))


@contextmanager
def asking(app: FastAPI) -> Iterator[httpx2.Client]:
    """A client of an app that has been started, and is stopped at the end."""
    with asyncio.Runner() as runner:
        loop, life = runner.get_loop(), app.router.lifespan_context(app)
        state: Any = loop.run_until_complete(life.__aenter__())
        assert state is None or "settings" in state
        try:
            with httpx2.Client(
                transport=Straight(app, loop), base_url="http://testserver", follow_redirects=True,
                headers={"user-agent": "testclient"},
            ) as http:  # fmt: skip
                yield http
        finally:
            loop.run_until_complete(life.__aexit__(None, None, None))
