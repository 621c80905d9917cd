"""How much one caller may ask, and how much this process takes on at once. Knows no case and no move.

Counted in the memory of one process: of several, each counts for itself. What changes something has a lane of its own:
looking never takes the last connections to the database, nor the last places, from a referral.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from anyio import CapacityLimiter
from starlette.types import Message, Receive, Scope

from api.body import BadBody
from api.turn import TURN
from referral.settings import Settings

LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN = frozenset(
    {
        "/oauth/token",
        "/v1/session",
        "/v1/session/passkey",
        "/v1/session/passkey/begin",
        "/v1/session/provider",
        "/v1/session/provider/begin",
        "/v1/invitations/accept",
    }
)  # counted by address, whoever the request says it is from
MOST_KNOWN = 20_000  # callers remembered at once
WAITING = 64  # looks that may wait for their lane


class Rate:
    """A bucket for each caller: full at first, a token less for each request, filled again evenly over a minute."""

    def __init__(self, per_minute: int) -> None:
        """`per_minute` is also how many may come at one moment; 0 is no limit."""
        self.most = per_minute
        self._left: dict[str, tuple[float, float]] = {}  # caller -> tokens, and when they were counted

    def take(self, who: str, now: float) -> float:
        """Take a token at `now`, in seconds of any steady count. The answer is 0, or how many seconds to wait."""
        if not self.most:
            return 0
        left, then = self._left.get(who, (float(self.most), now))
        left = min(self.most, left + (now - then) * self.most / 60)
        if left < 1:
            return (1 - left) * 60 / self.most
        self._left.pop(who, None)  # whoever asked last stands last, so the first is the one to forget
        self._left[who] = (left - 1, now)
        if len(self._left) > MOST_KNOWN:
            del self._left[next(iter(self._left))]
        return 0


class Limits:
    """Every limit of one process."""

    def __init__(self, settings: Settings) -> None:
        """Begin with every bucket full and nobody under way."""
        self._rates = {True: Rate(settings.reads_per_minute), False: Rate(settings.writes_per_minute)}
        self._strangers = Rate(settings.sign_ins_per_minute)
        self._most, self._most_looks = settings.requests, max(1, settings.requests * 3 // 4)
        self._at_once = settings.at_once
        self._under_way, self._by_caller = 0, dict[str, int]()
        kept = min(2, settings.pool - 1)  # connections that looking leaves to those who change something
        self._lane = CapacityLimiter(settings.pool - kept)

    @contextmanager
    def under_way(self, scope: Scope) -> Iterator[None]:
        """Count a request while it is answered. Raises BadBody where there is no room for it."""
        looks = scope["method"] in LOOKS
        if self._under_way >= (self._most_looks if looks else self._most):
            raise overloaded()
        if scope["path"] in SIGN_IN:
            _refuse(self._strangers.take(_network(scope), monotonic()))
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            turn = TURN.get()
            if turn is not None and turn.actor in self._by_caller:
                self._by_caller[turn.actor] -= 1
                if not self._by_caller[turn.actor]:
                    del self._by_caller[turn.actor]

    def aside(self, receive: Receive) -> Receive:
        """Whoever waits for a body does nothing meanwhile and takes no place: or slow senders would take them all."""

        async def received() -> Message:
            self._under_way -= 1
            try:
                return await receive()
            finally:
                self._under_way += 1

        return received

    def admit(self, caller: str) -> None:
        """Let a caller in once it is known who they are. Raises BadBody where they ask too much."""
        turn = TURN.get()
        if turn is None or turn.actor:
            return
        now = self._by_caller.get(caller, 0)
        if self._at_once and now >= self._at_once:
            raise too_many(1)
        _refuse(self._rates[turn.method in LOOKS].take(caller, monotonic()))
        turn.actor, self._by_caller[caller] = caller, now + 1

    def looking(self) -> CapacityLimiter:
        """The lane of those who only look: `async with limits.looking(): ...`."""
        if self._lane.statistics().tasks_waiting >= WAITING:
            raise overloaded()
        return self._lane


def overloaded() -> BadBody:
    """Say that this process has enough to do."""
    return BadBody(503, "overloaded", "There is too much to do just now. Nothing was changed; try again.",
                   {"Retry-After": "2"})  # fmt: skip


def too_many(seconds: float) -> BadBody:
    """Say that this caller asks too much, and for how long."""
    wait = {"Retry-After": str(max(1, int(seconds + 0.999)))}
    return BadBody(429, "too_many", "You ask more than you may just now. Nothing was changed; wait a little.", wait)


def _refuse(seconds: float) -> None:
    if seconds:
        raise too_many(seconds)


def _network(scope: Scope) -> str:
    """Where a request comes from. Whoever has one IPv6 address has 2 to the power of 64 of them."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))  # noqa: PLR2004
