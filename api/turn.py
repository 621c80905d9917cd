"""What is known of the request that is being answered: its random name, who asks, and what it was refused with.

One object per request, found by whatever works for it, also in a thread. It holds nothing that came in.
"""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Turn:
    """One request, from its head to its answer."""

    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    method: str = ""
    actor: str = ""  # as the token names them, `user:` or `client:` and an id; empty while nobody is known
    code: str = ""  # of the problem that was answered


TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)
