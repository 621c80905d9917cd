"""A case as plain values: what of it somebody may see is decided by `seeing.py` and shown by `sight.py`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row
from sqlmodel import Session, col, select

from api.picking import pick
from api.schemas import etag, stamp
from referral.access import Actor, May
from referral.errors import UnknownMove
from referral.models import Deadline, Participant, Strand
from referral.reckoning import TELLS_BIRTHDAY
from referral.taking_part import takes_part
from workflows import catalogue
from workflows.jurisdiction import LATE_KINDS, Law

ABOUT = {  # workflow with many strands -> which facts of a strand say which one it is; codes, never free text
    "consent": ("purpose", "shared_with"),
    "inquiry": ("about", "asked_of"),
    "acknowledgement": ("holder", "purpose"),
    "introduction": ("with_reference",),
}
WHO_READS_NAMES = frozenset({May.PREPARE, May.SUBMIT, May.DECIDE, May.WORK_SUPPORT})
_STRANDS = pick(
    Strand.id, Strand.case_id, Strand.workflow, Strand.number, Strand.state, Strand.entered_at, Strand.facts
)


def strands_of(session: Session, cases: Sequence[str]) -> Sequence[Row[Any]]:
    """The strands of these cases, oldest first."""
    order = (col(Strand.opened_at), col(Strand.number), col(Strand.id))
    return session.execute(_STRANDS.where(col(Strand.case_id).in_(cases)).order_by(*order)).all()


def overdue_among(session: Session, cases: Sequence[str], now: datetime) -> set[str]:
    """Which of these cases have a deadline that somebody has missed and that still runs."""
    late = pick(Deadline.case_id).where(
        col(Deadline.case_id).in_(cases), col(Deadline.state) == "running",
        col(Deadline.due_at) <= now, col(Deadline.kind).in_(LATE_KINDS),
    )  # fmt: skip
    return {row.case_id for row in session.execute(late)}


def line(case: Row[Any], states: Mapping[str, str], due: datetime | None, *, overdue: bool) -> dict[str, Any]:
    """A case as it stands in a list."""
    return {
        "id": case.id, "reference": case.reference, "kind": case.kind, "jurisdiction": case.jurisdiction,
        "opened_at": stamp(case.opened_at), "updated_at": stamp(case.updated_at), "version": case.version,
        "open": case.open, "owner": {"agency": case.owner_agency, "user": case.owner_user},
        "operation": case.operation_id, "next_due_at": stamp(due),
        "overdue": overdue, "states": dict(states),
    }  # fmt: skip


def summary(strands: Iterable[Row[Any]]) -> dict[str, str]:
    """Where each workflow stands: its newest strand. Of which many run at once, no single one would say it."""
    return {
        strand.workflow: strand.state
        for strand in strands
        if strand.workflow not in catalogue.WORKFLOWS or not catalogue.WORKFLOWS[strand.workflow].many
    }


def next_due(session: Session, cases: Sequence[str]) -> dict[str, datetime]:
    """Of these cases the next due time, but for those from which a birthday could be read."""
    found: dict[str, datetime] = {}
    running = pick(Deadline.case_id, Deadline.due_at, Deadline.how).where(
        col(Deadline.case_id).in_(cases), col(Deadline.state) == "running"
    )
    for row in session.execute(running.order_by(col(Deadline.due_at))) if cases else ():
        if not _tells_birthday(row):
            found.setdefault(row.case_id, row.due_at)
    return found


def whole(session: Session, case: Row[Any], now: datetime, *, birthdays: bool) -> dict[str, Any]:
    """A case as whoever takes part in it sees it; `birthdays` where they may read the day of birth."""
    strands = strands_of(session, [case.id])
    parts = session.execute(
        pick(Participant)
        .where(col(Participant.case_id) == case.id, takes_part(now))
        .order_by(col(Participant.agency_id), col(Participant.part))
    ).all()
    deadlines = [deadline_short(row, now, birthdays=birthdays) for row in deadlines_of(session, case.id, running=True)]
    due = case.next_due_at if birthdays else next_due(session, [case.id]).get(case.id)
    return line(case, summary(strands), due, overdue=any(row["overdue"] for row in deadlines)) | {
        "etag": etag(case.version), "child": case.child, "authority": case.authority,
        "strands": [_strand(strand) for strand in strands],
        "participants": [_part(part) for (part,) in parts],
        "deadlines": deadlines,
    }  # fmt: skip


def _part(row: Participant) -> dict[str, Any]:
    return {
        "agency": row.agency_id, "part": row.part, "since": stamp(row.since), "basis": row.basis,
        "purpose": row.purpose, "classes": row.classes.split(), "ends_on": stamp(row.ends_on),
    }  # fmt: skip


def deadlines_of(session: Session, case: str, *, running: bool) -> Sequence[Deadline]:
    """The deadlines of a case, the nearest first; only those that run or are paused, or all."""
    found = select(Deadline).where(col(Deadline.case_id) == case)
    if running:
        found = found.where(col(Deadline.state).in_(("running", "paused")))
    return session.exec(found.order_by(col(Deadline.due_at), col(Deadline.id))).all()


def deadline_short(row: Deadline, now: datetime, *, birthdays: bool) -> dict[str, Any]:
    """A deadline in a few words. Where no birthday may be read, without the days that would tell one."""
    told = {
        "rule": row.rule, "name": row.name, "kind": row.kind, "state": row.state, "due_at": stamp(row.due_at),
        "due_day": row.due_day.isoformat(), "safe_by": row.safe_by.isoformat(),
        "overdue": row.state == "running" and row.due_at <= now and row.kind in LATE_KINDS,
    }  # fmt: skip
    return told if birthdays or not _tells_birthday(row) else told | dict.fromkeys(("due_at", "due_day", "safe_by"))


def _tells_birthday(row: Any) -> bool:
    return orjson.loads(row.how)["count"] in TELLS_BIRTHDAY


def deadline_whole(row: Deadline, law: Law, now: datetime, *, birthdays: bool) -> dict[str, Any]:
    """A deadline with everything its date is based on, as it was stored when it was computed."""
    hidden = not birthdays and _tells_birthday(row)
    place = law.get(row.jurisdiction)
    rule = place.rules.get(row.name) if place else None
    return deadline_short(row, now, birthdays=birthdays) | {
        "id": row.id, "version": row.rule_version, "jurisdiction": row.jurisdiction, "says": rule.says if rule else "",
        "owed_by": row.owed_by, "started_at": stamp(row.started_at),
        "ended_at": None if hidden else stamp(row.ended_at), "how": {} if hidden else orjson.loads(row.how),
    }  # fmt: skip


def event(
    body: str, recorded_at: datetime, own_hash: bytes, note: str | None, actor: Actor, *, names_person: bool
) -> dict[str, Any]:
    """An event of the history, from the body that is hashed; its notes only where the actor may read them."""
    told = orjson.loads(body)
    reads = note is not None and _reads_notes(told, actor, names_person=names_person)
    return {
        "seq": told["seq"], "move": told["move"], "strand": told["strand"], "came_from": told["from"],
        "went_to": told["to"], "occurred_at": stamp(datetime.fromisoformat(told["occurred"])),
        "recorded_at": stamp(recorded_at), "actor": told["actor"], "by_rule": told["by_rule"],
        "reason": told["reason"], "rules": told["rules"], "not_followed": told.get("not_followed", []),
        "notes": orjson.loads(note) if reads and note else None, "hash": own_hash.hex(),
    }  # fmt: skip


def _reads_notes(told: Mapping[str, Any], actor: Actor, *, names_person: bool) -> bool:
    """Free text is for whoever may make such a move, and for the agency that wrote it; a name in it, for fewer."""
    if names_person and not actor.may & WHO_READS_NAMES:
        return False
    if told["actor"]["agency"] == actor.agency:
        return True
    try:
        return catalogue.find(told["move"])[1].needs in actor.may
    except UnknownMove:  # of a table that has changed since
        return False


def _strand(strand: Row[Any]) -> dict[str, Any]:
    workflow = catalogue.WORKFLOWS.get(strand.workflow)
    says = {str(state): state.says for state in workflow.states} if workflow else {}
    return {
        "id": strand.id, "workflow": strand.workflow, "number": strand.number, "state": strand.state,
        "says": says.get(strand.state, ""), "final": workflow is not None and strand.state in workflow.final,
        "entered_at": stamp(strand.entered_at), "about": _about(strand),
    }  # fmt: skip


def _about(strand: Row[Any]) -> dict[str, str] | None:
    """Which of several strands of one workflow this is; None where there is never more than one at a time."""
    names = ABOUT.get(strand.workflow)
    if names is None:
        return None
    told = orjson.loads(strand.facts)
    return {name: str(told[name]) for name in names if told.get(name) is not None}
