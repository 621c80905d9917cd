"""Deadlines around uvicorn's own protocol, which has none for heads and bodies: whoever is too slow is let go.

Four waits are bounded: for a head, for a body, for an answer, and for a client that reads it. Everything that uvicorn
itself answers is answered here as a problem. Timers only; nothing here is waited for.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from api import headers
from api.body import LIMIT, BadBody
from api.gate import HEAD_LIMIT, LONGEST_PATH, LONGEST_QUERY, MOST_HEADERS
from api.limits import LOOKS
from api.problems import refused_body
from referral.settings import Settings

LONGEST_TARGET = LONGEST_PATH + LONGEST_QUERY + 1
LONGEST_HEAD = HEAD_LIMIT + LONGEST_TARGET + 1024  # bytes, with what stands between
LONGEST_BODY = 2 * LIMIT  # what is over LIMIT is refused by its reader; this holds where nobody reads
SLOWEST = 1024  # bytes of a body in each GRACE seconds
GRACE = 5.0
LINGER = 1.0  # seconds in which a client may still read why it was let go
PIPELINED = 8
UNREADABLE = BadBody(400, "bad_request", "The request cannot be read.")
TOO_SLOW = BadBody(408, "too_slow", "The request did not arrive in time.")
LATE = BadBody(503, "too_late", "The answer takes too long. Nothing was changed; try again.", {"Retry-After": "5"})
HEAD_TOO_LARGE = BadBody(431, "headers_too_large", "The headers are too many or too large.")
TARGET_TOO_LONG = BadBody(414, "address_too_long", "The address is too long.")
BODY_TOO_LARGE = BadBody(413, "too_large", "The body is too large.")
FRAMING = BadBody(400, "bad_framing", "The length of the body is told in two ways, or in one that is not known.")


class PatientProtocol(HttpToolsProtocol):
    """One connection. `head`, `body` and `rest` are what it is reading: the last is nothing, between two requests."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:  # fmt: skip
        """Begin with the settings that create_app() has left for us."""
        super().__init__(config, server_state, app_state, _loop)
        self._set: Settings = app_state["settings"]
        self._secure = headers.is_secure(self._set.address)
        self._waiting: dict[PatientProtocol, None] = app_state.setdefault("waiting", {})  # the longest silent one first
        self._reading = "head"
        self._read = self._read_before = 0  # bytes of this head, or of this body
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._why: BadBody | None = None
        self._deaf, self._ignored = False, 0

    # What uvicorn calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head. Where there are too many connections, the one that has said nothing longest makes room."""
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > self._set.connections:
            next(iter(self._waiting)).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        for timer in self._timers.values():
            timer.cancel()
        self._waiting.pop(self, None)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. Line ends before a request are no beginning of one, and must not keep a connection."""
        if self._deaf:
            self._ignored += len(data)
            if self._ignored > LIMIT:
                self.transport.abort()
            return
        super().data_received(data)
        if self._reading == "head" and not self._deaf:
            self._read += len(data)
            if self._read > LONGEST_HEAD:
                self._let_go(HEAD_TOO_LARGE)
        elif self._reading == "rest" and self._cycle is None and self.timeout_keep_alive_task is None:
            self._await_head()

    def send_400_response(self, msg: str) -> None:
        """Say why the parser was stopped, or that it could not go on."""
        del msg
        self._let_go(self._why or UNREADABLE)

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        super().on_message_begin()
        if self._reading == "rest":
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        super().on_url(url)
        if len(self.url) > LONGEST_TARGET:
            self._stop(TARGET_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header. The few that are too many are let through to the gate, which says so in the same words."""
        super().on_header(name, value)
        if len(self.headers) > 2 * MOST_HEADERS:
            self._stop(HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The head is whole. A length that can be read in two ways ends the connection: the rest may be anything."""
        lengths = [value for name, value in self.headers if name == b"content-length"]
        encodings = [value for name, value in self.headers if name == b"transfer-encoding"]
        if len(lengths) + len(encodings) > 1 or encodings not in ([], [b"chunked"]):
            self._stop(FRAMING)
        if len(self.pipeline) >= PIPELINED or self.parser.get_method() == b"CONNECT":
            self._stop(UNREADABLE)
        self._waiting.pop(self, None)
        self._reading, self._read, self._read_before = "body", 0, 0
        self._after("read", self._set.body_seconds, self._too_slow)
        self._after("rate", GRACE, self._measure)
        if "answer" not in self._timers:
            self._after("answer", self._set.request_seconds, self._too_late)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body, whether or not anybody reads it."""
        self._read += len(body)
        if self._read > LONGEST_BODY:
            self._stop(BODY_TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._cancel("read", "rate")
        self._reading = "rest"
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered; now it must be read, and the next request may be answered."""
        self._cancel("answer")
        self._after("drain", self._set.request_seconds, self._drop_unread)
        if self.pipeline:
            self._after("answer", self._set.request_seconds, self._too_late)
        super().on_response_complete()
        if self._reading == "body" and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._end()  # nobody wants what is still to come of the body

    # What we do.

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        """The newest request that is not answered yet."""
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn says that it is always there; at first it is not
        return None if cycle is None or cycle.response_complete else cycle

    def _await_head(self) -> None:
        self._reading, self._read = "head", 0
        self._waiting[self] = None
        self._after("read", self._set.header_seconds, self._too_slow)

    def _too_slow(self) -> None:
        # Who has said nothing at all is told nothing: they did not ask.
        if self._reading == "head" and not self._read:
            self.transport.abort()
        else:
            self._let_go(TOO_SLOW)

    def _measure(self) -> None:
        """Whether enough of the body came since the last look."""
        if self._read - self._read_before < SLOWEST:
            self._let_go(TOO_SLOW)
        else:
            self._read_before = self._read
            self._after("rate", GRACE, self._measure)

    def _too_late(self) -> None:
        """The answer is not there. Only where nothing can have changed may that be said; else we wait once more."""
        self._cancel("answer")
        cycle = self._cycle
        if cycle is None or cycle.response_started or self.flow.write_paused or self.pipeline:
            self.transport.abort()
        elif self.scope["method"] in LOOKS:
            self._let_go(LATE)
        else:
            self._after("answer", self._set.request_seconds, self.transport.abort)

    def _drop_unread(self) -> None:
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()

    def _stop(self, why: BadBody) -> None:
        """Stop the parser, which then calls send_400_response()."""
        self._why = why
        raise why

    def _let_go(self, why: BadBody) -> None:
        """Say why, where that can be understood, and end the connection."""
        cycle = self._cycle
        if cycle is None:
            if self._reading != "body":  # a body whose request is answered already is told nothing more
                self._answer(why)
        elif self._reading == "head":
            # The answer under way belongs to the request before: it may still go out, this one is told nothing.
            cycle.keep_alive = False
            self._deaf = True
            self._cancel("read")
            return
        elif cycle.response_started or self.pipeline:
            self.transport.abort()
        else:
            cycle.disconnected = True  # whoever waits for the body is told that it will not come
            cycle.message_event.set()
            self._answer(why)
        self._end()

    def _answer(self, why: BadBody) -> None:
        answer: Response = refused_body(why)
        pairs = headers.completed(answer.raw_headers, secure=self._secure)
        lines = [f"HTTP/1.1 {why.status} {HTTPStatus(why.status).phrase}".encode()]
        lines += [name + b": " + value for name, value in [*self.server_state.default_headers, *pairs]]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))

    def _end(self) -> None:
        """Close, but a little later: a client that is still writing would lose the answer."""
        self._deaf = True
        self._cancel("read", "rate", "answer")
        self._waiting.pop(self, None)
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        self._after("end", LINGER, self.transport.abort)

    def _after(self, name: str, seconds: float, call: Any) -> None:
        self._cancel(name)
        self._timers[name] = self.loop.call_later(seconds, call)

    def _cancel(self, *names: str) -> None:
        for name in names:
            if timer := self._timers.pop(name, None):
                timer.cancel()
