"""Every refusal the system can give. The docstring is its message, `code` never changes; api/ gives the HTTP status."""

from typing import Any, ClassVar, Self


class Refusal(Exception):
    """This cannot be done."""

    code: ClassVar[str] = "refused"

    def __init__(self, *reasons: "Reason", who: tuple[str, ...] = (), **more: Any) -> None:
        self.reasons = reasons
        self.who = who  # the roles that could
        self.more = more
        super().__init__(self.says)

    @property
    def says(self) -> str:
        """The message in plain words, followed by every reason."""
        first = (type(self).__doc__ or "").strip()
        return " ".join([first, *(reason.says for reason in self.reasons)])


class Reason(tuple[str, str]):
    """Why not: a stable code and a sentence."""

    __slots__ = ()

    def __new__(cls, code: str, says: str) -> Self:
        """Make one from its code and its sentence."""
        return super().__new__(cls, (code, says))

    @property
    def code(self) -> str:
        """The stable code."""
        return self[0]

    @property
    def says(self) -> str:
        """The sentence."""
        return self[1]


class NotFound(Refusal):
    """There is no such case, or it is not one that you take part in."""

    code = "not_found"


class NotAllowed(Refusal):
    """You do not hold the right that this needs."""

    code = "not_allowed"


class SecondFactorNeeded(NotAllowed):
    """Show your second factor first, or set one up if you have none."""

    code = "second_factor_needed"


class StepUpNeeded(NotAllowed):
    """Show your second factor again: this needs to know that it is you, now."""

    code = "step_up_needed"


class NotOffered(Refusal):
    """This move is not possible from the present state."""

    code = "not_offered"


class Stale(Refusal):
    """This case has changed since you opened it. Look again, then decide."""

    code = "stale"


class Blocked(Refusal):
    """Something is missing before this can be done."""

    code = "blocked"


class BadForm(Refusal):
    """What the move was told is incomplete or wrong."""

    code = "bad_form"


class BadTime(Refusal):
    """The time given lies in the future, or too far back to be meant."""

    code = "bad_time"


class UnknownMove(Refusal):
    """There is no move of this name."""

    code = "unknown_move"


class KeyReused(Refusal):
    """This Idempotency-Key was used before with another request."""

    code = "key_reused"


class Taken(Refusal):
    """Somebody else has just taken this."""

    code = "taken"


class NotSignedIn(Refusal):
    """Sign in first: the token is missing, wrong or has expired."""

    code = "not_signed_in"


class NoKeys(Refusal):
    """The keys that open this are not at hand. Nothing was changed; tell whoever runs this installation."""

    code = "no_keys"


class Erased(Refusal):
    """What said who this person is was erased, and nothing more can be kept about them here."""

    code = "erased"


class TooMany(Refusal):
    """This may be asked only a few times in an hour. Wait, or ask the duty contact."""

    code = "too_many"


class Unavailable(Refusal):
    """The database does not answer just now. Nothing was changed; try again."""

    code = "unavailable"


class NotCovered(Refusal):
    """The log's signer does not answer, so that this cannot be put on record for good just now. Try again."""

    code = "not_covered"
