"""Which rows an event binds: the digest of each row that its transaction changed, so that editing a table behind the log shows.

Only sealed bytes, ids, codes and times are digested, never a plain name or day of birth, which could be guessed.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

import orjson

from referral import audit
from referral.basis import covered_by
from referral.reckoning import TELLS_BIRTHDAY
from referral.storage import Change
from referral.storage_rows import SEALED
from workflows.plan import Plan
from workflows.reminding import OVER

LENGTH = 16  # bytes of a digest
_AS_HASHED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME  # canonical, but for times, which are put in UTC
CASE = (
    "reference", "kind", "jurisdiction", "opened_at", "open", "child", "adult_on", "authority", "owner_agency",
    "owner_user", "operation_id", "salt",
)  # fmt: skip
STRAND = ("workflow", "number", "state", "version", "entered_at", "facts")
DEADLINE = ("strand_id", "rule", "name", "rule_version", "kind", "started_at", "due_at", "due_day", "paused_at")
PART = ("agency_id", "until", "basis", "purpose", "classes", "ends_on", "agreement_id")
TEAM = ("user_id", "agency_id", "until")
HOLD = ("bed_id", "held_from", "held_until")
OF_PLACES = {  # who may know an address, and who broke the glass; a reveal without the marks that come after its move
    "address_readers": (
        "user_id", "agency_id", "purpose", "asked_by", "asked_at", "approved_by", "since", "until", "removed_by",
        "removed_at",
    ),
    "reveals": ("seq", "place_id", "address_id", "user_id", "number", "agency_id", "purpose", "at", "until"),
    "address_locks": ("locked_by", "agency_id", "locked_at", "asked_by", "asked_at", "opened_by", "opened_at"),
    "glass_grants": (
        "seq", "user_id", "agency_id", "ground", "at", "ends_at", "reviewed_by", "reviewed_at", "review", "escalated_at",
    ),
}  # fmt: skip
MET = ("operation_id", "met_at", "outcome", "child", "indicators")
BESIDE = ("basis", "names_person")  # columns that are not sealed, of tables with sealed ones
_case, _strand, _deadline = attrgetter(*CASE), attrgetter(*STRAND[:-1]), attrgetter(*DEADLINE)
TOLD = ("owner_agency", "owner_user", "child", "authority", "open")  # of the case, as an event tells it


def digest(values: Iterable[Any]) -> str:
    """128 bits of SHA-256 over the values of a row, however a database gives them back."""
    told = orjson.dumps(list(values), default=_plain, option=_AS_HASHED)
    return hashlib.sha256(told).digest()[:LENGTH].hex()


def of(plan: Plan) -> dict[str, str]:
    """The digest of every row that a plan writes, by `table:key`. To be asked once everything is sealed."""
    change, case = plan.change, plan.case
    found = {"cases": digest(_case(case))}
    for strand in plan.touched.values():
        found[f"strands:{strand.id}"] = strand_digest(strand)
    moved = {row["id"] for rows in (change.rows, change.updates) for row in rows.get("deadlines", ())}
    for deadline in plan.deadlines:
        if deadline.id in moved:
            found[f"deadlines:{deadline.id}"] = deadline_digest(deadline, deadline.state)
    for row in change.rows.get("participants", ()):
        found[f"participants:{row['agency_id']}:{row['part']}"] = digest(row[name] for name in PART)
    for row in change.rows.get("members", ()):
        found[f"members:{row['user_id']}"] = digest(row[name] for name in TEAM)
    for row in change.rows.get("bed_holds", ()):
        found[f"bed_holds:{row['id']}"] = digest(row[name] for name in HOLD)
    for row in change.rows.get("encounters", ()):
        found[f"encounters:{row['id']}"] = digest(row[name] for name in MET)
    found |= _of_places(change)
    for table, columns in SEALED.items():
        for row in change.rows.get(table, ()):
            found |= sealed_digests(table, columns, row)
    return found


def _of_places(change: Change) -> dict[str, str]:
    return {
        f"{table}:{row['id']}": digest(row.get(name) for name in names)
        for table, names in OF_PLACES.items()
        for row in (*change.rows.get(table, ()), *change.updates.get(table, ()))
    }


def told(plan: Plan) -> dict[str, Any]:
    """What the last event of a plan tells of the whole transaction: its rows, what was set on the case, who joined and left."""
    change, before = plan.change, plan.snapshot.case if not plan.new else None
    said: dict[str, Any] = {"rows": of(plan)}
    if fresh := {
        name: getattr(plan.case, name) for name in TOLD if getattr(plan.case, name) != getattr(before, name, None)
    }:
        said["set"] = fresh
    if parts := change.rows.get("participants", ()):
        pairs = [([row["agency_id"], str(row["part"])], row) for row in parts]
        said["joined"] = [[*pair, _plain(row["ends_on"]), _covers(row)] for pair, row in pairs if row["until"] is None]
        said["left"] = [pair for pair, row in pairs if row["until"] is not None]
    if people := [[row["user_id"], row["agency_id"], row["until"] is None] for row in change.rows.get("members", ())]:
        said["team"] = people
    if due := {row.id: [row.state, _due(row)] for row in plan.deadlines if f"deadlines:{row.id}" in said["rows"]}:
        said["due"] = due
    if change.forgets:
        said["dropped"] = list(change.forgets)
    return said


def _covers(row: Mapping[str, Any]) -> list[str]:
    """The classes of data that a part covers while it lasts."""
    return sorted(covered_by(row["basis"], row["purpose"], tuple(row["classes"].split())))


def _due(row: Any) -> str | None:
    """When it is due, unless a birthday could be read from it."""
    return None if row.how["count"] in TELLS_BIRTHDAY else _plain(row.due_at)


def strand_digest(strand: Any) -> str:
    """Of a strand, as the door or as a query gives it."""
    facts = strand.facts if isinstance(strand.facts, dict) else audit.parsed(strand.facts)
    return digest([*_strand(strand), facts])


def deadline_digest(row: Any, state: str) -> str:
    """Of a deadline. What the heartbeat marks by itself is left out: it is no event."""
    how = row.how if isinstance(row.how, dict) else audit.parsed(row.how)
    return digest([*_deadline(row), state, {k: v for k, v in how.items() if k != "marked"}])


def standing(state: str, kind: str, ended_seq: int | None, *, on_time: bool) -> str:
    """The state that the log knows: what time alone made of a deadline still runs there."""
    by_time = ended_seq is None and state == OVER.get(kind) and on_time
    return "running" if by_time else state


def sealed_digests(table: str, columns: tuple[str, ...], row: Mapping[str, Any]) -> dict[str, str]:
    """One for each sealed column that the row names: the rest of the row may stand from before."""
    key = f"{table}:{row['seq']}" if "seq" in row else table
    found = {f"{key}:{name}": digest([row[name]]) for name in columns if name in row}
    return found | {f"{key}:{name}": digest([row[name]]) for name in BESIDE if name in row}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
