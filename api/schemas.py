"""What leaves the house: the shape of every answer. The models describe it for the document; plain values are sent."""

from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response


class Answer(BaseModel):
    """The base of every answer."""

    model_config = ConfigDict(extra="forbid")


class Moved(Answer):
    """What a move did."""

    case: str
    reference: str
    workflow: str
    strand: int
    state: str
    version: int
    seq: int
    followed: list[str]  # moves that followed by themselves
    not_followed: list[str]
    started: list[dict[str, str]]  # deadlines that began: rule, name, due
    ended: list[str]  # names of deadlines that ended
    opened: list[dict[str, str]]  # further cases that were opened
    etag: str


class Owner(Answer):
    """Who is accountable: a worker, or the duty team of an agency."""

    agency: str
    user: str | None


class StrandShown(Answer):
    """One workflow's running on the case."""

    id: str
    workflow: str
    number: int
    state: str
    says: str
    final: bool
    entered_at: str
    about: dict[str, str] | None  # of which there are several: the consent's purpose, what an inquiry is about


class CaseLine(Answer):
    """A case in a list."""

    id: str
    reference: str
    kind: str
    jurisdiction: str
    opened_at: str
    updated_at: str
    version: int
    open: bool
    owner: Owner
    operation: str | None
    next_due_at: str | None
    overdue: bool
    states: dict[str, str]  # workflow -> state; without those of which several strands stand at once


class CasePage(Answer):
    """One page of a list, newest first."""

    items: list[CaseLine]
    next: str | None  # the cursor of the next page


class PartShown(Answer):
    """An agency that takes part, and as what."""

    agency: str
    part: str
    since: str
    basis: str  # the lawful basis on which it takes part
    purpose: str
    classes: list[str]
    ends_on: str | None  # the instant at which it ends by itself


class DeadlineShort(Answer):
    """A deadline in a few words."""

    rule: str
    name: str
    kind: str
    state: str
    due_at: str
    due_day: str
    safe_by: str
    overdue: bool


class CaseShown(CaseLine):
    """A case as whoever takes part in it sees it. Who the person is stands elsewhere."""

    etag: str
    child: str | None
    authority: str | None
    strands: list[StrandShown]
    participants: list[PartShown]
    deadlines: list[DeadlineShort]


class OfferShown(Answer):
    """One move: whether it can be made now, every reason why not, and who could."""

    move: str
    strand: int | None
    yes: bool
    reasons: list[dict[str, str]]
    who: list[str]
    href: str


class Offers(Answer):
    """Every move of every workflow of the case."""

    version: int
    etag: str
    items: list[OfferShown]


class EventShown(Answer):
    """One event of the history, with its place in the chain."""

    seq: int
    move: str
    strand: int
    came_from: str | None
    went_to: str
    occurred_at: str
    recorded_at: str
    actor: dict[str, Any]
    by_rule: bool  # followed from another move
    reason: str | None
    rules: list[str]
    not_followed: list[str]
    notes: dict[str, Any] | None  # only for whoever may make such a move, and for the agency that wrote them
    hash: str


class Timeline(Answer):
    """One page of the history, oldest first."""

    items: list[EventShown]
    next: str | None


class DeadlineShown(DeadlineShort):
    """A deadline, with everything its date is based on."""

    id: str
    version: str
    jurisdiction: str
    says: str
    owed_by: str
    started_at: str
    ended_at: str | None
    how: dict[str, Any]  # calendar, skipped days, pauses, extensions, source, grade, other readings


class Deadlines(Answer):
    """Every deadline of the case, running ones first."""

    items: list[DeadlineShown]


class AnswersShown(Answer):
    """The referral form so far, and who the person is."""

    basis: str | None
    answers: dict[str, Any]
    identity: dict[str, Any]
    saved_at: str | None


class Missing(Answer):
    """One thing that stands between the form and sending it, or a warning."""

    field: str
    code: str
    says: str
    warning: bool


class Completeness(Answer):
    """What is still missing before the form can be sent."""

    complete: bool
    basis: str
    items: list[Missing]


class CosignatureShown(Answer):
    """Who has witnessed a checkpoint."""

    agency: str
    key: str
    line: str
    at: str


class CheckpointShown(Answer):
    """A signed checkpoint, with every key that has ever signed one."""

    size: int
    root: str
    at: str
    note: str
    key: str
    keys: list[str]
    cosignatures: list[CosignatureShown]


class ConsistencyShown(Answer):
    """The hashes of a consistency proof (RFC 9162), in hexadecimal."""

    first: int = Field(alias="from")
    to: int
    proof: list[str]


class Problem(BaseModel):
    """An error, as RFC 9457 has it. `code` never changes; the sentence may."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    trace_id: str
    reasons: list[dict[str, str]] | None = None  # every reason, each with a code and a sentence
    who: list[str] | None = None  # the roles that could
    needs: str | None = None  # the right that is missing
    version: int | None = None  # the present version of the case
    errors: list[dict[str, str]] | None = None  # field, rule and sentence


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Send plain values as JSON."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def stamp(moment: datetime | None) -> str | None:
    """A time as it leaves the house: UTC, with a Z."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def etag(version: int) -> str:
    """The version of a case as a header has it."""
    return f'"{version}"'
