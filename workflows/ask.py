"""What goes into the door and what comes out: an ask, and what was done."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from referral.access import Actor


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to make one move. `now` is given, never read."""

    actor: Actor
    move: str  # workflow.move
    now: datetime  # UTC
    case: str | None = None  # None opens a case
    form: dict[str, Any] = field(default_factory=dict)
    occurred: datetime | None = None  # when it happened; empty means now
    strand: str | None = None  # which strand, by id or number, where a case has several
    version: int | None = None  # the version of the case that the asker saw
    key: str | None = None  # Idempotency-Key
    reveal_factor: str = "passkey"  # what this installation asks for before it shows an address
    let_in: bool = False  # made for somebody to whom the case is hidden, by whoever has decided that they may
    request: str = ""  # digest of the whole request, for a repeated key
    of_the_house: tuple[str, ...] = ()  # what its free text says of the house they live in; the door itself finds it


@dataclass(frozen=True, slots=True)
class Done:
    """What a move did."""

    case: str
    reference: str
    workflow: str
    strand: int
    state: str
    version: int
    seq: int
    followed: tuple[str, ...] = ()
    not_followed: tuple[str, ...] = ()
    started: tuple[dict[str, str], ...] = ()  # deadlines that began: rule, name, due
    ended: tuple[str, ...] = ()  # names of deadlines that ended
    opened: tuple[dict[str, str], ...] = ()  # further cases that were opened
    reveal: str | None = None  # the reveal that was asked for
    repeated: bool = False  # this is the answer of an earlier, equal request

    def as_dict(self) -> dict[str, Any]:
        """As JSON, without the mark that only says how it came about."""
        told = {name: getattr(self, name) for name in self.__slots__ if name != "repeated"}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> "Done":
        """The answer that was stored for a repeated request."""
        told = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
        return cls(**told, repeated=True)
