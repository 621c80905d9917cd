"""Lists of cases: those that the caller sees, newest first, page by page. Opens none of them."""

from typing import Any, Literal, Self

from fastapi import FastAPI
from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, Row, exists, literal, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime
from starlette.responses import Response

from api import cursors
from api.deps import Asked, Query, reading
from api.documents import describe
from api.looking import line, next_due, overdue_among, strands_of, summary
from api.picking import pick
from api.schemas import CaseLine, CasePage, answer
from api.seeing import CASE_COLUMNS, is_covered, sights, visible
from api.sight import level_of, readers, reads_state
from api.v1.moves import COLLECTIONS
from referral.access import Act, Level, Role
from referral.errors import NotAllowed
from referral.models import Case, Deadline, Participant, Strand
from referral.taking_part import covers
from workflows import catalogue
from workflows.forms import CaseId, Code
from workflows.jurisdiction import LATE_KINDS

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
            f"/v1/{collection}", reading(_lister(kind), Filters, act=Act.LIST_CASES), methods=["GET"],
            response_model=CasePage,
            **describe(f"{collection}.list", f"The {collection} that you take part in, newest first", Filters),
        )  # fmt: skip


def _lister(kind: str) -> Any:
    def listed(asked: Asked) -> Response:
        _expect_filter(asked)
        limit = asked.query.limit
        with asked.db.read() as session:
            found = session.execute(_page(asked, kind)).all()
            cases = found[:limit]
            ids = [case.id for case in cases]
            strands: dict[str, list[Row[Any]]] = {case: [] for case in ids}
            for strand in strands_of(session, ids) if ids else ():
                strands[strand.case_id].append(strand)
            late = overdue_among(session, ids, asked.now) if ids else set()
            seen = sights(session, asked, cases)
            ageless = {case.id for case in cases if case.child in ("yes", "not_sure") and not seen[case.id].birthdays}
            due = next_due(session, sorted(ageless))
        items = [
            seen[case.id].show(
                CaseLine,
                line(case, summary(strands[case.id]), due.get(case.id) if case.id in ageless else case.next_due_at,
                     overdue=case.id in late),
            )
            for case in cases
        ]  # fmt: skip
        more = cursors.of_case(cases[-1].opened_at, cases[-1].id) if len(found) > limit else None
        return answer({"items": items, "next": more})

    return listed


def _expect_filter(asked: Asked) -> None:
    """A state that one may not read whole cannot be asked for either: the list would tell it. Raises NotAllowed."""
    workflow = asked.query.workflow
    if workflow is not None and not reads_state(asked.actor, workflow):
        raise NotAllowed(who=tuple(role for role in readers(workflow) if role in set(Role)), needs=str(Act.LIST_CASES))


def _page(asked: Asked, kind: str) -> Any:
    """One page and one case more, straight from an index: of those who take part, or of those who are accountable."""
    page = pick(*CASE_COLUMNS).where(col(Case.kind) == kind).where(*_wanted(asked))
    if (seen := visible(asked.actor, kind)) is not None:
        page = page.where(seen)
    opened_at, case, page = _by_owner(asked, page) if asked.query.owner else _by_part(asked, page)
    if asked.query.cursor is not None:
        when, last = cursors.case_behind(asked.query.cursor)
        page = page.where(tuple_(opened_at, case) < tuple_(literal(when, UTCDateTime()), literal(last)))
    return page.order_by(opened_at.desc(), case.desc()).limit(asked.query.limit + 1)


def _by_part(asked: Asked, page: Any) -> tuple[Any, Any, Any]:
    """By the agency's participation. An agency with two parts counts once."""
    part, twin = Participant, aliased(Participant)
    again = exists().where(
        col(twin.case_id) == col(part.case_id), col(twin.agency_id) == col(part.agency_id),
        covers(asked.now, Level.WORKFLOW, twin), col(twin.part) < col(part.part),
    )  # fmt: skip
    page = page.join(part, col(part.case_id) == col(Case.id)).where(
        col(part.agency_id) == asked.actor.agency,
        covers(asked.now, Level.WORKFLOW, part),
        ~again,
        *_openness(asked, col(part.open)),
    )
    return col(part.opened_at), col(part.case_id), page


def _by_owner(asked: Asked, page: Any) -> tuple[Any, Any, Any]:
    """By who is accountable: a few cases of many, so it begins with them, then looks at the agency."""
    seen = is_covered(asked.actor, Level.WORKFLOW, asked.now)
    agency = col(Case.owner_agency) == asked.actor.agency
    mine = agency if asked.query.owner == "agency" else col(Case.owner_user) == asked.actor.id
    page = page.where(mine, seen, *_openness(asked, col(Case.open)))
    return col(Case.opened_at), col(Case.id), page


def _openness(asked: Asked, column: Any) -> list[Any]:
    """The bare column, as the indexes of open cases say it."""
    return [] if asked.query.open is None else [column if asked.query.open == "true" else ~column]


def _wanted(asked: Asked) -> list[ColumnElement[bool]]:
    query, wanted = asked.query, list[ColumnElement[bool]]()
    if query.operation is not None:
        wanted.append(col(Case.operation_id) == query.operation)
    if query.workflow is not None:
        strand = exists().where(col(Strand.case_id) == col(Case.id), col(Strand.workflow) == query.workflow)
        wanted.append(strand.where(col(Strand.state) == query.state) if query.state is not None else strand)
        if (level := level_of(query.workflow)) is not Level.WORKFLOW:  # a case that is found tells the state, too
            wanted.append(is_covered(asked.actor, level, asked.now))
    if query.overdue is not None:
        late = exists().where(
            col(Deadline.case_id) == col(Case.id), col(Deadline.state) == "running",
            col(Deadline.due_at) <= asked.now, col(Deadline.kind).in_(LATE_KINDS),
        )  # fmt: skip
        wanted.append(late if query.overdue == "true" else ~late)
    return wanted
