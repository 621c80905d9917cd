"""Outside everything else: the gate, the limits, one log line per request, and no answer without its headers."""

from collections.abc import Collection
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import gate, headers
from api.body import BadBody
from api.limits import Limits
from api.problems import problem, refused_body
from api.turn import TURN, Turn
from referral.logs import know


class Guard:
    """No request gets in that the gate or the limits refuse; no error leaves without being a problem."""

    def __init__(self, app: ASGIApp, limits: Limits, hosts: Collection[str], *, secure: bool) -> None:
        """Stand around the app. `secure`: it is reached by https."""
        self.app, self._limits, self._hosts, self._secure = app, limits, hosts, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, count, pass on, catch, tell."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), 0
        turn = Turn(method=scope["method"])
        mark = TURN.set(turn)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = headers.completed(message["headers"], secure=self._secure)
            await send(message)

        try:
            gate.check(scope, self._hosts)
            with self._limits.under_way(scope):
                await self.app(scope, self._limits.aside(receive), sent)
        except BadBody as bad:
            await refused_body(bad)(scope, receive, sent)
        except Exception as error:  # noqa: BLE001  whatever it is; its text may hold anything, so only its type is told
            event = "answer broke off" if status else "unexpected error"
            structlog.get_logger().error(event, type=type(error).__name__, trace_id=turn.trace_id, exc_info=error)
            if status:
                raise RuntimeError("the answer broke off") from None
            await problem(500, "unexpected", "Something went wrong here. It has been noted.")(scope, receive, sent)
        finally:
            TURN.reset(mark)
            if structlog.is_configured():  # only who serves has said where lines go
                _tell(scope, turn, status, perf_counter() - started)


def _tell(scope: Scope, turn: Turn, status: int, seconds: float) -> None:
    """One line, by the name of the route: its address names cases."""
    name = getattr(scope.get("route"), "name", None)
    know(*(word for word in (name, turn.code) if word))  # both are written in the code; problem() holds to it
    told = {
        "route": name, "method": turn.method, "status": status or None,
        "ms": round(seconds * 1000, 1), "trace_id": turn.trace_id, "actor": turn.actor or None,
        "code": turn.code or None,
    }  # fmt: skip
    structlog.get_logger().info("request", **{name: value for name, value in told.items() if value is not None})
