"""Past moments read from the database: one case, or those in which an agency took part then. Told from events alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, literal, or_, select, tuple_
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from referral.basis import Level, covered_by
from referral.models import Agreement, Case, Deadline, Event, Participant
from workflows.as_it_stood import By, Stood, stood
from workflows.jurisdiction import LATE_KINDS
from workflows.reminding import OVER

_CASE = (col(Case.id), col(Case.reference), col(Case.kind), col(Case.jurisdiction))
_DEADLINE = (
    col(Deadline.id), col(Deadline.case_id), col(Deadline.rule), col(Deadline.name), col(Deadline.kind),
    col(Deadline.rule_version),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline at a past moment."""

    id: str
    rule: str
    name: str
    kind: str
    version: str  # of the rule
    state: str
    due: str | None  # UTC; None where a birthday could be read from it
    overdue: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One case at a past moment."""

    id: str
    reference: str
    kind: str
    jurisdiction: str
    stood: Stood
    deadlines: tuple[Due, ...]
    here: bool = True  # whether the agency that asks takes part today
    covered: frozenset[str] = frozenset()  # the classes of data that the agency that asks may be told of


def of_case(session: Session, case_id: str, at: datetime, by: By) -> Past:
    """A case as it stood at `at`. Whether the asker may see it is for the caller to say."""
    row = session.execute(select(*_CASE).where(col(Case.id) == case_id)).one()
    bodies = session.execute(select(col(Event.body)).where(col(Event.case_id) == case_id).order_by(col(Event.seq)))
    return _told(row, stood(bodies.scalars(), at, by), _deadlines(session, [case_id]), at)


def of_agency(
    session: Session, agency: str, at: datetime, by: By, behind: tuple[datetime, str] | None, limit: int,
    now: datetime,
) -> tuple[list[Past], tuple[datetime, str] | None]:  # fmt: skip
    """Of one page of all cases in which an agency ever took part, those in which it did at `at`; then where to go on.

    Of a case in which it takes no part any more it learns only what was recorded while it did. The session must see
    cases that the agency has left.
    """
    found = session.execute(_ever(agency, at if by == "recorded" else None, behind, limit + 1)).all()
    page = found[:limit]
    standing = _standing(session, agency, [row.case_id for row in page], now)
    left = {one: when for one, (when, _) in standing.items()}
    ids = [one for one, when in left.items() if when is None or at < when]
    bodies = _bodies(session, {one: left[one] for one in ids}, at if by == "recorded" else None)
    cases = {row.id: row for row in session.execute(select(*_CASE).where(col(Case.id).in_(ids)))}
    then = {one: stood(bodies.get(one, ()), at, by) for one in ids}
    covered = {one: then[one].covered(agency, standing[one][1]) for one in ids}
    seen = [one for one in ids if agency in then[one].agencies and Level.WORKFLOW in covered[one]]
    deadlines = _deadlines(session, seen)
    told = [_told(cases[one], then[one], deadlines, at, covered[one], here=left[one] is None) for one in seen]
    return told, (page[-1].opened_at, page[-1].case_id) if len(found) > limit else None


def _ever(agency: str, until: datetime | None, behind: tuple[datetime, str] | None, limit: int) -> Any:
    """The cases in which an agency takes part or took part, newest first, from an index."""
    place = (col(Participant.opened_at), col(Participant.case_id))
    wanted = (
        select(col(Participant.case_id), col(Participant.opened_at))
        .where(col(Participant.agency_id) == agency)
        .group_by(*place)
        .order_by(*(column.desc() for column in place))
        .limit(limit)
    )
    if until is not None:
        wanted = wanted.where(col(Participant.opened_at) <= until)
    if behind is not None:
        wanted = wanted.where(tuple_(*place) < tuple_(literal(behind[0], UTCDateTime()), literal(behind[1])))
    return wanted


def _standing(
    session: Session, agency: str, cases: Sequence[str], now: datetime
) -> dict[str, tuple[datetime | None, frozenset[str]]]:
    """When an agency last left each case, by a move, by itself or with its agreement, and which data its parts covered.

    None where it takes part now; then the parts that it has now count, and otherwise all that it ever had.
    """
    wanted = (
        select(
            col(Participant.case_id), col(Participant.basis), col(Participant.purpose), col(Participant.classes),
            col(Participant.until), col(Participant.ends_on), col(Agreement.runs_until),
        )
        .outerjoin(Agreement, col(Agreement.id) == col(Participant.agreement_id))
        .where(col(Participant.agency_id) == agency, col(Participant.case_id).in_(cases))
    )  # fmt: skip
    found: dict[str, list[tuple[datetime | None, frozenset[str]]]] = {one: [] for one in cases}
    for case, basis, purpose, classes, *ends in session.execute(wanted):
        ended = min((when for when in ends if when is not None and when <= now), default=None)
        found[case].append((ended, covered_by(basis, purpose, tuple(classes.split()))))
    return {one: _together(parts) for one, parts in found.items()}


def _together(parts: Sequence[tuple[datetime | None, frozenset[str]]]) -> tuple[datetime | None, frozenset[str]]:
    """Of the parts that one agency has or had in a case: when it left, and what they covered."""
    running = [classes for ended, classes in parts if ended is None]
    left = None if running else max(ended for ended, _ in parts if ended is not None)
    return left, frozenset[str]().union(*(running or (classes for _, classes in parts)))


def _bodies(session: Session, left: Mapping[str, datetime | None], until: datetime | None) -> dict[str, list[str]]:
    """The events of these cases that were recorded until a moment, and of each until it was left."""
    found: dict[str, list[str]] = {}
    here = [one for one, when in left.items() if when is None]
    known = [and_(col(Event.case_id) == one, col(Event.recorded_at) <= when) for one, when in left.items() if when]
    wanted = select(col(Event.case_id), col(Event.body)).where(or_(col(Event.case_id).in_(here), *known))
    if until is not None:
        wanted = wanted.where(col(Event.recorded_at) <= until)
    for row in session.execute(wanted.order_by(col(Event.case_id), col(Event.seq))):
        found.setdefault(row.case_id, []).append(row.body)
    return found


def _deadlines(session: Session, cases: Sequence[str]) -> dict[str, Row[Any]]:
    """What never changes of the deadlines of these cases, by their id."""
    if not cases:
        return {}
    return {row.id: row for row in session.execute(select(*_DEADLINE).where(col(Deadline.case_id).in_(cases)))}


def _told(
    row: Row[Any],
    then: Stood,
    known: Mapping[str, Row[Any]],
    at: datetime,
    covered: frozenset[str] = frozenset(),
    *,
    here: bool = True,
) -> Past:
    found = (_due(known[one], state, due, at) for one, (state, due) in then.deadlines.items() if one in known)
    return Past(
        row.id, row.reference, row.kind, row.jurisdiction, then,
        tuple(sorted(found, key=lambda one: (one.state not in ("running", "paused"), one.due or "", one.id))), here,
        covered,
    )  # fmt: skip


def _due(row: Row[Any], state: str, due: str | None, at: datetime) -> Due:
    """What time alone made of a deadline is no event: it is told from its due time."""
    passed = state == "running" and due is not None and datetime.fromisoformat(due) <= at
    late = passed and row.kind in LATE_KINDS
    if passed and not late:
        state = OVER.get(row.kind, state)
    return Due(row.id, row.rule, row.name, row.kind, row.rule_version, state, due, late)
