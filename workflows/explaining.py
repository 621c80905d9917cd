"""What is shown and handed out of a case: why each deadline falls on its day, and a bundle that can be checked without us."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from referral.db import Database
from referral.errors import NotFound
from referral.ids import read_reference
from referral.models import Case, Deadline, Event, Participant, Read, Refused, Strand
from referral.reckoning import TELLS_BIRTHDAY
from workflows.jurisdiction import Law

BUNDLE = 1  # version of the bundle


def explain_case(db: Database, law: Law, case_id_or_reference: str) -> dict[str, Any]:
    """Every deadline of a case with all it is based on, in the order in which they began. Raises NotFound."""
    with db.read() as session:
        case = find(session, case_id_or_reference)
        wanted = (
            select(Deadline)
            .where(col(Deadline.case_id) == case.id)
            .order_by(col(Deadline.started_seq), col(Deadline.id))
        )
        deadlines = session.execute(wanted).scalars().all()
        return {
            "case": case.id, "reference": case.reference, "jurisdiction": case.jurisdiction, "open": case.open,
            "next_due_at": _at(case.next_due_at), "deadlines": [explain(law, deadline) for deadline in deadlines],
        }  # fmt: skip


def explain(law: Law, deadline: Deadline) -> dict[str, Any]:
    """One deadline as it was reckoned when it started; the rule's own words are those of today's law."""
    how = orjson.loads(deadline.how)
    place = law.get(deadline.jurisdiction)
    rule = place.rules.get(deadline.name) if place else None
    version = next((one for one in rule.versions if one.id == deadline.rule_version), None) if rule else None
    return {
        "id": deadline.id, "rule": deadline.rule, "name": deadline.name, "version": deadline.rule_version,
        "says": rule.says if rule else None, "jurisdiction": deadline.jurisdiction, "kind": deadline.kind,
        "owed_by": deadline.owed_by, "state": deadline.state, "lasts": how["lasts"], "count": how["count"],
        "calendar": how["calendar"], "calendar_version": how["calendar_version"], "start": how["start"],
        "started_at": _at(deadline.started_at), "started_by_event": deadline.started_seq,
        "due": deadline.due_day.isoformat(), "due_at": _at(deadline.due_at), "safe_by": deadline.safe_by.isoformat(),
        "skipped": [{"date": day, "why": why} for day, why in how["skipped"]],
        "alternatives": [{"says": says, "due": due} for says, due in how.get("alternatives", [])],
        "local": {"says": how["local"][0], "due": how["local"][1]} if "local" in how else None,
        "pauses": [{"from": start, "until": end} for start, end in how.get("pauses", [])],
        "paused_at": _at(deadline.paused_at),
        "extensions": [{"at": at, "to": to} for at, to in how.get("extensions", [])],
        "source": f"{how['source']}, {version.document}" if version else how["source"],
        "grade": how["grade"], "house": how["house"], "note": version.note if version else "",
        "stops_on": list(rule.stops_on) if rule else [], "pauses_on": list(rule.pauses_on) if rule else [],
        "brings": rule.fires if rule else "", "marked_at": _at(deadline.marked_at), "ended_at": _at(deadline.ended_at),
        "ended_by_event": deadline.ended_seq, "next_look": _at(deadline.next_at),
    }  # fmt: skip


def export_case(db: Database, law: Law, case_id_or_reference: str) -> dict[str, Any]:
    """The history of a case without anybody's identity: bodies and hashes as they are stored, so that they can be checked.

    A due day that is counted from a birthday is left out, and so are free text, the answers and what the strands remember.
    """
    with db.read() as session:
        case = find(session, case_id_or_reference)
        rows = {
            model.__tablename__: session.execute(select(model).where(col(model.case_id) == case.id).order_by(*order)).scalars().all()
            for model, order in (
                (Event, (Event.seq,)), (Strand, (Strand.opened_at, Strand.number)), (Deadline, (Deadline.started_seq,)),
                (Participant, (Participant.since,)), (Read, (Read.at,)),
            )
        }  # fmt: skip
        refused = session.execute(select(func.count()).where(col(Refused.case_id) == case.id)).scalar_one()
        return {
            "bundle": BUNDLE,
            "hash": "SHA-256 over prev and body, both as bytes; the first prev is 32 zero bytes; head is the newest hash",
            "case": _told(case, "id", "reference", "kind", "jurisdiction", "opened_at", "updated_at", "version", "head", "open",
                          "authority", "owner_agency", "owner_user", "operation_id"),
            "events": [_told(row, "seq", "recorded_at", "body", "prev", "hash") for row in rows["events"]],
            "strands": [_told(row, "workflow", "number", "state", "entered_at") for row in rows["strands"]],
            "deadlines": [_without_birthday(explain(law, row)) for row in rows["deadlines"]],
            "participants": [_told(row, "agency_id", "part", "since", "until", "basis", "purpose", "classes", "ends_on") for row in rows["participants"]],
            "reads": [_told(row, "at", "actor", "agency", "what") for row in rows["reads"]],
            "refusals": refused,
        }  # fmt: skip


def find(session: Session, case_id_or_reference: str) -> Case:
    """The case of this id, or of this reference however it was typed. Raises NotFound."""
    spoken = read_reference(case_id_or_reference) or ""
    wanted = select(Case).where(or_(col(Case.id) == case_id_or_reference, col(Case.reference) == spoken))
    found: Case | None = session.execute(wanted).scalars().first()
    if found is None:
        raise NotFound
    return found


def _without_birthday(told: dict[str, Any]) -> dict[str, Any]:
    if told["count"] not in TELLS_BIRTHDAY:
        return told
    hidden = ("due", "due_at", "safe_by", "skipped", "ended_at", "marked_at", "next_look")
    return {name: value for name, value in told.items() if name not in hidden} | {"withheld": "counted from a birthday"}


def _told(row: Any, *names: str) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _at(value)
    return value.hex() if isinstance(value, bytes) else value


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
