"""What both storages share: which rows a read brings and by which condition, which rows may change, and rows as a snapshot."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlmodel import SQLModel

from referral import models  # noqa: F401  the tables must be known before statements are made from them
from referral.basis import Participation
from referral.errors import NoKeys
from referral.models.base import sealed_columns
from referral.snapshot import AgencyRow, AgreementRow, BedRow, CaseRow, DeadlineRow, Snapshot, StrandRow, UserRow
from referral.taking_part import NOWS, in_plain_sql
from referral.vault import SubjectKey, Vault, Wrapped
from referral.whereabouts import PARTS, whereabouts
from referral.whereabouts import asked as asked_of_whereabouts

CASE = (
    "id reference kind jurisdiction opened_at version head salt open child adult_on authority owner_agency owner_user "
    "operation_id next_due_at"
).split()
STRAND = "id workflow number state version entered_at facts".split()
DEADLINE = "id strand_id rule name rule_version kind started_at due_at due_day state paused_at how".split()
TEXTS = {"facts", "how"}  # columns that hold JSON
SEALED = {table: sealed_columns(table) for table in ("people", "answers", "notes")}
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
        f"participants p left join agreements g on g.id = p.agreement_id left join {TEAM}",
        ["p.agency_id", "p.part", "p.basis", "p.purpose", "p.classes", "p.until", "p.ends_on", "p.agreement_id", "g.runs_until", "u.id", "u.roles"],
        "p.case_id = @case", "",
    ),
    "agencies": ("agencies a", ["a.id", "a.kind", "a.active", "a.nation"], "a.id = any(?)", ""),
    "partners": (
        "agencies a join participants p on p.agency_id = a.id", ["a.id", "a.kind", "a.active", "a.nation"],
        "p.case_id = @case and p.until is null", "",
    ),
    "users": ("users u", ["u.id", "u.agency_id", "u.roles", "u.active", "coalesce(u.roles_since, u.created_at)"], "u.id = any(?)", ""),
    "beds": (
        "beds b",
        ["b.id", "b.agency_id", "b.region", "exists(select 1 from bed_holds h where h.bed_id = b.id and h.held_until is null)", "b.active"],
        "b.id = any(?)", "b.id",
    ),
    "cases": (
        "cases o", ["o.id", "o.kind"],
        f"o.id = any(?) and exists(select 1 from participants m where m.case_id = o.id and m.agency_id = ? and {in_plain_sql('m')}) and {NOT_A_COLLEAGUES}", "o.id",
    ),
    "agreements": (
        "agreements e", ["e.id", "e.from_agency", "e.to_agency", "e.purposes", "e.classes", "e.starts_on", "e.runs_until"],
        "(e.from_agency = (select k.owner_agency from cases k where k.id = @case) or e.from_agency = ?) and e.runs_until > ?", "e.starts_on, e.id",
    ),
    "answers": ("answers w", ["w.answers"], "w.case_id = @case", ""),
    "identity": ("people i", [f"i.{c}" for c in PERSON], "i.case_id = @case", ""),
    "key": ("keys k", ["k.ring", "k.wrapped"], "k.id = @case", ""),
    "marks": ("marks k", ["k.kind", "k.mark"], "k.case_id = @case and k.kind like 'text%'", ""),
    "repeat": ("repeats r", ["r.request", "r.answer"], "r.caller = ? and r.key = ?", ""),
    **PARTS,
}  # fmt: skip


def asked(wanted: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """Which further parts a read needs, with their parameters beside the case."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    if wanted.case:
        asked += [("strands", ()), ("deadlines", ()), ("parts", ())]
        asked += [(part, ()) for part in ("answers", "identity", "partners", "marks") if getattr(wanted, part)]
        if wanted.key or wanted.answers or wanted.identity:
            asked.append(("key", ()))
        asked += asked_of_whereabouts(wanted.user) if wanted.whereabouts else []
    asked += [(p, (list(getattr(wanted, p)),)) for p in ("agencies", "users", "beds") if getattr(wanted, p)]
    if wanted.cases:
        who = [wanted.agency, *[wanted.now] * NOWS, *[wanted.user] * 3, wanted.agency]
        asked.append(("cases", (list(wanted.cases), *who)))
    if wanted.agreements and wanted.case:
        asked.append(("agreements", (wanted.agency, wanted.now)))
    if wanted.repeat:
        asked.append(("repeat", wanted.repeat))
    return asked


