"""What leaves the house: the shape of every answer. The models describe it for the document; plain values are sent."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from referral.access import Group


class Varies(StrEnum):
    """A field whose group depends on what stands beside it."""

    BY_WORKFLOW = "of the workflow"
    BY_FORM = "of the form's field"
    NOTES = "of the free text of the move"


BY_WORKFLOW, BY_FORM, NOTES = Varies.BY_WORKFLOW, Varies.BY_FORM, Varies.NOTES


class Answer(BaseModel):
    """The base of every answer. Every field says to which group of the policy it belongs, and is shown by it."""

    model_config = ConfigDict(extra="forbid")


class Moved(Answer):
    """What a move did."""

    case: Annotated[str, Group.WORKFLOW]
    reference: Annotated[str, Group.WORKFLOW]
    workflow: Annotated[str, Group.WORKFLOW]
    strand: Annotated[int, Group.WORKFLOW]
    state: Annotated[str, Group.WORKFLOW]
    version: Annotated[int, Group.WORKFLOW]
    seq: Annotated[int, Group.WORKFLOW]
    followed: Annotated[list[str], Group.WORKFLOW]  # moves that followed by themselves
    not_followed: Annotated[list[str], Group.WORKFLOW]
    started: Annotated[
        list[dict[str, str]], Group.WORKFLOW
    ]  # deadlines that began: rule, name, due; no due of a birthday
    ended: Annotated[list[str], Group.WORKFLOW]  # names of deadlines that ended
    opened: Annotated[list[dict[str, str]], Group.WORKFLOW]  # further cases that were opened
    # the reveal that was asked for: its address is fetched once, beside the case
    reveal: Annotated[str | None, Group.WORKFLOW]
    etag: Annotated[str, Group.WORKFLOW]


class Owner(Answer):
    """Who is accountable: a worker, or the duty team of an agency."""

    agency: Annotated[str, Group.WORKFLOW]
    user: Annotated[str | None, Group.STAFF]


class StrandShown(Answer):
    """One workflow's running on the case."""

    id: Annotated[str, Group.WORKFLOW]
    workflow: Annotated[str, Group.WORKFLOW]
    number: Annotated[int, Group.WORKFLOW]
    state: Annotated[str | None, BY_WORKFLOW]
    says: Annotated[str | None, BY_WORKFLOW]
    final: Annotated[bool | None, BY_WORKFLOW]
    entered_at: Annotated[str | None, BY_WORKFLOW]
    about: Annotated[
        dict[str, str] | None, BY_WORKFLOW
    ]  # of which there are several: the consent's purpose, what an inquiry is about


class CaseLine(Answer):
    """A case in a list."""

    id: Annotated[str, Group.WORKFLOW]
    reference: Annotated[str, Group.WORKFLOW]
    kind: Annotated[str, Group.WORKFLOW]
    jurisdiction: Annotated[str, Group.WORKFLOW]
    opened_at: Annotated[str, Group.WORKFLOW]
    updated_at: Annotated[str, Group.WORKFLOW]
    version: Annotated[int, Group.WORKFLOW]
    open: Annotated[bool, Group.WORKFLOW]
    owner: Owner
    operation: Annotated[str | None, Group.WORKFLOW]
    next_due_at: Annotated[str | None, Group.WORKFLOW]
    overdue: Annotated[bool, Group.WORKFLOW]
    states: Annotated[
        dict[str, str], BY_WORKFLOW
    ]  # workflow -> state; without those of which several strands stand at once


class CasePage(Answer):
    """One page of a list, newest first."""

    items: list[CaseLine]
    next: Annotated[str | None, Group.WORKFLOW]  # the cursor of the next page


class PartShown(Answer):
    """An agency that takes part, and as what."""

    agency: Annotated[str, Group.WORKFLOW]
    part: Annotated[str, Group.WORKFLOW]
    since: Annotated[str, Group.WORKFLOW]
    basis: Annotated[str, Group.CONSENT]  # the lawful basis on which it takes part
    purpose: Annotated[str, Group.CONSENT]
    classes: Annotated[list[str], Group.CONSENT]
    ends_on: Annotated[str | None, Group.CONSENT]  # the instant at which it ends by itself


class DeadlineShort(Answer):
    """A deadline in a few words."""

    rule: Annotated[str, Group.WORKFLOW]
    name: Annotated[str, Group.WORKFLOW]
    kind: Annotated[str, Group.WORKFLOW]
    state: Annotated[str, Group.WORKFLOW]
    # left out for whoever may not read the day of birth, where it could be read from these
    due_at: Annotated[str | None, Group.WORKFLOW]
    due_day: Annotated[str | None, Group.WORKFLOW]
    safe_by: Annotated[str | None, Group.WORKFLOW]
    overdue: Annotated[bool, Group.WORKFLOW]


