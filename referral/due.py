"""Deadlines whose time has come: claimed so that no two heartbeats get one, written together with their messages.

A claim never waits: rows that somebody else holds just now are skipped (on PostgreSQL; SQLite lets one writer in at a
time), so it can hold up no move and cannot be caught in a circle of locks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, and_, bindparam, false, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from referral.models import Case, Deadline, Participant, Strand, User
from referral.snapshot import CaseRow, DeadlineRow
from referral.taking_part import takes_part

_TABLES = SQLModel.metadata.tables
_CASE = [getattr(Case, field.name) for field in fields(CaseRow)]
_DEADLINE = [getattr(Deadline, field.name) for field in fields(DeadlineRow)]
_STRAND = select(col(Strand.facts)).where(col(Strand.id) == col(Deadline.strand_id)).scalar_subquery()
_MORE = [Deadline.jurisdiction, Deadline.marked_at, Deadline.next_at, _STRAND.label("told")]

Parts = Mapping[str, frozenset[tuple[str, str]]]  # case -> (agency, part) of those who take part


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed deadline with its case."""

    row: DeadlineRow
    case: CaseRow
    jurisdiction: str
    marked_at: datetime | None
    next_at: datetime
    told: Mapping[str, Any] = field(default_factory=dict)  # what its strand remembers


def claim(session: Session, now: datetime, after: tuple[datetime, str] | None, many: int) -> list[Due]:
    """The next rows to look at, held until the transaction ends. `after` is where the claim before this one stopped."""
    table = _TABLES["deadlines"].c
    place = tuple_(col(Deadline.next_at), col(Deadline.id))
    wanted = col(Deadline.next_at) <= now
    if after is not None:
        wanted &= place > tuple_(literal(after[0], table.next_at.type), literal(after[1], table.id.type))
    return _held(session, _look().where(wanted).order_by(col(Deadline.next_at), col(Deadline.id)).limit(many))


def claim_these(session: Session, rows: Sequence[Due]) -> list[Due]:
    """The same rows again, as they stand now; those that nothing is left to do for are not among them."""
    # Cases first, and in order, as every move does; then nobody waits in a circle.
    cases = col(Case.id).in_({due.case.id for due in rows})
    session.execute(select(col(Case.id)).where(cases).order_by(col(Case.id)).with_for_update(key_share=True))
    ids = col(Deadline.id).in_([due.row.id for due in rows])
    return _held(session, _look().where(ids, col(Deadline.next_at).is_not(None)), wait=True)


def parts_of(session: Session, cases: Iterable[str], now: datetime) -> Parts:
    """Who takes part in these cases now."""
    columns = (Participant.case_id, Participant.agency_id, Participant.part)
    found: dict[str, set[tuple[str, str]]] = {}
    rows = session.execute(
        select(*columns).where(takes_part(now), col(Participant.case_id).in_(set(cases)))  # type: ignore[call-overload]
    )
    for case, agency, part in rows:
        found.setdefault(case, set()).add((agency, part))
    return {case: frozenset(parts) for case, parts in found.items()}


def settle(session: Session, changes: Sequence[Mapping[str, Any]], messages: Sequence[Mapping[str, Any]]) -> None:
    """Write what became of claimed rows, and what is posted because of them. A message that stands is left alone."""
    connection = session.connection()
    if changes:
        table = _TABLES["deadlines"]
        names = [name for name in changes[0] if name != "id"]
        told: dict[str, Any] = {name: bindparam(f"_{name}", type_=table.c[name].type) for name in names}
        for name in ("how", "ended_at"):  # nothing new is said about them
            told[name] = func.coalesce(told[name], table.c[name])
        statement = update(table).where(table.c.id == bindparam("key")).values(told)
        connection.execute(
            statement, [{"key": row["id"], **{f"_{name}": row[name] for name in names}} for row in changes]
        )
    if messages:
        insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(_TABLES["messages"]).on_conflict_do_nothing(), [dict(row) for row in messages])


def set_next_due(session: Session, cases: Iterable[str]) -> None:
    """Bring the nearest due time of these cases up to date, once deadlines of theirs no longer run."""
    if keys := [{"key": case} for case in sorted(set(cases))]:
        table = _TABLES["cases"]
        statement = update(table).where(table.c.id == bindparam("key")).values(next_due_at=nearest(table.c.id))
        session.connection().execute(statement, keys)


def nearest(case: Any) -> Any:
    """The nearest due time of a case's running deadlines, as a part of a statement."""
    table = _TABLES["deadlines"].alias("running")
    return select(func.min(table.c.due_at)).where(table.c.case_id == case, table.c.state == "running").scalar_subquery()


def gone(now: datetime) -> Any:
    """The condition that a member of staff no longer works here."""
    return or_(col(User.active) == false(), col(User.left_at) <= now)


def here(now: datetime) -> Any:
    """The condition that a member of staff works here; whoever has not left has no day of leaving."""
    return and_(col(User.active), or_(col(User.left_at).is_(None), col(User.left_at) > now))


def left_alone(session: Session, now: datetime) -> list[tuple[str, str, str | None]]:
    """(case, its kind, strand of the assignment) wherever whoever holds it, or was asked to, no longer works there."""
    assigned = and_(col(Strand.case_id) == col(Case.id), col(Strand.workflow) == "assignment")
    asked = col(Strand.facts).contains('"worker":"' + col(User.id) + '"')
    whose = col(Case.id), col(Case.kind), col(Strand.id)
    theirs = select(*whose).select_from(User).where(gone(now), col(Case.open))
    accepted = and_(assigned, col(Strand.state).in_(("accepted", "active")))
    proposed = theirs.where(
        col(Case.owner_agency) == col(User.agency_id), col(Case.owner_user).is_(None), assigned,
        col(Strand.state) == "proposed", asked,
    )  # fmt: skip
    held = (
        select(*whose)
        .select_from(User)
        .join(Case, col(Case.owner_user) == col(User.id))
        .join(Strand, accepted, isouter=True)
        .where(gone(now), col(Case.open))
    )
    found = {(case, kind, strand) for looked in (held, proposed) for case, kind, strand in session.execute(looked)}
    return sorted(found, key=str)


def _look() -> Select[Any]:
    chosen: Select[Any] = select(*_DEADLINE, *_MORE, *_CASE)
    return chosen.join_from(Deadline, Case, col(Case.id) == col(Deadline.case_id)).where(
        col(Deadline.state) != "paused"
    )


def _held(session: Session, statement: Select[Any], *, wait: bool = False) -> list[Due]:
    # The case is held as well, as for a change that leaves its key alone: its nearest due time may move.
    locked = statement.with_for_update(
        of=(Deadline,) if wait else (Deadline, Case), skip_locked=not wait, key_share=True
    )
    found = []
    for line in session.execute(locked):
        values = list(line)
        deadline, more, case = values[: len(_DEADLINE)], values[len(_DEADLINE) : -len(_CASE)], values[-len(_CASE) :]
        deadline[-1] = _how(deadline[-1])
        place, marked_at, next_at, told = more
        row = DeadlineRow(*deadline)
        found.append(Due(row, CaseRow(*case), place, marked_at, next_at, _how(told or "{}")))
    return found


def _how(text: str) -> dict[str, Any]:
    """How a date came about; nothing where that cannot be read, so that one broken row stops no other."""
    try:
        told = orjson.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