_ADDED = frozenset({
    "events", "notes", "cases", "strands", "deadlines", "repeats", "messages", "encounters", "refusals", "reads", "keys",
    "address_readers", "reveals", "address_locks", "glass_grants", "marks", "unsealed",
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


def snapshot_of(case: CaseRow | None, found: Mapping[str, Any], vault: Vault | None) -> Snapshot:
    """The rows of a read, each part by its name."""
    snapshot = Snapshot(case=case)
    snapshot.strands = [StrandRow(*(*line[:5], moment(line[5]), line[6])) for line in found.get("strands", ())]
    snapshot.deadlines = [
        DeadlineRow(*(*d[:6], moment(d[6]), moment(d[7]), date.fromisoformat(d[8]), d[9], when(d[10]), d[11]))
        for d in found.get("deadlines", ())
    ]
    parts = found.get("parts", ())  # one line for each part and member
    shares = {(p[0], p[1]): p for p in parts}
    snapshot.shares = tuple(
        Participation(p[0], p[1], p[2], p[3], tuple(p[4].split()), when(p[5]), when(p[6]), p[7], when(p[8]))
        for p in shares.values()
    )
    snapshot.parts = frozenset(share.pair for share in snapshot.shares if share.until is None)
    snapshot.members = frozenset((p[0], p[9], tuple(p[10].split())) for p in parts if p[9])
    agencies = (*found.get("partners", ()), *found.get("agencies", ()))
    snapshot.agencies = {a[0]: AgencyRow(a[0], a[1], bool(a[2]), a[3]) for a in agencies}
    snapshot.users = {
        u[0]: UserRow(u[0], u[1], tuple(u[2].split()), bool(u[3]), moment(u[4])) for u in found.get("users", ())
    }
    snapshot.beds = {b[0]: BedRow(b[0], b[1], b[2], bool(b[3]), bool(b[4])) for b in found.get("beds", ())}
    snapshot.cases = dict(found.get("cases", ()))
    snapshot.whereabouts = whereabouts(found)
    snapshot.agreements = tuple(
        AgreementRow(*(*g[:3], tuple(g[3].split()), tuple(g[4].split()), day(g[5]), moment(g[6])))
        for g in found.get("agreements", ())
    )
    snapshot.marks = frozenset((kind, mark) for kind, mark in found.get("marks", ()))
    _open(snapshot, found, vault)
    if found.get("repeat"):
        snapshot.known_answer = (found["repeat"][0][0], found["repeat"][0][1])
    return snapshot


def _open(snapshot: Snapshot, found: Mapping[str, Any], vault: Vault | None) -> None:
    """What is sealed, as plain text, where it was asked for."""
    case = snapshot.case
    snapshot.key_read = "key" in found
    if case is None:
        return
    if found.get("key"):
        ring, wrapped = found["key"][0]
        snapshot.key = Wrapped(case.id, ring, _bytes(wrapped))
    if "answers" in found:
        hidden = dict(zip(SEALED["answers"], (found["answers"] or [()])[0], strict=False))
        told = _opened(vault, snapshot.key, "answers", case.id, hidden)
        snapshot.answers = orjson.loads(told["answers"]) if told else {}
    if "identity" in found:
        person = dict(zip(PERSON, found["identity"][0], strict=True)) if found["identity"] else {}
        hidden = {name: person[name] for name in SEALED["people"] if person}
        snapshot.identity = person | _opened(vault, snapshot.key, "people", case.id, hidden)


def _opened(
    vault: Vault | None, kept: Wrapped | None, table: str, row: str, columns: Mapping[str, Any]
) -> dict[str, str]:
    """The texts of these sealed columns that are not empty. Raises NoKeys where they cannot be opened."""
    held = {name: _bytes(value) for name, value in columns.items() if value is not None}
    return open_key(vault, kept).open_row(table, row, held) if held else {}


def open_key(vault: Vault | None, kept: Wrapped | None) -> SubjectKey:
    """The key of a case. Raises NoKeys or Erased."""
    if vault is None or kept is None:
        raise NoKeys
    return vault.key(kept)


def _bytes(value: Any) -> bytes | None:
    """Sealed bytes as either database gives them: PostgreSQL writes them in hexadecimal where they stand in JSON."""
    return bytes.fromhex(value[2:]) if isinstance(value, str) else value


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
