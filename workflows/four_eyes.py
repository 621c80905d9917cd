"""Four eyes: what one person asks for, another approves. Pure; whoever keeps the request says what it is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from referral.access import Actor
from referral.errors import Reason
from workflows.facts import Facts

LASTS = timedelta(hours=72)  # how long a request can be approved
NEW = timedelta(hours=24)  # an account that was made or promoted less than this ago approves nothing


@dataclass(frozen=True, slots=True)
class Request:
    """Something that waits for a second person."""

    asked_by: str
    asked_at: datetime
    used: bool = False  # it was approved before, or taken back
    content: str = ""  # a digest of what was asked for

    def waits(self, now: datetime) -> bool:
        """Whether it can still be approved."""
        return not self.used and now < self.asked_at + LASTS


def may_approve(
    request: Request, actor: Actor, now: datetime, account_since: datetime | None, *, seen: str = ""
) -> Reason | None:
    """Why this actor cannot approve, or None. Whether they hold the right is the table's matter.

    `account_since` is when their account was made, or was last given a role that it did not have; where that is not
    known, they cannot. `seen` is the digest of what they looked at: it must be what would be carried out now.
    """
    if actor.kind != "user":
        return Reason("needs_a_person", "A person has to approve this, not a machine.")
    if request.asked_by == actor.id:
        return Reason("own_request", "You asked for this yourself: another person has to approve it.")
    if over := _over(request, now):
        return over
    if account_since is None or now < account_since + NEW:
        return Reason("new_account", "An account approves nothing in its first 24 hours.")
    if request.content != seen:
        return Reason("content_changed", "This is not what was asked for any more: look at it again.")
    return None


def account_since(facts: Facts) -> datetime | None:
    """The same of whoever asks, for a move that reads "approver" or "whereabouts"; None where they work here no more."""
    row = facts.users.get(facts.actor.id)
    return row.since if row is not None and row.active else None


def _over(request: Request, now: datetime) -> Reason | None:
    if request.used:
        return Reason("used_before", "This was approved or taken back before.")
    if not request.waits(now):
        return Reason("request_expired", "This was asked for more than 72 hours ago: it has to be asked for again.")
    return None
