"""What both storages share: which rows a read brings and by which condition, which rows may change, and rows as a snapshot."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlmodel import SQLModel

from referral import models  # noqa: F401  the tables must be known before statements are made from them
from referral.snapshot import AgencyRow, BedRow, CaseRow, DeadlineRow, Snapshot, StrandRow, UserRow

CASE = (
    "id reference kind jurisdiction opened_at version head salt open child adult_on authority owner_agency owner_user "
    "operation_id next_due_at"
).split()
STRAND = "id workflow number state version entered_at facts".split()
DEADLINE = "id strand_id rule name rule_version kind started_at due_at due_day state paused_at how".split()
TEXTS = {"facts", "how"}  # columns that hold JSON
PERSON = [c.name for c in SQLModel.metadata.tables["people"].columns if c.name != "case_id"]

TEAM = (
    "members m on m.case_id = p.case_id and m.agency_id = p.agency_id and m.until is null"
    " left join users u on u.id = m.user_id and u.active"
)
# Of a person's case, one that nobody else of the agency was named for, or for which the asker was. A machine is nobody.
NOT_A_COLLEAGUES = (
    "(o.kind <> 'person' or ? = '' or o.owner_user = ?"
    " or exists(select 1 from members t where t.case_id = o.id and t.user_id = ? and t.until is null)"
    " or not exists(select 1 from members t join users v on v.id = t.user_id and v.active"
    " where t.case_id = o.id and t.agency_id = ? and t.until is null))"
)

# What may be asked for besides the case: (table, columns, condition, order where it counts). `@case` is the case,
# `?` a parameter of its own.
MORE = {
    "strands": ("strands s", [f"s.{c}" for c in STRAND], "s.case_id = @case", "s.opened_at, s.number, s.id"),
    "deadlines": ("deadlines d", [f"d.{c}" for c in DEADLINE], "d.case_id = @case and d.state in ('running', 'paused')", "d.id"),
    "parts": (
        f"participants p left join {TEAM}",
        ["p.agency_id", "p.part", "u.id", "u.roles"], "p.case_id = @case and p.until is null", "",
    ),
    "agencies": ("agencies a", ["a.id", "a.kind", "a.active", "a.nation"], "a.id = any(?)", ""),
    "partners": (
        "agencies a join participants p on p.agency_id = a.id", ["a.id", "a.kind", "a.active", "a.nation"],
        "p.case_id = @case and p.until is null", "",
    ),
    "users": ("users u", ["u.id", "u.agency_id", "u.roles", "u.active"], "u.id = any(?)", ""),
    "beds": (
        "beds b",
        ["b.id", "b.agency_id", "b.region", "exists(select 1 from bed_holds h where h.bed_id = b.id and h.held_until is null)", "b.active"],
        "b.id = any(?)", "b.id",
    ),
    "cases": (
        "cases o", ["o.id", "o.kind"],
        f"o.id = any(?) and exists(select 1 from participants m where m.case_id = o.id and m.until is null and m.agency_id = ?) and {NOT_A_COLLEAGUES}", "o.id",
    ),
    "answers": ("answers w", ["w.answers"], "w.case_id = @case", ""),
    "identity": ("people i", [f"i.{c}" for c in PERSON], "i.case_id = @case", ""),
    "repeat": ("repeats r", ["r.request", "r.answer"], "r.caller = ? and r.key = ?", ""),
}  # fmt: skip


def asked(wanted: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """Which further parts a read needs, with their parameters beside the case."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    if wanted.case:
        asked += [("strands", ()), ("deadlines", ()), ("parts", ())]
        asked += [(part, ()) for part in ("answers", "identity", "partners") if getattr(wanted, part)]
    asked += [(p, (list(getattr(wanted, p)),)) for p in ("agencies", "users", "beds") if getattr(wanted, p)]
    if wanted.cases:
        asked.append(("cases", (list(wanted.cases), wanted.agency, *[wanted.user] * 3, wanted.agency)))
    if wanted.repeat:
        asked.append(("repeat", wanted.repeat))
    return asked


_ADDED = frozenset({
    "events", "notes", "cases", "strands", "deadlines", "repeats", "messages", "encounters", "refusals", "reads",
})  # fmt: skip
_FIRST = frozenset({"opened_at", "since"})  # columns that keep what was written first


@lru_cache(maxsize=64)
def changing_keys(table: str) -> tuple[str, ...]:
    """The key columns of a table whose rows may change; nothing for one whose rows are only added."""
    return () if table in _ADDED else tuple(column.name for column in SQLModel.metadata.tables[table].primary_key)


@lru_cache(maxsize=256)
def on_conflict(table: str, names: tuple[str, ...]) -> str:
    """What an insert does where the key stands already; nothing for rows that are only added."""
    keys = changing_keys(table)
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys and name not in _FIRST)
    return f" on conflict ({', '.join(keys)}) do update set {sets}" if keys else ""


def snapshot_of(case: CaseRow | None, found: Mapping[str, Any]) -> Snapshot:
    """The rows of a read, each part by its name."""
    snapshot = Snapshot(case=case)
    snapshot.strands = [StrandRow(*(*line[:5], moment(line[5]), line[6])) for line in found.get("strands", ())]
    snapshot.deadlines = [
        DeadlineRow(*(*d[:6], moment(d[6]), moment(d[7]), date.fromisoformat(d[8]), d[9], when(d[10]), d[11]))
        for d in found.get("deadlines", ())
    ]
    parts = found.get("parts", ())
    snapshot.parts = frozenset((agency, part) for agency, part, _, _ in parts)
    snapshot.members = frozenset((agency, user, tuple(roles.split())) for agency, _, user, roles in parts if user)
    agencies = (*found.get("partners", ()), *found.get("agencies", ()))
    snapshot.agencies = {a[0]: AgencyRow(a[0], a[1], bool(a[2]), a[3]) for a in agencies}
    snapshot.users = {u[0]: UserRow(u[0], u[1], tuple(u[2].split()), bool(u[3])) for u in found.get("users", ())}
    snapshot.beds = {b[0]: BedRow(b[0], b[1], b[2], bool(b[3]), bool(b[4])) for b in found.get("beds", ())}
    snapshot.cases = dict(found.get("cases", ()))
    if "answers" in found:
        snapshot.answers = orjson.loads(found["answers"][0][0]) if found["answers"] else {}
    if "identity" in found:
        snapshot.identity = dict(zip(PERSON, found["identity"][0], strict=True)) if found["identity"] else {}
    if found.get("repeat"):
        snapshot.known_answer = (found["repeat"][0][0], found["repeat"][0][1])
    return snapshot


def when(value: Any) -> datetime | None:
    """A stored time, in UTC; None stays None."""
    return None if value is None else moment(value)


def moment(value: Any) -> datetime:
    """A stored time that is not empty, in UTC."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def day(value: Any) -> date | None:
    """A stored day; None stays None."""
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def by(order: str) -> str:
    """The order of a part, where one matters."""
    return f" order by {order}" if order else ""