class CaseShown(CaseLine):
    """A case as whoever takes part in it sees it. Who the person is stands elsewhere."""

    # until when, where you broke the glass: show it as a banner on every page
    glass: Annotated[str | None, Group.OPEN]

    etag: Annotated[str, Group.WORKFLOW]
    child: Annotated[str | None, Group.WORKFLOW]
    authority: Annotated[str | None, Group.WORKFLOW]
    strands: list[StrandShown]
    participants: list[PartShown]
    deadlines: list[DeadlineShort]


class OfferShown(Answer):
    """One move: whether it can be made now, every reason why not, and who could."""

    move: Annotated[str, Group.WORKFLOW]
    strand: Annotated[int | None, Group.WORKFLOW]
    yes: Annotated[bool, Group.WORKFLOW]
    reasons: Annotated[list[dict[str, str]], BY_WORKFLOW]
    who: Annotated[list[str], Group.WORKFLOW]
    href: Annotated[str, Group.WORKFLOW]


class Offers(Answer):
    """Every move of every workflow of the case."""

    version: Annotated[int, Group.WORKFLOW]
    etag: Annotated[str, Group.WORKFLOW]
    items: list[OfferShown]


class EventShown(Answer):
    """One event of the history, with its place in the chain."""

    seq: Annotated[int, Group.WORKFLOW]
    move: Annotated[str | None, BY_WORKFLOW]
    strand: Annotated[int, Group.WORKFLOW]
    came_from: Annotated[str | None, BY_WORKFLOW]
    went_to: Annotated[str | None, BY_WORKFLOW]
    occurred_at: Annotated[str, Group.WORKFLOW]
    recorded_at: Annotated[str, Group.WORKFLOW]
    actor: Annotated[dict[str, Any], Group.STAFF]
    by_rule: Annotated[bool, Group.WORKFLOW]  # followed from another move
    reason: Annotated[str | None, BY_WORKFLOW]
    rules: Annotated[list[str], BY_WORKFLOW]
    not_followed: Annotated[list[str], BY_WORKFLOW]
    notes: Annotated[
        dict[str, Any] | None, NOTES
    ]  # only for whoever may make such a move, and for the agency that wrote them
    hash: Annotated[str, Group.WORKFLOW]


class Timeline(Answer):
    """One page of the history, oldest first."""

    items: list[EventShown]
    next: Annotated[str | None, Group.WORKFLOW]


class DeadlineShown(DeadlineShort):
    """A deadline, with everything its date is based on."""

    id: Annotated[str, Group.WORKFLOW]
    version: Annotated[str, Group.WORKFLOW]
    jurisdiction: Annotated[str, Group.WORKFLOW]
    says: Annotated[str, Group.WORKFLOW]
    owed_by: Annotated[str, Group.WORKFLOW]
    started_at: Annotated[str, Group.WORKFLOW]
    ended_at: Annotated[str | None, Group.WORKFLOW]
    how: Annotated[
        dict[str, Any], Group.WORKFLOW
    ]  # calendar, skipped days, pauses, extensions, source, grade, other readings


class Deadlines(Answer):
    """Every deadline of the case, running ones first."""

    items: list[DeadlineShown]


class AnswersShown(Answer):
    """The referral form so far, and who the person is."""

    basis: Annotated[str | None, Group.CONSENT]
    answers: Annotated[dict[str, Any], BY_FORM]
    identity: Annotated[dict[str, Any], BY_FORM]
    withheld: Annotated[list[str], Group.WORKFLOW]  # fields that were told and that you may not read, or only in short
    saved_at: Annotated[str | None, Group.WORKFLOW]


class Missing(Answer):
    """One thing that stands between the form and sending it, or a warning."""

    field: Annotated[str, Group.WORKFLOW]
    code: Annotated[str, Group.WORKFLOW]
    says: Annotated[str, Group.WORKFLOW]
    warning: Annotated[bool, Group.WORKFLOW]


class Completeness(Answer):
    """What is still missing before the form can be sent."""

    complete: Annotated[bool, Group.WORKFLOW]
    basis: Annotated[str, Group.WORKFLOW]
    items: list[Missing]


class CosignatureShown(Answer):
    """Who has witnessed a checkpoint."""

    agency: Annotated[str, Group.OPEN]
    key: Annotated[str, Group.OPEN]
    line: Annotated[str, Group.OPEN]
    at: Annotated[str, Group.OPEN]


class CheckpointShown(Answer):
    """A signed checkpoint, with every key that has ever signed one."""

    size: Annotated[int, Group.OPEN]
    root: Annotated[str, Group.OPEN]
    at: Annotated[str, Group.OPEN]
    note: Annotated[str, Group.OPEN]
    key: Annotated[str, Group.OPEN]
    keys: Annotated[list[str], Group.OPEN]
    cosignatures: list[CosignatureShown]


class ConsistencyShown(Answer):
    """The hashes of a consistency proof (RFC 9162), in hexadecimal."""

    first: Annotated[int, Group.OPEN] = Field(alias="from")
    to: Annotated[int, Group.OPEN]
    proof: Annotated[list[str], Group.OPEN]


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
