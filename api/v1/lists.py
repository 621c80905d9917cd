"""Lists of cases: those that the caller's agency takes part in, newest first, page by page. Opens none of them."""

from typing import Any, Literal, Self

from fastapi import FastAPI
from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, exists, literal, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime
from starlette.responses import Response

from api import cursors
from api.actors import require
from api.deps import Asked, Query, reading
from api.documents import describe
from api.looking import CASE_COLUMNS, LATE_KINDS, line, overdue_among, strands_of
from api.picking import pick
from api.schemas import CasePage, answer
from api.v1.moves import COLLECTIONS
from referral.access import May
from referral.models import Case, Deadline, Participant, Strand
from workflows import catalogue
from workflows.forms import CaseId, Code

LONGEST_PAGE = 100


class Filters(Query):
    """Which cases, and how many."""

    workflow: Code | None = None
    state: Code | None = None
    open: Literal["true", "false"] | None = None
    owner: Literal["me", "agency"] | None = None
    overdue: Literal["true", "false"] | None = None
    operation: CaseId | None = None
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=LONGEST_PAGE)

    @model_validator(mode="after")
    def _known(self) -> Self:
        workflow = catalogue.WORKFLOWS.get(self.workflow or "")
        if self.workflow is not None and workflow is None:
            raise ValueError("there is no workflow of this name")
        if self.state is not None and (workflow is None or self.state not in workflow.leaving):
            raise ValueError("name a workflow and one of its states")
        return self


def add_routes(app: FastAPI) -> None:
    """One list for each kind of case."""
    for kind, collection in COLLECTIONS.items():
        app.router.add_api_route(
            f"/v1/{collection}", reading(_lister(kind), Filters), methods=["GET"], response_model=CasePage,
            **describe(f"{collection}.list", f"The {collection} that your agency takes part in, newest first", Filters),
        )  # fmt: skip


def _lister(kind: str) -> Any:
    def listed(asked: Asked) -> Response:
        require(asked.actor, May.READ_CASE)
        limit = asked.query.limit
        with asked.house.db.read() as session:
            found = session.execute(_page(asked, kind)).all()
            cases = found[:limit]
            ids = [case.id for case in cases]
            states: dict[str, dict[str, str]] = {case: {} for case in ids}
            for strand in strands_of(session, ids) if ids else ():
                states[strand.case_id][strand.workflow] = strand.state
            late = overdue_among(session, ids, asked.now) if ids else set()
        items = [line(case, states[case.id], overdue=case.id in late) for case in cases]
        more = cursors.of_case(cases[-1].opened_at, cases[-1].id) if len(found) > limit else None
        return answer({"items": items, "next": more})

    return listed


def _page(asked: Asked, kind: str) -> Any:
    """One page and one case more, straight from an index. An agency with two parts counts once."""
    part, twin = Participant, aliased(Participant)
    again = exists().where(
        col(twin.case_id) == col(part.case_id), col(twin.agency_id) == col(part.agency_id),
        col(twin.until).is_(None), col(twin.part) < col(part.part),
    )  # fmt: skip
    page = (
        pick(*CASE_COLUMNS)
        .join(part, col(part.case_id) == col(Case.id))
        .where(col(part.agency_id) == asked.actor.agency, col(part.until).is_(None), ~again, col(Case.kind) == kind)
        .where(*_wanted(asked))
    )
    if asked.query.cursor is not None:
        opened_at, case = cursors.case_behind(asked.query.cursor)
        behind = tuple_(literal(opened_at, UTCDateTime()), literal(case))
        page = page.where(tuple_(col(part.opened_at), col(part.case_id)) < behind)
    return page.order_by(col(part.opened_at).desc(), col(part.case_id).desc()).limit(asked.query.limit + 1)


def _wanted(asked: Asked) -> list[ColumnElement[bool]]:
    query, wanted = asked.query, list[ColumnElement[bool]]()
    if query.open is not None:
        wanted.append(col(Participant.open).is_(query.open == "true"))
    if query.owner is not None:
        mine = col(Case.owner_agency) == asked.actor.agency
        wanted.append(mine if query.owner == "agency" else col(Case.owner_user) == asked.actor.id)
    if query.operation is not None:
        wanted.append(col(Case.operation_id) == query.operation)
    if query.workflow is not None:
        strand = exists().where(col(Strand.case_id) == col(Case.id), col(Strand.workflow) == query.workflow)
        wanted.append(strand.where(col(Strand.state) == query.state) if query.state is not None else strand)
    if query.overdue is not None:
        late = exists().where(
            col(Deadline.case_id) == col(Case.id), col(Deadline.state) == "running",
            col(Deadline.due_at) <= asked.now, col(Deadline.kind).in_(LATE_KINDS),
        )  # fmt: skip
        wanted.append(late if query.overdue == "true" else ~late)
    return wanted
